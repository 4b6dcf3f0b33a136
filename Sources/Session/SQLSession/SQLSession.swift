// One client's session: its settings, transaction, prepared statements and cursors. It holds no connection to the
// engine; statements borrow one. Calls come one at a time (the door's promise), so the fields need no lock; what other
// threads read (leibrix.sessions, cancel requests) is in `status`.
public import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import Platform
internal import SQLSyntax
internal import Synchronization
internal import TableEngine

public final class SQLSession: DoorSession, @unchecked Sendable {
    public let cancelKey: CancelKey
    let server: SQLServer
    let user: UserRecord
    let peer: String
    let door: String
    let openedMicros: Int64
    var settings: SessionSettings
    var transaction = TransactionState()
    var held: HeldExecutor?
    /// The transaction over tables, once something of the block or statement has wanted one.
    var tables: TableTransaction?
    /// One that has ended and may be begun again.
    var spareTables: TableTransaction?
    /// Why the last point statement was not run at once.
    var givenUp: GivenUpPoint?
    /// The tenant as of a version of the users' directory.
    private var knownTenant: (version: UInt64, record: TenantRecord?)?
    /// What the record of statements keeps of this session.
    let identity: SessionIdentity
    /// Rows for sources, pushed when the transaction commits.
    var pendingRows: [PendingRows] = []
    /// Not 0 once the transaction has changed definitions: plans made since are its own.
    var definitions: UInt64 = 0
    /// Once the session has made a temporary relation.
    var hasTemporary = false
    /// What a commit does to temporary tables.
    var onCommit: [TableID: OnCommit] = [:]
    /// Foreign keys that are checked when the transaction ends.
    var deferred = DeferredKeys()
    /// nextval's last answers, for currval and lastval. Written on the engine's thread while the session waits for it.
    var sequenceValues: [TableID: Int64] = [:]
    var lastSequence: TableID?
    var named: [String: PreparedStatement] = [:]
    /// Names of the door's statements.
    var protocolStatements: Set<String> = []
    /// What pg_prepared_statements and pg_cursors say of all of them, and of the door's portals.
    var statementNotes: [String: StatementNote] = [:]
    var portalNotes: [String: StatementNote] = [:]
    var cursors: [String: Cursor] = [:]
    var forgotten = Forgotten.nothing
    /// The executor that ran the last statement: its plans are likely wanted again.
    var lastExecutor: Int?
    /// The execution on the held executor that may still be reading.
    var openOnHeld: SQLExecution?
    /// The query text that was cut last, for its tokens.
    var lastSplit: SplitText?
    let status = Mutex(Status())

    struct Status: Sendable {
        var state = "idle"
        var text = ""
        var stateMicros: Int64 = 0
        /// The last point statement, where it came after `text`.
        var point: PointNote?
        var application = ""
        var control: StatementControl?
        /// Between a statement's arrival and the end of its implicit transaction: a cancel request that finds nothing running waits.
        var isBusy = false
        var isCancelPending = false
        var isClosed = false
        /// Nobody waits for answers any more.
        var isAbandoned = false
    }

    init(server: SQLServer, opening: SessionOpening, user: UserRecord, key: CancelKey) throws(LeibrixError) {
        self.server = server
        self.user = user
        cancelKey = key
        peer = opening.peer
        door = opening.door
        identity = SessionIdentity(number: key.processID, user: user.name, tenant: user.tenant, door: opening.door)
        openedMicros = server.clock.wallMicros()
        settings = SessionSettings(
            server.defaults, fixed: ["session_authorization": user.name, "is_superuser": user.isAdministrator ? "on" : "off"])
        for (name, value) in opening.settings { try settings.start(name.lowercased(), value) }
        noteState("idle")
    }

    public var transactionStatus: TransactionStatus { transaction.status }

    public func takeParameterStatus() -> [(name: String, value: String)] { settings.takeReported() }

    public var idleTimeoutMS: (session: Int, inTransaction: Int) {
        let derived = derived
        return (derived.idleTimeoutMS, derived.idleInTransactionTimeoutMS)
    }

    public func split(_ sql: String) throws(LeibrixError) -> [StatementText] {
        do throws(LeibrixError) {
            let split = try SplitText(sql)
            lastSplit = split
            return split.statements.map { StatementText(sql: $0.sql, offset: $0.offset) }
        } catch {
            transaction.fail()
            throw error
        }
    }

    public func takeForgotten() -> Forgotten {
        defer { forgotten = .nothing }
        return forgotten
    }

    public func note(protocolStatement name: String, _ statement: PreparedStatement?) {
        if let statement {
            protocolStatements.insert(name)
            statementNotes[name] = StatementNote(statement, server.clock.wallMicros(), isSQL: false)
        } else if protocolStatements.remove(name) != nil {
            statementNotes[name] = nil
        }
    }

