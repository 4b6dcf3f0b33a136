// The engine: transactions begin here, and their commits become visible here, in the order of their numbers.
//
// `committed` is the newest number whose commit, and every commit before it, is durable; it is the snapshot of whoever begins. A
// commit takes its number and its place in the log under one lock, puts the number into its rows' stamps (nobody's snapshot reaches
// it yet), waits for the log without the lock, and is published when all before it are decided.
public import Base
public import Catalog
public import Platform
internal import Synchronization

public struct TableEngineConfiguration: Sendable {
    /// Rows of a full row group: a multiple of 2,048, at most 122,880. Smaller ones are for tests.
    public var rowsPerGroup = 122_880
    public var clock = Clock.system
    /// How often `maintain` runs on a thread of the engine's; 0 leaves it to the caller.
    public var maintenanceMS = 0
    /// Whether worn row groups are emptied.
    public var compacts = true
    /// Where the tables are durable: the log in `wal`, the checkpoint in `tables`. nil keeps everything in memory alone.
    public var directory: String?
    public var disk: any Disk = LinuxDisk()
    /// Bytes of a log segment; nil is the log's own choice.
    public var logSegmentBytes: Int?
    /// A checkpoint is made when the log has grown by so much, and earlier where that writes little again.
    public var checkpointBytes = 32 << 20
    /// Bytes of log, or of commits in memory without one, that a reader of changes may be behind; who is further must begin anew.
    public var changesBytesMax = 1 << 30
    /// Bytes that tables may hold in memory (`TableEngine.memoryMax`); nil: no bound.
    public var memoryMax: Int?
    /// Opening returns before the indexes have their keys: they are loaded by a thread of their own. Reads find rows by a look at the
    /// columns until then, writers wait for their table.
    public var loadsIndexesBehind = false
    /// For tests: that thread begins when `loadIndexes` is called.
    var holdsIndexLoading = false
    /// A `TableFault` at which the process ends; for crash tests of debug builds.
    public var fault: String?

    public init() {}
}

@safe
public final class TableEngine: Sendable {
    let configuration: TableEngineConfiguration
    let snapshots = SnapshotRegistry()
    let waits = WaitGraph()
    let sequences = Sequences()
    let sinkEpochs = SinkEpochs()
    let changeReaders = ChangeReaders()
    let memory: MemoryMeter
    /// Those of transactions that made some included.
    let everyStore = Mutex<[WeakStore]>([])
    /// For readers of an engine without a log.
    let memoryChanges: MemoryChanges
    let committed = Atomic<UInt64>(1)
    let commits: Mutex<CommitState>
    let published: Mutex<CatalogVersion>
    /// The version of what is published; stored before a snapshot reaches the commit that made it.
    let publishedVersion = Atomic<UInt64>(0)
    let deadlines: Deadlines
    let nextID: Atomic<UInt32>
    /// SERIALIZABLE transactions that run.
    let serializables = Atomic<Int>(0)
    let nextGeneration = Atomic<UInt64>(1)
    /// The directory is being opened: tables have no indexes yet.
    let isRecovering = Atomic<Bool>(false)
    private let scans = Mutex<(next: UInt64, open: [UInt64: WeakTransaction])>((1, [:]))
    let relations = Mutex<AttachedRelations?>(nil)
    let schemaOwner = Mutex<TransactionID?>(nil)
    let carriedLocks = Mutex<[TransactionID: [(TableStore, RowID)]]>([:])
    let selfCheck = Mutex(SelfCheck())
    private let ticker = Mutex<Ticker?>(nil)
    private let openedDurability = Mutex<Durability?>(nil)
    private let refusal = Mutex<LeibrixError?>(nil)
    private let isRefusing = Atomic<Bool>(false)

    /// Opens the configured directory and recovers what was committed there. Blocks. Throws `directoryLocked`, `corruptLog`,
    /// `corruptSegment`, or what the disk says.
    public init(_ configuration: TableEngineConfiguration = TableEngineConfiguration()) throws(LeibrixError) {
        self.configuration = configuration
        memory = MemoryMeter(limit: configuration.memoryMax)
        memoryChanges = MemoryChanges(bytesMax: configuration.changesBytesMax)
        deadlines = Deadlines(clock: configuration.clock)
        commits = Mutex(CommitState())
        published = Mutex(CatalogVersion(TableCatalog(), [:], validFrom: 0))
        nextID = Atomic(TableID.first.rawValue)
        guard let directory = configuration.directory else { return }
        let durability = try Durability(self, directory: directory)
        openedDurability.withLock { $0 = durability }
        try durability.checkpointFirst(self)
        durability.start(self)
        if configuration.loadsIndexesBehind, !configuration.holdsIndexLoading { durability.indexes.start() }
    }

    /// Starts the thread that maintains the tables, every `maintenanceMS` of the configuration.
    public func startMaintenance() {
        let milliseconds = configuration.maintenanceMS > 0 ? configuration.maintenanceMS : 100
        ticker.withLock { ticker in
            if ticker == nil { ticker = Ticker(name: "tables", milliseconds: milliseconds) { [weak self] in self?.maintain() } }
        }
    }

    /// No round of maintenance begins after this.
    public func stopMaintenance() { ticker.withLock { $0?.stop() } }

    /// Begins to load the indexes where the configuration holds that.
    func loadIndexes() { durability?.indexes.start() }

    /// Blocks until the indexes have every row of before the start.
    func waitForIndexes() { durability?.indexes.waitUntilDone() }

