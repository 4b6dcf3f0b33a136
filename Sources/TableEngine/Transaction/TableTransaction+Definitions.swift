// DDL: changes of definitions, seen by the transaction itself at once and by others after its commit.
//
// One transaction at a time changes definitions: the schema lock, taken by the first change and kept to the end. A change of a
// table's rows or shape also needs the table alone: no other transaction may have written to it and still run.
public import Base
public import Catalog
public import Columnar
internal import Synchronization

extension TableTransaction {
    /// Takes the schema lock. Every change below does it by itself.
    public func lockSchema() throws(LeibrixError) -> WriteOutcome {
        try requireWritable()
        if let other = engine.takeSchemaLock(id) { return .blocked(by: other) }
        if ownVersion == nil {
            // From here on nobody else changes definitions, so this transaction's are the newest.
            let (_, newest) = engine.newest()
            version = newest
        }
        return .done
    }

    /// Takes a table for this transaction alone until its end: readers go on, writers wait (LOCK TABLE … IN EXCLUSIVE MODE).
    public func lockTable(_ table: TableID) throws(LeibrixError) -> WriteOutcome {
        try requireWritable()
        return try lockStore(try store(table))
    }

    func lockStore(_ store: TableStore) throws(LeibrixError) -> WriteOutcome {
        if store.isRetired.load(ordering: .acquiring) { return try changed("the table was altered") }
        let id = id
        let outcome = store.locked { state -> WriteOutcome in
            if let other = state.exclusive, other != id { return .blocked(by: other) }
            if let other = state.writers.first(where: { $0 != id }) { return .blocked(by: other) }
            if state.exclusive != id { exclusiveStores.append(store) }
            state.exclusive = id
            return .done
        }
        return outcome
    }

    /// Changes the transaction's catalog, and remembers how it was.
    func edit(
        undo: (() -> Void)? = nil, _ change: (inout TableCatalog, inout [TableID: TableStore]) throws(LeibrixError) -> Void
    ) throws(LeibrixError) {
        var catalog = current.catalog
        var stores = current.stores
        try change(&catalog, &stores)
        catalog.version &+= 1
        let before = ownVersion
        ownVersion = CatalogVersion(catalog, stores, validFrom: 0)
        do throws(LeibrixError) {
            try engine.overlay(self)
        } catch {
            ownVersion = before
            throw error
        }
        catalogEdits.append((before, undo))
    }

