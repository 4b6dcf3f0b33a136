// A transaction: what it sees, what it wrote, and how to undo it.
//
// Writes go into the tables at once, under stamps of this transaction, invisible to others. `writes` lists them in order: a commit
// walks it to put the commit number into the stamps, a rollback walks it backwards to undo. Nothing else is remembered.
public import Base
public import Catalog
internal import Synchronization

/// One thread at a time. Calls neither block nor sleep; waiting is the engine's (`TableEngine.wait`).
///
/// A transaction that is let go of without an end is rolled back.
@safe
public final class TableTransaction: @unchecked Sendable {
    let engine: TableEngine
    public let isolation: TransactionIsolation
    public let isReadOnly: Bool
    private var slot: Int
    var view: ReadView
    var version: CatalogVersion
    /// The version of one that has ended, for as long as others keep it.
    private weak var lastVersion: CatalogVersion?
    /// With this transaction's own DDL, once there is some.
    var ownVersion: CatalogVersion?
    /// nil until the first write or lock.
    private(set) var number: TransactionID?

    /// What was read, for SERIALIZABLE.
    let reads: ReadSet?
    var writes: ContiguousArray<WriteEntry> = []
    var touched: ContiguousArray<TableStore> = []
    /// Row locks that are held, by table.
    var rowLocks: ContiguousArray<(store: TableStore, row: RowID)> = []
    var exclusiveStores: ContiguousArray<TableStore> = []
    /// Stores that this transaction's DDL made, and that go when it rolls back.
    var madeStores: ContiguousArray<TableStore> = []
    var sequencePositions: [(id: TableID, state: SequencePosition, isSet: Bool)] = []
    var catalogEdits: [(before: CatalogVersion?, undo: (() -> Void)?)] = []
    var sinkEdits: [SinkEpochs.Edit] = []
    /// Its writes give rows other places and change nothing: who follows changes is told of none.
    var onlyMoves = false
    private var token: UInt64 = 0
    /// Whether DuckDB's catalog shows this transaction's own definitions.
    var hasOverlay = false
    private(set) var hasEnded = false

    init(
        _ engine: TableEngine, _ isolation: TransactionIsolation, isReadOnly: Bool, slot: Int, snapshot: UInt64, version: CatalogVersion
    ) {
        self.engine = engine
        self.isolation = isolation
        self.isReadOnly = isReadOnly
        self.slot = slot
        view = ReadView(snapshot: snapshot, own: 0, command: 0)
        self.version = version
        reads = isolation == .serializable ? ReadSet() : nil
    }

    deinit { if !hasEnded { rollback() } }

    /// Tables, views, sequences and schemas as this transaction sees them.
    public var catalog: TableCatalog { ownVersion?.catalog ?? version.catalog }
    /// Their version.
    public var catalogVersion: UInt64 { ownVersion?.catalog.version ?? version.catalog.version }
    var ownCatalog: CatalogVersion? { ownVersion }
    var current: CatalogVersion { ownVersion ?? version }

    /// Everything committed up to this number is seen.
    public var snapshot: UInt64 { view.snapshot }

    /// The transaction's identity among those that write; taken at the first call.
    public var id: TransactionID {
        if let number { return number }
        let made = engine.waits.begin()
        number = made
        view.own = Stamps.running | made.rawValue << Stamps.commandBits
        return made
    }

    /// Whether it has changed anything, rows or catalog.
    public var hasWritten: Bool { !writes.isEmpty || ownVersion != nil || !sequencePositions.isEmpty || !sinkEdits.isEmpty }

    /// What a DuckDB connection is given so that live relations read as this transaction does (`Connection.scanToken`).
    public var scanToken: UInt64 {
        if token == 0 { token = engine.register(self) }
        return token
    }

    /// To be called before each statement: what earlier statements did is seen from now on, what the new one does is not, and in
    /// READ COMMITTED what others have committed since is seen, too.
    public func beginStatement() {
        view.command += 1
        guard isolation == .readCommitted else { return }
        refresh()
    }

