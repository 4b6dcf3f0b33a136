internal import Base
internal import Catalog
internal import DuckDBKit

/// Everything the engine holds in memory, behind one lock. Snapshots are never let go of under the lock: their release
/// callbacks take it.
struct EngineState: Sendable {
    struct Executor: Sendable {
        var catalog: RelationCatalog
        /// nil: the datasets of every tenant.
        var tenant: String?
    }

    var catalogs: [TenantName: CatalogSpec] = [:]
    var datasets: [TenantName: DatasetState] = [:]
    /// Out of every set, kept until nobody pins them. Versions are unique over all datasets.
    var retiring: [EpochVersion: ResidentEpoch] = [:]
    var loads: [LoadRecord] = []
    var nextLoadID: Int64 = 1
    var executors: [Executor] = []
    var budgetBytes: Int64?
    /// Written by running loads, not yet an epoch's.
    var loadingBytes: Int64 = 0
    var isStopping = false

    /// Bytes of all mapped segments, and of those being written.
    var residentBytes: Int64 {
        let mapped = datasets.values.reduce(Int64(0)) { sum, dataset in dataset.epochs.values.reduce(sum) { $0 + $1.bytes } }
        return retiring.values.reduce(mapped + loadingBytes) { $0 + $1.bytes }
    }

    /// Throws `memoryBudget` when `bytes` more would pass the budget.
    func checkBudget(_ bytes: Int64, for what: String) throws(LeibrixError) {
        guard let budget = budgetBytes, residentBytes + bytes > budget else { return }
        throw LeibrixError(
            .memoryBudget, "\(what) needs \(ByteSize.spelled(bytes)), which would pass the memory budget of \(ByteSize.spelled(budget))",
            detail: "\(ByteSize.spelled(residentBytes)) are resident.",
            hint: "Raise the budget, load a shorter range (start, end, retain), or drop a dataset.")
    }

    mutating func updateLoad(_ loadID: Int64, _ body: (inout LoadRecord) -> Void) {
        guard let index = loads.lastIndex(where: { $0.loadID == loadID }) else { return }
        body(&loads[index])
    }

    mutating func addLoad(_ load: LoadRecord) {
        loads.append(load)
        guard loads.count > DatasetLimits.loadsRememberedMax else { return }
        if let oldest = loads.firstIndex(where: { $0.finishedMicros != nil }) { loads.remove(at: oldest) }
    }
}
