public import Catalog
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
    /// Owners and privileges of schemas, where something was said of them.
    public var schemaAccess: [String: Access] = [:]
    /// What CREATE TYPE made.
    public var types: [TypeDefinition] = []

    public struct Access: Sendable, Hashable {
        public var owner: String
        public var privileges: [PrivilegeGrant]
        public init(owner: String, privileges: [PrivilegeGrant]) {
            self.owner = owner
            self.privileges = privileges
        }
    }

    public init(database: String, owner: String, schemas: [String], relations: [Relation], roles: [Role]) {
        self.database = database
        self.owner = owner
        self.schemas = schemas
        self.relations = relations
        self.roles = roles
    }

    public struct Relation: Sendable, Hashable {
        public enum Kind: String, Sendable { case table = "r", view = "v", sequence = "S", materialized = "m", foreign = "f" }

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
        /// pg_class's number, where the relation has one of its own; otherwise it derives from the names.
        public var oid: UInt32?
        /// nil is the snapshot's.
        public var owner: String?
        /// Whether rows can be inserted, updated and deleted.
        public var isWritable = false
        /// Beside the owner's; nil where everybody may read.
        public var privileges: [PrivilegeGrant]?
        public var constraints: [Constraint] = []
        public var indexes: [Index] = []
        public var sequence: Sequence?

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

    /// A constraint of a table. Columns are counted from 1.
    public struct Constraint: Sendable, Hashable {
        public enum Kind: String, Sendable { case primary = "p", unique = "u", check = "c", foreign = "f" }

        public var oid: UInt32
        public var name: String
        public var kind: Kind
        public var columns: [Int]
        /// pg_get_constraintdef.
        public var definition: String
        /// Of the index that enforces a key, or that a foreign key references.
        public var indexOID: UInt32 = 0
        public var referencedOID: UInt32 = 0
        public var referencedColumns: [Int] = []
        /// a, r, c, n or d.
        public var onUpdate = "a"
        public var onDelete = "a"
        /// A check's expression.
        public var expression: String?
        public var isDeferrable = false
        public var isDeferred = false

        public init(oid: UInt32, name: String, kind: Kind, columns: [Int], definition: String) {
            self.oid = oid
            self.name = name
            self.kind = kind
            self.columns = columns
            self.definition = definition
        }
    }

    public struct Index: Sendable, Hashable {
        public var oid: UInt32
        public var name: String
        public var columns: [Int]
        public var descending: [Bool]
        public var isUnique: Bool
        public var isPrimary: Bool
        public var nullsNotDistinct: Bool
        /// pg_get_indexdef.
        public var definition: String
        public var comment: String?

        public init(
            oid: UInt32, name: String, columns: [Int], descending: [Bool], isUnique: Bool, isPrimary: Bool, nullsNotDistinct: Bool, definition: String,
            comment: String? = nil
        ) {
            self.oid = oid
            self.name = name
            self.columns = columns
            self.descending = descending
            self.isUnique = isUnique
            self.isPrimary = isPrimary
            self.nullsNotDistinct = nullsNotDistinct
            self.definition = definition
            self.comment = comment
        }
    }

    public struct Sequence: Sendable, Hashable {
        public var type: DataType
        public var start: Int64
        public var increment: Int64
        public var minimum: Int64
        public var maximum: Int64
        public var cache: Int64
        public var cycles: Bool
        /// The table and column, counted from 1, that own it.
        public var ownerOID: UInt32?
        public var ownerColumn = 0
        /// Of an identity column.
        public var isInternal = false

        public init(type: DataType, start: Int64, increment: Int64, minimum: Int64, maximum: Int64, cache: Int64, cycles: Bool) {
            self.type = type
            self.start = start
            self.increment = increment
            self.minimum = minimum
            self.maximum = maximum
            self.cache = cache
            self.cycles = cycles
        }
    }

    public struct Column: Sendable, Hashable {
        public var name: String
        public var type: DataType
        public var isNotNull: Bool
        public var comment: String?
        /// The declared type's number and modifier, where the stored one does not say it: varchar(n), char(n).
        public var declared: (oid: UInt32, modifier: Int32)? {
            get { declaredOID == 0 ? nil : (declaredOID, declaredModifier) }
            set { (declaredOID, declaredModifier) = newValue.map { ($0.oid, $0.modifier) } ?? (0, -1) }
        }
        private var declaredOID: UInt32 = 0
        private var declaredModifier: Int32 = -1
        /// DEFAULT or GENERATED ALWAYS AS (…) STORED, as SQL.
        public var defaultSQL: String?
        public var isGenerated = false
        /// a (always), d (by default) or nothing.
        public var identity = ""

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
        public var mayLogIn: Bool
        /// Roles that it is a member of, directly.
        public var memberOf: Set<String>
        public init(name: String, isSuperuser: Bool, mayLogIn: Bool = true, memberOf: Set<String> = []) {
            self.name = name
            self.isSuperuser = isSuperuser
            self.mayLogIn = mayLogIn
            self.memberOf = memberOf
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