    private func refresh() {
        let known = version.catalog.version
        if engine.publishedVersion.load(ordering: .sequentiallyConsistent) == known {
            let snapshot = engine.committed.load(ordering: .acquiring)
            // Definitions are published before the snapshot reaches them: the same afterwards are those of the snapshot.
            if engine.publishedVersion.load(ordering: .sequentiallyConsistent) == known { return move(to: snapshot) }
        }
        let (snapshot, version) = engine.newest()
        move(to: snapshot)
        self.version = version
    }

    private func move(to snapshot: UInt64) {
        engine.snapshots.move(slot, to: snapshot)
        view.snapshot = snapshot
    }

    /// Begins anew a transaction that has ended and only looked up rows: nothing is allocated and no lock is taken. False where that
    /// cannot be: then another is to be begun. Throws as `TableEngine.begin`.
    public func beginAgain(_ isolation: TransactionIsolation, readOnly: Bool) throws(LeibrixError) -> Bool {
        guard hasEnded, number == nil, token == 0, reads == nil, ownVersion == nil, self.isolation == isolation, isReadOnly == readOnly,
            isolation != .serializable, touched.isEmpty, madeStores.isEmpty
        else { return false }
        guard let version = lastVersion else { return false }
        let known = version.catalog.version
        guard engine.publishedVersion.load(ordering: .sequentiallyConsistent) == known else { return false }
        guard let (slot, snapshot) = engine.snapshots.enter(engine.committed, preferring: slot) else { throw engine.tooManyTransactions }
        guard engine.publishedVersion.load(ordering: .sequentiallyConsistent) == known else {
            engine.snapshots.leave(slot)
            return false
        }
        self.slot = slot
        self.version = version
        view = ReadView(snapshot: snapshot, own: 0, command: 0)
        hasEnded = false
        return true
    }

    /// One that has ended keeps no tables in memory.
    private func letGo() {
        if lastVersion !== version { lastVersion = version }
        version = TableTransaction.noVersion
    }

    private static let noVersion = CatalogVersion(TableCatalog(), [:], validFrom: 0)

    /// To be called in place of `beginStatement` before the first statement of a transaction that was begun for it.
    public func beginFirstStatement() { view.command += 1 }

    /// Stamp of what the running statement writes.
    var stamp: Stamp {
        _ = id
        return view.own | view.command
    }

    func store(_ table: TableID) throws(LeibrixError) -> TableStore {
        if let store = current.stores[table] { return store }
        throw LeibrixError(.undefinedRelation, "there is no table with id \(table)")
    }

    /// Its place in `touched`.
    @inline(__always)
    func touch(_ store: TableStore) -> UInt32 {
        for place in touched.indices where touched[place] === store { return UInt32(place) }
        touched.append(store)
        return UInt32(touched.count - 1)
    }

    func requireWritable() throws(LeibrixError) {
        guard !hasEnded else { throw LeibrixError(.internal, "a transaction was used after its end") }
        if isReadOnly { throw LeibrixError(.readOnlyTransaction, "cannot execute a write in a read-only transaction") }
        guard view.command < TableEngineLimits.commandsMax else {
            throw LeibrixError(.limitExceeded, "a transaction can have at most \(TableEngineLimits.commandsMax) statements")
        }
        try engine.requireWritable()
    }

    /// Gives up everything that others could wait for or see. Stamps must be final.
    func finish() {
        guard !hasEnded else { return }
        hasEnded = true
        defer { letGo() }
        for lock in rowLocks { lock.store.locked { $0.locks.remove(lock.row, by: id) } }
        if let number {
            for store in touched { store.locked { _ = $0.writers.remove(number) } }
            for store in exclusiveStores { store.locked { if $0.exclusive == number { $0.exclusive = nil } } }
            engine.releaseSchemaLock(number)
            engine.releaseCarried(number)
        }
        if hasOverlay { engine.dropOverlay(token) }
        if token != 0 { engine.unregister(token) }
        engine.snapshots.leave(slot)
        if isolation == .serializable { engine.serializables.subtract(1, ordering: .sequentiallyConsistent) }
        if let number { engine.waits.end(number) }
    }
}

/// A run of rows that a transaction inserted, or one that it ended.
struct WriteEntry {
    enum Kind: UInt8 { case insert, delete }

    var store: UInt32
    var kind: Kind
    var count: UInt32
    var row: RowID
}
