// Tables in DuckDB's catalog: each under its schema and name, as a live relation. What a transaction has defined and not committed is
// an overlay of the catalog that only its own scan token sees.
public import Base
public import Catalog
public import DuckDBKit
internal import Synchronization

/// The DuckDB instance whose catalog shows the tables.
struct AttachedRelations {
    let catalog: RelationCatalog
    /// What is published: the store and the definition behind each name.
    var shown: CatalogVersion
    /// What else a transaction's own definitions show it.
    var described: (@Sendable (TableCatalog) -> [RelationChange])?
}

extension TableEngine {
    /// Shows every table, now and from now on, in a DuckDB instance's catalog. `described` makes the relations that describe definitions
    /// to a transaction that has changed some: they are shown to it alone.
    public func attach(
        _ relations: RelationCatalog, described: (@Sendable (TableCatalog) -> [RelationChange])? = nil
    ) throws(LeibrixError) {
        let version = published.withLock { $0 }
        for schema in version.catalog.schemas { relations.addSchema(schema.name) }
        let nothing = CatalogVersion(TableCatalog(), [:], validFrom: 0)
        let changes = changes(from: nothing, to: version)
        if !changes.isEmpty { try relations.publish(changes) }
        self.relations.withLock { $0 = AttachedRelations(catalog: relations, shown: version, described: described) }
        // Definitions committed between the look and the note.
        let newest = published.withLock { $0 }
        if newest !== version { announce(newest) }
    }

    /// Definitions that everybody sees from now on.
    func announce(_ version: CatalogVersion) {
        relations.withLock { attached in
            guard let shown = attached?.shown, let catalog = attached?.catalog, version.catalog.version >= shown.catalog.version else { return }
            for schema in version.catalog.schemas { catalog.addSchema(schema.name) }
            do throws(LeibrixError) {
                try catalog.publish(changes(from: shown, to: version))
                attached?.shown = version
            } catch {
                refuseWrites(error)
            }
        }
    }

    /// Definitions that a transaction alone sees.
    func overlay(_ transaction: TableTransaction) throws(LeibrixError) {
        let result = relations.withLock { attached -> Result<Bool, LeibrixError> in
            guard let attached else { return .success(false) }
            for schema in transaction.catalog.schemas { attached.catalog.addSchema(schema.name) }
            do throws(LeibrixError) {
                // An overlay stands on what is published; it is made anew from there.
                try attached.catalog.publish([], ended: transaction.scanToken)
                let described = attached.described?(transaction.catalog) ?? []
                try attached.catalog.publish(changes(from: attached.shown, to: transaction.current) + described, overlay: transaction.scanToken)
                return .success(true)
            } catch {
                return .failure(error)
            }
        }
        if try result.get() { transaction.hasOverlay = true }
    }

    /// A transaction's overlay goes without having become everybody's.
    func dropOverlay(_ token: UInt64) {
        relations.withLock { attached in
            _ = try? attached?.catalog.publish([], ended: token)
        }
    }

    /// Plans made with narrower bounds are made again.
    func boundsWidened() { relations.withLock { $0?.catalog.factsChanged() } }

    private func changes(from old: CatalogVersion, to new: CatalogVersion) -> [RelationChange] {
        var changes: [RelationChange] = []
        for table in old.catalog.tables {
            let kept = new.catalog.table(table.id)
            if kept?.schema != table.schema || kept?.name != table.name { changes.append(.drop(schema: table.schema, name: table.name)) }
        }
        for view in old.catalog.views {
            let kept = new.catalog.view(view.id)
            if kept?.schema != view.schema || kept?.name != view.name { changes.append(.drop(schema: view.schema, name: view.name)) }
        }
        for view in new.catalog.views where old.catalog.view(view.id) != view {
            changes.append(.view(schema: view.schema, name: view.name, query: view.sql))
        }
        for table in new.catalog.tables {
            guard let store = new.stores[table.id] else { continue }
            if old.stores[table.id] === store, old.catalog.table(table.id) == table { continue }
            changes.append(
                .live(
                    schema: table.schema, name: table.name, columns: TableRelation.columns(table), TableRelation(store, self)))
        }
        return changes
    }
}
