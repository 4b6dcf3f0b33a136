public import Columnar

/// A column of a table.
public struct TableColumn: Sendable, Hashable {
    /// Its place in the table's history, from 1. A dropped column's number is never used again; constraints and indexes
    /// name columns by it, so that renaming and dropping leave them alone.
    public var attributeNumber: Int16
    public var name: String
    /// How values are stored: serial is an integer, varchar(n) a varchar, jsonb an alias over varchar.
    public var type: DataType
    /// What PostgreSQL writes in parentheses after the type, where the storage type does not already say it.
    public var modifier: TypeModifier?
    public var isNotNull: Bool
    /// DEFAULT as SQL, without the keyword; nil is NULL. Of an identity column it is nil.
    public var defaultSQL: String?
    /// GENERATED ALWAYS AS (…) STORED, the expression as SQL.
    public var generatedSQL: String?
    public var identity: ColumnIdentity?
    public var comment: String?
    /// The type that CREATE TYPE made, where the column was declared with one; `type` holds its labels.
    public var userType: TableID?

    public init(
        attributeNumber: Int16, name: String, type: DataType, modifier: TypeModifier? = nil, isNotNull: Bool = false,
        defaultSQL: String? = nil, generatedSQL: String? = nil, identity: ColumnIdentity? = nil, comment: String? = nil
    ) {
        self.attributeNumber = attributeNumber
        self.name = name
        self.type = type
        self.modifier = modifier
        self.isNotNull = isNotNull
        self.defaultSQL = defaultSQL
        self.generatedSQL = generatedSQL
        self.identity = identity
        self.comment = comment
    }

    public var definition: ColumnDefinition { ColumnDefinition(name, type) }
}

/// A limit that the declared type adds to its storage type.
public enum TypeModifier: Sendable, Hashable {
    /// varchar(n): at most n characters.
    case length(Int)
    /// char(n): padded with blanks to n characters.
    case fixedLength(Int)
    /// time(p), timestamp(p), interval(p): digits of a second's fraction.
    case precision(Int)
}

/// GENERATED … AS IDENTITY.
public struct ColumnIdentity: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable { case always, byDefault }

    public var kind: Kind
    public var sequence: TableID

    public init(_ kind: Kind, sequence: TableID) {
        self.kind = kind
        self.sequence = sequence
    }
}
