// Checkpoints: what a restart begins from, made beside running transactions.
//
// 1. A snapshot is taken, as any reader's. Replay will begin at the first commit behind it.
// 2. The log is synced up to there: a checkpoint never knows more than the log.
// 3. Row groups that have more rows than at the last checkpoint are written to files of their own; of the others only which rows
//    are live is noted. Rows that the snapshot does not see keep their places and are not live.
// 4. The manifest is written beside the old one, synced, and renamed over it: from here on this checkpoint counts.
// 5. The log is truncated, and files that no manifest names are deleted.
//
// A crash at any point leaves the old checkpoint and its log, or the new one; opening deletes what belongs to neither.
internal import Base
internal import Catalog
internal import Platform
internal import Synchronization
internal import WriteAheadLog

final class Checkpointer: Sendable {
    private let log: TableLog
    private let directory: String
    private let disk: any Disk
    private let faults: TableFaults
    private let state: Mutex<State>

    struct GroupKey: Hashable {
        let table: TableID
        let generation: UInt64
        let group: Int
    }

    struct State {
        var number: UInt64
        /// Where the last checkpoint's replay begins.
        var position: LSN
        /// Files of the last checkpoint.
        var files: [GroupKey: (rows: Int, file: String)] = [:]
        /// Names that a backup is copying, by how many.
        var held: [String: Int] = [:]
    }

    init(_ log: TableLog, directory: String, disk: any Disk, faults: TableFaults, state: sending State) {
        self.log = log
        self.directory = directory
        self.disk = disk
        self.faults = faults
        self.state = Mutex(state)
    }

    var isFirst: Bool { state.withLock { $0.number == 0 } }

    /// Bytes of log behind the last checkpoint.
    var logBytes: UInt64 { log.log.status.end.rawValue - state.withLock { $0.position }.rawValue }

    /// Makes a checkpoint. One at a time; blocks on the disk. O(what changed since the last one, and row groups in all).
    func run(_ engine: TableEngine) throws(LeibrixError) {
        try state.withLock { (state) throws(LeibrixError) in try run(engine, &state) }
    }

    private func run(_ engine: TableEngine, _ state: inout State) throws(LeibrixError) {
        // Before the snapshot: what is known of a reader here began before it.
        let (end, bound) = (log.log.status.end.rawValue, UInt64(engine.configuration.changesBytesMax))
        engine.changeReaders.lose(where: { $0.isKnown && $0.position + bound < end })
        let readers = engine.changeReaders.known
        let transaction = try engine.begin(.repeatableRead, readOnly: true)
        defer { transaction.rollback() }
        let position = log.start(after: transaction.snapshot)
        log.forget(upTo: engine.snapshots.horizon(newest: transaction.snapshot))
        try log.syncBlocking(position)
        var manifest = CheckpointManifest(
            number: state.number + 1, position: position, commit: transaction.snapshot, micros: engine.configuration.clock.wallMicros(),
            identity: log.log.identity, nextID: engine.nextID.load(ordering: .relaxed), rowsPerGroup: engine.configuration.rowsPerGroup,
            catalog: transaction.catalog.coded.text(),
            sequences: engine.sequences.all.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }, tables: [])
        manifest.sinks = engine.sinkEpochs.all(at: transaction.snapshot)
        manifest.readers = readers.map { ReaderMark(name: $0.name, reader: $0.reader) }
        var files: [GroupKey: (rows: Int, file: String)] = [:]
        for (_, store) in transaction.version.stores.sorted(by: { $0.key < $1.key }) {
            manifest.tables.append(try write(store, transaction.snapshot, manifest.number, state.files, &files))
            faults.reach(.checkpointWriting)
        }
        try disk.syncDirectory(directory)
        faults.reach(.checkpointWritten)
        try publish(manifest)
        faults.reach(.checkpointPublished)
        state.number = manifest.number
        state.position = position
        state.files = files
        engine.changeReaders.release(readers.map { ($0.name, $0.reader.position) })
        try log.log.truncate(below: position)
        try removeUnneeded(state)
        faults.reach(.checkpointDone)
    }

    private func publish(_ manifest: CheckpointManifest) throws(LeibrixError) {
        let path = directory + "/" + CheckpointManifest.name
        try DiskFiles.write(manifest.encoded, path + ".new", disk)
        try disk.renameFile(path + ".new", to: path)
        try disk.syncDirectory(directory)
    }

    private func write(
        _ store: TableStore, _ snapshot: UInt64, _ number: UInt64, _ before: [GroupKey: (rows: Int, file: String)],
        _ after: inout [GroupKey: (rows: Int, file: String)]
    ) throws(LeibrixError) -> CheckpointManifest.Table {
        let (groups, nextGroup) = store.locked { ($0.groups, $0.nextGroup) }
        var table = CheckpointManifest.Table(id: store.id, nextGroup: nextGroup, groups: [])
        for group in groups {
            let rows = group.publishedRows
            guard let live = live(group, rows, snapshot) else { continue }
            let key = GroupKey(table: store.id, generation: store.generation, group: group.number)
            var file = before[key]
            if file?.rows != rows {
                let name = "\(store.id)-\(group.number)-\(number).rows"
                try DiskFiles.write(GroupFile.encode(store, group, rows: rows), directory + "/" + name, disk)
                file = (rows, name)
            }
            after[key] = file
            table.groups.append(.init(number: group.number, rows: rows, file: file!.file, live: live.isEmpty ? nil : live))
        }
        return table
    }

    /// Which of a group's first rows the snapshot sees: nil for none, nothing for all.
    private func live(_ group: RowGroupStore, _ rows: Int, _ snapshot: UInt64) -> [UInt8]? {
        let view = ReadView(snapshot: snapshot, own: 0, command: 0)
        var bits = [UInt8](repeating: 0, count: (rows + 7) / 8)
        var count = 0
        for slot in 0..<rows where unsafe group.access.pointee.isVisible(slot, view) {
            bits[slot >> 3] |= 1 << UInt8(slot & 7)
            count += 1
        }
        return count == 0 ? nil : count == rows ? [] : bits
    }

    private func removeUnneeded(_ state: State) throws(LeibrixError) {
        let needed = Set(state.files.values.map(\.file)).union(state.held.keys)
        for name in try disk.files(in: directory) where name.hasSuffix(".rows") && !needed.contains(name) {
            try disk.removeFile(directory + "/" + name)
        }
    }
}
