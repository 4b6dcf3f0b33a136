internal import Base
internal import DuckDBKit
internal import Synchronization

/// The engine's connections, shared by all sessions. Blocking: call it on the pool's threads.
final class ExecutorPool: Sendable {
    private struct State {
        var idle: [Executor] = []
        var made = 0
    }

    let executorsMax: Int
    private let database: Database
    private let state = Mutex(State())

    init(database: Database, executorsMax: Int) {
        self.database = database
        self.executorsMax = executorsMax
    }

    /// DuckDB reckons a statement's progress only for its progress bar; nothing is printed.
    private static let progressSettings =
        "SET enable_progress_bar_print = false; SET progress_bar_time = 0; SET enable_progress_bar = true"

    /// Executors there are, and how many of them nobody uses.
    var counts: (made: Int, idle: Int) { state.withLock { ($0.made, $0.idle.count) } }

    /// The preferred executor if it is idle, or one that has the profile applied, or any, or a new one.
    func checkOut(preferring number: Int?, _ profile: ExecutionProfile) throws(LeibrixError) -> Executor {
        enum Found { case idle(Executor), make(Int), none }
        let found = state.withLock { state -> Found in
            let index =
                state.idle.lastIndex { $0.number == number && $0.profile == profile }
                ?? state.idle.lastIndex { $0.profile == profile } ?? state.idle.indices.last
            if let index { return .idle(state.idle.remove(at: index)) }
            guard state.made < executorsMax else { return .none }
            state.made += 1
            return .make(state.made)
        }
        switch found {
        case .idle(let executor): return executor
        case .make(let number):
            do throws(LeibrixError) {
                let connection = try database.connect()
                try connection.execute(Self.progressSettings)
                return Executor(number: number, connection: connection)
            } catch {
                state.withLock { $0.made -= 1 }
                throw error
            }
        case .none:
            throw LeibrixError(
                .queueFull, "all \(executorsMax) executors are held by open cursors, portals and transactions",
                hint: "Read results to their end, or close cursors and transactions.")
        }
    }

    func giveBack(_ executor: Executor) { state.withLock { $0.idle.append(executor) } }
}
