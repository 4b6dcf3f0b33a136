public import Base
public import Catalog
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    /// Makes a dataset and begins its first load. Returns when the source's table and columns have been checked, or with
    /// `wait` when the first set is READY.
    ///
    /// Throws `duplicateRelation`, `undefinedCatalog`, `undefinedSourceTable`, `undefinedColumn`, `invalidOption`,
    /// `sourceUnavailable`; with `wait` also what failed the load (the dataset then exists, and is tried again).
    public func createDataset(
        tenant: String, name: String, source: [String], options: [SpecOption], wait: Bool = false
    ) async throws(LeibrixError) {
        let spec = try DatasetSpec.make(tenant: tenant, name: name, source: source, options: options)
        guard readiness(tenant: tenant, name: name) == .unknown else {
            throw LeibrixError(
                .duplicateRelation, "dataset \"\(name)\" already exists", hint: "DROP DATASET takes it away, ALTER DATASET changes it.")
        }
        let catalog = try requireCatalog(spec.catalog)
        try await pollPool.run { [self] () throws(LeibrixError) in
            try check(spec, catalog)
            try admit(spec)
        }
        guard wait else { return request(spec.key, isForced: false, waiter: nil) }
        try await refreshDataset(tenant: tenant, name: name)
    }

    /// The source has the table, and the table has the columns that the spec names.
    private func check(_ spec: DatasetSpec, _ catalog: CatalogSpec) throws(LeibrixError) {
        let adapter = SourceAdapters.make(catalog)
        let table = Array(spec.source.dropFirst())
        let connection = try loader.connect(for: adapter, table: table)
        let poll = try adapter.poll(table, pinned: spec.snapshot, connection)
        let found = try adapter.describe(table, poll, timeColumn: spec.timeColumn, connection)
        let keys = try EpochKeys(spec: spec, filter: spec.filter, columns: found.columns)
        if let start = spec.filter.startMS, let end = spec.filter.endMS { _ = try keys.keys(from: start, to: end) }
    }

    private func admit(_ spec: DatasetSpec) throws(LeibrixError) {
        let record = DatasetRecord(spec: spec, createdMicros: nowMicros)
        let added = state.withLock { state in
            guard state.datasets[spec.key] == nil else { return false }
            state.datasets[spec.key] = DatasetState(
                record: record, schedule: PollSchedule(periodMS: spec.refreshMS, nowMS: nowMS))
            return true
        }
        guard added else { throw LeibrixError(.duplicateRelation, "dataset \"\(spec.name)\" already exists") }
        do throws(LeibrixError) {
            try store.commit([.put(.dataset(record))])
        } catch {
            state.withLock { $0.datasets[spec.key] = nil }
            throw error
        }
    }

    /// Throws `undefinedDataset`, `invalidOption`.
    public func alterDataset(tenant: String, name: String, options: [SpecOption]) async throws(LeibrixError) {
        let key = TenantName(tenant, name)
        let spec = try requireDataset(key).spec.altered(by: options)
        try await pollPool.run { [self] () throws(LeibrixError) in
            var record = try requireDataset(key).record
            record.spec = spec
            try store.commit([.put(.dataset(record))])
            state.withLock { state in
                state.datasets[key]?.record.spec = spec
                state.datasets[key]?.schedule = PollSchedule(periodMS: spec.refreshMS, nowMS: nowMS)
            }
        }
        if spec.retain != nil { request(key, isForced: false, waiter: nil) }
    }

    /// Takes the dataset away at once; its memory and files go when the last statement that reads it ends.
    /// Throws `undefinedDataset`.
    public func dropDataset(tenant: String, name: String) async throws(LeibrixError) {
        let key = TenantName(tenant, name)
        _ = try requireDataset(key)
        try await pollPool.run { [self] () throws(LeibrixError) in try drop(key) }
    }

    /// Asks the source now and waits until the dataset is what the source has, or the error why it is not.
    /// Throws `undefinedDataset` and what failed the load; the READY set keeps serving.
    public func refreshDataset(tenant: String, name: String, wait: Bool = true) async throws(LeibrixError) {
        let key = TenantName(tenant, name)
        _ = try requireDataset(key)
        guard wait else { return request(key, isForced: true, waiter: nil) }
        let result: Result<Void, LeibrixError> = await withCheckedContinuation { continuation in
            request(key, isForced: true) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    /// Waits for the refresh that is running, if there is one.
    public func waitForRefresh(tenant: String, name: String) async throws(LeibrixError) {
        let result: Result<Void, LeibrixError> = await withCheckedContinuation { continuation in
            let joined = state.withLock { state in
                state.datasets[TenantName(tenant, name)]?.lane.join { continuation.resume(returning: $0) } ?? false
            }
            if !joined { continuation.resume(returning: .success(())) }
        }
        try result.get()
    }

    /// Datasets of a tenant by name.
    public func datasets(tenant: String) -> [DatasetRecord] {
        let found = state.withLock { $0.datasets.values.filter { $0.spec.tenant == tenant }.map(\.record) }
        return found.sorted { $0.spec.name < $1.spec.name }
    }

    /// Epochs of a dataset in order of time, every version that is not gone. Throws `undefinedDataset`.
    public func epochs(tenant: String, dataset name: String) throws(LeibrixError) -> [EpochRecord] {
        let key = TenantName(tenant, name)
        _ = try requireDataset(key)
        return epochRecords { $0.datasetKey == key }
    }

    /// Whether a name is a dataset, and whether it can be read.
    public func readiness(tenant: String, name: String) -> DatasetReadiness {
        state.withLock { state in
            guard let dataset = state.datasets[TenantName(tenant, name)] else { return .unknown }
            if dataset.published != nil { return .ready }
            let load = state.loads.last { $0.dataset == dataset.spec.key && $0.finishedMicros == nil }
            let progress = load.map { "\($0.phase.rawValue), \(Int($0.progress * 100)) % of \($0.rowsTotal) rows" } ?? "waiting for a load"
            let error = LeibrixError(
                .notReady, "dataset \"\(name)\" is not READY yet: \(dataset.failure.map { "its load failed: \($0.message)" } ?? progress)",
                detail: dataset.failure?.detail, hint: "SHOW EPOCHS FROM \(name) and leibrix.loads tell how far it is.")
            return .notReady(error, fallback: dataset.spec.fallback)
        }
    }

    func requireDataset(_ key: TenantName) throws(LeibrixError) -> DatasetState {
        if let dataset = state.withLock({ $0.datasets[key] }) { return dataset }
        let known = state.withLock { $0.datasets.keys.filter { $0.tenant == key.tenant }.map(\.name).sorted() }
        throw LeibrixError(
            .undefinedDataset, "dataset \"\(key.name)\" does not exist",
            hint: known.isEmpty ? "Make one with CREATE DATASET." : "Datasets are: \(known.prefix(20).joined(separator: ", ")).")
    }
}
