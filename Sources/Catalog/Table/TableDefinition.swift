/// A table: what CREATE and ALTER TABLE made of it.
public struct TableDefinition: Sendable, Hashable {
    public var id: TableID
    public var schema: String
    public var name: String
    /// The columns there are, in the order of `SELECT *`.
    public var columns: [TableColumn]
    /// The attribute number that the next added column gets.
    public var nextAttributeNumber: Int16
    public var keys: [KeyConstraint]
    public var checks: [CheckConstraint]
    public var foreignKeys: [ForeignKey]
    /// Those of keys among them.
    public var indexes: [IndexDefinition]
    public var owner: String
    public var privileges: [PrivilegeGrant]
    public var comment: String?
    /// Of a session, gone with it.
    public var isTemporary: Bool

    public init(
        id: TableID, schema: String, name: String, columns: [TableColumn], nextAttributeNumber: Int16? = nil,
        keys: [KeyConstraint] = [], checks: [CheckConstraint] = [], foreignKeys: [ForeignKey] = [],
        indexes: [IndexDefinition] = [], owner: String, privileges: [PrivilegeGrant] = [], comment: String? = nil,
        isTemporary: Bool = false
    ) {
        self.id = id
        self.schema = schema
        self.name = name
        self.columns = columns
        self.nextAttributeNumber = nextAttributeNumber ?? (columns.map(\.attributeNumber).max() ?? 0) + 1
        self.keys = keys
        self.checks = checks
        self.foreignKeys = foreignKeys
        self.indexes = indexes
        self.owner = owner
        self.privileges = privileges
        self.comment = comment
        self.isTemporary = isTemporary
    }
}

extension TableDefinition {
    public var primaryKey: KeyConstraint? { keys.first { $0.kind == .primary } }

    /// The column's place in `columns`; names are compared without regard to ASCII case.
    public func position(ofColumn name: String) -> Int? {
        let folded = TableCatalog.folded(name)
        return columns.firstIndex { TableCatalog.folded($0.name) == folded }
    }

    /// The column's place in `columns`.
    public func position(ofAttribute number: Int16) -> Int? { columns.firstIndex { $0.attributeNumber == number } }

    public func index(_ id: TableID) -> IndexDefinition? { indexes.first { $0.id == id } }

    /// The index that enforces a key.
    public func index(of key: KeyConstraint) -> IndexDefinition? { index(key.index) }

    /// Names of columns by attribute number, for messages and DDL.
    public func columnNames(_ numbers: [Int16]) -> [String] {
        numbers.compactMap { number in columns.first { $0.attributeNumber == number }?.name }
    }
}