    /// Makes a table. Its ids come from `TableEngine.makeID`. Throws `duplicateRelation` when a name is taken, `notSupported` for
    /// a column or index of a type that cannot be held.
    public func createTable(_ table: TableDefinition) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        try requireFree(table.schema, [table.name] + table.indexes.map(\.name))
        let store = try engine.makeStore(table)
        madeStores.append(store)
        try edit { (catalog, stores) throws(LeibrixError) in
            catalog.put(table)
            stores[table.id] = store
        }
        return .done
    }

    private func requireFree(_ schema: String, _ names: [String]) throws(LeibrixError) {
        guard catalog.hasSchema(schema) else { throw LeibrixError(.undefinedSchema, "schema \"\(schema)\" does not exist") }
        for name in names where catalog.lookup(schema: schema, name: name) != nil {
            throw LeibrixError(.duplicateRelation, "relation \"\(name)\" already exists")
        }
    }

    /// Changes what is said of a table and not what its rows are: names, schema, defaults, checks, foreign keys, comments, owner,
    /// privileges, NOT NULL (the caller has looked), indexes, which are filled with what this transaction sees. Columns keep their
    /// places and types. Throws 23505 where the rows breach a new unique index.
    public func alterTable(_ table: TableDefinition) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        let store = try store(table.id)
        precondition(table.columns.map(\.type) == store.types, "rows stay as they are")
        let outcome = try lockStore(store)
        guard outcome == .done else { return outcome }
        let undo = try adopt(table, store)
        try edit(undo: undo) { (catalog, _) throws(LeibrixError) in catalog.put(table) }
        return .done
    }

    /// Drops a table, view or sequence. What depends on it is the caller's to look after.
    public func drop(_ id: TableID) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        if let store = current.stores[id] {
            let outcome = try lockStore(store)
            guard outcome == .done else { return outcome }
        }
        try edit { (catalog, stores) throws(LeibrixError) in
            catalog.remove(id)
            stores[id] = nil
        }
        return .done
    }

    /// Makes a table empty. O(1): its rows stay with those who still see them.
    public func truncate(_ table: TableID) throws(LeibrixError) -> WriteOutcome {
        guard let definition = catalog.table(table) else { throw LeibrixError(.undefinedRelation, "there is no table with id \(table)") }
        // Who follows the table's changes is told of every row that goes.
        if engine.changeReaders.watch.tables.contains(table) { return try deleteAll(table) }
        return try replaceStore(definition) { (_, _) throws(LeibrixError) in .done(inserted: 0, skipped: []) }
    }

    /// Ends every row, with the table to itself.
    private func deleteAll(_ table: TableID) throws(LeibrixError) -> WriteOutcome {
        let store = try store(table)
        let outcome = try lockStore(store)
        guard outcome == .done else { return outcome }
        let (groups, newest) = store.locked { state in (state.groups.map { ($0, $0.publishedRows) }, state.newestCommit) }
        if newest > snapshot { return try changed("rows came meanwhile") }
        var rows: [RowID] = []
        for (group, count) in groups {
            for slot in 0..<count where unsafe group.access.pointee.isVisible(slot, view) { rows.append(RowID(group: group.number, slot: slot)) }
        }
        return try delete(table, rows)
    }

    /// Where a rewritten table's column comes from.
    public enum ColumnSource: Sendable {
        /// The old table's column at this place, of the same type.
        case column(Int)
        /// The same value for every row.
        case value(Value)
        /// Made from a row's old values.
        case computed(@Sendable ([Value]) throws(LeibrixError) -> Value)
    }

    /// Gives a table another shape, or other indexes: every row that this transaction sees is copied. One source a column.
    /// Throws what the rows breach: 23502, 23505. O(rows).
    public func rewriteTable(_ table: TableDefinition, columns: [ColumnSource]) throws(LeibrixError) -> WriteOutcome {
        precondition(columns.count == table.columns.count, "a source a column")
        return try replaceStore(table) { (old, new) throws(LeibrixError) in
            try copyRows(from: old, to: new, columns)
        }
    }

    private func replaceStore(
        _ table: TableDefinition, _ fill: (TableStore, TableStore) throws(LeibrixError) -> InsertOutcome
    ) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        let old = try store(table.id)
        let outcome = try lockStore(old)
        guard outcome == .done else { return outcome }
        let new = try engine.makeStore(table)
        madeStores.append(new)
        let mark = mark()
        try edit { (catalog, stores) throws(LeibrixError) in
            catalog.put(table)
            stores[table.id] = new
        }
        do throws(LeibrixError) {
            guard case .blocked(let other) = try fill(old, new) else { return .done }
            rollBack(to: mark)
            return .blocked(by: other)
        } catch {
            rollBack(to: mark)
            throw error
        }
    }

    private func copyRows(from old: TableStore, to new: TableStore, _ columns: [ColumnSource]) throws(LeibrixError) -> InsertOutcome {
        // What this statement's predecessors and everybody before it did; the schema is ours, so nothing is committed meanwhile here.
        var view = view
        view.snapshot = engine.snapshot
        view.command += 1
        _ = touch(new)
        var rows: [[Value]] = []
        var outcome = InsertOutcome.done(inserted: 0, skipped: [])
        for group in old.locked({ $0.groups }) {
            for slot in 0..<group.publishedRows where unsafe group.access.pointee.isVisible(slot, view) {
                let values = old.types.indices.map { unsafe group.access.pointee.columns[$0].value(slot, old.types[$0]) }
                rows.append(try columns.map { (source) throws(LeibrixError) in try source.value(values) })
                guard rows.count == TableEngineLimits.rowsPerStep else { continue }
                outcome = try placeChecked(new, rows)
                rows.removeAll(keepingCapacity: true)
                if case .blocked = outcome { return outcome }
            }
        }
        return rows.isEmpty ? outcome : try placeChecked(new, rows)
    }

    private func placeChecked(_ store: TableStore, _ rows: [[Value]]) throws(LeibrixError) -> InsertOutcome {
        try store.check(.values(rows), definition: catalog.table(store.id))
        return try place(store, .values(rows), .fail)
    }

    /// Adds an index and fills it. The definition is put into the table's. Throws 23505 where the rows breach it.
    public func createIndex(_ index: IndexDefinition, on table: TableID, key: KeyConstraint? = nil) throws(LeibrixError) -> WriteOutcome {
        guard var definition = catalog.table(table) else { throw LeibrixError(.undefinedRelation, "there is no table with id \(table)") }
        try requireFree(definition.schema, [index.name])
        definition.indexes.append(index)
        if let key { definition.keys.append(key) }
        return try alterTable(definition)
    }

    /// Takes an index away, and the key it enforces.
    public func dropIndex(_ index: TableID, of table: TableID) throws(LeibrixError) -> WriteOutcome {
        guard var definition = catalog.table(table) else { throw LeibrixError(.undefinedRelation, "there is no table with id \(table)") }
        definition.indexes.removeAll { $0.id == index }
        definition.keys.removeAll { $0.index == index }
        return try alterTable(definition)
    }

    /// Makes or changes a view.
    public func put(_ view: ViewDefinition) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        try edit { (catalog, _) throws(LeibrixError) in catalog.put(view) }
        return .done
    }

    /// Makes or changes a sequence. Where it stands is left alone.
    public func put(_ sequence: SequenceDefinition) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        try edit { (catalog, _) throws(LeibrixError) in catalog.put(sequence) }
        return .done
    }

    /// Makes or changes a type. Tables hold its labels themselves.
    public func put(_ type: TypeDefinition) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        try edit { (catalog, _) throws(LeibrixError) in catalog.put(type) }
        return .done
    }

    /// Makes or changes a schema.
    public func put(_ schema: SchemaDefinition) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        try edit { (catalog, _) throws(LeibrixError) in catalog.put(schema) }
        return .done
    }

    /// Takes a schema away. What it holds is the caller's to drop first.
    public func dropSchema(_ name: String) throws(LeibrixError) -> WriteOutcome {
        if case .blocked(let other) = try lockSchema() { return .blocked(by: other) }
        try edit { (catalog, _) throws(LeibrixError) in catalog.removeSchema(name) }
        return .done
    }
}

extension TableTransaction.ColumnSource {
    func value(_ row: [Value]) throws(LeibrixError) -> Value {
        switch self {
        case .column(let place): row[place]
        case .value(let value): value
        case .computed(let make): try make(row)
        }
    }
}
