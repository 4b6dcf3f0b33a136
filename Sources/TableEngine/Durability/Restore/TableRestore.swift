// A checkpoint becomes tables again, on all processors:
//
// 1. Row groups: encoded ones are mapped and checked, the others decoded into groups that take rows. Which rows are not live is noted.
// 2. The log behind the checkpoint is replayed (TableRecovery), into tables without indexes.
// 3. Indexes: each group's live rows give keys, which are sorted where they do not ascend already, and loaded in bulk (IndexLoading).
//
// Nobody else knows the stores yet.
internal import Base
internal import Catalog
internal import Columnar
internal import LearnedIndex
internal import Platform
internal import Synchronization

struct TableRestore {
    private let engine: TableEngine
    private let catalog: TableCatalog
    private let directory: String

    init(_ engine: TableEngine, _ catalog: TableCatalog, _ directory: String) {
        self.engine = engine
        self.catalog = catalog
        self.directory = directory
    }

    private struct Piece: Sendable {
        let store: TableStore
        let saved: CheckpointManifest.Group
    }

    func run(_ manifest: CheckpointManifest, _ state: inout Checkpointer.State) throws(LeibrixError) -> [TableID: TableStore] {
        var stores: [TableID: TableStore] = [:]
        var pieces: [Piece] = []
        for table in manifest.tables {
            guard let definition = catalog.table(table.id) else { throw CheckpointManifest.damaged(directory) }
            let store = try engine.makeStore(definition)
            stores[table.id] = store
            for group in table.groups {
                pieces.append(Piece(store: store, saved: group))
                let key = Checkpointer.GroupKey(table: table.id, generation: store.generation, group: group.number)
                state.files[key] = (group.rows, group.file)
            }
        }
        let loaded = try load(pieces)
        for (piece, group) in zip(pieces, loaded) { try piece.store.attach(group, piece.saved) }
        for table in manifest.tables { stores[table.id]?.locked { $0.nextGroup = max($0.nextGroup, table.nextGroup) } }
        return stores
    }

    /// Step 1.
    private func load(_ pieces: [Piece]) throws(LeibrixError) -> [RowGroupStore] {
        let (directory, configuration) = (directory, engine.configuration)
        let loaded = Mutex([Int: RowGroupStore]())
        try ParallelWork.run(pieces.count) { (index) throws(LeibrixError) in
            let (store, saved) = (pieces[index].store, pieces[index].saved)
            let path = directory + "/" + saved.file
            let group: RowGroupStore
            if saved.file.hasSuffix(GroupFile.segmentSuffix) {
                let frozen = try GroupFile.map(
                    path, configuration.disk, table: store.id, group: saved.number, rows: saved.rows, types: store.types, isTrusted: false)
                group = try RowGroupStore(number: saved.number, capacity: store.rowsPerGroup, frozen: frozen, rows: saved.rows)
            } else {
                let batch = try GroupFile.read(path, configuration.disk, table: store.id, group: saved, types: store.types)
                group = try RowGroupStore(number: saved.number, types: store.types, capacity: store.rowsPerGroup)
                guard group.append(batch, 0..<saved.rows, stamp: 0) == saved.rows else { throw CheckpointManifest.damaged(path) }
                group.publish()
            }
            group.hide(saved)
            loaded.withLock { $0[index] = group }
        }
        let found = loaded.withLock { $0 }
        return pieces.indices.map { found[$0]! }
    }
}

extension RowGroupStore {
    /// Notes which rows are not live.
    fileprivate func hide(_ saved: CheckpointManifest.Group) {
        guard let live = saved.live else { return }
        for (place, byte) in live.enumerated() where byte != 0xFF {
            for slot in place * 8..<min(place * 8 + 8, saved.rows) where byte >> UInt8(slot & 7) & 1 == 0 {
                unsafe access.pointee.inserted[slot].store(Stamps.never, ordering: .relaxed)
                unsafe access.pointee.deleted[slot].store(1, ordering: .relaxed)
                ended += 1
                endedSlots.append(UInt32(slot))
                collected += 1
            }
        }
    }

    /// Whether a row is live, before anybody writes.
    @inline(__always)
    func isRestored(_ slot: Int) -> Bool { unsafe endedSlots.isEmpty || access.pointee.deleted[slot].load(ordering: .relaxed) == 0 }

    /// Calls `body` with the slots that are live. Nobody writes yet.
    func forEachRestored(_ body: (Int) -> Void) {
        if endedSlots.isEmpty {
            for slot in 0..<rows { body(slot) }
        } else {
            for slot in 0..<rows where unsafe access.pointee.deleted[slot].load(ordering: .relaxed) == 0 { body(slot) }
        }
    }
}

extension TableStore {
    /// Puts a checkpoint's row group in its place.
    fileprivate func attach(_ group: RowGroupStore, _ saved: CheckpointManifest.Group) throws(LeibrixError) {
        try locked { (state) throws(LeibrixError) in
            guard saved.number < RowGroupDirectory.groupsMax else { throw CheckpointManifest.damaged(saved.file) }
            unsafe directory.set(saved.number, group.access)
            state.groups.append(group)
            state.nextGroup = saved.number + 1
            state.liveRows += group.rows - group.ended
            if let frozen = group.frozen {
                state.bounds.cover(frozen.layouts.map(\.statistics), rows: frozen.rows, types)
                state.sketch(frozen)
            } else {
                _ = state.bounds.cover(group.columns)
            }
            state.changes += 1
        }
    }
}
