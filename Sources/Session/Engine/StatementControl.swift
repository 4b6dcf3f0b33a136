internal import Base
internal import DuckDBKit
internal import Synchronization

/// The way to stop a statement: cancel requests, timeouts and closing sessions reach its connection through this, and
/// only while the connection works for it.
final class StatementControl: Sendable {
    enum Stop: Sendable, Equatable {
        case cancelled
        case timeout(milliseconds: Int)
        case closed

        var error: LeibrixError {
            switch self {
            case .cancelled: LeibrixError(.cancelled, "canceling statement due to user request")
            case .timeout(let milliseconds):
                LeibrixError(
                    .statementTimeout, "canceling statement due to statement timeout",
                    hint: "It ran longer than statement_timeout, \(milliseconds) ms.")
            case .closed: LeibrixError(.cancelled, "the statement was closed")
            }
        }
    }

    private struct State {
        var connection: Connection?
        var stop: Stop?
        var abandon: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let memoryBefore = Atomic<Int>(-1)
    private let memoryMost = Atomic<Int>(0)

    /// Greatest growth of the engine's working memory that was seen while the statement ran, in bytes; nil if it never came to
    /// the engine. Statements beside it count as well: an upper bound of its own.
    var peakMemoryBytes: Int? {
        memoryBefore.load(ordering: .relaxed) < 0 ? nil : memoryMost.load(ordering: .relaxed)
    }

    /// Looks at the memory. The first time is before the statement has any.
    func sampleMemory(_ connection: Connection) {
        let now = connection.instanceMemoryBytes
        let (isFirst, before) = memoryBefore.compareExchange(expected: -1, desired: now, ordering: .relaxed)
        if !isFirst, now - before > memoryMost.load(ordering: .relaxed) { memoryMost.store(now - before, ordering: .relaxed) }
    }

    /// Throws if the statement was stopped.
    func check() throws(LeibrixError) {
        if let stop = state.withLock({ $0.stop }) { throw stop.error }
    }

    /// From here to `leave`, stopping interrupts this connection.
    func enter(_ connection: Connection) throws(LeibrixError) {
        let stop = state.withLock { state in
            if state.stop == nil { state.connection = connection }
            return state.stop
        }
        if let stop { throw stop.error }
    }

    /// How far the connection is with the statement, 0 to 1; nil when it does not work now or cannot tell.
    var progress: Double? { state.withLock { $0.connection }?.progress?.fraction }

    func leave() { state.withLock { $0.connection = nil } }

    /// While waiting for a place: what takes the statement out of the queue. False if it was stopped already.
    func wait(_ abandon: (@Sendable () -> Void)?) -> Bool {
        state.withLock { state in
            state.abandon = abandon
            return state.stop == nil
        }
    }

    /// Stops the statement, once. Any thread.
    func stop(_ stop: Stop) {
        let abandon = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.stop == nil else { return nil }
            state.stop = stop
            // Under the lock, so that the connection cannot meanwhile begin to work for another statement.
            state.connection?.interrupt()
            defer { state.abandon = nil }
            return state.abandon
        }
        abandon?()
    }

    /// The error to show for what the engine threw: an interrupt is shown as its cause.
    func translated(_ error: LeibrixError) -> LeibrixError {
        guard let stop = state.withLock({ $0.stop }), error.code == .cancelled else { return error }
        return stop.error
    }
}
