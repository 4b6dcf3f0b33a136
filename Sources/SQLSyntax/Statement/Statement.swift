/// A name as written, with its 1-based character position in the statement.
public struct Identifier: Sendable, Hashable {
    public var name: String
    public var position: Int
    public init(_ name: String, position: Int) {
        self.name = name
        self.position = position
    }
}

/// One to four names with dots between them.
public struct ObjectName: Sendable, Hashable {
    public var parts: [Identifier]
    public init(_ parts: [Identifier]) { self.parts = parts }
    public var last: Identifier { parts[parts.count - 1] }
    public var position: Int { parts[0].position }
    public var text: String { parts.map(\.name).joined(separator: ".") }
}

/// `name = value` in WITH (…).
public struct StatementOption: Sendable, Hashable {
    public var name: Identifier
    public var value: OptionValue
    /// Where the value is.
    public var position: Int
    public init(name: Identifier, value: OptionValue, position: Int) {
        self.name = name
        self.value = value
        self.position = position
    }
}

public indirect enum OptionValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case decimal(Double)
    case boolean(Bool)
    /// A word without quotes that is not true, false, on or off.
    case word(String)
    case list([OptionValue])
    case null
}

/// What a statement is, as far as this product acts on it. Queries are not parsed further: DuckDB does that.
public indirect enum Statement: Sendable, Hashable {
    /// Nothing but blanks and comments.
    case empty
    /// SELECT, WITH, VALUES, FROM, TABLE, PIVOT, UNPIVOT, DESCRIBE, SUMMARIZE, (…
    case query(QueryHead)
    /// EXPLAIN of a query; the engine answers.
    case explain(ExplainStatement)
    /// EXPLAIN ROUTE of a query.
    case explainRoute(query: Range<Int>)
    case transaction(TransactionStatement)
    case setting(SettingStatement)
    case show(ShowStatement)
    case prepared(PreparedStatementCommand)
    case cursor(CursorStatement)
    case copy(CopyStatement)
    case copyFrom(CopyFromStatement)
    /// INSERT, UPDATE, DELETE, MERGE
    case change(ChangeStatement)
    /// WITH x AS (INSERT … RETURNING …) SELECT …
    case combined(CombinedStatement)
    /// CREATE TABLE and all that defines what belongs to tables.
    case table(TableStatement)
    /// SELECT … FOR UPDATE
    case locking(LockingQuery)
    case administration(AdministrationStatement)
    /// Sources, streams, views of streams, sinks, SUBSCRIBE.
    case stream(StreamStatement)
    /// UNLISTEN: there are no notifications, so nobody listens.
    case unlisten
    /// Known, and refused: what it is, and what to do instead.
    case refused(RefusedStatement)
}

/// The word a query begins with, in lower case; "(" for a parenthesised one.
public struct QueryHead: Sendable, Hashable {
    public var keyword: String
    public init(keyword: String) { self.keyword = keyword }
}

public struct ExplainStatement: Sendable, Hashable {
    public enum Format: Sendable, Hashable { case text, json }
    public var analyze: Bool
    public var format: Format
    /// Bytes of the explained query in the statement.
    public var query: Range<Int>
}

public struct RefusedStatement: Sendable, Hashable {
    public enum Reason: Sendable, Hashable { case notSupported, permission, readOnly }
    public var reason: Reason
    /// "INSERT", "CREATE TEMPORARY TABLE" ..
    public var command: String
    public var hint: String
    public var position: Int
    public init(reason: Reason, command: String, hint: String, position: Int) {
        self.reason = reason
        self.command = command
        self.hint = hint
        self.position = position
    }
}

public enum IsolationLevel: String, Sendable, Hashable {
    case readUncommitted = "read uncommitted"
    case readCommitted = "read committed"
    case repeatableRead = "repeatable read"
    case serializable = "serializable"
}

public struct TransactionModes: Sendable, Hashable {
    public var isolation: IsolationLevel?
    public var readOnly: Bool?
    public var deferrable: Bool?
    public init(isolation: IsolationLevel? = nil, readOnly: Bool? = nil, deferrable: Bool? = nil) {
        self.isolation = isolation
        self.readOnly = readOnly
        self.deferrable = deferrable
    }
}

public enum TransactionStatement: Sendable, Hashable {
    /// `isStart` is START TRANSACTION, which has a tag of its own.
    case begin(TransactionModes, isStart: Bool)
    case commit(chain: Bool)
    case rollback(chain: Bool)
    case savepoint(Identifier)
    case release(Identifier)
    case rollbackTo(Identifier)
    case setTransaction(TransactionModes, position: Int)
    case setSessionCharacteristics(TransactionModes)
    /// SET CONSTRAINTS; no names is ALL.
    case setConstraints([ObjectName], isDeferred: Bool)
}

public enum SettingScope: Sendable, Hashable { case session, local }

public enum SettingValue: Sendable, Hashable {
    case `default`
    /// What was written, one text an element of the list: SET search_path TO a, b has two.
    case values([String])
}

public enum SettingStatement: Sendable, Hashable {
    case set(SettingScope, Identifier, SettingValue)
    case reset(Identifier)
    case resetAll
    /// DISCARD ALL, PLANS, SEQUENCES or TEMP, in capitals.
    case discard(String)
}

