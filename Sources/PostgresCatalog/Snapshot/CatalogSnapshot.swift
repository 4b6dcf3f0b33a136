public import Columnar

/// What there is to describe, at one moment: the input of `PostgresModel`.
public struct CatalogSnapshot: Sendable {
    /// Database name as clients see it.
    public var database: String
    /// Whom everything belongs to.
    public var owner: String
    /// Besides public, pg_catalog and information_schema, which are always there.
    public var schemas: [String]
    public var relations: [Relation]
    /// Users that may log in; the owner is added when it is missing.
    public var roles: [Role]

    public init(database: String, owner: String, schemas: [String], relations: [Relation], roles: [Role]) {
        self.database = database
        self.owner = owner
        self.schemas = schemas
        self.relations = relations
        self.roles = roles
    }

    public struct Relation: Sendable, Hashable {
        public enum Kind: String, Sendable { case table = "r", view = "v" }

        public var schema: String
        public var name: String
        public var kind: Kind
        public var columns: [Column]
        public var comment: String?
        /// Estimates are good enough. -1: unknown.
        public var rows: Int64
        public var bytes: Int64
        /// A view's query.
        public var definition: String?

        public init(
            schema: String, name: String, kind: Kind = .table, columns: [Column], comment: String? = nil, rows: Int64 = -1,
            bytes: Int64 = 0, definition: String? = nil
        ) {
            self.schema = schema
            self.name = name
            self.kind = kind
            self.columns = columns
            self.comment = comment
            self.rows = rows
            self.bytes = bytes
            self.definition = definition
        }
    }

    public struct Column: Sendable, Hashable {
        public var name: String
        public var type: DataType
        public var isNotNull: Bool
        public var comment: String?

        public init(_ name: String, _ type: DataType, isNotNull: Bool = false, comment: String? = nil) {
            self.name = name
            self.type = type
            self.isNotNull = isNotNull
            self.comment = comment
        }
    }

    public struct Role: Sendable, Hashable {
        public var name: String
        public var isSuperuser: Bool
        public init(name: String, isSuperuser: Bool) {
            self.name = name
            self.isSuperuser = isSuperuser
        }
    }
}

/// What changes from moment to moment, asked for when a statement reads it.
public struct LiveState: Sendable {
    public struct Setting: Sendable {
        public var name: String
        public var value: String
        public var unit: String?
        public var category: String
        public var summary: String
        /// Whether a session may change it.
        public var isSessionSetting: Bool
        /// bool, enum, integer, real or string.
        public var type: String
        public init(
            name: String, value: String, unit: String? = nil, category: String, summary: String, isSessionSetting: Bool,
            type: String
        ) {
            self.name = name
            self.value = value
            self.unit = unit
            self.category = category
            self.summary = summary
            self.isSessionSetting = isSessionSetting
            self.type = type
        }
    }

    public struct Activity: Sendable {
        public var processID: Int32
        public var user: String
        public var applicationName: String
        public var clientAddress: String?
        public var startedMicros: Int64
        public var queryStartedMicros: Int64?
        /// active, idle, idle in transaction ..
        public var state: String
        public var query: String
        public init(
            processID: Int32, user: String, applicationName: String, clientAddress: String?, startedMicros: Int64,
            queryStartedMicros: Int64?, state: String, query: String
        ) {
            self.processID = processID
            self.user = user
            self.applicationName = applicationName
            self.clientAddress = clientAddress
            self.startedMicros = startedMicros
            self.queryStartedMicros = queryStartedMicros
            self.state = state
            self.query = query
        }
    }

    public var settings: @Sendable () -> [Setting]
    public var activity: @Sendable () -> [Activity]
    public init(settings: @escaping @Sendable () -> [Setting], activity: @escaping @Sendable () -> [Activity]) {
        self.settings = settings
        self.activity = activity
    }
}