    public func note(portal name: String, _ statement: PreparedStatement?) {
        portalNotes[name] = statement.map { StatementNote($0, server.clock.wallMicros(), isSQL: false) }
    }

    public func namedStatement(_ name: String) -> PreparedStatement? { named[name] }

    public func endImplicitTransactionNow(failed: Bool) -> Bool {
        guard !failed else { return false }
        if transaction.isBlock {
            notBusy()
            return true
        }
        guard pendingRows.isEmpty, onCommit.isEmpty, deferred.values.isEmpty else { return false }
        if let running = tables {
            guard running.endReading() else { return false }
            tables = nil
            spareTables = running
            definitions = 0
        }
        notBusy()
        if transaction.phase == .implicit {
            settings.endTransaction(committed: true)
            transaction.end()
        }
        return true
    }

    private func notBusy() {
        lastSplit = nil
        status.withLock { status in
            status.isBusy = false
            status.isCancelPending = false
        }
    }

    public func endImplicitTransaction(failed: Bool) async throws(LeibrixError) {
        notBusy()
        if failed { transaction.fail() }
        guard transaction.phase == .implicit || transaction.phase == .none else { return }
        var failure: LeibrixError?
        if failed {
            rollBackTables()
        } else {
            do throws(LeibrixError) { try await commitTables() } catch { failure = error }
        }
        if transaction.phase == .implicit {
            settings.endTransaction(committed: !failed && failure == nil)
            transaction.end()
        }
        if let failure { throw failure }
    }

    public func close() async {
        let first = status.withLock { status in
            defer { status.isClosed = true }
            return !status.isClosed
        }
        guard first else { return }
        abandon()
        for cursor in cursors.values { await cursor.execution.close() }
        cursors = [:]
        await releaseHeld()
        rollBackTables()
        await dropTemporary()
        server.registry.close(cancelKey.processID)
    }

    /// Ends the running statement. Any thread.
    func cancelRunning() {
        let control = status.withLock { status in
            if status.control == nil, status.isBusy { status.isCancelPending = true }
            return status.control
        }
        control?.stop(.cancelled)
    }

    /// Ends the running statement and every later one. Any thread.
    func abandon() {
        let control = status.withLock { status in
            status.isAbandoned = true
            return status.control
        }
        control?.stop(.closed)
    }

    /// From here on cancel requests, and the end of the session, reach the statement behind `control`.
    func expose(_ control: StatementControl) {
        let (isAbandoned, isCancelled) = status.withLock { status in
            status.control = control
            defer { status.isCancelPending = false }
            return (status.isAbandoned, status.isCancelPending)
        }
        if isAbandoned { control.stop(.closed) } else if isCancelled { control.stop(.cancelled) }
    }

    /// Runs `body`; an error makes the block failed. Positions are within the statement: the door, which knows where the
    /// statement lies in the client's query, adds its offset.
    func guarded<T>(_ body: () async throws(LeibrixError) -> T) async throws(LeibrixError) -> T {
        do throws(LeibrixError) {
            return try await body()
        } catch {
            failed()
            throw error
        }
    }

    /// An error makes the block failed.
    func failed() {
        transaction.fail()
        // Nothing can be rolled back to: others need not wait for the client to notice.
        if transaction.isFailed, transaction.savepoints.isEmpty { rollBackTables() }
    }

    func noteState(_ state: String, _ text: String? = nil, micros: Int64? = nil) {
        let micros = micros ?? server.clock.wallMicros()
        let application = derived.application
        status.withLock { status in
            status.state = state
            if let text { status.text = text } else if let point = status.point { status.text = point.text }
            status.point = nil
            status.stateMicros = micros
            status.application = application
        }
    }

    var derived: DerivedSettings {
        settings.derive(catalog: server.configuration.relationCatalog, user: user.name, version: planVersion, temporary: temporaryIfAny) {
            server.tables == nil ? [] : tableCatalog.schemas.map(\.name)
        }
    }

    var profile: ExecutionProfile {
        var profile = derived.profile
        profile.scanRowsMax = tenant?.maxScanRows
        return profile
    }

    /// The session's tenant as it is now.
    var tenant: TenantRecord? {
        let version = server.principals.version
        if let knownTenant, knownTenant.version == version { return knownTenant.record }
        let record = server.principals.tenant(user.tenant)
        knownTenant = (version, record)
        return record
    }

    /// Lets the snapshot of the transaction go.
    func releaseHeld() async {
        if let open = openOnHeld { await open.close() }
        openOnHeld = nil
        guard let held else { return }
        self.held = nil
        let engine = server.engine
        guard held.isBegun else { return }
        await withCheckedContinuation { continuation in
            engine.pool.start {
                held.end(engine)
                continuation.resume()
            }
        }
    }
}
