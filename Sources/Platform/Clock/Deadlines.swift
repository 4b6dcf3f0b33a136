// Calls at given times, for timeouts that are rarely reached: one thread that looks at what is armed every few
// milliseconds, and ends when nothing is.
internal import Base
internal import Glibc
internal import Synchronization

public final class Deadlines: Sendable {
    private struct State {
        var next: UInt64 = 0
        var armed: [UInt64: (nanos: UInt64, body: @Sendable () -> Void)] = [:]
        var isRunning = false
    }

    /// How late a call may come.
    public static let precisionNanos: UInt64 = 5_000_000

    private let clock: Clock
    private let pool = BlockingPool(name: "deadlines", threads: 1)
    private let state = Mutex(State())

    public init(clock: Clock = .system) { self.clock = clock }

    /// Calls `body` after so many milliseconds on a thread of its own, unless disarmed before.
    public func arm(milliseconds: Int, _ body: @escaping @Sendable () -> Void) -> UInt64 {
        let at = clock.monotonicNanos() &+ UInt64(max(milliseconds, 0)) * 1_000_000
        let (number, starts) = state.withLock { state -> (UInt64, Bool) in
            state.next += 1
            state.armed[state.next] = (at, body)
            defer { state.isRunning = true }
            return (state.next, !state.isRunning)
        }
        if starts { pool.start { self.watch() } }
        return number
    }

    /// Takes back a call that has not been made. Unknown numbers are ignored.
    public func disarm(_ number: UInt64) { state.withLock { $0.armed[number] = nil } }

    private func watch() {
        while true {
            let now = clock.monotonicNanos()
            let due = state.withLock { state -> [@Sendable () -> Void]? in
                guard !state.armed.isEmpty else {
                    state.isRunning = false
                    return nil
                }
                let due = state.armed.filter { $0.value.nanos <= now }
                for number in due.keys { state.armed[number] = nil }
                return due.values.map(\.body)
            }
            guard let due else { return }
            for body in due { body() }
            usleep(UInt32(Deadlines.precisionNanos / 1_000))
        }
    }
}
