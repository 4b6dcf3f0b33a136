// Ending versions, and following them with new ones. An update first ends all its rows and then inserts their successors, so that
// the keys of one statement may change places (SET id = id + 1).
public import Base
public import Catalog
public import Columnar
internal import Synchronization

extension TableTransaction {
    /// Ends row versions that this statement has found. One that the same statement has already ended is passed over.
    public func delete(_ table: TableID, _ rows: [RowID]) throws(LeibrixError) -> WriteOutcome {
        try requireWritable()
        let store = try store(table)
        if let outcome = try enter(store) { return outcome }
        let mark = mark()
        var ended: [Bool] = []
        return try endRows(store, rows, .update, mark, &ended) ?? .done
    }

    /// Follows rows with new versions: `columns` (ascending places) get `values`, a column of the batch each, the others stay.
    /// Rows that this statement has already ended are passed over. Throws as `insert`.
    public func update(
        _ table: TableID, _ rows: [RowID], columns: [Int], values: Batch
    ) throws(LeibrixError) -> WriteOutcome {
        try update(table, rows, columns, .batch(values))
    }

    /// As with a batch, from values.
    public func update(
        _ table: TableID, _ rows: [RowID], columns: [Int], values: [[Value]]
    ) throws(LeibrixError) -> WriteOutcome {
        try update(table, rows, columns, .values(values))
    }

    private func update(
        _ table: TableID, _ rows: [RowID], _ columns: [Int], _ values: RowSource
    ) throws(LeibrixError) -> WriteOutcome {
        try requireWritable()
        let store = try store(table)
        if let outcome = try enter(store) { return outcome }
        try store.check(values, columns: columns, definition: current.catalog.table(table))
        let mark = mark()
        let mode: RowLockMode = store.touchesKeys(columns) ? .update : .noKeyUpdate
        var ended: [Bool] = []
        if let outcome = try endRows(store, rows, mode, mark, &ended) { return outcome }
        do throws(LeibrixError) {
            for (place, row) in rows.enumerated() where ended[place] {
                try engine.requireMemory()
                let blocker = try store.locked { (state) throws(LeibrixError) in
                    try follow(store, state, row, columns, values, place)
                }
                if let blocker {
                    rollBack(to: mark)
                    return .blocked(by: blocker)
                }
            }
        } catch {
            rollBack(to: mark)
            throw error
        }
        return .done
    }

    /// Inserts the successor of a row that was just ended.
    private func follow(
        _ store: TableStore, _ state: TableState, _ old: RowID, _ columns: [Int], _ values: RowSource, _ place: Int
    ) throws(LeibrixError) -> TransactionID? {
        guard let reader = unsafe store.reader(old) else { throw LeibrixError(.internal, "an updated row's group is gone") }
        var group = try store.hotGroup(state)
        if try unsafe !group.append(replacing: columns, with: values, place, of: reader, old.slot, stamp: stamp) {
            group = try store.addGroup(state)
            guard try unsafe group.append(replacing: columns, with: values, place, of: reader, old.slot, stamp: stamp) else {
                throw LeibrixError(.limitExceeded, "a row is larger than a table's row can be")
            }
        }
        let slot = group.rows - 1
        engine.memory.wrote(store.rowBytes(state))
        if let conflict = store.enterKeys(state, group, slot, self) {
            let error = store.duplicate(conflict, group, slot, current.catalog)
            group.truncate(to: slot)
            switch conflict {
            case .blocked(let other): return other
            case .taken: throw error
            }
        }
        let new = RowID(group: group.number, slot: slot)
        for holder in state.locks.carry(from: old, to: new, except: id) { engine.carried(store, new, holder) }
        if state.bounds.cover(group.columns) { engine.boundsWidened() }
        group.uncommitted += 1
        group.publish()
        state.changes += 1
        note(.insert, store, new)
        return nil
    }

    /// Stamps the rows as ended; nil when all are. `ended` says which were ended now.
    private func endRows(
        _ store: TableStore, _ rows: [RowID], _ mode: RowLockMode, _ mark: Mark, _ ended: inout [Bool]
    ) throws(LeibrixError) -> WriteOutcome? {
        ended.reserveCapacity(rows.count)
        var next = 0
        while next < rows.count {
            let step = rows[next..<min(next + TableEngineLimits.rowsPerStep, rows.count)]
            let stop = store.locked { state -> WriteOutcome? in
                for row in step {
                    switch end(store, state, row, mode) {
                    case .done: ended.append(true)
                    case .mine: ended.append(false)
                    case .blocked(let other): return .blocked(by: other)
                    case .changed: return .changed
                    }
                }
                return nil
            }
            if let stop {
                rollBack(to: mark)
                return stop == .changed ? try changed("a row was updated or deleted by another transaction") : stop
            }
            next += step.count
        }
        return nil
    }

    private enum Ending {
        case done, mine, changed
        case blocked(TransactionID)
    }

    private func end(_ store: TableStore, _ state: TableState, _ row: RowID, _ mode: RowLockMode) -> Ending {
        guard let reader = unsafe store.reader(row), let group = state.group(row.group) else { return .changed }
        let inserted = unsafe reader.pointee.inserted[row.slot].load(ordering: .acquiring)
        if inserted == Stamps.never { return .changed }
        let deleted = unsafe reader.pointee.deleted[row.slot].load(ordering: .acquiring)
        guard deleted == 0 else { return endedBefore(deleted) }
        if let other = state.locks.blocker(of: row, mode, by: id) { return .blocked(other) }
        group.endedSlots.append(UInt32(row.slot))
        unsafe reader.pointee.deleted[row.slot].store(stamp, ordering: .releasing)
        state.changes += 1
        note(.delete, store, row)
        return .done
    }

    private func endedBefore(_ deleted: Stamp) -> Ending {
        if view.isOwn(deleted) { return .mine }
        if Stamps.isRunning(deleted) { return .blocked(Stamps.transaction(of: deleted)) }
        if let other = engine.committing(deleted) { return .blocked(other) }
        return .changed
    }

    /// Locks a row against changes, as SELECT FOR … and foreign keys do, until the transaction's end.
    public func lock(_ table: TableID, _ row: RowID, _ mode: RowLockMode) throws(LeibrixError) -> WriteOutcome {
        try requireWritable()
        let store = try store(table)
        if let outcome = try enter(store) { return outcome }
        let id = id
        let outcome = store.locked { state -> WriteOutcome in
            guard let reader = unsafe store.reader(row) else { return .changed }
            let deleted = unsafe reader.pointee.deleted[row.slot].load(ordering: .acquiring)
            if deleted != 0 {
                switch endedBefore(deleted) {
                case .mine, .done: return .done
                case .changed: return .changed
                case .blocked(let other): return .blocked(by: other)
                }
            }
            if let other = state.locks.blocker(of: row, mode, by: id) { return .blocked(by: other) }
            if state.locks.add(row, mode, by: id) { rowLocks.append((store, row)) }
            return .done
        }
        return outcome == .changed ? try changed("a row was updated or deleted by another transaction") : outcome
    }
}
