// Checkpoints: what a restart begins from, made beside running transactions.
//
// 1. A snapshot is taken, as any reader's. Replay will begin at the first commit behind it.
// 2. The log is synced up to there: a checkpoint never knows more than the log.
// 3. Row groups that have more rows than at the last checkpoint, or were encoded since, are written to files of their own; of the
//    others only which rows are live is noted. Rows that the snapshot does not see keep their places and are not live.
// 4. The manifest is written beside the old one, synced, and renamed over it: from here on this checkpoint counts.
// 5. The log is truncated, and files that no manifest names are deleted.
// 6. Encoded row groups are read from their new files from now on, and the memory that had them is given back: what is cold is the
//    machine's to take out of memory and bring back.
//
// A crash at any point leaves the old checkpoint and its log, or the new one; opening deletes what belongs to neither.
internal import Base
internal import Catalog
internal import Platform
internal import Synchronization
internal import WriteAheadLog

final class Checkpointer: Sendable {
    private let log: TableLog
    let directory: String
    let disk: any Disk
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
        let version = engine.published.withLock { $0 }
        let horizon = engine.snapshots.horizon(newest: engine.snapshot)
        for store in version.stores.values { store.freezeFull(newest: engine.snapshot, horizon: horizon) }
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
        var plan = CheckpointPlan(number: manifest.number, snapshot: transaction.snapshot, before: state.files)
        do throws(LeibrixError) {
            for (_, store) in transaction.version.stores.sorted(by: { $0.key < $1.key }) {
                manifest.tables.append(try write(store, &plan))
                faults.reach(.checkpointWriting)
            }
            try disk.syncDirectory(directory)
        } catch {
            // No manifest names what was written, and a full disk needs the room.
            try? removeUnneeded(state)
            throw error
        }
        faults.reach(.checkpointWritten)
        try publish(manifest)
        faults.reach(.checkpointPublished)
        state.number = manifest.number
        state.position = position
        state.files = plan.after
        engine.changeReaders.release(readers.map { ($0.name, $0.reader.position) })
        try log.log.truncate(below: position)
        try removeUnneeded(state)
        try mapWritten(plan, newest: engine.snapshot)
        faults.reach(.checkpointDone)
    }

    private func publish(_ manifest: CheckpointManifest) throws(LeibrixError) {
        let path = directory + "/" + CheckpointManifest.name
        try DiskFiles.write(manifest.encoded, path + ".new", disk)
        try disk.renameFile(path + ".new", to: path)
        try disk.syncDirectory(directory)
    }

    private func removeUnneeded(_ state: State) throws(LeibrixError) {
        let needed = Set(state.files.values.map(\.file)).union(state.held.keys)
        for name in try disk.files(in: directory) where GroupFile.isOne(name) && !needed.contains(name) {
            try disk.removeFile(directory + "/" + name)
        }
    }
}