public enum ShowStatement: Sendable, Hashable {
    case setting(Identifier)
    case all
    case datasets, catalogs, tenants, users, tables, schemas
    case epochs(of: ObjectName)
    case loads
    case sources, streams, sinks, queries, materializedViews, checkpointStatus
    /// SHOW CREATE SOURCE, STREAM, MATERIALIZED VIEW, SINK
    case create(StreamObjectKind, ObjectName)
    /// SHOW CREATE TABLE, SHOW CREATE VIEW
    case createRelation(ObjectName, isView: Bool)
}

public enum PreparedStatementCommand: Sendable, Hashable {
    /// `types` are the texts of the parameter types; `body` the bytes of the statement.
    case prepare(Identifier, types: [String], body: Range<Int>)
    /// `arguments` are the bytes of each argument's expression.
    case execute(Identifier, arguments: [Range<Int>], position: Int)
    case deallocate(Identifier)
    case deallocateAll
}

public enum CursorDirection: Sendable, Hashable {
    /// How many rows forward; nil is all. Zero is the current row again.
    case forward(Int?)
    case backward(Int?)
    case absolute(Int)
    case relative(Int)
    case first, last
}

public enum CursorStatement: Sendable, Hashable {
    case declare(Identifier, binary: Bool, scroll: Bool, hold: Bool, query: Range<Int>)
    case fetch(Identifier, CursorDirection)
    case move(Identifier, CursorDirection)
    case close(Identifier)
    case closeAll
}

public struct CopyStatement: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        case query(Range<Int>)
        case relation(ObjectName, columns: [Identifier])
    }
    public var source: Source
    public var options: [StatementOption]
}

public enum AdministrationStatement: Sendable, Hashable {
    case createTenant(Identifier, ifNotExists: Bool, options: [StatementOption])
    case alterTenant(Identifier, options: [StatementOption])
    case dropTenant(Identifier, ifExists: Bool)
    case createUser(Identifier, ifNotExists: Bool, UserAttributes, isRole: Bool)
    case alterUser(Identifier, UserAttributes, isRole: Bool)
    case dropUser([Identifier], ifExists: Bool, isRole: Bool)
    case grant(GrantStatement)
    case revoke(GrantStatement)
    case createCatalog(Identifier, ifNotExists: Bool, options: [StatementOption])
    case dropCatalog(Identifier, ifExists: Bool)
    case createDataset(CreateDataset)
    case alterDataset(ObjectName, options: [StatementOption])
    case dropDataset(ObjectName, ifExists: Bool)
    case refreshDataset(ObjectName)

    /// The command tag: "CREATE DATASET".
    public var tag: String {
        switch self {
        case .createTenant: "CREATE TENANT"
        case .alterTenant: "ALTER TENANT"
        case .dropTenant: "DROP TENANT"
        // PostgreSQL's tags: a user is a role that may log in.
        case .createUser(_, _, _, let isRole): isRole ? "CREATE ROLE" : "CREATE USER"
        case .alterUser(_, _, let isRole): isRole ? "ALTER ROLE" : "ALTER USER"
        case .dropUser(_, _, let isRole): isRole ? "DROP ROLE" : "DROP USER"
        case .grant(let grant): if case .role = grant.privilege { "GRANT ROLE" } else { "GRANT" }
        case .revoke(let grant): if case .role = grant.privilege { "REVOKE ROLE" } else { "REVOKE" }
        case .createCatalog: "CREATE CATALOG"
        case .dropCatalog: "DROP CATALOG"
        case .createDataset: "CREATE DATASET"
        case .alterDataset: "ALTER DATASET"
        case .dropDataset: "DROP DATASET"
        case .refreshDataset: "REFRESH DATASET"
        }
    }
}

/// What CREATE USER and ALTER USER may say of a user; nil where it says nothing.
public struct UserAttributes: Sendable, Hashable {
    /// A new password; `.some(nil)` is PASSWORD NULL.
    public var password: String??
    public var tenant: Identifier?
    public var isAdmin: Bool?
    public var canLogIn: Bool?
    /// IN ROLE
    public var memberOf: [Identifier] = []
    public init() {}
}

public struct GrantStatement: Sendable, Hashable {
    public enum Privilege: Sendable, Hashable {
        /// GRANT role TO user
        case role(Identifier)
        /// GRANT SELECT ON [DATASET|TABLE] name TO user: the privilege's name in capitals
        case relation(String, [ObjectName])
        /// GRANT SELECT ON ALL DATASETS|TABLES|SEQUENCES [IN SCHEMA public]
        case allRelations(String, schemas: [Identifier], areSequences: Bool)
        /// GRANT USAGE ON SCHEMA name
        case schema(String, [Identifier])
        case sequence(String, [ObjectName])
        case database(String, [Identifier])
    }
    public var privilege: Privilege
    public var users: [Identifier]
    /// WITH GRANT OPTION; of REVOKE, GRANT OPTION FOR.
    public var isOption = false
    public var cascade = false
    public var position: Int

    public var isOfRole: Bool { if case .role = privilege { true } else { false } }
}

public struct CreateDataset: Sendable, Hashable {
    public var name: ObjectName
    public var ifNotExists: Bool
    /// catalog.namespace….table
    public var source: ObjectName
    public var options: [StatementOption]
}
