internal import CLinux

/// Time as the product sees it: the machine's, or a test's.
public struct Clock: Sendable {
    /// Nanoseconds from an arbitrary start; never goes back.
    public var monotonicNanos: @Sendable () -> UInt64
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    public var wallMicros: @Sendable () -> Int64

    public init(monotonicNanos: @escaping @Sendable () -> UInt64, wallMicros: @escaping @Sendable () -> Int64) {
        self.monotonicNanos = monotonicNanos
        self.wallMicros = wallMicros
    }

    public static let system = Clock(
        monotonicNanos: { nanos(CLOCK_MONOTONIC) },
        wallMicros: { Int64(nanos(CLOCK_REALTIME) / 1_000) })

    private static func nanos(_ id: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(id, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
