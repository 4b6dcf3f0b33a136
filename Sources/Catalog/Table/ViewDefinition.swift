/// A view: a SELECT under a name.
public struct ViewDefinition: Sendable, Hashable {
    public var id: TableID
    public var schema: String
    public var name: String
    /// The SELECT as the engine reads it, names in it resolved to schemas when the view was made.
    public var sql: String
    /// The SELECT as its author wrote it.
    public var definition: String
    public var columns: [ColumnDefinition]
    /// Tables and views that it reads, so that dropping one of them asks for CASCADE.
    public var reads: [TableID]
    public var owner: String
    public var privileges: [PrivilegeGrant]
    public var comment: String?

    public init(
        id: TableID, schema: String, name: String, sql: String, columns: [ColumnDefinition], reads: [TableID] = [], owner: String,
        privileges: [PrivilegeGrant] = [], comment: String? = nil
    ) {
        self.id = id
        self.schema = schema
        self.name = name
        self.sql = sql
        definition = sql
        self.columns = columns
        self.reads = reads
        self.owner = owner
        self.privileges = privileges
        self.comment = comment
    }
}

/// A schema. `public` is there from the start.
public struct SchemaDefinition: Sendable, Hashable {
    public var id: TableID
    public var name: String
    public var owner: String
    public var privileges: [PrivilegeGrant]
    /// Of `public`: what everybody has there from the start was changed, so that `privileges` is all there is.
    public var isRestricted = false
    public var comment: String?

    public init(id: TableID, name: String, owner: String, privileges: [PrivilegeGrant] = [], comment: String? = nil) {
        self.id = id
        self.name = name
        self.owner = owner
        self.privileges = privileges
        self.comment = comment
    }
}
