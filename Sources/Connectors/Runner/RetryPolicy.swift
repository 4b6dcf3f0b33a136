internal import Base

/// How long to wait before the next try: twice as long each time, up to a bound, each wait shortened by chance so that many
/// sources of one failed system do not come back at once.
public struct RetryPolicy: Sendable, Hashable {
    public var firstMS = 100
    public var longestMS = 30_000
    /// Tries after the first failure; nil: for ever.
    public var attemptsMax: Int?

    public init() {}

    /// The wait before try number `attempt` (1 is the first after a failure); `chance` is 0 to 1. nil: no more.
    func waitMS(_ attempt: Int, chance: Double) -> Int? {
        if let attemptsMax, attempt > attemptsMax { return nil }
        let doubled = Double(firstMS) * Double(UInt64(1) << UInt64(min(attempt - 1, 30)))
        let bounded = min(doubled, Double(longestMS))
        return max(1, Int(bounded * (0.5 + chance / 2)))
    }

    /// Errors that another try may not meet.
    static func mayPass(_ error: LeibrixError) -> Bool {
        [.sourceUnavailable, .io, .diskFull, .streamRejected, .queueFull].contains(error.code)
    }
}

/// Closed while things work; open after so many failures in a row, when nothing is tried; then half open: one try decides.
struct CircuitBreaker: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case closed(failures: Int)
        case open(untilNanos: UInt64)
        case halfOpen
    }

    let failuresMax: Int
    let pauseNanos: UInt64
    private(set) var state = State.closed(failures: 0)

    init(failuresMax: Int, pauseMS: Int) {
        self.failuresMax = failuresMax
        pauseNanos = UInt64(pauseMS) * 1_000_000
    }

    var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    /// Nanoseconds to wait before a try is allowed; 0: now.
    mutating func wait(now: UInt64) -> UInt64 {
        guard case .open(let until) = state else { return 0 }
        if now < until { return until - now }
        state = .halfOpen
        return 0
    }

    mutating func succeeded() { state = .closed(failures: 0) }

    mutating func failed(now: UInt64) {
        switch state {
        case .closed(let failures) where failures + 1 < failuresMax: state = .closed(failures: failures + 1)
        default: state = .open(untilNanos: now + pauseNanos)
        }
    }
}

/// A token bucket of a tenth of a second.
struct RateLimit: Sendable, Hashable {
    let rowsPerSecond: Double
    private var tokens: Double
    private var seenNanos: UInt64

    init(rowsPerSecond: Double, now: UInt64) {
        self.rowsPerSecond = rowsPerSecond
        tokens = max(1, rowsPerSecond / 10)
        seenNanos = now
    }

    /// How many rows may come now, at most `wanted`; 0: wait `waitMS`.
    mutating func grant(_ wanted: Int, now: UInt64) -> Int {
        tokens = min(max(1, rowsPerSecond / 10), tokens + Double(now &- seenNanos) / 1e9 * rowsPerSecond)
        seenNanos = now
        return min(wanted, Int(tokens))
    }

    mutating func took(_ rows: Int) { tokens -= Double(rows) }

    /// Until the next row may come.
    var waitMS: Int { max(1, Int(((1 - tokens) / rowsPerSecond * 1_000).rounded(.up))) }
}
