// What people see of loads and failures.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    func beginLoad(_ key: TenantName) -> Int64 {
        let now = nowMicros
        return state.withLock { state in
            let id = state.nextLoadID
            state.nextLoadID += 1
            state.addLoad(LoadRecord(loadID: id, dataset: key, startedMicros: now))
            return id
        }
    }

    func updateLoad(_ loadID: Int64, _ body: (inout LoadRecord) -> Void) {
        state.withLock { $0.updateLoad(loadID, body) }
    }

    /// Without a phase the load did nothing and is forgotten.
    func endLoad(_ loadID: Int64, phase: LoadRecord.Phase?, error: String? = nil) {
        let now = nowMicros
        state.withLock { state in
            guard let phase else { return state.loads.removeAll { $0.loadID == loadID } }
            state.updateLoad(loadID) { load in
                load.phase = phase
                load.finishedMicros = now
                load.error = error
            }
        }
    }

    func setRunning(_ key: TenantName, _ connection: Connection) throws(LeibrixError) {
        let isStopping = state.withLock { state in
            state.datasets[key]?.running = connection
            return state.isStopping
        }
        if isStopping { throw LeibrixError(.shuttingDown, "the server is stopping") }
    }

    /// Epochs on their way, for leibrix.epochs.
    func show(_ load: EpochLoad) {
        state.withLock { state in
            guard var dataset = state.datasets[load.plan.dataset] else { return }
            for epoch in load.epochs.values {
                dataset.epochs[epoch.record.versionKey] = ResidentEpoch(record: epoch.record, machine: epoch.machine)
            }
            state.datasets[load.plan.dataset] = dataset
        }
    }

    /// FAILED records with the reason, in place of earlier ones. Without planned epochs one record stands for the dataset:
    /// the newest epoch's, whose data would have come.
    func keepFailures(_ key: TenantName, _ error: LeibrixError, _ planned: [PlannedEpoch]) {
        let reason = "\(error.code.rawValue): \(error.message)"
        guard let dataset = state.withLock({ $0.datasets[key] }) else { return }
        let unfinished = dataset.epochs.values.filter { $0.machine.state != .ready }.map(\.record)
        let failed = failedRecords(dataset, reason, planned)
        do throws(LeibrixError) {
            let writes = unfinished.map { ControlWrite.delete(.epoch(key, epochID: $0.epochID, version: $0.version)) }
            try store.commit(writes + failed.map { .put(.epoch($0)) })
        } catch {
            Log.error("epoch.failed", .text("dataset", key.name), .text("error", error.description))
        }
        state.withLock { state in
            guard var dataset = state.datasets[key] else { return }
            dataset.epochs = dataset.epochs.filter { $0.value.machine.state == .ready }
            for record in failed {
                dataset.epochs[record.versionKey] = ResidentEpoch(record: record, machine: EpochMachine(recovered: .failed(reason)))
            }
            state.datasets[key] = dataset
        }
    }

    private func failedRecords(_ dataset: DatasetState, _ reason: String, _ planned: [PlannedEpoch]) -> [EpochRecord] {
        let version = (try? store.nextVersion()) ?? 0
        let now = nowMicros
        let slots = planned.prefix(DatasetLimits.failedEpochsMax).map { ($0.slot.epochID, $0.slot.range, $0.slot.dimensionValues) }
        let newest = dataset.ready.max { ($0.range?.endMS ?? .min) < ($1.range?.endMS ?? .min) }
        let fallback = newest.map { ($0.epochID, $0.range, $0.dimensionValues) } ?? (EpochID.whole(), nil, [])
        return (slots.isEmpty ? [fallback] : slots).map { epochID, range, values in
            EpochRecord(
                tenant: dataset.spec.tenant, dataset: dataset.spec.name, epochID: epochID, version: version, state: .failed,
                range: dataset.spec.timeColumn == nil ? nil : range, dimensionValues: values, reason: reason, createdMicros: now)
        }
    }

    /// The source is again what the READY set was made from.
    func clearFailures(_ key: TenantName) throws(LeibrixError) {
        guard let dataset = state.withLock({ $0.datasets[key] }) else { return }
        try store.commit(Self.failures(dataset).map { .delete($0) })
        state.withLock { state in
            guard var dataset = state.datasets[key] else { return }
            dataset.epochs = dataset.epochs.filter { $0.value.machine.shown != .failed }
            state.datasets[key] = dataset
        }
    }

    /// Every version that is not gone, by dataset and time.
    func epochRecords(where isWanted: (EpochRecord) -> Bool) -> [EpochRecord] {
        let all = state.withLock { state in
            state.datasets.values.flatMap { $0.epochs.values.map(\.record) } + state.retiring.values.map(\.record)
        }
        return all.filter(isWanted).sorted { a, b in
            (a.tenant, a.dataset, a.range?.startMS ?? .min, a.epochID, a.version)
                < (b.tenant, b.dataset, b.range?.startMS ?? .min, b.epochID, b.version)
        }
    }
}
