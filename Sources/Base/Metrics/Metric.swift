internal import Synchronization

/// A number that only grows. Adding is one atomic instruction.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    package init() {}
    public func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    public var value: Int { count.load(ordering: .relaxed) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let level = Atomic<Int>(0)
    package init() {}
    public func add(_ amount: Int) { level.wrappingAdd(amount, ordering: .relaxed) }
    public func set(_ value: Int) { level.store(value, ordering: .relaxed) }
    public var value: Int { level.load(ordering: .relaxed) }
}

/// Durations sorted into buckets whose upper bounds are powers of two of microseconds, 1 µs to 68 s. Recording is two
/// atomic additions.
public final class Histogram: Sendable {
    public static let bucketCount = 27
    private let buckets: [Counter]
    private let sumNanos = Counter()

    package init() { buckets = (0...Histogram.bucketCount).map { _ in Counter() } }

    public func record(nanos: UInt64) {
        buckets[Histogram.bucket(nanos)].add()
        sumNanos.add(Int(truncatingIfNeeded: nanos))
    }

    private static func bucket(_ nanos: UInt64) -> Int {
        let micros = (nanos + 999) / 1_000
        let bucket = micros <= 1 ? 0 : UInt64.bitWidth - (micros - 1).leadingZeroBitCount
        return min(bucket, Histogram.bucketCount)
    }

    /// Durations gathered by one thread, to be recorded together.
    public struct Tally: Sendable {
        fileprivate var buckets = InlineArray<28, Int>(repeating: 0)
        fileprivate var nanos = 0

        public init() {}

        public mutating func add(nanos: UInt64) {
            buckets[Histogram.bucket(nanos)] += 1
            self.nanos &+= Int(truncatingIfNeeded: nanos)
        }

        public mutating func add(_ other: Tally) {
            for index in buckets.indices { buckets[index] += other.buckets[index] }
            nanos &+= other.nanos
        }
    }

    public func record(_ tally: Tally) {
        for index in tally.buckets.indices where tally.buckets[index] > 0 { buckets[index].add(tally.buckets[index]) }
        sumNanos.add(tally.nanos)
    }

    public struct Snapshot: Sendable {
        /// Counts of durations at most 2^i microseconds, cumulative; the last is all of them.
        public let cumulative: [Int]
        public let sumSeconds: Double
        public var count: Int { cumulative[cumulative.count - 1] }
        /// Upper bound in seconds of bucket `index`; infinity for the last.
        public static func bound(_ index: Int) -> Double {
            index >= Histogram.bucketCount ? .infinity : Double(UInt64(1) << UInt64(index)) / 1e6
        }
    }

    public var snapshot: Snapshot {
        var total = 0
        let cumulative = buckets.map { bucket in
            total += bucket.value
            return total
        }
        return Snapshot(cumulative: cumulative, sumSeconds: Double(sumNanos.value) / 1e9)
    }
}
