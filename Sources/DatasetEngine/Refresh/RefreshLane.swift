// At most one refresh of a dataset runs. Whoever asks for one while it runs shares the next: what a caller waits for began
// after the caller asked.
internal import Base

struct RefreshLane: Sendable {
    typealias Waiter = @Sendable (Result<Void, LeibrixError>) -> Void

    private enum State: Sendable {
        case idle
        case running(next: Bool, isForced: Bool)
    }

    private var state = State.idle
    private var current: [Waiter] = []
    private var next: [Waiter] = []

    var isRunning: Bool {
        if case .running = state { return true }
        return false
    }

    /// Asks for a refresh that begins from now on; true when the caller must start it.
    mutating func request(isForced: Bool, waiter: Waiter?) -> Bool {
        switch state {
        case .idle:
            state = .running(next: false, isForced: false)
            if let waiter { current.append(waiter) }
            return true
        case .running(_, let wasForced):
            state = .running(next: true, isForced: isForced || wasForced)
            if let waiter { next.append(waiter) }
            return false
        }
    }

    /// Waits for what is running; false when nothing is.
    mutating func join(_ waiter: @escaping Waiter) -> Bool {
        guard isRunning else { return false }
        current.append(waiter)
        return true
    }

    /// The running refresh ended: whom to tell, and whether the next must be started now.
    mutating func finished() -> (waiters: [Waiter], startsNext: Bool, isForced: Bool) {
        guard case .running(let startsNext, let isForced) = state else { return ([], false, false) }
        let done = current
        current = next
        next = []
        state = startsNext ? .running(next: false, isForced: false) : .idle
        return (done, startsNext, isForced)
    }
}

/// When a source is asked again: after its period, or after a failure later and later.
struct PollSchedule: Sendable {
    var periodMS: Int64?
    private(set) var dueMS: Int64
    private(set) var failures = 0

    init(periodMS: Int64?, nowMS: Int64) {
        self.periodMS = periodMS
        dueMS = nowMS + (periodMS ?? 0)
    }

    /// A dataset without a period is polled again only while it failed.
    func isDue(_ nowMS: Int64) -> Bool { nowMS >= dueMS && (periodMS != nil || failures > 0) }

    mutating func succeeded(_ nowMS: Int64) {
        failures = 0
        dueMS = nowMS + (periodMS ?? 0)
    }

    /// `jitter` from 0 to 1 spreads datasets of one source over half the wait.
    mutating func failed(_ nowMS: Int64, jitter: Double) {
        let wait = min(DatasetLimits.backoffMaxMS, DatasetLimits.backoffFirstMS << Int64(min(failures, 20)))
        failures += 1
        let spread = wait / 2 + Int64(Double(wait / 2) * jitter)
        dueMS = nowMS + max(spread, 1)
    }
}
