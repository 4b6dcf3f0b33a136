internal import Base
internal import Catalog
internal import DuckDBKit

/// The DuckDB instance whose catalog shows the tables.
struct AttachedRelations {
    let catalog: RelationCatalog
}

extension TableEngine {
    /// Definitions that everybody sees from now on.
    func announce(_ version: CatalogVersion) {}

    /// Definitions that a transaction alone sees.
    func overlay(_ transaction: TableTransaction) {}
}
