internal import Platform
internal import Synchronization

/// Where in the log the engine is, and what time it is there. The engine's clock: so that a replay of the log gives the same rows.
final class Moment: Sendable {
    private let positionNow = Atomic<Int64>(0)
    private let microsNow = Atomic<Int64>(0)

    var position: Int64 { positionNow.load(ordering: .relaxed) }
    var micros: Int64 { microsNow.load(ordering: .relaxed) }

    func enter(_ position: Int64, micros: Int64) {
        positionNow.store(position, ordering: .relaxed)
        microsNow.store(micros, ordering: .relaxed)
    }

    var clock: Clock {
        Clock(monotonicNanos: { [self] in UInt64(max(micros, 0)) &* 1_000 }, wallMicros: { [self] in micros })
    }
}
