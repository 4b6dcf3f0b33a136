// Statements that define tables and what belongs to them. Expressions and queries stay ranges of bytes in the statement's
// text: the engine reads them.

/// A type as written: its words in lower case with what stands in brackets behind them, and how many [] follow.
public struct TypeName: Sendable, Hashable {
    /// "integer", "character varying", "timestamp with time zone"; the last part of a qualified name.
    public var name: String
    /// (10,2), where all of them are plain numbers.
    public var modifiers: [Int]
    /// [] and ARRAY.
    public var dimensions: Int
    /// All of it in the statement.
    public var range: Range<Int>
    public var position: Int
    public init(name: String, modifiers: [Int] = [], dimensions: Int = 0, range: Range<Int> = 0..<0, position: Int = 1) {
        self.name = name
        self.modifiers = modifiers
        self.dimensions = dimensions
        self.range = range
        self.position = position
    }
}

public struct ColumnSyntax: Sendable, Hashable {
    public enum Identity: Sendable, Hashable { case always, byDefault }

    public var name: Identifier
    public var type: TypeName
    /// nil where nothing is said.
    public var isNotNull: Bool?
    public var defaultValue: Range<Int>?
    /// GENERATED ALWAYS AS (…) STORED
    public var generated: Range<Int>?
    public var identity: Identity?
    public var identityOptions: SequenceOptions
    /// Those written with the column; each names this column alone.
    public var constraints: [ConstraintSyntax]
}

public struct ConstraintSyntax: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case primaryKey(columns: [Identifier])
        case unique(columns: [Identifier], nullsNotDistinct: Bool)
        case check(Range<Int>)
        case foreignKey(columns: [Identifier], ForeignKeySyntax)
        /// Of an ALTER TABLE: PRIMARY KEY USING INDEX name, UNIQUE USING INDEX name.
        case usingIndex(Identifier, isPrimary: Bool)
    }
    public var name: Identifier?
    public var kind: Kind
    public var position: Int
}

public struct ForeignKeySyntax: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable { case noAction, restrict, cascade, setNull, setDefault }
    public var table: ObjectName
    /// Empty for the primary key's.
    public var columns: [Identifier]
    public var onDelete: Action
    public var onUpdate: Action
    public var isMatchFull: Bool
    public var isDeferrable = false
    public var isDeferred = false
}

public struct CreateTable: Sendable, Hashable {
    public var name: ObjectName
    public var ifNotExists: Bool
    public var isTemporary: Bool
    public var onCommitDrop: Bool
    public var onCommitDelete: Bool
    public var columns: [ColumnSyntax]
    public var constraints: [ConstraintSyntax]
    /// LIKE other, in order of appearance, with the number of columns before it.
    public var likes: [LikeSyntax]
}

public struct LikeSyntax: Sendable, Hashable {
    public var table: ObjectName
    /// "defaults", "constraints", "indexes", "identity", "generated", "comments", "all"
    public var including: Set<String>
    public var columnsBefore: Int
}

public struct CreateTableAs: Sendable, Hashable {
    public var name: ObjectName
    public var columns: [Identifier]
    public var ifNotExists: Bool
    public var isTemporary: Bool
    public var onCommitDrop = false
    public var onCommitDelete = false
    public var query: Range<Int>
    public var withData: Bool
    /// SELECT … INTO has a tag of its own.
    public var isSelectInto: Bool
}

public enum AlterTableAction: Sendable, Hashable {
    case addColumn(ColumnSyntax, ifNotExists: Bool)
    case dropColumn(Identifier, ifExists: Bool, cascade: Bool)
    case setType(Identifier, TypeName, using: Range<Int>?)
    case setDefault(Identifier, Range<Int>)
    case dropDefault(Identifier)
    case setNotNull(Identifier, Bool)
    case addIdentity(Identifier, ColumnSyntax.Identity, SequenceOptions)
    case setIdentity(Identifier, ColumnSyntax.Identity?, SequenceOptions)
    case dropIdentity(Identifier, ifExists: Bool)
    case dropExpression(Identifier, ifExists: Bool)
    case addConstraint(ConstraintSyntax)
    case dropConstraint(Identifier, ifExists: Bool, cascade: Bool)
    case validateConstraint(Identifier)
    case renameColumn(Identifier, to: Identifier)
    case renameConstraint(Identifier, to: Identifier)
    case rename(to: Identifier)
    case setSchema(Identifier)
    case owner(Identifier)
    /// SET (fillfactor = …), RESET (…), CLUSTER ON and the like, which have no meaning here.
    case storage
}

public enum RelationKind: String, Sendable, Hashable {
    case table = "TABLE"
    case index = "INDEX"
    case sequence = "SEQUENCE"
    case view = "VIEW"
    case schema = "SCHEMA"
    case column = "COLUMN"
    case constraint = "CONSTRAINT"
    case type = "TYPE"
}

