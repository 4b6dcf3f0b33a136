// Entering a row's keys into the indexes, and leaving them again. Under the table's lock.
internal import Base
internal import Catalog
internal import Columnar
internal import LearnedIndex
internal import Synchronization

/// What stands in a new key's way.
enum KeyConflict {
    case taken(TableIndex, by: RowID)
    case blocked(by: TransactionID)
}

/// What the newest version with a key means for whoever wants the key.
private enum KeyState {
    case free, taken
    case blocked(TransactionID)
}

extension TableStore {
    /// Enters all keys of the row in `slot`, or none.
    func enterKeys(
        _ state: TableState, _ group: RowGroupStore, _ slot: Int, _ transaction: TableTransaction
    ) -> KeyConflict? {
        for (place, index) in state.indexes.enumerated() {
            guard let conflict = enter(index, state, group, slot, transaction) else { continue }
            for entered in state.indexes[..<place] { unsafe leave(entered, state, group.access, slot) }
            return conflict
        }
        return nil
    }

    private func enter(
        _ index: TableIndex, _ state: TableState, _ group: RowGroupStore, _ slot: Int, _ transaction: TableTransaction
    ) -> KeyConflict? {
        let row = RowID(group: group.number, slot: slot)
        let cells = unsafe group.access.pointee.columns
        switch index.tree {
        case .words(let tree):
            guard let key = unsafe index.word(cells, slot) else { return nil }
            if let older = tree.lookup(key).map(RowID.init(rawValue:)) {
                if let conflict = conflict(index, older, transaction) { return conflict }
                link(state, group, slot, to: older)
            }
            _ = tree.upsert(key, row.rawValue)
        case .bytes(let tree):
            if unsafe !index.write(cells, slot, row, &state.keyWriter) {
                if let older = tree.lookup(state.keyWriter.bytes).map(RowID.init(rawValue:)) {
                    if let conflict = conflict(index, older, transaction) { return conflict }
                    link(state, group, slot, to: older)
                }
            }
            _ = tree.upsert(state.keyWriter.bytes, row.rawValue)
        }
        return nil
    }

    private func conflict(_ index: TableIndex, _ older: RowID, _ transaction: TableTransaction) -> KeyConflict? {
        switch keyState(older, transaction) {
        case .free: nil
        case .taken: .taken(index, by: older)
        case .blocked(let other): .blocked(by: other)
        }
    }

    /// A key is free when the newest version that has it was rolled back or ended, by a commit or by the asking transaction; it is
    /// for others to wait while that is undecided.
    private func keyState(_ row: RowID, _ transaction: TableTransaction) -> KeyState {
        guard let reader = unsafe reader(row) else { return .free }
        let inserted = unsafe reader.pointee.inserted[row.slot].load(ordering: .acquiring)
        let deleted = unsafe reader.pointee.deleted[row.slot].load(ordering: .acquiring)
        if inserted == Stamps.never { return .free }
        if Stamps.isRunning(inserted), !transaction.view.isOwn(inserted) { return .blocked(Stamps.transaction(of: inserted)) }
        if inserted < Stamps.running, let other = transaction.engine.committing(inserted) { return .blocked(other) }
        if deleted == 0 { return .taken }
        if Stamps.isRunning(deleted) {
            return transaction.view.isOwn(deleted) ? .free : .blocked(Stamps.transaction(of: deleted))
        }
        if let other = transaction.engine.committing(deleted) { return .blocked(other) }
        return .free
    }

    /// Takes back all keys of a row: entries that name it go back to the version it followed, or away.
    func leaveKeys(_ state: TableState, _ row: RowID) {
        guard let reader = unsafe reader(row) else { return }
        for index in state.indexes { unsafe leave(index, state, reader, row.slot) }
    }

    private func leave(_ index: TableIndex, _ state: TableState, _ reader: RowGroupReader, _ slot: Int) {
        let row = RowID(group: unsafe reader.pointee.number, slot: slot)
        let cells = unsafe reader.pointee.columns
        switch index.tree {
        case .words(let tree):
            guard let key = unsafe index.word(cells, slot), tree.lookup(key) == row.rawValue else { return }
            if let older = unsafe predecessor(index, .word(key), state, row, reader) {
                _ = tree.upsert(key, older.rawValue)
            } else {
                _ = tree.erase(key)
            }
        case .bytes(let tree):
            let isOwn = unsafe index.write(cells, slot, row, &state.keyWriter)
            let key = state.keyWriter.bytes
            guard tree.lookup(key) == row.rawValue else { return }
            if !isOwn, let older = unsafe predecessor(index, .bytes(key), state, row, reader) {
                _ = tree.upsert(key, older.rawValue)
            } else {
                _ = tree.erase(key)
            }
        }
    }

    /// The version before `row` that has the key; nil for none that anybody may still see.
    private func predecessor(
        _ index: TableIndex, _ key: IndexKey, _ state: TableState, _ row: RowID, _ reader: RowGroupReader
    ) -> RowID? {
        for older in unsafe predecessors(state, of: row, in: reader) {
            guard let there = unsafe self.reader(older) else { continue }
            if unsafe index.matches(key, there.pointee.columns, older.slot) { return older }
        }
        return nil
    }
}
