/// An index of a table: one learned index from its key to row ids.
///
/// NULLs sort last whatever the direction of the others, as PostgreSQL's ascending default.
public struct IndexDefinition: Sendable, Hashable {
    public enum Part: Sendable, Hashable {
        /// An attribute number.
        case column(Int16)
        /// SQL over the table's columns.
        case expression(String)
    }

    public struct Key: Sendable, Hashable {
        public var part: Part
        public var isDescending: Bool

        public init(_ part: Part, isDescending: Bool = false) {
            self.part = part
            self.isDescending = isDescending
        }
    }

    public var id: TableID
    public var name: String
    public var keys: [Key]
    public var isUnique: Bool
    public var nullsNotDistinct: Bool
    /// What CREATE INDEX … USING said; all are held the same way.
    public var method: String
    public var comment: String?

    public init(
        id: TableID, name: String, keys: [Key], isUnique: Bool, nullsNotDistinct: Bool = false, method: String = "btree",
        comment: String? = nil
    ) {
        self.id = id
        self.name = name
        self.keys = keys
        self.isUnique = isUnique
        self.nullsNotDistinct = nullsNotDistinct
        self.method = method
        self.comment = comment
    }

    /// The key's attribute numbers, nil when a part is an expression.
    public var columns: [Int16]? {
        var columns: [Int16] = []
        for key in keys {
            guard case .column(let number) = key.part else { return nil }
            columns.append(number)
        }
        return columns
    }
}
