// The definitions of all tables, views, sequences and schemas at one moment.
//
// Names: one name space a schema for tables, views, sequences and indexes, as PostgreSQL's pg_class. Names are compared
// without regard to ASCII case, as DuckDB compares them, so two relations of a schema never differ in case alone.

/// An immutable value; copies are one reference. Changing a copy copies the maps once.
public struct TableCatalog: Sendable {
    public static let publicSchema = "public"

    private var storage: Storage

    /// Grows with every committed change; two catalogs of one engine with the same version are the same.
    public var version: UInt64

    public init() {
        storage = Storage()
        version = 0
    }

    /// Everything, for schemas and relations that are there.
    fileprivate final class Storage: Sendable {
        let schemas: [String: SchemaDefinition]
        let tables: [TableID: TableDefinition]
        let views: [TableID: ViewDefinition]
        let sequences: [TableID: SequenceDefinition]
        let names: [RelationName: NamedRelation]
        let types: [TableID: TypeDefinition]

        init(
            schemas: [String: SchemaDefinition] = [:], tables: [TableID: TableDefinition] = [:],
            views: [TableID: ViewDefinition] = [:], sequences: [TableID: SequenceDefinition] = [:],
            names: [RelationName: NamedRelation] = [:], types: [TableID: TypeDefinition] = [:]
        ) {
            self.types = types
            self.schemas = schemas
            self.tables = tables
            self.views = views
            self.sequences = sequences
            self.names = names
        }
    }

    struct RelationName: Hashable {
        let schema: String
        let name: String
    }

    static func folded(_ name: String) -> String {
        name.utf8.contains { $0 >= 65 && $0 <= 90 } ? String(decoding: name.utf8.map { $0 >= 65 && $0 <= 90 ? $0 | 32 : $0 }, as: UTF8.self) : name
    }
}

/// What a name stands for.
public enum NamedRelation: Sendable, Hashable {
    case table(TableID)
    case view(TableID)
    case sequence(TableID)
    case index(TableID, of: TableID)

    public var id: TableID {
        switch self {
        case .table(let id), .view(let id), .sequence(let id), .index(let id, _): id
        }
    }
}

// MARK: Looking up

extension TableCatalog {
    /// What a name stands for in a schema; nil for none. O(1).
    public func lookup(schema: String, name: String) -> NamedRelation? {
        storage.names[RelationName(schema: Self.folded(schema), name: Self.folded(name))]
    }

    public func table(schema: String, name: String) -> TableDefinition? {
        guard case .table(let id) = lookup(schema: schema, name: name) else { return nil }
        return storage.tables[id]
    }

    public func table(_ id: TableID) -> TableDefinition? { storage.tables[id] }
    public func view(_ id: TableID) -> ViewDefinition? { storage.views[id] }
    public func sequence(_ id: TableID) -> SequenceDefinition? { storage.sequences[id] }
    public func type(_ id: TableID) -> TypeDefinition? { storage.types[id] }
    /// O(types).
    public func type(schema: String, name: String) -> TypeDefinition? {
        storage.types.values.first { Self.folded($0.schema) == Self.folded(schema) && Self.folded($0.name) == Self.folded(name) }
    }
    public func schema(_ name: String) -> SchemaDefinition? { storage.schemas[Self.folded(name)] }

    /// `public` is there without a definition of its own until somebody comments on it or grants in it.
    public func hasSchema(_ name: String) -> Bool { Self.folded(name) == Self.publicSchema || schema(name) != nil }

    /// By id, ascending: the order in which they were made.
    public var tables: [TableDefinition] { storage.tables.values.sorted { $0.id < $1.id } }
    public var views: [ViewDefinition] { storage.views.values.sorted { $0.id < $1.id } }
    public var sequences: [SequenceDefinition] { storage.sequences.values.sorted { $0.id < $1.id } }
    public var types: [TypeDefinition] { storage.types.values.sorted { $0.id < $1.id } }
    public var schemas: [SchemaDefinition] { storage.schemas.values.sorted { $0.id < $1.id } }

