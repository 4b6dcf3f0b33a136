// The way of a statement through the engine: one hop to a thread, where an executor is taken, brought to the session's
// settings, the plan found or made, the parameters bound, the query started and its first batches fetched. A result that
// ends there costs nothing more; a larger one keeps its executor and is fetched in further hops.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Platform

final class Engine: Sendable {
    let executors: ExecutorPool
    let admission: Admission
    let pool: BlockingPool
    let planHits: Counter
    let planMisses: Counter
    let replans: Counter

    init(database: Database, _ configuration: SQLServerConfiguration, _ metrics: MetricsRegistry) {
        pool = BlockingPool(name: "engine", threads: configuration.concurrency)
        executors = ExecutorPool(database: database, executorsMax: configuration.executorsMax)
        admission = Admission(runningMax: configuration.concurrency, queueMax: configuration.queueMax, pool: pool)
        planHits = metrics.counter("leibrix_plan_cache_hits_total", "Statements whose plan an executor had.")
        replans = metrics.counter("leibrix_replans_total", "Statements planned again because a relation was published while they began.")
        planMisses = metrics.counter("leibrix_plan_cache_misses_total", "Statements that an executor had to plan.")
    }

    struct Started: Sendable {
        let stream: EngineStream
        let batches: [Batch]
        let isFinished: Bool
    }

    /// Starts a query and fetches its first rows. `held` is the executor of a transaction that keeps one.
    func start(
        _ request: EngineRequest, held: HeldExecutor?, preferring number: Int?, _ control: StatementControl
    ) async throws(LeibrixError) -> Started {
        try await admission.run(control) { () throws(LeibrixError) -> Started in
            try self.startNow(request, held, number, control)
        }
    }

    private func startNow(
        _ request: EngineRequest, _ held: HeldExecutor?, _ number: Int?, _ control: StatementControl
    ) throws(LeibrixError) -> Started {
        do throws(LeibrixError) {
            try control.check()
            let stream = try open(request, held: held, preferring: number, control)
            let group = try stream.fetchGroup(control)
            return Started(stream: stream, batches: group.batches, isFinished: group.isFinished)
        } catch {
            throw request.text.located(error)
        }
    }

    /// On a pool thread.
    private func open(
        _ request: EngineRequest, held: HeldExecutor?, preferring number: Int?, _ control: StatementControl
    ) throws(LeibrixError) -> EngineStream {
        let executor: Executor
        let giveBack: @Sendable (Executor) -> Void
        if let held {
            executor = try held.begin(self, request.profile)
            giveBack = { _ in }
        } else {
            let executors = executors
            executor = try executors.checkOut(preferring: number, request.profile)
            giveBack = { executors.giveBack($0) }
        }
        do throws(LeibrixError) {
            try control.enter(executor.connection)
            defer { control.leave() }
            control.sampleMemory(executor.connection)
            defer { control.sampleMemory(executor.connection) }
            return try execute(request, executor, giveBack)
        } catch {
            giveBack(executor)
            throw control.translated(error)
        }
    }

    func execute(
        _ request: EngineRequest, _ executor: Executor, verify: (@Sendable () throws(LeibrixError) -> Void)? = nil,
        _ giveBack: @escaping @Sendable (Executor) -> Void
    ) throws(LeibrixError) -> EngineStream {
        try executor.apply(request.profile)
        executor.connection.setScanToken(request.scanToken)
        let (plan, isHit) = try executor.plan(request.text.sql)
        (isHit ? planHits : planMisses).add()
        var result: QueryResult
        do throws(LeibrixError) {
            result = try plan.execute(request.parameters)
        } catch where error.message.contains(Engine.replanMark) {
            // The relations were published anew between planning and binding: everything planned is stale.
            executor.forgetPlans()
            replans.add()
            result = try executor.plan(request.text.sql).plan.execute(request.parameters)
        }
        if isHit, let expected = request.expected, expected.map(\.type) != result.columns.map(\.type) {
            // Made before a relation of that name was another one.
            result = try executor.plan(request.text.sql, isAnew: true).plan.execute(request.parameters)
        }
        if let expected = request.expected, expected.map(\.type) != result.columns.map(\.type) {
            throw LeibrixError(
                .notSupported, "cached plan must not change result type",
                hint: "A relation has changed its columns: prepare the statement again.")
        }
        return EngineStream(result, isPlanHit: isHit, on: executor, verify: verify, giveBack: giveBack)
    }

    /// What the scan says when a plan outlived the snapshot it was made for.
    static let replanMark = "lbx:replan"

    /// Runs something on an executor of nobody's, for the server's own questions.
    func withExecutor<T: Sendable>(
        _ profile: ExecutionProfile, scanToken: UInt64 = 0, _ control: StatementControl,
        _ body: @escaping @Sendable (Executor) throws(LeibrixError) -> T
    ) async throws(LeibrixError) -> T {
        try await admission.run(control) { () throws(LeibrixError) -> T in
            try self.borrow(profile, scanToken, control, body)
        }
    }

    private func borrow<T>(
        _ profile: ExecutionProfile, _ scanToken: UInt64, _ control: StatementControl, _ body: (Executor) throws(LeibrixError) -> T
    ) throws(LeibrixError) -> T {
        let executor = try executors.checkOut(preferring: nil, profile)
        defer { executors.giveBack(executor) }
        do throws(LeibrixError) {
            try control.enter(executor.connection)
            defer { control.leave() }
            try executor.apply(profile)
            executor.connection.setScanToken(scanToken)
            return try body(executor)
        } catch {
            throw control.translated(error)
        }
    }
}