public struct AlterTable: Sendable, Hashable {
    /// What the statement says it alters: a table, a view, an index or a sequence.
    public var kind: RelationKind
    public var name: ObjectName
    public var ifExists: Bool
    public var actions: [AlterTableAction]
}

public struct DropRelations: Sendable, Hashable {
    public var kind: RelationKind
    public var names: [ObjectName]
    public var ifExists: Bool
    public var cascade: Bool
}

public struct Truncate: Sendable, Hashable {
    public var names: [ObjectName]
    public var restartIdentity: Bool
    public var cascade: Bool
}

public struct CreateIndex: Sendable, Hashable {
    public struct Key: Sendable, Hashable {
        /// A plain column; otherwise `expression`.
        public var column: Identifier?
        public var expression: Range<Int>?
        public var isDescending: Bool
        public var nullsFirst: Bool?
    }
    public var name: Identifier?
    public var table: ObjectName
    public var isUnique: Bool
    public var ifNotExists: Bool
    public var isConcurrent: Bool
    public var method: String
    public var keys: [Key]
    public var include: [Identifier]
    public var nullsNotDistinct: Bool
    public var condition: Range<Int>?
    public var position: Int
}

/// What CREATE and ALTER SEQUENCE and IDENTITY (…) say; nil where they say nothing.
public struct SequenceOptions: Sendable, Hashable {
    public var type: TypeName?
    public var increment: Int64?
    /// `.some(nil)` is NO MINVALUE.
    public var minimum: Int64??
    public var maximum: Int64??
    public var start: Int64?
    /// `.some(nil)` is RESTART alone.
    public var restart: Int64??
    public var cache: Int64?
    public var cycle: Bool?
    /// `.some(nil)` is OWNED BY NONE.
    public var ownedBy: ObjectName??
    public init() {}
}

public struct CreateView: Sendable, Hashable {
    public var name: ObjectName
    public var columns: [Identifier]
    public var orReplace: Bool
    public var isTemporary: Bool
    public var query: Range<Int>
}

public struct CommentOn: Sendable, Hashable {
    public var kind: RelationKind
    /// A column's table and name together; a constraint's own name.
    public var name: ObjectName
    /// A constraint's table.
    public var table: ObjectName?
    /// nil is NULL.
    public var text: String?
}

public struct Maintenance: Sendable, Hashable {
    public enum Command: String, Sendable, Hashable { case vacuum = "VACUUM", analyze = "ANALYZE", reindex = "REINDEX", cluster = "CLUSTER", checkpoint = "CHECKPOINT" }
    public var command: Command
    /// VACUUM ANALYZE
    public var analyzes: Bool
    public var isFull: Bool
    /// Empty is all tables.
    public var names: [ObjectName]
    public var position: Int
}

public struct LockTables: Sendable, Hashable {
    public var names: [ObjectName]
    /// "access exclusive" ..
    public var mode: String
    public var noWait: Bool
}

/// What defines tables and what belongs to them.
public indirect enum TableStatement: Sendable, Hashable {
    case createTable(CreateTable)
    case createTableAs(CreateTableAs)
    case alter(AlterTable)
    case drop(DropRelations)
    case truncate(Truncate)
    case createIndex(CreateIndex)
    case createSequence(ObjectName, ifNotExists: Bool, isTemporary: Bool, SequenceOptions)
    case alterSequence(ObjectName, ifExists: Bool, SequenceOptions)
    case createView(CreateView)
    case createSchema(Identifier, ifNotExists: Bool)
    /// CREATE TYPE … AS ENUM
    case createEnum(ObjectName, labels: [String])
    case comment(CommentOn)
    case maintenance(Maintenance)
    case lock(LockTables)

    /// The command tag: "CREATE TABLE".
    public var tag: String {
        switch self {
        case .createTable: "CREATE TABLE"
        case .createTableAs(let create): create.isSelectInto ? "SELECT INTO" : "CREATE TABLE AS"
        case .alter(let alter): "ALTER \(alter.kind.rawValue)"
        case .drop(let drop): "DROP \(drop.kind.rawValue)"
        case .truncate: "TRUNCATE TABLE"
        case .createIndex: "CREATE INDEX"
        case .createSequence: "CREATE SEQUENCE"
        case .alterSequence: "ALTER SEQUENCE"
        case .createView: "CREATE VIEW"
        case .createSchema: "CREATE SCHEMA"
        case .createEnum: "CREATE TYPE"
        case .comment: "COMMENT"
        case .maintenance(let maintenance): maintenance.command.rawValue
        case .lock: "LOCK TABLE"
        }
    }
}
