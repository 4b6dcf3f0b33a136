// A table engine's directory: the log in `wal`, the last checkpoint in `tables`. Opening, closing, and when checkpoints are made.
internal import Base
internal import Catalog
internal import Columnar
internal import LearnedIndex
internal import Platform
internal import Synchronization
internal import WriteAheadLog

final class Durability: Sendable {
    let log: TableLog
    let checkpointer: Checkpointer
    let faults: TableFaults
    let indexes: IndexLoading
    private let ticker = Mutex<Ticker?>(nil)

    static func tables(_ directory: String) -> String { directory + "/tables" }
    static func wal(_ directory: String) -> String { directory + "/wal" }

    /// Restores the checkpoint, replays the log behind it, and stands ready. Blocks.
    init(_ engine: TableEngine, directory: String) throws(LeibrixError) {
        let configuration = engine.configuration
        let disk = configuration.disk
        faults = TableFaults(named: configuration.fault)
        engine.isRecovering.store(true, ordering: .relaxed)
        let tables = Self.tables(directory)
        try disk.createDirectory(tables)
        let manifest = try CheckpointManifest.read(tables, disk)
        var state = Checkpointer.State(number: manifest?.number ?? 0, position: manifest?.position ?? .zero)
        if let manifest { try Self.restore(engine, manifest, tables, &state) }
        try Self.removeForeign(tables, manifest, disk)
        var logConfiguration = LogConfiguration(directory: Self.wal(directory), disk: disk, clock: configuration.clock)
        if let bytes = configuration.logSegmentBytes { logConfiguration.segmentBytes = bytes }
        let recovery = TableRecovery(engine, after: manifest?.commit ?? 0)
        let log = try WriteAheadLog(logConfiguration, from: manifest?.position) { (record) throws(LeibrixError) in
            try recovery.apply(record)
        }
        engine.isRecovering.store(false, ordering: .relaxed)
        let indexes = try IndexLoading(engine)
        engine.selfCheck.withLock { $0.notBefore = configuration.clock.monotonicNanos() + 30_000_000_000 }
        if let manifest, manifest.identity != log.identity {
            throw LeibrixError(
                .corruptLog, "the checkpoint in \(tables) and the log in \(Self.wal(directory)) are not of one server",
                hint: "Bring the files back that belong together, or restore a backup.")
        }
        if !configuration.loadsIndexesBehind { try indexes.run() }
        self.indexes = indexes
        self.log = TableLog(log)
        checkpointer = Checkpointer(self.log, directory: tables, disk: disk, faults: faults, state: state)
        engine.changeReaders.holdAll(log)
        if recovery.commits > 0 { try self.log.markRecovered() }
    }

    /// Checkpoints by themselves, as the log grows.
    func start(_ engine: TableEngine) {
        let resting = Resting()
        ticker.withLock {
            $0 = Ticker(name: "checkpoints", milliseconds: 200) { [weak engine, checkpointer, log, resting] in
                guard let engine, resting.isOver(engine.configuration.clock), checkpointer.logBytes > Self.logBytesMax(engine) else { return }
                do throws(LeibrixError) {
                    try checkpointer.run(engine)
                } catch {
                    // The log is whole, so nothing is lost: it is tried again a little later.
                    resting.begin(engine.configuration.clock)
                    if let failure = log.log.status.failure { engine.refuseWrites(failure) }
                    Log.warning("a checkpoint failed", .text("error", error.description))
                }
            }
        }
    }

    /// How long the log may get: a restart reads it again, and a checkpoint writes the last row group of each table again, which is worth
    /// it from some times as much log on.
    private static func logBytesMax(_ engine: TableEngine) -> UInt64 {
        let most = engine.configuration.checkpointBytes
        let least = min(most, TableEngineLimits.logBytesKept)
        guard let durability = engine.durability, durability.checkpointer.logBytes > UInt64(least) else { return UInt64(least) }
        let rewritten = engine.published.withLock { $0 }.stores.values.reduce(0) { sum, store in
            sum + store.locked { $0.hot.map { $0.frozen == nil ? $0.bytes : 0 } ?? 0 }
        }
        return UInt64(min(most, max(least, rewritten * 3)))
    }

    /// Ends the checkpoints and the log: what was committed is durable when this returns.
    func close() {
        ticker.withLock { ticker in
            ticker?.stop()
            ticker = nil
        }
        log.log.close()
    }

    /// So that there is always a checkpoint that a backup can begin with.
    func checkpointFirst(_ engine: TableEngine) throws(LeibrixError) {
        if checkpointer.isFirst { try checkpointer.run(engine) }
    }

    private static func removeForeign(
        _ directory: String, _ manifest: CheckpointManifest?, _ disk: any Disk
    ) throws(LeibrixError) {
        let known = manifest?.files ?? []
        for name in try disk.files(in: directory) where (GroupFile.isOne(name) && !known.contains(name)) || name.hasSuffix(".new") {
            try disk.removeFile(directory + "/" + name)
        }
    }

    private static func restore(
        _ engine: TableEngine, _ manifest: CheckpointManifest, _ directory: String, _ state: inout Checkpointer.State
    ) throws(LeibrixError) {
        guard manifest.rowsPerGroup == engine.configuration.rowsPerGroup else {
            throw LeibrixError(.configuration, "the tables in \(directory) have row groups of \(manifest.rowsPerGroup) rows")
        }
        var catalog = TableCatalog()
        let json: JSON
        do { json = try JSON.parse(manifest.catalog) } catch { throw CheckpointManifest.damaged(directory) }
        guard catalog.apply(json) else { throw CheckpointManifest.damaged(directory) }
        let stores = try TableRestore(engine, catalog, directory).run(manifest, &state)
        for (id, position) in manifest.sequences { engine.sequences.set(id, position) }
        for (name, epoch) in manifest.sinks {
            engine.sinkEpochs.add(manifest.commit, [SinkEpochs.Edit(name: name, epoch: epoch)], horizon: manifest.commit)
        }
        for mark in manifest.readers {
            engine.changeReaders.put(mark.name, .init(tables: mark.tables, position: mark.position, isLost: mark.isLost))
        }
        engine.raiseNextID(manifest.nextID)
        engine.restore(CatalogVersion(catalog, stores, validFrom: manifest.commit), number: manifest.commit)
    }
}

/// A failed checkpoint's successor waits: on a full disk it would write for nothing again and again.
private final class Resting: Sendable {
    private let until = Atomic<UInt64>(0)
    func begin(_ clock: Clock) { until.store(clock.monotonicNanos() + 5_000_000_000, ordering: .relaxed) }
    func isOver(_ clock: Clock) -> Bool { clock.monotonicNanos() >= until.load(ordering: .relaxed) }
}

extension TableLog {
    /// Notes that row ids from here on are this process's. Blocks.
    func markRecovered() throws(LeibrixError) { try write(TableRecord.recovered, []) }
}

extension TableEngine {
    /// What a checkpoint shows becomes what everybody sees. Before anybody else knows the engine.
    func restore(_ version: CatalogVersion, number: UInt64) {
        commits.withLock { $0.start(after: number) }
        published.withLock { $0 = version }
        publishedVersion.store(version.catalog.version, ordering: .releasing)
        committed.store(number, ordering: .releasing)
    }
}
