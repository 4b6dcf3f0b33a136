// Undoing: savepoints, failed statements, rollback.
internal import Synchronization

extension TableTransaction {
    /// A place to come back to.
    public struct Mark: Sendable {
        let writes: Int
        let edits: Int
        let sinks: Int
    }

    /// To be taken before each statement and at each savepoint. O(1).
    public func mark() -> Mark { Mark(writes: writes.count, edits: catalogEdits.count, sinks: sinkEdits.count) }

    /// Undoes what was written since the mark, rows and definitions. Locks are kept. O(what was written).
    public func rollBack(to mark: Mark) {
        while writes.count > mark.writes { undo(writes.removeLast()) }
        sinkEdits.removeLast(max(0, sinkEdits.count - mark.sinks))
        guard catalogEdits.count > mark.edits else { return }
        while let edit = catalogEdits.last, catalogEdits.count > mark.edits {
            catalogEdits.removeLast()
            ownVersion = edit.before
            edit.undo?()
        }
        // Names were free before, so showing less again cannot fail.
        try? engine.overlay(self)
    }

    private func undo(_ entry: WriteEntry) {
        let store = touched[Int(entry.store)]
        store.locked { state in
            switch entry.kind {
            case .delete: undoDelete(store, entry.row)
            case .insert: for place in (0..<Int(entry.count)).reversed() { undoInsert(store, state, entry.row, place) }
            }
            state.changes += 1
        }
    }

    private func undoDelete(_ store: TableStore, _ row: RowID) {
        guard let reader = unsafe store.reader(row) else { return }
        unsafe reader.pointee.deleted[row.slot].store(0, ordering: .releasing)
    }

    /// First invisible for good, then out of the indexes: a reader that found it follows its link.
    private func undoInsert(_ store: TableStore, _ state: TableState, _ first: RowID, _ place: Int) {
        let row = RowID(group: first.group, slot: first.slot + place)
        guard let reader = unsafe store.reader(row) else { return }
        unsafe reader.pointee.inserted[row.slot].store(Stamps.never, ordering: .releasing)
        // For when insert stamps are forgotten: ended before every snapshot.
        unsafe reader.pointee.deleted[row.slot].store(1, ordering: .releasing)
        store.leaveKeys(state, row)
        if let group = state.group(row.group) {
            group.ended += 1
            group.uncommitted -= 1
            group.collected += 1
            group.endedSlots.append(UInt32(row.slot))
        }
    }

    /// Undoes everything and ends the transaction. Nothing happens after its end.
    public func rollback() {
        guard !hasEnded else { return }
        rollBack(to: Mark(writes: 0, edits: 0, sinks: 0))
        ownVersion = nil
        finish()
    }
}

extension TableState {
    /// A group by number. O(log groups).
    func group(_ number: Int) -> RowGroupStore? {
        var (low, high) = (0, groups.count)
        while low < high {
            let middle = (low + high) / 2
            if groups[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < groups.count && groups[low].number == number ? groups[low] : nil
    }
}
