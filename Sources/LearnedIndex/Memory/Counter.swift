internal import Synchronization

/// A number that one writer changes and anyone reads.
struct Counter: ~Copyable, Sendable {
    private let value = Atomic<Int>(0)

    @inline(__always) var now: Int { value.load(ordering: .relaxed) }
    /// One writer, so that a load and a store do.
    @inline(__always) func add(_ change: Int) { value.store(value.load(ordering: .relaxed) &+ change, ordering: .relaxed) }
}
