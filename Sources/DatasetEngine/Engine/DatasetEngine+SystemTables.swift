internal import Base
public import Catalog
internal import Columnar
internal import DuckDBKit
internal import Synchronization

extension DatasetEngine {
    /// leibrix.catalogs, leibrix.datasets, leibrix.epochs and leibrix.loads, of one tenant or of all.
    public func systemTables(tenant: String? = nil) -> [SystemTable] {
        [catalogsTable(tenant), datasetsTable(tenant), epochsTable(tenant), loadsTable(tenant)]
    }

    private func catalogsTable(_ tenant: String?) -> SystemTable {
        let columns: [DataType.Field] = [
            .init("tenant", .varchar), .init("catalog", .varchar), .init("type", .varchar), .init("uri", .varchar),
            .init("options", .varchar),
        ]
        return SystemTable(schema: "leibrix", name: "catalogs", columns: columns) { [self] () throws(LeibrixError) in
            let found = state.withLock { $0.catalogs.values.filter { tenant == nil || $0.tenant == tenant } }
            return found.sorted { $0.key < $1.key }.map { spec in
                let options = spec.options.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
                return [
                    .string(spec.tenant), .string(spec.name), .string(spec.type.rawValue), .optional(spec.options["uri"]),
                    .string(JSON.object(options).text()),
                ]
            }
        }
    }

    private func datasetsTable(_ tenant: String?) -> SystemTable {
        let columns: [DataType.Field] = [
            .init("tenant", .varchar), .init("dataset", .varchar), .init("source", .varchar), .init("state", .varchar),
            .init("time_column", .varchar), .init("granularity", .varchar), .init("refresh_ms", .bigInt), .init("retain", .varchar),
            .init("replicas", .bigInt), .init("fallback", .boolean), .init("epochs", .bigInt), .init("rows", .bigInt),
            .init("bytes", .bigInt), .init("snapshot_id", .varchar), .init("created_at", .timestampTZ),
            .init("refreshed_at", .timestampTZ), .init("reason", .varchar),
        ]
        return SystemTable(schema: "leibrix", name: "datasets", columns: columns) { [self] () throws(LeibrixError) in
            let found = state.withLock { $0.datasets.values.filter { tenant == nil || $0.spec.tenant == tenant } }
            return found.sorted { $0.spec.key < $1.spec.key }.map(Self.row)
        }
    }

    private static func row(_ dataset: DatasetState) -> [Value] {
        let ready = dataset.ready
        let spec = dataset.spec
        let state: EpochState = dataset.published != nil ? .ready : dataset.failure != nil ? .failed : .loading
        return [
            .string(spec.tenant), .string(spec.name), .string(spec.sourceName), .string(state.rawValue),
            .optional(spec.timeColumn), .optional(spec.granularity?.description), .optional(spec.refreshMS),
            .optional(spec.retain?.description), .integer(Int64(spec.replicas)), .boolean(spec.fallback),
            .integer(Int64(ready.count)), .integer(ready.reduce(0) { $0 + $1.rows }), .integer(ready.reduce(0) { $0 + $1.bytes }),
            .optional(dataset.record.snapshotID), .timestampTZ(dataset.record.createdMicros),
            .optional(micros: dataset.record.flippedMicros), .optional(dataset.failure?.message),
        ]
    }

    private func epochsTable(_ tenant: String?) -> SystemTable {
        let columns: [DataType.Field] = [
            .init("tenant", .varchar), .init("dataset", .varchar), .init("epoch_id", .varchar), .init("state", .varchar),
            .init("rows", .bigInt), .init("bytes", .bigInt), .init("snapshot_id", .varchar), .init("reason", .varchar),
            .init("version", .bigInt), .init("range_start", .timestampTZ), .init("range_end", .timestampTZ),
            .init("min_time", .timestampTZ), .init("max_time", .timestampTZ), .init("dimension_values", .varchar),
            .init("created_at", .timestampTZ), .init("ready_at", .timestampTZ),
        ]
        return SystemTable(schema: "leibrix", name: "epochs", columns: columns) { [self] () throws(LeibrixError) in
            epochRecords { tenant == nil || $0.tenant == tenant }.map(Self.row)
        }
    }

    private static func row(_ epoch: EpochRecord) -> [Value] {
        let values = epoch.dimensionValues.map { JSON.Member($0.column, .string($0.value)) }
        return [
            .string(epoch.tenant), .string(epoch.dataset), .string(epoch.epochID), .string(epoch.state.rawValue),
            .integer(epoch.rows), .integer(epoch.bytes), .optional(epoch.snapshotID), .optional(epoch.reason),
            .integer(epoch.version), .optional(micros: epoch.range.map { $0.startMS * 1_000 }),
            .optional(micros: epoch.range.map { $0.endMS * 1_000 }), .optional(micros: epoch.timeBounds.map { $0.minMS * 1_000 }),
            .optional(micros: epoch.timeBounds.map { $0.maxMS * 1_000 }),
            values.isEmpty ? .null : .string(JSON.object(values).text()), .timestampTZ(epoch.createdMicros),
            .optional(micros: epoch.readyMicros),
        ]
    }

    private func loadsTable(_ tenant: String?) -> SystemTable {
        let columns: [DataType.Field] = [
            .init("load_id", .bigInt), .init("tenant", .varchar), .init("dataset", .varchar), .init("state", .varchar),
            .init("snapshot_id", .varchar), .init("epochs", .bigInt), .init("epochs_done", .bigInt), .init("rows", .bigInt),
            .init("rows_done", .bigInt), .init("bytes_done", .bigInt), .init("progress", .double),
            .init("started_at", .timestampTZ), .init("finished_at", .timestampTZ), .init("error", .varchar),
        ]
        return SystemTable(schema: "leibrix", name: "loads", columns: columns) { [self] () throws(LeibrixError) in
            let found = state.withLock { $0.loads.filter { tenant == nil || $0.dataset.tenant == tenant } }
            return found.map { load in
                [
                    .integer(load.loadID), .string(load.dataset.tenant), .string(load.dataset.name), .string(load.phase.rawValue),
                    .optional(load.snapshotID), .integer(Int64(load.epochsTotal)), .integer(Int64(load.epochsDone)),
                    .integer(load.rowsTotal), .integer(load.rowsDone), .integer(load.bytesDone), .double(load.progress),
                    .timestampTZ(load.startedMicros), .optional(micros: load.finishedMicros), .optional(load.error),
                ]
            }
        }
    }
}
