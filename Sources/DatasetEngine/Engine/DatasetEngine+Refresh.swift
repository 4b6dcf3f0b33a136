// When a dataset is refreshed: by the clock, by REFRESH, at its creation. The poll runs on one pool, the load on another,
// so that a long load does not keep other sources from being asked.
internal import Base
internal import Catalog
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    /// Starts what is due. Runs on the ticker's thread and does not block.
    func tick() {
        let now = nowMS
        let due = state.withLock { state in
            state.isStopping
                ? [] : state.datasets.values.filter { !$0.lane.isRunning && $0.schedule.isDue(now) }.map(\.spec.key)
        }
        for key in due { request(key, isForced: false, waiter: nil) }
    }

    func request(_ key: TenantName, isForced: Bool, waiter: RefreshLane.Waiter?) {
        let starts: Bool? = state.withLock { state in
            state.isStopping ? nil : state.datasets[key]?.lane.request(isForced: isForced, waiter: waiter)
        }
        guard let starts else {
            waiter?(.failure(LeibrixError(.undefinedDataset, "dataset \"\(key.name)\" was dropped, or the server is stopping")))
            return
        }
        if starts { startRefresh(key, isForced: isForced) }
    }

    private func startRefresh(_ key: TenantName, isForced: Bool) {
        pollPool.start { [self] in
            guard let dataset = state.withLock({ $0.datasets[key] }), let catalog = catalog(dataset.spec.catalog) else {
                return ended(key, .success(()))
            }
            let run = RefreshRun(engine: self, key: key, catalog: catalog, isForced: isForced)
            switch Self.caught({ () throws(LeibrixError) in try run.needsLoad() }) {
            case .success(nil): ended(key, .success(()))
            case .success(let poll?): loadPool.start { [self] in ended(key, Self.caught { () throws(LeibrixError) in try run.load(poll) }) }
            case .failure(let error):
                run.recordFailure(error, planned: [])
                ended(key, .failure(error))
            }
        }
    }

    private func ended(_ key: TenantName, _ result: Result<Void, LeibrixError>) {
        let now = nowMS
        let jitter = Double(UInt32(truncatingIfNeeded: Random.integer(UInt64.self))) / Double(UInt32.max)
        let next = state.withLock { state -> (waiters: [RefreshLane.Waiter], startsNext: Bool, isForced: Bool)? in
            guard var dataset = state.datasets[key] else { return nil }
            dataset.running = nil
            switch result {
            case .success:
                dataset.failure = nil
                dataset.schedule.succeeded(now)
            case .failure(let error):
                dataset.failure = error
                dataset.schedule.failed(now, jitter: jitter)
            }
            let next = dataset.lane.finished()
            state.datasets[key] = dataset
            return next
        }
        if case .failure(let error) = result {
            Log.warning("dataset.refresh", .text("dataset", key.name), .text("error", error.description))
        }
        guard let next else { return }
        for waiter in next.waiters { waiter(result) }
        if next.startsNext { startRefresh(key, isForced: next.isForced) }
    }
}
