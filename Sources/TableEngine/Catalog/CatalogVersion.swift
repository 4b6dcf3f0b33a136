internal import Catalog

/// The definitions and the stores they stand for, as one commit left them.
final class CatalogVersion: Sendable {
    let catalog: TableCatalog
    let stores: [TableID: TableStore]
    /// The commit that made it: only snapshots from there on may use it.
    let validFrom: UInt64

    init(_ catalog: TableCatalog, _ stores: [TableID: TableStore], validFrom: UInt64) {
        self.catalog = catalog
        self.stores = stores
        self.validFrom = validFrom
    }
}
