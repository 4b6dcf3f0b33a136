internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    func drop(_ key: TenantName) throws(LeibrixError) {
        let dataset = try requireDataset(key)
        var writes: [ControlWrite] = [.delete(.dataset(key))]
        for epoch in dataset.epochs.values {
            guard epoch.machine.state == .ready else {
                writes.append(.delete(.epoch(key, epochID: epoch.record.epochID, version: epoch.record.version)))
                continue
            }
            writes.append(.put(.epoch(Self.retired(epoch.record, "its dataset was dropped"))))
        }
        try store.commit(writes)
        takeAway(key)
        Log.info("dataset.dropped", .text("tenant", key.tenant), .text("dataset", key.name))
    }

    static func retired(_ record: EpochRecord, _ reason: String) -> EpochRecord {
        var record = record
        record.state = .retiring
        record.reason = reason
        return record
    }

    /// Out of memory and out of the attached instances; a load that runs finds it gone.
    private func takeAway(_ key: TenantName) {
        var gone: DatasetState?
        var unpinned: [EpochVersion] = []
        publishing.withLock { _ in
            let executors = state.withLock { state in
                gone = state.datasets.removeValue(forKey: key)
                for (version, epoch) in gone?.epochs ?? [:] where epoch.machine.state == .ready {
                    if Self.retire(version, epoch, "its dataset was dropped", &state) { unpinned.append(version) }
                }
                return state.executors.filter { $0.tenant == nil || $0.tenant == key.tenant }
            }
            for executor in executors {
                _ = Self.caught { () throws(LeibrixError) in
                    _ = try executor.catalog.publish([.drop(schema: Self.schema, name: key.name)])
                }
            }
        }
        gone?.running?.interrupt()
        let waiters = gone?.lane.finished().waiters ?? []
        for waiter in waiters {
            waiter(.failure(LeibrixError(.undefinedDataset, "dataset \"\(key.name)\" was dropped")))
        }
        for version in unpinned { startDeleting(version) }
        gone = nil
    }

    /// Moves an epoch among the retiring; true when its files can go at once.
    static func retire(_ version: EpochVersion, _ epoch: ResidentEpoch, _ reason: String, _ state: inout EngineState) -> Bool {
        var epoch = epoch
        let actions = epoch.machine.handle(.superseded(pins: epoch.pins))
        epoch.record = retired(epoch.record, reason)
        state.retiring[version] = epoch
        return actions.contains(.deleteFiles)
    }
}
