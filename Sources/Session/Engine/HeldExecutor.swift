internal import Base
internal import DuckDBKit
internal import Synchronization

/// The executor of a transaction that reads one snapshot (REPEATABLE READ, SERIALIZABLE): taken at the first query, with
/// a transaction of the engine's begun on it, and kept to the end of the block.
final class HeldExecutor: Sendable {
    private struct State {
        var executor: Executor?
        var isLost = false
    }

    private let state = Mutex(State())

    /// On a pool thread: the executor, with its transaction begun.
    func begin(_ engine: Engine, _ profile: ExecutionProfile) throws(LeibrixError) -> Executor {
        let (executor, isLost) = state.withLock { ($0.executor, $0.isLost) }
        if isLost {
            throw LeibrixError(
                .failedTransaction, "the transaction's snapshot was lost with an earlier error",
                hint: "ROLLBACK and run the transaction again.", sqlState: "40001")
        }
        if let executor { return executor }
        let taken = try engine.executors.checkOut(preferring: nil, profile)
        do throws(LeibrixError) {
            try taken.connection.execute("BEGIN TRANSACTION")
        } catch {
            engine.executors.giveBack(taken)
            throw error
        }
        state.withLock { $0.executor = taken }
        return taken
    }

    var isBegun: Bool { state.withLock { $0.executor != nil } }

    /// After an error of a statement: the engine may have ended its transaction, and with it the snapshot.
    func noteFailure() {
        state.withLock { state in if state.executor != nil { state.isLost = true } }
    }

    /// On a pool thread: ends the engine's transaction and gives the executor back.
    func end(_ engine: Engine) {
        guard let executor = state.withLock({ state in
            defer { state.executor = nil }
            return state.executor
        }) else { return }
        // Nothing was written, so a failure to roll back means that the transaction is gone already.
        try? executor.connection.execute("ROLLBACK")
        engine.executors.giveBack(executor)
    }
}
