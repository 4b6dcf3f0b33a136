// What a door (PostgreSQL, MySQL, Flight SQL, HTTP) asks of the SQL layer. A door turns bytes into these calls and the
// answers into bytes; it never plans, and the SQL layer never sees a wire format.
public import Base
public import Columnar

/// The server as doors see it: who may enter, and sessions for those who do.
public protocol DoorService: AnyObject, Sendable {
    associatedtype Session: DoorSession

    /// How `user` proves who it is. Unknown users get a challenge too, so that names cannot be probed.
    func authentication(user: String, database: String, isLoopback: Bool, isEncrypted: Bool) throws(LeibrixError) -> Authentication
    /// A session for an authenticated user. Throws `tooManyConnections`, `undefinedDatabase`, `shuttingDown`.
    func openSession(_ opening: SessionOpening) throws(LeibrixError) -> Session
    /// Ends the running statement of the session with this key, if there is one. Wrong keys are ignored.
    func cancel(_ key: CancelKey)
    /// The client of this session is gone: what it runs, and what it is about to run, is ended.
    func abandon(_ key: CancelKey)
}

extension DoorService {
    public func abandon(_ key: CancelKey) { cancel(key) }
}

public enum Authentication: Sendable {
    case trust
    /// RFC 5802: what the server stores instead of a password.
    case scramSHA256(ScramVerifier)
}

/// RFC 5802's stored form: salt and iterations are public, the keys are SHA-256 sized.
public struct ScramVerifier: Sendable, Hashable {
    public var iterations: Int
    public var salt: [UInt8]
    public var storedKey: [UInt8]
    public var serverKey: [UInt8]
    public init(iterations: Int, salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8]) {
        self.iterations = iterations
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
    }
}

public struct SessionOpening: Sendable {
    public var user: String
    public var database: String
    /// Settings from the startup message (application_name, client_encoding, search_path, `options` already split ..).
    public var settings: [(name: String, value: String)]
    public var peer: String
    /// "postgres", "http" ..
    public var door: String
    public init(user: String, database: String, settings: [(name: String, value: String)], peer: String, door: String) {
        self.user = user
        self.database = database
        self.settings = settings
        self.peer = peer
        self.door = door
    }
}

/// PostgreSQL's BackendKeyData.
public struct CancelKey: Sendable, Hashable {
    public var processID: Int32
    public var secret: Int32
    public init(processID: Int32, secret: Int32) {
        self.processID = processID
        self.secret = secret
    }
}

public enum TransactionStatus: Sendable { case idle, active, failed }

/// One client's session. Calls come one at a time, except `cancel` (through the service) and `close`.
public protocol DoorSession: AnyObject, Sendable {
    associatedtype Execution: DoorExecution

    var cancelKey: CancelKey { get }
    var transactionStatus: TransactionStatus { get }
    /// Settings that the protocol reports: all at startup, then those that changed since the last call.
    func takeParameterStatus() -> [(name: String, value: String)]
    /// Milliseconds a session may sit idle, and idle inside a transaction block; 0 is for ever.
    var idleTimeoutMS: (session: Int, inTransaction: Int) { get }

    /// The single statements of a simple query, in order, each with its offset in characters. Empty for an empty query.
    func split(_ sql: String) throws(LeibrixError) -> [StatementText]
    /// Parses and plans. `parameterTypes` are the client's; nil where it leaves the type to the server.
    func prepare(_ statement: StatementText, parameterTypes: [DataType?]) async throws(LeibrixError) -> PreparedStatement
    /// Runs a prepared statement with one value a parameter, already converted to its type.
    func execute(_ statement: PreparedStatement, parameters: [Value]) async throws(LeibrixError) -> Execution
    /// As `execute` for what is done without waiting and without another thread; nil, with nothing done, for all else.
    func executeNow(_ statement: PreparedStatement, parameters: [Value]) throws(LeibrixError) -> Execution?
    /// As `endImplicitTransaction` where there is nothing to commit; false, with nothing done, where it has to be called.
    func endImplicitTransactionNow(failed: Bool) -> Bool
    /// PostgreSQL's Sync, and the end of a simple query: commits the implicit transaction, or rolls it back after an error.
    /// Throws when what was to be committed was not.
    func endImplicitTransaction(failed: Bool) async throws(LeibrixError)
    /// DISCARD ALL and DEALLOCATE reach the door's named statements and portals through this: names to forget since the last call.
    func takeForgotten() -> Forgotten
    /// Statements made by SQL's PREPARE, which the extended protocol may bind by name.
    func namedStatement(_ name: String) -> PreparedStatement?
    /// The door has a named statement of the protocol, or (nil) has it no more: SQL's DEALLOCATE may name it, and
    /// pg_prepared_statements shows it.
    func note(protocolStatement name: String, _ statement: PreparedStatement?)
    /// The door has a named portal, or (nil) has it no more: pg_cursors shows it.
    func note(portal name: String, _ statement: PreparedStatement?)
    /// The columns of a cursor made by SQL's DECLARE, which the extended protocol may describe as a portal.
    func cursorColumns(_ name: String) -> [ResultColumn]?
    func close() async
}

