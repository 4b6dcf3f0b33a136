// A commit as a log record's payload: operations, one after the other.
//
//   1  catalog     u32 length, a difference of catalogs as JSON · u32 the next object's id
//   2  new rows    u32 table                                    the table begins empty: made, truncated or rewritten
//   3  sequence    u32 id · i64 last · u8 1 handed out · u8 1 set by setval, not drawn
//   4  ended       u32 table · u32 count · u64 row ids
//   5  inserted    u32 table · u64 first row id · u32 count · u32 bytes · columns (ColumnCoding)
//   6  old rows    as inserted, row id 0                         what ended, where somebody follows the table's changes
//   7  moved       -                                             first of all: rows get new places and stay as they are
//   8  emptied     u32 table                                     a table with new rows has the columns that it had
//   9  sink        text name · u8 1 with an epoch · u64 epoch
//
// Row ids are those of the process that wrote the log; a row has another one after recovery where it lies elsewhere then. Rows that
// the transaction made and ended itself, and those of stores that it replaced, are not there. What is ended comes before what is
// inserted, so that keys are free when they are taken again.
internal import Base
internal import Catalog
internal import Columnar
internal import Synchronization

enum CommitOperation {
    static let catalog: UInt8 = 1
    static let newRows: UInt8 = 2
    static let sequence: UInt8 = 3
    static let ended: UInt8 = 4
    static let inserted: UInt8 = 5
    static let oldRows: UInt8 = 6
    static let moved: UInt8 = 7
    static let emptied: UInt8 = 8
    static let sink: UInt8 = 9
}

extension TableTransaction {
    /// What the transaction did, before its stamps become a commit's; with whole old rows of the tables in `watched`. O(what it wrote).
    func encodeCommit(_ watched: Set<TableID> = []) throws(LeibrixError) -> [UInt8] {
        var out: [UInt8] = onlyMoves ? [CommitOperation.moved] : []
        encodeDefinitions(into: &out)
        for (id, position, isSet) in sequencePositions.map({ ($0.id, $0.state, $0.isSet) }) {
            out.append(CommitOperation.sequence)
            out.add(id.rawValue)
            out.add(position.last)
            out.append(position.isCalled ? 1 : 0)
            out.append(isSet ? 1 : 0)
        }
        for edit in sinkEdits {
            out.append(CommitOperation.sink)
            out.add(text: edit.name)
            out.append(edit.epoch == nil ? 0 : 1)
            out.add(edit.epoch ?? 0)
        }
        let stores = current.stores
        let isKept = touched.map { stores[$0.id] === $0 }
        encodeEnded(isKept, into: &out)
        if !watched.isEmpty, !onlyMoves {
            for (place, store) in touched.enumerated() where isKept[place] && watched.contains(store.id) {
                try encodeOldRows(UInt32(place), store, into: &out)
            }
        }
        encodeInserted(isKept, into: &out)
        return out
    }

    private func encodeDefinitions(into out: inout [UInt8]) {
        guard let own = ownVersion else { return }
        out.append(CommitOperation.catalog)
        out.add(text: version.catalog.difference(to: own.catalog).text())
        out.add(engine.nextID.load(ordering: .relaxed))
        for (id, store) in own.stores.sorted(by: { $0.key < $1.key }) where version.stores[id] !== store {
            out.append(CommitOperation.newRows)
            out.add(id.rawValue)
        }
        // Behind all of those: replay defines everything at the first operation of another kind.
        for (id, store) in own.stores.sorted(by: { $0.key < $1.key }) {
            guard let old = version.stores[id], old !== store, old.types == store.types else { continue }
            out.append(CommitOperation.emptied)
            out.add(id.rawValue)
        }
    }

    private func encodeEnded(_ isKept: [Bool], into out: inout [UInt8]) {
        var open: (store: UInt32, countAt: Int, count: UInt32)?
        for entry in writes where entry.kind == .delete && isKept[Int(entry.store)] {
            guard let reader = unsafe touched[Int(entry.store)].reader(entry.row),
                !view.isOwn(unsafe reader.pointee.inserted[entry.row.slot].load(ordering: .relaxed))
            else { continue }
            if open?.store != entry.store {
                if let open { out.set(open.count, at: open.countAt) }
                out.append(CommitOperation.ended)
                out.add(touched[Int(entry.store)].id.rawValue)
                open = (entry.store, out.count, 0)
                out.add(UInt32(0))
            }
            out.add(entry.row.rawValue)
            open!.count += 1
        }
        if let open { out.set(open.count, at: open.countAt) }
    }

    private func encodeOldRows(_ place: UInt32, _ store: TableStore, into out: inout [UInt8]) throws(LeibrixError) {
        var gathered = try GatheredRows(store.types)
        for entry in writes where entry.kind == .delete && entry.store == place {
            guard let reader = unsafe store.reader(entry.row),
                !view.isOwn(unsafe reader.pointee.inserted[entry.row.slot].load(ordering: .relaxed))
            else { continue }
            let cells = unsafe reader.pointee.columns
            if try unsafe gathered.append(cells, entry.row.slot) { continue }
            encode(gathered, store, into: &out)
            gathered = try GatheredRows(store.types)
            guard try unsafe gathered.append(cells, entry.row.slot) else { throw GatheredRows.tooLarge }
        }
        encode(gathered, store, into: &out)
    }

    private func encode(_ gathered: GatheredRows, _ store: TableStore, into out: inout [UInt8]) {
        guard gathered.count > 0 else { return }
        encodeHead(CommitOperation.oldRows, store, RowID(rawValue: 0), gathered.count, into: &out) { gathered.encode(into: &$0) }
    }

    /// Operation, table, row id, count, then as many bytes as `columns` appends.
    private func encodeHead(
        _ operation: UInt8, _ store: TableStore, _ first: RowID, _ count: Int, into out: inout [UInt8], _ columns: (inout [UInt8]) -> Void
    ) {
        out.append(operation)
        out.add(store.id.rawValue)
        out.add(first.rawValue)
        out.add(UInt32(count))
        let lengthAt = out.count
        out.add(UInt32(0))
        columns(&out)
        out.set(UInt32(out.count - lengthAt - 4), at: lengthAt)
    }

    private func encodeInserted(_ isKept: [Bool], into out: inout [UInt8]) {
        var run: (store: UInt32, first: RowID, count: Int)?
        for entry in writes where entry.kind == .insert && isKept[Int(entry.store)] {
            guard let reader = unsafe touched[Int(entry.store)].reader(entry.row) else { continue }
            for slot in entry.row.slot..<entry.row.slot + Int(entry.count) {
                if view.isOwn(unsafe reader.pointee.deleted[slot].load(ordering: .relaxed)) { continue }
                if let open = run, open.store == entry.store, open.first.group == entry.row.group, open.first.slot + open.count == slot,
                    open.count < TableEngineLimits.rowsPerStep {
                    run!.count += 1
                } else {
                    encode(run, into: &out)
                    run = (entry.store, RowID(group: entry.row.group, slot: slot), 1)
                }
            }
        }
        encode(run, into: &out)
    }

    private func encode(_ run: (store: UInt32, first: RowID, count: Int)?, into out: inout [UInt8]) {
        guard let run, let reader = unsafe touched[Int(run.store)].reader(run.first) else { return }
        let store = touched[Int(run.store)]
        encodeHead(CommitOperation.inserted, store, run.first, run.count, into: &out) { out in
            let cells = unsafe reader.pointee.columns
            for (place, type) in store.types.enumerated() {
                unsafe cells[place].encode(run.first.slot..<run.first.slot + run.count, type, into: &out)
            }
        }
    }
}
