/// PRIMARY KEY or UNIQUE. An index of the same name and columns holds it: `TableDefinition.index(of:)`.
public struct KeyConstraint: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable { case primary, unique }

    public var id: TableID
    public var name: String
    public var kind: Kind
    /// Attribute numbers, in the key's order.
    public var columns: [Int16]
    /// The index that enforces it.
    public var index: TableID
    /// NULLs are equal to each other (UNIQUE NULLS NOT DISTINCT).
    public var nullsNotDistinct: Bool

    public init(id: TableID, name: String, kind: Kind, columns: [Int16], index: TableID, nullsNotDistinct: Bool = false) {
        self.id = id
        self.name = name
        self.kind = kind
        self.columns = columns
        self.index = index
        self.nullsNotDistinct = nullsNotDistinct
    }
}

/// CHECK (sql).
public struct CheckConstraint: Sendable, Hashable {
    public var id: TableID
    public var name: String
    public var sql: String

    public init(id: TableID, name: String, sql: String) {
        self.id = id
        self.name = name
        self.sql = sql
    }
}

/// FOREIGN KEY … REFERENCES …, MATCH SIMPLE: a row with a NULL among its columns references nothing.
public struct ForeignKey: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable { case noAction, restrict, cascade, setNull, setDefault }

    public var id: TableID
    public var name: String
    /// Attribute numbers here, and in the referenced table the columns of one of its keys, in the same order.
    public var columns: [Int16]
    public var referencedTable: TableID
    public var referencedColumns: [Int16]
    public var onDelete: Action
    public var onUpdate: Action
    /// DEFERRABLE: SET CONSTRAINTS moves the check between the statement's end and the transaction's.
    public var isDeferrable = false
    /// INITIALLY DEFERRED
    public var isDeferred = false

    public init(
        id: TableID, name: String, columns: [Int16], referencedTable: TableID, referencedColumns: [Int16],
        onDelete: Action = .noAction, onUpdate: Action = .noAction
    ) {
        self.id = id
        self.name = name
        self.columns = columns
        self.referencedTable = referencedTable
        self.referencedColumns = referencedColumns
        self.onDelete = onDelete
        self.onUpdate = onUpdate
    }
}
