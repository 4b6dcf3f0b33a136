public import Columnar

/// A sequence. Its position is the engine's, not the definition's: nextval never rolls back.
public struct SequenceDefinition: Sendable, Hashable {
    public var id: TableID
    public var schema: String
    public var name: String
    /// smallInt, integer or bigInt.
    public var type: DataType
    public var start: Int64
    public var increment: Int64
    public var minimum: Int64
    public var maximum: Int64
    public var cycles: Bool
    /// Numbers a session takes at a time.
    public var cache: Int64
    /// The column that drops it: serial's and identity's.
    public var ownedBy: Ownership?
    public var owner: String
    public var privileges: [PrivilegeGrant]
    public var comment: String?

    public struct Ownership: Sendable, Hashable {
        public var table: TableID
        public var attributeNumber: Int16

        public init(table: TableID, attributeNumber: Int16) {
            self.table = table
            self.attributeNumber = attributeNumber
        }
    }

    public init(
        id: TableID, schema: String, name: String, type: DataType = .bigInt, start: Int64 = 1, increment: Int64 = 1,
        minimum: Int64 = 1, maximum: Int64 = .max, cycles: Bool = false, cache: Int64 = 1, ownedBy: Ownership? = nil,
        owner: String, privileges: [PrivilegeGrant] = [], comment: String? = nil
    ) {
        self.id = id
        self.schema = schema
        self.name = name
        self.type = type
        self.start = start
        self.increment = increment
        self.minimum = minimum
        self.maximum = maximum
        self.cycles = cycles
        self.cache = cache
        self.ownedBy = ownedBy
        self.owner = owner
        self.privileges = privileges
        self.comment = comment
    }
}
