// The flip: one commit makes a whole set READY, one publication shows it.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    /// Makes the load's epochs and the kept ones the dataset's READY set.
    ///
    /// 1. Everything that can fail comes first: the files are mapped and the snapshot is made.
    /// 2. The commit is the flip: after it a restart serves the new set, before it the old one.
    /// 3. Memory and the attached instances follow. Statements that run keep the snapshot they have.
    func flip(_ load: EpochLoad) throws(LeibrixError) {
        let key = load.plan.dataset
        let dataset = try requireDataset(key)
        let fresh = try load.resident()
        let kept = load.plan.kept.compactMap { dataset.epochs[$0.versionKey] }
        guard kept.count == load.plan.kept.count else {
            throw LeibrixError(.internal, "an epoch of dataset \"\(key.name)\" that was to be kept is gone")
        }
        let snapshot = try makeSnapshot(key, load.plan.columns, kept + fresh)
        let record = flipped(dataset.record, load.plan)
        var writes: [ControlWrite] = [.put(.dataset(record))]
        writes += fresh.map { .put(.epoch($0.record)) }
        writes += load.plan.retired.map { .put(.epoch(Self.retired($0.record, $0.reason))) }
        writes += Self.failures(dataset).map { .delete($0) }
        try commitUnlessDropped(key, dataset, writes)
        faults.reach(.afterFlip)
        load.handOver()
        show(key, record, snapshot, fresh, load.plan.retired)
        Log.info(
            "dataset.ready", .text("dataset", key.name), .number("epochs", fresh.count), .number("kept", kept.count),
            .number("retired", load.plan.retired.count), .number("rows", load.plan.rows), .text("snapshot", record.snapshotID ?? ""))
    }

    /// The source moved on without a change to any epoch.
    func keep(_ plan: LoadPlan) throws(LeibrixError) {
        let dataset = try requireDataset(plan.dataset)
        let record = flipped(dataset.record, plan)
        let writes: [ControlWrite] = [.put(.dataset(record))] + Self.failures(dataset).map { .delete($0) }
        try commitUnlessDropped(plan.dataset, dataset, writes)
        let kept = plan.kept.compactMap { dataset.epochs[$0.versionKey] }
        let snapshot = record.columns == dataset.record.columns && dataset.published != nil
            ? nil : try makeSnapshot(plan.dataset, record.columns, kept)
        show(plan.dataset, record, snapshot, [], [])
    }

    private func flipped(_ record: DatasetRecord, _ plan: LoadPlan) -> DatasetRecord {
        var record = record
        record.spec = state.withLock { $0.datasets[plan.dataset]?.spec } ?? record.spec
        record.columns = plan.columns
        record.snapshotID = plan.table.snapshotID
        record.sourceMark = plan.table.mark
        if !plan.isEmpty || record.flippedMicros == nil { record.flippedMicros = nowMicros }
        return record
    }

    private func commitUnlessDropped(
        _ key: TenantName, _ dataset: DatasetState, _ writes: [ControlWrite]
    ) throws(LeibrixError) {
        let isThere = state.withLock { $0.datasets[key]?.record.createdMicros == dataset.record.createdMicros && !$0.isStopping }
        guard isThere else { throw LeibrixError(.cancelled, "dataset \"\(key.name)\" was dropped while it loaded") }
        try store.commit(writes)
    }

    static func failures(_ dataset: DatasetState) -> [ControlKey] {
        dataset.epochs.values.filter { $0.machine.shown == .failed }.map {
            .epoch($0.record.datasetKey, epochID: $0.record.epochID, version: $0.record.version)
        }
    }

    /// Memory first, then the instances, under one lock; old snapshots and epochs are let go of after it.
    private func show(
        _ key: TenantName, _ record: DatasetRecord, _ snapshot: RelationSnapshot?, _ fresh: [ResidentEpoch],
        _ retired: [(record: EpochRecord, reason: String)]
    ) {
        var old: RelationSnapshot?
        var unpinned: [EpochVersion] = []
        publishing.withLock { _ in
            let executors = state.withLock { state -> [EngineState.Executor] in
                guard var dataset = state.datasets[key] else { return [] }
                dataset.record = record
                dataset.needsReload = false
                dataset.epochs = dataset.epochs.filter { $0.value.machine.state == .ready }
                for epoch in fresh { dataset.epochs[epoch.record.versionKey] = epoch }
                for (gone, reason) in retired {
                    guard let epoch = dataset.epochs.removeValue(forKey: gone.versionKey) else { continue }
                    if Self.retire(gone.versionKey, epoch, reason, &state) { unpinned.append(gone.versionKey) }
                }
                if let snapshot {
                    for version in dataset.epochs.keys { dataset.epochs[version]?.pins += 1 }
                    old = dataset.published
                    dataset.published = snapshot
                }
                state.datasets[key] = dataset
                return snapshot == nil ? [] : state.executors.filter { $0.tenant == nil || $0.tenant == key.tenant }
            }
            guard let snapshot else { return }
            for executor in executors { publish(.put(schema: Self.schema, name: key.name, snapshot), to: executor) }
        }
        withExtendedLifetime(old) {}
        for version in unpinned { startDeleting(version) }
    }

    func publish(_ change: RelationChange, to executor: EngineState.Executor) {
        do throws(LeibrixError) {
            try executor.catalog.publish([change])
        } catch {
            Log.error("dataset.publish", .text("error", error.description))
        }
    }
}
