// Inserting. Rows are appended to the hot group unpublished, their keys entered one row after the other, and then published: what
// fails before that is taken back without a trace. What fails in a later step is undone by the call's own mark.
public import Base
public import Catalog
public import Columnar
internal import Synchronization

/// What an insert does with a row whose key is taken.
public enum ConflictRule: Sendable, Hashable {
    /// Throws 23505.
    case fail
    /// Leaves the row out, where the key is one of these indexes'; nil is any.
    case skip([TableID]?)
    /// Inserts nothing, and says which row it is, where the key is one of these indexes'; nil is any. For ON CONFLICT DO UPDATE.
    case report([TableID]?)
}

/// Rows on their way into a table.
enum RowSource {
    case batch(Batch)
    case values([[Value]])

    var count: Int {
        switch self {
        case .batch(let batch): batch.rowCount
        case .values(let rows): rows.count
        }
    }
}

extension TableTransaction {
    /// Inserts rows, a column of the batch for each of the table's, of the same type. All or nothing of the call, unless `conflicts`
    /// leaves rows out. Throws 23505 with PostgreSQL's words for a key that is taken, 23502 for NULL in a NOT NULL column.
    public func insert(_ table: TableID, _ rows: Batch, conflicts: ConflictRule = .fail) throws(LeibrixError) -> InsertOutcome {
        try insert(table, .batch(rows), conflicts)
    }

    /// As with a batch, from values; they are cast to nothing but what they are stored as.
    public func insert(_ table: TableID, rows: [[Value]], conflicts: ConflictRule = .fail) throws(LeibrixError) -> InsertOutcome {
        try insert(table, .values(rows), conflicts)
    }

    private func insert(_ table: TableID, _ rows: RowSource, _ conflicts: ConflictRule) throws(LeibrixError) -> InsertOutcome {
        try requireWritable()
        let store = try store(table)
        if let outcome = try enter(store) { return outcome.forInsert }
        try store.check(rows, definition: current.catalog.table(table))
        return try place(store, rows, conflicts)
    }

    /// Notes that this transaction writes to the table. nil when it may go on.
    func enter(_ store: TableStore) throws(LeibrixError) -> WriteOutcome? {
        if store.isRetired.load(ordering: .acquiring) { return try changed("the table was altered") }
        let id = id
        if touched.last === store { return nil }
        let blocker = store.locked { state -> TransactionID? in
            if let other = state.exclusive, other != id { return other }
            state.writers.insert(id)
            return nil
        }
        if let blocker { return .blocked(by: blocker) }
        _ = touch(store)
        return nil
    }

    /// READ COMMITTED runs the statement again; the others cannot go on.
    func changed(_ reason: String) throws(LeibrixError) -> WriteOutcome {
        guard isolation == .readCommitted else {
            throw LeibrixError(
                .serializationFailure, "could not serialize access due to concurrent update", detail: reason,
                hint: "Run the transaction again.")
        }
        return .changed
    }

    /// The rows without checks of their shape, in steps.
    func place(_ store: TableStore, _ rows: RowSource, _ conflicts: ConflictRule) throws(LeibrixError) -> InsertOutcome {
        let mark = mark()
        var skipped: [Int] = []
        var next = 0
        let count = rows.count
        do throws(LeibrixError) {
            while next < count {
                try engine.requireMemory()
                let step = try store.locked { (state) throws(LeibrixError) in
                    try placeStep(store, state, rows, next, conflicts, &skipped)
                }
                switch step {
                case .rows(let taken): next += taken
                case .blocked(let other):
                    rollBack(to: mark)
                    return .blocked(by: other)
                case .duplicate(let row, let index, let existing):
                    rollBack(to: mark)
                    return .duplicate(row: row, index: index, existing: existing)
                }
            }
        } catch {
            rollBack(to: mark)
            throw error
        }
        return .done(inserted: count - skipped.count, skipped: skipped)
    }

    private enum Step {
        case rows(Int)
        case blocked(TransactionID)
        case duplicate(Int, TableID, RowID)
    }

    private func placeStep(
        _ store: TableStore, _ state: TableState, _ rows: RowSource, _ first: Int, _ conflicts: ConflictRule, _ skipped: inout [Int]
    ) throws(LeibrixError) -> Step {
        let group = try store.append(state, rows, first, most: conflicts == .fail ? TableEngineLimits.rowsPerStep : 1, stamp: stamp)
        let start = group.publishedRows
        // Replay has no indexes.
        for slot in start..<(state.indexes.isEmpty ? start : group.rows) {
            guard let conflict = store.enterKeys(state, group, slot, self) else { continue }
            store.withdraw(state, group, from: start, entered: slot)
            switch conflict {
            case .blocked(let other): return .blocked(other)
            case .taken(let index, let existing):
                let id = index.definition.id
                let row = first + slot - start
                noteTaken(store, index, existing)
                if case .report(let indexes) = conflicts, indexes?.contains(id) ?? true { return .duplicate(row, id, existing) }
                guard case .skip(let indexes) = conflicts, indexes?.contains(id) ?? true else {
                    throw store.duplicate(index, rows, row, current.catalog)
                }
                skipped.append(row)
                return .rows(1)
            }
        }
        let taken = group.rows - start
        engine.memory.wrote(taken * store.rowBytes(state))
        if state.bounds.cover(group.columns) { engine.boundsWidened() }
        group.uncommitted += taken
        group.publish()
        state.changes += 1
        note(.insert, store, RowID(group: group.number, slot: start), count: taken)
        return .rows(taken)
    }

    /// That a key is taken is something read.
    private func noteTaken(_ store: TableStore, _ index: TableIndex, _ row: RowID) {
        guard let reads, let reader = unsafe store.reader(row) else { return }
        if let key = unsafe index.key(of: reader.pointee.columns, row) { reads.add(store, index, key) }
    }

    /// Adds to the list of writes. A run of inserts within one call is one entry, and marks lie between calls.
    @inline(__always)
    func note(_ kind: WriteEntry.Kind, _ store: TableStore, _ row: RowID, count: Int = 1) {
        writes.append(WriteEntry(store: touch(store), kind: kind, count: UInt32(count), row: row))
    }
}

extension WriteOutcome {
    var forInsert: InsertOutcome {
        switch self {
        case .done: .done(inserted: 0, skipped: [])
        case .blocked(let other): .blocked(by: other)
        case .changed: .changed
        }
    }
}

extension RowGroupStore {
    var publishedRows: Int { unsafe access.pointee.published.load(ordering: .relaxed) }
}
