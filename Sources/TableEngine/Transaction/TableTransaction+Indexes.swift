// Indexes that come and go in place, under the table's exclusive lock. A new one holds the versions that its transaction sees: whoever
// uses it knows the definition, so its snapshot is not older, and nobody else has written meanwhile.
internal import Base
internal import Catalog
internal import LearnedIndex
internal import Synchronization

extension TableTransaction {
    /// Makes a store's indexes and NOT NULLs those of a definition with the same columns; returns how to undo it. O(rows log rows)
    /// for each new index. Also for replay, where nobody else is there.
    func adopt(_ table: TableDefinition, _ store: TableStore) throws(LeibrixError) -> () -> Void {
        let before = store.indexes
        let isRecovering = engine.isRecovering.load(ordering: .relaxed)
        var indexes: [TableIndex] = []
        for definition in isRecovering ? [] : table.indexes {
            if let there = before.first(where: { $0.definition.id == definition.id }) {
                indexes.append(there)
            } else {
                indexes.append(try filledIndex(definition, table, store))
            }
        }
        let notNull = store.notNull.withLock { notNull in
            defer { notNull = table.columns.map(\.isNotNull) }
            return notNull
        }
        store.locked { $0.indexes = indexes }
        return {
            store.locked { $0.indexes = before }
            store.notNull.withLock { $0 = notNull }
        }
    }

    private func filledIndex(
        _ definition: IndexDefinition, _ table: TableDefinition, _ store: TableStore
    ) throws(LeibrixError) -> TableIndex {
        try engine.requireMemory()
        let shape = try TableIndex(definition, of: table)
        // Whatever is committed: the schema is this transaction's, and the table, too.
        var view = view
        view.snapshot = engine.snapshot
        view.command += 1
        var words: [(key: UInt64, row: UInt64)] = []
        var writer = KeyWriter()
        for group in store.locked({ $0.groups }) {
            let cells = unsafe group.access.pointee.columns
            for slot in 0..<group.publishedRows where unsafe group.access.pointee.isVisible(slot, view) {
                let row = RowID(group: group.number, slot: slot)
                switch shape.tree {
                case .words: if let key = unsafe shape.word(cells, slot) { words.append((key, row.rawValue)) }
                case .bytes(let tree):
                    _ = unsafe shape.write(cells, slot, row, &writer)
                    if tree.insert(writer.bytes, row.rawValue) != nil { throw notUnique(shape, table, store, row) }
                }
            }
        }
        guard shape.usesWords else { return shape }
        words.sort { $0.key < $1.key }
        for (one, next) in zip(words, words.dropFirst()) where one.key == next.key {
            throw notUnique(shape, table, store, RowID(rawValue: next.row))
        }
        let loaded = try LearnedIndex(count: words.count) { (words[$0].key, words[$0].row) }
        return try TableIndex(definition, of: table, words: loaded)
    }

    private func notUnique(_ index: TableIndex, _ table: TableDefinition, _ store: TableStore, _ row: RowID) -> LeibrixError {
        let names = index.columns.map { table.columns[$0].name }
        let values = store.withRow(row) { view in index.columns.map { ColumnText.text(view.value($0)) } } ?? []
        return LeibrixError(
            .constraint, "could not create unique index \"\(index.definition.name)\"",
            detail: "Key (\(names.joined(separator: ", ")))=(\(values.joined(separator: ", "))) is duplicated.", sqlState: "23505")
    }
}
