// The hot row group, and links between versions. All under the table's lock.
internal import Base
internal import Columnar
internal import Synchronization

extension TableStore {
    /// A group with room for at least one row by count.
    func hotGroup(_ state: TableState) throws(LeibrixError) -> RowGroupStore {
        if let hot = state.hot, !hot.isFull { return hot }
        return try addGroup(state)
    }

    func addGroup(_ state: TableState) throws(LeibrixError) -> RowGroupStore {
        guard state.nextGroup < RowGroupDirectory.groupsMax else {
            throw LeibrixError(.limitExceeded, "a table has used up its row group numbers", hint: "Copy it into a new table.")
        }
        let group = try RowGroupStore(number: state.nextGroup, types: types, capacity: rowsPerGroup)
        unsafe directory.set(group.number, group.access)
        state.nextGroup += 1
        state.groups.append(group)
        return group
    }

    /// Notes that a row follows an older version of one of its keys.
    func link(_ state: TableState, _ group: RowGroupStore, _ slot: Int, to older: RowID) {
        let word = unsafe group.access.pointee.previous[slot].load(ordering: .relaxed)
        if word == 0 {
            unsafe group.access.pointee.previous[slot].store(older.rawValue + 1, ordering: .releasing)
            return
        }
        let first = RowID(rawValue: word & ~RowGroupAccess.overflowBit - 1)
        let row = RowID(group: group.number, slot: slot)
        if first == older || state.overflow[row]?.contains(older) == true { return }
        state.overflow[row, default: []].append(older)
        unsafe group.access.pointee.previous[slot].store(word | RowGroupAccess.overflowBit, ordering: .releasing)
    }

    /// The versions that a row follows. Takes the table's lock only where there is more than one.
    func predecessors(of row: RowID) -> [RowID] {
        guard let reader = unsafe reader(row) else { return [] }
        let word = unsafe reader.pointee.previous[row.slot].load(ordering: .acquiring)
        guard word != 0 else { return [] }
        let first = RowID(rawValue: word & ~RowGroupAccess.overflowBit - 1)
        guard word & RowGroupAccess.overflowBit != 0 else { return [first] }
        return [first] + locked { $0.overflow[row] ?? [] }
    }

    /// As `predecessors`, for who holds the lock.
    func predecessors(_ state: TableState, of row: RowID, in group: RowGroupReader) -> [RowID] {
        let word = unsafe group.pointee.previous[row.slot].load(ordering: .relaxed)
        guard word != 0 else { return [] }
        return [RowID(rawValue: word & ~RowGroupAccess.overflowBit - 1)] + (state.overflow[row] ?? [])
    }
}
