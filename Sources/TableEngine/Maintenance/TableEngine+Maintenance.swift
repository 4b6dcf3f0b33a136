// What goes on behind transactions, a little at a time: old versions leave the indexes, full row groups are encoded, groups whose
// rows have all ended go, worn ones are emptied.
//
// Memory that readers may still look at is let go of when every transaction that ran at that moment has ended: it waits, with the
// newest commit of the moment, until the horizon has passed that.
internal import Base
internal import Catalog
internal import LearnedIndex
internal import Synchronization

extension TableEngine {
    /// One round over all tables. Called by the engine's own thread, and by tests. Takes each table's lock for a bounded number of
    /// rows at a time.
    public func maintain() {
        let stores = liveStores()
        for store in stores {
            let horizon = snapshots.horizon(newest: snapshot)
            while store.collect(horizon) {}
            store.dropEnded(newest: snapshot, horizon: horizon)
            store.freezeFull(newest: snapshot, horizon: horizon)
        }
        if needsRoom { try? checkpoint() }
        releaseCold(used: memory.used)
        if configuration.compacts { for store in stores { compact(store) } }
        checkSome()
    }

    private func liveStores() -> [TableStore] { published.withLock { $0 }.stores.values.filter { !$0.isLoading.load(ordering: .acquiring) } }

    /// Moves the last rows of a worn group into the hot one, as an update that changes nothing would. Whoever wants the same rows
    /// meanwhile goes first: then nothing happens this time.
    private func compact(_ store: TableStore) {
        guard let group = store.wornGroup(), let transaction = try? begin(.repeatableRead) else { return }
        defer { transaction.rollback() }
        transaction.beginStatement()
        transaction.onlyMoves = true
        let rows = group.visibleRows(transaction.view, most: TableEngineLimits.rowsPerStep)
        guard !rows.isEmpty, transaction.current.stores[store.id] === store else { return }
        let outcome = try? transaction.update(store.id, rows, columns: [], values: rows.map { _ in [] })
        guard outcome == .done else { return }
        commitBehind(transaction)
    }
}

extension TableStore {
    /// Takes ended versions that nobody sees any more out of the indexes; whether there may be more.
    func collect(_ horizon: UInt64) -> Bool {
        locked { state in
            var taken = 0
            while taken < TableEngineLimits.rowsCollectedPerStep, state.endedFirst < state.endedRows.count {
                let (number, row) = state.endedRows[state.endedFirst]
                guard number <= horizon else { break }
                forgetKeys(state, row)
                state.group(row.group)?.collected += 1
                state.endedFirst += 1
                taken += 1
            }
            if state.endedFirst > 1_024, state.endedFirst * 2 > state.endedRows.count {
                state.endedRows.removeFirst(state.endedFirst)
                state.endedFirst = 0
            }
            return taken == TableEngineLimits.rowsCollectedPerStep
        }
    }

    /// Groups all of whose rows are gone go, but for the hot one; what was retired long enough ago is let go of.
    func dropEnded(newest: UInt64, horizon: UInt64) {
        // Freed outside of the lock.
        let freed = locked { state -> [AnyObject] in
            let ended = state.groups.dropLast().filter { $0.collected >= $0.rows && $0.uncommitted == 0 }
            for group in ended {
                unsafe directory.set(group.number, nil)
                state.retired.append((newest, group))
            }
            if !ended.isEmpty {
                let numbers = Set(ended.map(\.number))
                state.groups.removeAll { numbers.contains($0.number) }
                state.changes += 1
            }
            let freed = state.retired.filter { $0.newest < horizon }.map(\.memory)
            state.retired.removeAll { $0.newest < horizon }
            return freed
        }
        withExtendedLifetime(freed) {}
    }

    /// Encodes full groups whose rows everybody sees or nobody will. The encoding runs without the lock: such a group takes no rows.
    func freezeFull(newest: UInt64, horizon: UInt64) {
        while let (group, hot) = freezable(horizon) {
            guard let encoded = try? hot.encoded(types) else {
                locked { _ in group.staysHot = true }
                continue
            }
            locked { state in
                // A checkpoint and the maintenance may have had the same group in hand.
                guard group.hot === hot else { return }
                state.sketch(encoded)
                if let old = group.freeze(encoded) { state.retired.append((newest, old)) }
                if group.uncommitted == 0, group.newestInsert <= horizon { group.forgetInsertStamps() }
                state.changes += 1
                state.kept = nil
            }
        }
    }

    private func freezable(_ horizon: UInt64) -> (RowGroupStore, HotRows)? {
        locked { state in
            for group in state.groups.dropLast() {
                guard let hot = group.hot, !group.staysHot, group.uncommitted == 0, group.newestInsert <= horizon,
                    group.collected * 2 < group.rows
                else { continue }
                return (group, hot)
            }
            return nil
        }
    }

    /// A group behind the hot one more than half of whose rows are gone.
    func wornGroup() -> RowGroupStore? {
        locked { state in
            state.groups.dropLast().first { $0.collected * 2 > $0.rows && $0.collected < $0.rows && $0.uncommitted == 0 }
        }
    }

    /// Takes an ended version's entries out of the indexes where they still name it.
    private func forgetKeys(_ state: TableState, _ row: RowID) {
        guard let reader = unsafe reader(row) else { return }
        for index in state.indexes {
            let cells = unsafe reader.pointee.columns
            switch index.tree {
            case .words(let tree):
                if let key = unsafe index.word(cells, row.slot), tree.lookup(key) == row.rawValue { _ = tree.erase(key) }
            case .bytes(let tree):
                _ = unsafe index.write(cells, row.slot, row, &state.keyWriter)
                if tree.lookup(state.keyWriter.bytes) == row.rawValue { _ = tree.erase(state.keyWriter.bytes) }
            }
        }
        state.overflow[row] = nil
    }
}

extension RowGroupStore {
    func visibleRows(_ view: ReadView, most: Int) -> [RowID] {
        var rows: [RowID] = []
        for slot in 0..<publishedRows where unsafe access.pointee.isVisible(slot, view) {
            rows.append(RowID(group: number, slot: slot))
            if rows.count == most { break }
        }
        return rows
    }
}
