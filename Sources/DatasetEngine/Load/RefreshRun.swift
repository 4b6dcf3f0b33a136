// One refresh of one dataset, from the poll to the flip. Everything here blocks, on one thread of the engine's pools.
internal import Base
internal import Catalog
internal import Columnar
internal import ColumnStore
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

struct RefreshRun: Sendable {
    let engine: DatasetEngine
    let key: TenantName
    let catalog: CatalogSpec
    let isForced: Bool

    private var adapter: any SourceAdapter { SourceAdapters.make(catalog) }

    /// The source's poll when there is something to load, or nil.
    func needsLoad() throws(LeibrixError) -> SourcePoll? {
        // Kept epochs are sound, and damaged ones are loaded again.
        _ = engine.verifyRecovered(key)
        let dataset = try engine.requireDataset(key)
        let table = Array(dataset.spec.source.dropFirst())
        let adapter = adapter
        let connection = try engine.loader.connect(for: adapter, table: table)
        let poll = try adapter.poll(table, pinned: dataset.spec.snapshot, connection)
        let isSame = poll.mark == dataset.record.sourceMark && dataset.published != nil
        guard isSame, adapter.marksAreExact || !isForced, !isPastWindow(dataset) else { return poll }
        if dataset.failure != nil { try engine.clearFailures(key) }
        return nil
    }

    /// Whether an epoch has left the retention window while the source stayed the same.
    private func isPastWindow(_ dataset: DatasetState) -> Bool {
        guard let retain = dataset.spec.retain else { return false }
        let ranges = dataset.ready.compactMap(\.range)
        guard let newest = ranges.map(\.endMS).max(),
            let cutoff = LoadPlanner.cutoff(
                retain, granularity: dataset.spec.granularity, newestEndMS: newest, nowMS: engine.nowMS)
        else { return false }
        return ranges.contains { $0.endMS <= cutoff }
    }

    func load(_ poll: SourcePoll) throws(LeibrixError) {
        let dataset = try engine.requireDataset(key)
        let loadID = engine.beginLoad(key)
        var planned: [PlannedEpoch] = []
        do throws(LeibrixError) {
            let adapter = adapter
            let table = Array(dataset.spec.source.dropFirst())
            let connection = try engine.loader.connect(for: adapter, table: table)
            try engine.setRunning(key, connection)
            if adapter.readsInTransaction { try connection.execute("BEGIN TRANSACTION READ ONLY") }
            let found = try adapter.describe(table, poll, timeColumn: dataset.spec.timeColumn, connection)
            let planner = LoadPlanner(
                record: dataset.record, ready: dataset.ready, nowMS: engine.nowMS,
                reloadsAll: isForced && !adapter.marksAreExact)
            let plan = try planner.plan(found, connection, planID: "\(key.name)-\(loadID)")
            planned = plan.loads
            try checkEpochs(plan)
            try perform(plan, loadID, connection) { () throws(LeibrixError) in
                guard adapter.mayChangeWhileReading else { return }
                guard try adapter.poll(table, pinned: dataset.spec.snapshot, connection).mark == poll.mark else {
                    throw LeibrixError(
                        .validationFailed, "the source's files changed while they were read", hint: "The load is tried again by itself.")
                }
            }
            if adapter.readsInTransaction { try connection.execute("COMMIT") }
        } catch {
            recordFailure(error, planned: planned, loadID: loadID)
            throw error
        }
    }

    /// The tenant's max_epochs: what it would have once the plan is done.
    private func checkEpochs(_ plan: LoadPlan) throws(LeibrixError) {
        guard let most = engine.configuration.epochsMax(key.tenant) else { return }
        let others = engine.state.withLock { state in
            state.datasets.values.filter { $0.spec.tenant == key.tenant && $0.spec.key != key }.reduce(0) { $0 + $1.ready.count }
        }
        let wanted = plan.loads.count + plan.kept.count
        guard Int64(others + wanted) > most else { return }
        throw LeibrixError(
            .limitExceeded, "dataset \"\(key.name)\" needs \(wanted) epochs; with \(others) of other datasets that passes \(most), the tenant's max_epochs",
            hint: "Choose a coarser granularity or a shorter range, or ask an administrator to raise the bound.")
    }

    private func perform(
        _ plan: LoadPlan, _ loadID: Int64, _ connection: Connection, recheck: () throws(LeibrixError) -> Void
    ) throws(LeibrixError) {
        if plan.isEmpty {
            try engine.keep(plan)
            return engine.endLoad(loadID, phase: nil)
        }
        let load = try EpochLoad(engine: engine, plan: plan, loadID: loadID)
        do throws(LeibrixError) {
            try load.write(connection)
            try recheck()
            try load.validate()
            try engine.flip(load)
        } catch {
            load.abandon()
            throw error
        }
        engine.endLoad(loadID, phase: .done)
    }

    /// Keeps the reason in leibrix.epochs and leibrix.loads. The READY set is not touched.
    func recordFailure(_ error: LeibrixError, planned: [PlannedEpoch], loadID: Int64? = nil) {
        // A server that went away leaves dead connections in its attachment; the next try makes a new one.
        if adapter.readsInTransaction { engine.loader.detach(catalog) }
        let id = loadID ?? engine.beginLoad(key)
        engine.endLoad(id, phase: .failed, error: error.message)
        engine.keepFailures(key, error, planned)
    }
}
