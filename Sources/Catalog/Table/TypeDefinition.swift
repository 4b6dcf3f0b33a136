/// CREATE TYPE name AS ENUM (…). Columns of it hold an enumeration of its labels, which are ordered as they are listed.
public struct TypeDefinition: Sendable, Hashable {
    public var id: TableID
    public var schema: String
    public var name: String
    public var labels: [String]
    public var owner: String
    public var comment: String?

    public init(id: TableID, schema: String, name: String, labels: [String], owner: String, comment: String? = nil) {
        self.id = id
        self.schema = schema
        self.name = name
        self.labels = labels
        self.owner = owner
        self.comment = comment
    }
}
