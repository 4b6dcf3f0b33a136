public import Base
public import Catalog
internal import DuckDBKit
internal import Platform

/// How another DuckDB instance reads a dataset's source directly: for the fallback, and for measuring beside it.
public struct SourceRelation: Sendable, Hashable {
    /// Statements to run once on the instance: LOAD, CREATE SECRET, ATTACH. May hold secrets: not for logs.
    public var setup: [String]
    /// A FROM clause's item that reads the source's current snapshot, whole.
    public var relation: String
    public var columns: [ColumnDefinition]
    public var snapshotID: String?
    /// The rows that belong to the dataset, as a predicate; "true" for all.
    public var predicate: String
}

extension DatasetEngine {
    /// Asks the source for its current snapshot. Throws `undefinedDataset`, `sourceUnavailable`.
    public func sourceRelation(tenant: String, dataset name: String) async throws(LeibrixError) -> SourceRelation {
        let dataset = try requireDataset(TenantName(tenant, name))
        let catalog = try requireCatalog(dataset.spec.catalog)
        return try await pollPool.run { [self] () throws(LeibrixError) in
            let adapter = SourceAdapters.make(catalog)
            let table = Array(dataset.spec.source.dropFirst())
            let connection = try loader.connect(for: adapter, table: table)
            let poll = try adapter.poll(table, pinned: dataset.spec.snapshot, connection)
            let found = try adapter.describe(table, poll, timeColumn: dataset.spec.timeColumn, connection)
            let keys = try EpochKeys(spec: dataset.spec, filter: dataset.spec.filter, columns: found.columns)
            var loads: [String] = []
            for name in adapter.extensions {
                loads.append("LOAD \(SQLText.literal(try LoaderDatabase.path(name, configuration.extensionDirectory)))")
            }
            let isAll = keys.isWhole || (keys.dimensions.isEmpty && keys.filter.isOpen)
            return SourceRelation(
                setup: loads + adapter.setup(table: table), relation: found.relation, columns: found.columns,
                snapshotID: found.snapshotID, predicate: isAll ? "true" : "(\(keys.expression)) IS NOT NULL")
        }
    }
}