    /// nil for an engine in memory alone.
    var durability: Durability? { openedDurability.withLock { $0 } }

    /// Makes what was committed durable and gives the directory up. Blocks. Commits fail from here on. A checkpoint that cannot be
    /// made is left to the next start, which replays the log.
    public func close() {
        stopMaintenance()
        durability?.indexes.waitUntilDone()
        try? checkpoint()
        durability?.close()
    }

    /// Makes a checkpoint now. Blocks on the disk.
    public func checkpoint() throws(LeibrixError) { try durability?.checkpointer.run(self) }

    /// Definitions as last committed.
    public var catalog: TableCatalog { published.withLock { $0 }.catalog }
    /// Their version. No lock.
    public var catalogVersion: UInt64 { publishedVersion.load(ordering: .acquiring) }

    /// The newest commit that everybody who begins now sees.
    public var snapshot: UInt64 { committed.load(ordering: .acquiring) }

    /// Begins a transaction. Throws `tooManyConnections` when 16,384 run.
    public func begin(
        _ isolation: TransactionIsolation = .readCommitted, readOnly: Bool = false
    ) throws(LeibrixError) -> TableTransaction {
        if isolation == .serializable { serializables.add(1, ordering: .sequentiallyConsistent) }
        while true {
            let version = published.withLock { $0 }
            guard let (slot, snapshot) = snapshots.enter(committed) else {
                if isolation == .serializable { serializables.subtract(1, ordering: .sequentiallyConsistent) }
                throw tooManyTransactions
            }
            if snapshot >= version.validFrom, published.withLock({ $0 }) === version {
                return TableTransaction(self, isolation, isReadOnly: readOnly, slot: slot, snapshot: snapshot, version: version)
            }
            snapshots.leave(slot)
        }
    }

    var tooManyTransactions: LeibrixError {
        LeibrixError(
            .tooManyConnections, "more than \(TableEngineLimits.transactionsMax) transactions run", hint: "End some, then try again.")
    }

    /// The newest snapshot, and the definitions that belong to it.
    func newest() -> (UInt64, CatalogVersion) {
        while true {
            let version = published.withLock { $0 }
            let snapshot = committed.load(ordering: .acquiring)
            if snapshot >= version.validFrom, published.withLock({ $0 }) === version { return (snapshot, version) }
        }
    }

    /// A number for a table, index, constraint, sequence, view or schema that is to be made.
    public func makeID() -> TableID { TableID(nextID.wrappingAdd(1, ordering: .relaxed).oldValue) }

    // MARK: Waiting

    /// Returns when `other` has ended; then the blocked call is to be made again. Throws 40P01 when waiting would never end, 55P03
    /// after `timeoutMS`, and what `cancelWait` was given.
    public func wait(for other: TransactionID, by transaction: TableTransaction, timeoutMS: Int? = nil) async throws(LeibrixError) {
        let id = transaction.id
        var deadline: UInt64?
        let error = await withCheckedContinuation { continuation in
            waits.wait(id, for: other) { continuation.resume(returning: $0) }
            // Behind the wait: a deadline that found nobody waiting would be lost.
            deadline = timeoutMS.map { armTimeout(of: id, $0) }
        }
        if let deadline { deadlines.disarm(deadline) }
        if let error { throw error }
    }

    private func armTimeout(of id: TransactionID, _ milliseconds: Int) -> UInt64 {
        deadlines.arm(milliseconds: milliseconds) { [waits] in
            waits.cancel(id, LeibrixError(.lockNotAvailable, "canceling statement due to lock timeout"))
        }
    }

    /// Ends a transaction's wait with an error, from any thread: a client's cancel, a statement's timeout.
    public func cancelWait(of id: TransactionID, _ error: LeibrixError) { waits.cancel(id, error) }

    /// As `wait`, for callers with a thread of their own.
    public func blockingWait(for other: TransactionID, by transaction: TableTransaction, timeoutMS: Int? = nil) throws(LeibrixError) {
        let id = transaction.id
        let answer = WaitAnswer()
        waits.wait(id, for: other) { answer.give($0) }
        let deadline = timeoutMS.map { armTimeout(of: id, $0) }
        defer { if let deadline { deadlines.disarm(deadline) } }
        if let error = answer.take() { throw error }
    }

    // MARK: Scans

    func register(_ transaction: TableTransaction) -> UInt64 {
        scans.withLock { scans in
            let token = scans.next
            scans.next += 1
            scans.open[token] = WeakTransaction(transaction)
            return token
        }
    }

    func unregister(_ token: UInt64) { scans.withLock { _ = $0.open.removeValue(forKey: token) } }
    func transaction(_ token: UInt64) -> TableTransaction? { scans.withLock { $0.open[token]?.transaction } }

    // MARK: Refusing writes

    /// From now on every write and commit fails with this error; reads go on. For a log that has failed.
    public func refuseWrites(_ error: LeibrixError) {
        refusal.withLock { $0 = $0 ?? error }
        isRefusing.store(true, ordering: .releasing)
    }

    func requireWritable() throws(LeibrixError) {
        guard isRefusing.load(ordering: .acquiring) else { return }
        if let error = refusal.withLock({ $0 }) { throw error }
    }
}

final class WeakTransaction: @unchecked Sendable {
    weak let transaction: TableTransaction?
    init(_ transaction: TableTransaction) { self.transaction = transaction }
}
