internal import Catalog
internal import Synchronization

/// The definitions and the stores they stand for, as one commit left them.
final class CatalogVersion: Sendable {
    let catalog: TableCatalog
    let stores: [TableID: TableStore]
    /// The commit that made it: only snapshots from there on may use it.
    let validFrom: UInt64
    /// Indexes by number, made when the first is asked for.
    private let handles = AtomicLazyReference<Handles>()

    private final class Handles: Sendable {
        let byIndex: [TableID: IndexHandle]
        init(_ byIndex: [TableID: IndexHandle]) { self.byIndex = byIndex }
    }

    init(_ catalog: TableCatalog, _ stores: [TableID: TableStore], validFrom: UInt64) {
        self.catalog = catalog
        self.stores = stores
        self.validFrom = validFrom
    }

    /// For transactions without definitions of their own: what is published keeps its indexes. No lock once they are known.
    func handle(_ index: TableID) -> IndexHandle? {
        if let known = handles.load() { return known.byIndex[index] }
        var found: [TableID: IndexHandle] = [:]
        for store in stores.values {
            for index in store.indexes { found[index.definition.id] = IndexHandle(store: store, index: index) }
        }
        return handles.storeIfNil(Handles(found)).byIndex[index]
    }
}
