// From a snapshot and the epochs that are READY to a plan. Pure but for the survey.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

struct LoadPlanner {
    let record: DatasetRecord
    let ready: [EpochRecord]
    let nowMS: Int64
    /// Load again what did not change.
    let reloadsAll: Bool

    private var spec: DatasetSpec { record.spec }

    func plan(_ table: SourceTable, _ connection: Connection, planID: String) throws(LeibrixError) -> LoadPlan {
        let (columns, widened) = try columns(table)
        var keys = try EpochKeys(spec: spec, filter: spec.filter, columns: table.columns)
        let survey = try Survey.take(table, keys, connection)
        try survey.check(against: table)
        let cutoff = cutoffMS(of: survey, keys)
        if let cutoff {
            let filter = DatasetSpec.TimeFilter(startMS: max(cutoff, spec.filter.startMS ?? cutoff), endMS: spec.filter.endMS)
            keys = try EpochKeys(spec: spec, filter: filter, columns: table.columns)
        }
        let wanted = try wantedEpochs(survey, keys, table, cutoff)
        var plan = LoadPlan(
            planID: planID, dataset: spec.key, table: table, keys: keys, columns: columns, loads: [], kept: [], retired: [])
        assign(wanted, survey, widened, cutoff, &plan)
        return plan
    }

    /// The columns to serve, and whether old epochs hold narrower types. Throws `incompatibleSchema`.
    private func columns(_ table: SourceTable) throws(LeibrixError) -> (columns: [ColumnDefinition], widened: Bool) {
        guard !record.columns.isEmpty else { return (table.columns, false) }
        switch SchemaChange.between(dataset: record.columns, source: table.columns) {
        case .none: return (record.columns, false)
        case .compatible(let columns, _, let widened): return (columns, !widened.isEmpty)
        case .incompatible(let reason):
            throw LeibrixError(
                .incompatibleSchema, "the schema of \(spec.sourceName) changed incompatibly: \(reason)",
                hint: "The epochs that are READY keep serving. Create a new dataset for the new schema, and drop this one when its readers have moved.")
        }
    }

    /// Where the window begins: `retain` before the end of the newest epoch with rows, or before now if that is earlier, as
    /// the end of an epoch; nil without a window.
    private func cutoffMS(of survey: Survey, _ keys: EpochKeys) -> Int64? {
        guard let retain = spec.retain else { return nil }
        let newest = survey.epochs.keys.compactMap { keys.slot($0).range?.endMS }.max()
        guard let newest else { return nil }
        return Self.cutoff(retain, granularity: spec.granularity, newestEndMS: newest, nowMS: nowMS)
    }

    /// Epochs that end at or before the cutoff are past the window.
    static func cutoff(_ retain: CalendarDuration, granularity: Granularity?, newestEndMS: Int64, nowMS: Int64) -> Int64? {
        guard let granularity else { return nil }
        let start = retain.before(min(newestEndMS, nowMS))
        return granularity.range(ofPeriod: granularity.period(holding: start)).startMS
    }

    private func wantedEpochs(
        _ survey: Survey, _ keys: EpochKeys, _ table: SourceTable, _ cutoff: Int64?
    ) throws(LeibrixError) -> [PlannedEpoch] {
        var wanted = Set(survey.epochs.keys)
        if keys.isWhole { wanted.insert(0) }
        if let start = keys.filter.startMS, let end = keys.filter.endMS, start < end {
            wanted.formUnion(try keys.keys(from: start, to: end))
        }
        if let cutoff { wanted = wanted.filter { keys.slot($0).range.map { $0.endMS > cutoff } ?? false } }
        guard wanted.count <= CatalogLimits.epochsPerDatasetMax else {
            throw EpochPlan.tooMany(
                Int64(wanted.count), 1, spec.granularity ?? Granularity(count: 1, unit: .day)!, CatalogLimits.epochsPerDatasetMax)
        }
        return wanted.sorted().map { key in
            let slot = keys.slot(key)
            return PlannedEpoch(
                key: key, slot: slot, expected: survey.epochs[key] ?? Survey.Epoch(rows: 0),
                sourceMark: table.mark(of: slot.range, isWhole: keys.timeColumn == nil))
        }
    }

    /// Sorts epochs into those to keep and those to load; what is READY and not wanted retires.
    private func assign(
        _ wanted: [PlannedEpoch], _ survey: Survey, _ widened: Bool, _ cutoff: Int64?, _ plan: inout LoadPlan
    ) {
        var old = Dictionary(ready.map { ($0.epochID, $0) }, uniquingKeysWith: { $0.version > $1.version ? $0 : $1 })
        for epoch in wanted {
            let existing = old.removeValue(forKey: epoch.slot.epochID)
            if let existing, !reloadsAll, !widened, existing.sourceMark == epoch.sourceMark, existing.rows == epoch.expected.rows {
                plan.kept.append(existing)
            } else {
                plan.loads.append(epoch)
                if let existing { plan.retired.append((existing, "replaced by a newer load")) }
            }
        }
        for record in old.values.sorted(by: { $0.epochID < $1.epochID }) {
            let isPast = cutoff.map { cutoff in record.range.map { $0.endMS <= cutoff } ?? false } ?? false
            plan.retired.append((record, isPast ? "past the retention window" : "its rows are gone from the source"))
        }
    }
}