extension DoorSession {
    public func executeNow(_ statement: PreparedStatement, parameters: [Value]) throws(LeibrixError) -> Execution? { nil }
    public func endImplicitTransactionNow(failed: Bool) -> Bool { false }
    public func note(protocolStatement name: String, _ statement: PreparedStatement?) {}
    public func note(portal name: String, _ statement: PreparedStatement?) {}
    public func cursorColumns(_ name: String) -> [ResultColumn]? { nil }
}

public enum Forgotten: Sendable { case nothing, statements([String]), allStatements, everything }

public struct StatementText: Sendable, Hashable {
    public var sql: String
    /// Characters before this statement in the query that held it, added to error positions.
    public var offset: Int
    public init(sql: String, offset: Int = 0) {
        self.sql = sql
        self.offset = offset
    }
}

public struct ResultColumn: Sendable, Hashable {
    public var name: String
    public var type: DataType
    /// pg_class and pg_attribute numbers of the column it comes from; 0 when computed.
    public var tableOID: UInt32
    public var attributeNumber: Int16
    public init(_ name: String, _ type: DataType, tableOID: UInt32 = 0, attributeNumber: Int16 = 0) {
        self.name = name
        self.type = type
        self.tableOID = tableOID
        self.attributeNumber = attributeNumber
    }
}

/// A parsed and planned statement. Stays usable when epochs flip or catalogs change: it is planned again when needed.
public final class PreparedStatement: Sendable {
    public enum Outcome: Sendable {
        case empty
        /// Ends with a command tag and no rows.
        case command
        case rows([ResultColumn])
        case copyOut(CopyFormat, [ResultColumn])
        /// Client data wanted, of these columns. The door reads it and feeds `DoorExecution.copy`.
        case copyIn(CopyFormat, [ResultColumn])
    }

    public let text: StatementText
    public let parameterTypes: [DataType]
    public let outcome: Outcome
    /// The session's own plan; opaque to doors.
    package let plan: any Sendable
    /// The same, where it is a session's of this process.
    let sessionPlan: StatementPlan?

    package init(text: StatementText, parameterTypes: [DataType], outcome: Outcome, plan: any Sendable) {
        self.text = text
        self.parameterTypes = parameterTypes
        self.outcome = outcome
        self.plan = plan
        sessionPlan = plan as? StatementPlan
    }
}

public struct CopyFormat: Sendable, Hashable {
    public enum Kind: Sendable { case text, csv, binary }
    public var kind: Kind
    public var delimiter: UInt8
    public var null: String
    public var header: Bool
    public var quote: UInt8
    public var escape: UInt8
    /// CSV's FORCE_QUOTE: column names, or nil for none; `["*"]` for all.
    public var forceQuote: [String]?
    /// COPY FROM: the header must name the columns.
    public var matchesHeader = false
    /// CSV's FORCE_NULL and FORCE_NOT_NULL, as places of columns.
    public var forceNull: Set<Int> = []
    public var forceNotNull: Set<Int> = []
    /// COPY FROM: the table, for errors.
    public var relation = ""
    public init(
        kind: Kind, delimiter: UInt8, null: String, header: Bool = false, quote: UInt8 = 0x22, escape: UInt8 = 0x22,
        forceQuote: [String]? = nil
    ) {
        self.kind = kind
        self.delimiter = delimiter
        self.null = null
        self.header = header
        self.quote = quote
        self.escape = escape
        self.forceQuote = forceQuote
    }
}

/// A running or finished statement: rows are pulled by the door as its client reads.
public protocol DoorExecution: AnyObject, Sendable {
    var columns: [ResultColumn] { get }
    /// Whether `next` may wait for rows that are yet to be made: what there is should be sent before.
    var mayWait: Bool { get }
    /// As `next` where that does not wait.
    func poll() throws(LeibrixError) -> PolledRows
    /// The first rows when they are at hand, without a thread hop; then `next`.
    func next() async throws(LeibrixError) -> Batch?
    /// "SELECT 42", "CREATE DATASET": valid after `next` returned nil. `rows` is what the door really sent (portals may stop early).
    func commandTag(rows: Int) -> String
    /// Warnings and notices gathered so far, for NoticeResponse.
    func takeNotices() -> [LeibrixError]
    /// Rows of the client's COPY data, of the columns' types: for statements whose outcome is `copyIn`.
    func copy(_ rows: [[Value]]) async throws(LeibrixError)
    /// The client's data is complete. A COPY that fails is closed instead.
    func endCopy() async throws(LeibrixError)
    /// Releases the engine behind an execution that is not drained. Idempotent.
    func close() async
    /// As `close` where nothing has to be waited for; false, with nothing done, where it has to be called.
    func closeNow() -> Bool
}

/// What an execution has at hand.
public enum PolledRows: Sendable {
    case batch(Batch)
    /// There are no more.
    case end
    /// `next` tells.
    case unknown
}

extension DoorExecution {
    public var mayWait: Bool { false }
    public func poll() throws(LeibrixError) -> PolledRows { .unknown }
    public func closeNow() -> Bool { false }

    public func copy(_ rows: [[Value]]) async throws(LeibrixError) {
        throw LeibrixError(.notSupported, "this statement takes no COPY data")
    }

    public func endCopy() async throws(LeibrixError) {
        throw LeibrixError(.notSupported, "this statement takes no COPY data")
    }
}