    /// The table that an index belongs to. O(tables).
    public func table(ofIndex id: TableID) -> TableDefinition? { storage.tables.values.first { $0.index(id) != nil } }

    /// The foreign keys of other tables (and its own) that reference a table. O(tables).
    public func foreignKeys(referencing id: TableID) -> [(table: TableDefinition, key: ForeignKey)] {
        tables.flatMap { table in table.foreignKeys.filter { $0.referencedTable == id }.map { (table, $0) } }
    }

    public var isEmpty: Bool { storage.tables.isEmpty && storage.views.isEmpty && storage.sequences.isEmpty }
}

// MARK: Changing a copy

extension TableCatalog {
    private mutating func change(
        schemas: [String: SchemaDefinition]? = nil, tables: [TableID: TableDefinition]? = nil,
        views: [TableID: ViewDefinition]? = nil, sequences: [TableID: SequenceDefinition]? = nil,
        names: [RelationName: NamedRelation]? = nil, types: [TableID: TypeDefinition]? = nil
    ) {
        storage = Storage(
            schemas: schemas ?? storage.schemas, tables: tables ?? storage.tables, views: views ?? storage.views,
            sequences: sequences ?? storage.sequences, names: names ?? storage.names, types: types ?? storage.types)
    }

    /// The names without those of one object (and of a table's indexes).
    private func names(without id: TableID) -> [RelationName: NamedRelation] {
        storage.names.filter { _, relation in
            if case .index(_, let table) = relation { return table != id }
            return relation.id != id
        }
    }

    /// Adds a table or replaces the one of its id, names of its indexes included. Names must be free: the caller has asked.
    public mutating func put(_ table: TableDefinition) {
        var tables = storage.tables
        var names = tables[table.id] == nil ? storage.names : names(without: table.id)
        tables[table.id] = table
        let schema = Self.folded(table.schema)
        names[RelationName(schema: schema, name: Self.folded(table.name))] = .table(table.id)
        for index in table.indexes {
            names[RelationName(schema: schema, name: Self.folded(index.name))] = .index(index.id, of: table.id)
        }
        change(tables: tables, names: names)
    }

    public mutating func put(_ view: ViewDefinition) {
        var views = storage.views
        var names = views[view.id] == nil ? storage.names : names(without: view.id)
        views[view.id] = view
        names[RelationName(schema: Self.folded(view.schema), name: Self.folded(view.name))] = .view(view.id)
        change(views: views, names: names)
    }

    public mutating func put(_ sequence: SequenceDefinition) {
        var sequences = storage.sequences
        var names = sequences[sequence.id] == nil ? storage.names : names(without: sequence.id)
        sequences[sequence.id] = sequence
        names[RelationName(schema: Self.folded(sequence.schema), name: Self.folded(sequence.name))] = .sequence(sequence.id)
        change(sequences: sequences, names: names)
    }

    /// Adds a type or replaces the one of its id.
    public mutating func put(_ type: TypeDefinition) {
        var types = storage.types
        types[type.id] = type
        change(types: types)
    }

    /// Adds a schema or replaces the one of its id, under a new name, too; what it holds is the caller's to rename.
    public mutating func put(_ schema: SchemaDefinition) {
        var schemas = storage.schemas.filter { $0.value.id != schema.id }
        schemas[Self.folded(schema.name)] = schema
        change(schemas: schemas)
    }

    /// Nothing happens when there is none.
    public mutating func removeSchema(_ name: String) {
        var schemas = storage.schemas
        schemas[Self.folded(name)] = nil
        change(schemas: schemas)
    }

    /// Removes a table, view, sequence or type, whichever has the id; nothing happens when none has.
    public mutating func remove(_ id: TableID) {
        var (tables, views, sequences) = (storage.tables, storage.views, storage.sequences)
        tables[id] = nil
        views[id] = nil
        sequences[id] = nil
        var types = storage.types
        types[id] = nil
        change(tables: tables, views: views, sequences: sequences, names: names(without: id), types: types)
    }
}
