// The tables in a query. A name is a common table's, a source's or stream's, else a table's; tables become sources of changes.
public import Base
public import Catalog
internal import Columnar
internal import SQLPlanning
internal import StreamEngine
internal import TableEngine

extension Query {
    /// The query with other names for the tables that `rename` gives one for; columns are qualified as before. `common` are names that
    /// an outer WITH defines, in lower case.
    func renamingTables(
        _ common: Set<String> = [], _ rename: (TableName) throws(LeibrixError) -> String?
    ) throws(LeibrixError) -> Query {
        var query = self
        var common = common
        for index in query.commonTables.indices {
            query.commonTables[index].query = try query.commonTables[index].query.renamingTables(common, rename)
            common.insert(query.commonTables[index].name.lowercased())
        }
        switch query.body {
        case .select(var select):
            select.from = try select.from.renamingTables(common, rename)
            query.body = .select(select)
        case .setOperation(var operation):
            operation.left = try operation.left.renamingTables(common, rename)
            operation.right = try operation.right.renamingTables(common, rename)
            query.body = .setOperation(operation)
        case .recursive, .other: break
        }
        return query
    }
}

extension TableReference {
    fileprivate func renamingTables(
        _ common: Set<String>, _ rename: (TableName) throws(LeibrixError) -> String?
    ) throws(LeibrixError) -> TableReference {
        var reference = self
        switch kind {
        case .table(var table):
            if table.schema == nil, common.contains(table.name.lowercased()) { break }
            do throws(LeibrixError) {
                guard let name = try rename(table) else { break }
                reference.alias = alias ?? table.name
                (table.catalog, table.schema, table.name) = (nil, nil, name)
                reference.kind = .table(table)
            } catch {
                var error = error
                error.position = error.position ?? location.map { $0 + 1 }
                throw error
            }
        case .join(var join):
            join.left = try join.left.renamingTables(common, rename)
            join.right = try join.right.renamingTables(common, rename)
            reference.kind = .join(join)
        case .subquery(let query): reference.kind = .subquery(try query.renamingTables(common, rename))
        case .none, .function, .values, .other: break
        }
        return reference
    }
}

/// What a query's text mentions: which of a table's columns a stream has to be told of.
struct MentionedNames {
    private var words: Set<String> = []
    private var hasStar = false

    /// From DuckDB's serialization: every word in it counts as a name, which keeps a column too many rather than one too few.
    init(serialized: String) throws(LeibrixError) { collect(try JSON.parse(serialized)) }

    private mutating func collect(_ json: JSON) {
        switch json {
        case .string(let word):
            if word == "STAR" || word == "NATURAL" { hasStar = true }
            words.insert(word.lowercased())
        case .array(let elements): for element in elements { collect(element) }
        case .object(let members): for member in members { collect(member.value) }
        case .null, .bool, .integer, .number: break
        }
    }

    func contains(_ column: String) -> Bool { hasStar || words.contains(column.lowercased()) }
}

extension StreamHost {
    /// The tables that a query of a stream reads, as they are now. Blocks. Throws `undefinedRelation` for none of that name where
    /// there is no stream either, `notSupported` for views.
    public func tables(in query: String) throws(LeibrixError) -> [TableDefinition] {
        guard tables != nil else { return [] }
        return try tables(in: parser.read(query))
    }

    private func tables(in query: Query) throws(LeibrixError) -> [TableDefinition] { try mentioned(query).tables.map(\.table) }

    /// What a query reads beside sources and streams: tables, followed or asked by key, and datasets, which are asked.
    private func mentioned(_ query: Query) throws(LeibrixError) -> (tables: [(table: TableDefinition, isAsked: Bool)], datasets: [TableName]) {
        guard let catalog = tables?.catalog else { return ([], []) }
        var found: [(table: TableDefinition, isAsked: Bool)] = []
        var datasets: [TableName] = []
        _ = try query.renamingTables { (name) throws(LeibrixError) -> String? in
            if name.schema == nil, object(name.name.lowercased()) != nil || object(name.name) != nil { return nil }
            switch catalog.lookup(schema: Self.schema(name), name: name.name) {
            case .table(let id)?:
                if let table = catalog.table(id), !found.contains(where: { $0.table.id == id && $0.isAsked == (name.at != nil) }) {
                    found.append((table, name.at != nil))
                }
            case nil: if !datasets.contains(name) { datasets.append(name) }
            default:
                throw LeibrixError(
                    .streamNotSupported, "\"\(name.name)\" is not a table", hint: "A stream reads tables, sources and streams: write the view's query in its place.")
            }
            return nil
        }
        return (found, datasets)
    }

    private static func schema(_ name: TableName) -> String { name.schema.map { $0 == "main" ? "public" : $0 } ?? "public" }

    /// Gives an object what its query follows and asks.
    func resolveInputs(of object: inout StreamObject) throws(LeibrixError) {
        guard let query = object.query, tables != nil else { return }
        let (parsed, serialized) = try parser.parse(query)
        let (tables, datasets) = try mentioned(parsed)
        object.lookups = tables.filter(\.isAsked).map { Self.lookup($0.table) }
        for name in datasets where name.schema == nil || ["public", "main"].contains(name.schema) {
            if let input = dataset(name.name) { object.lookups.append(input) }
        }
        if tables.allSatisfy(\.isAsked) { return }
        let words = try MentionedNames(serialized: serialized)
        object.tables = try tables.filter { !$0.isAsked }.map { (made) throws(LeibrixError) in try Self.input(made.table, words) }
    }

    private static func lookup(_ table: TableDefinition) -> LookupInput {
        LookupInput(
            schema: table.schema, name: table.name, table: table.id.rawValue,
            columns: table.columns.filter(\.type.canStream).map { DataType.Field($0.name, $0.type) })
    }

    /// nil where there is none: the engine says so, with what there is.
    private func dataset(_ name: String) -> LookupInput? {
        guard let columns = parser.columns(of: "lbx.public.\(RelationLookup.quoted(name))") else { return nil }
        return LookupInput(schema: "public", name: name, table: nil, columns: columns.filter(\.type.canStream))
    }

    private static func input(_ table: TableDefinition, _ mentioned: MentionedNames) throws(LeibrixError) -> TableInput {
        var input = TableInput(id: table.id.rawValue, schema: table.schema, name: table.name, columns: [], places: [])
        func add(_ place: Int) {
            input.columns.append(DataType.Field(table.columns[place].name, table.columns[place].type))
            input.places.append(place)
        }
        for (place, column) in table.columns.enumerated() where mentioned.contains(column.name) {
            guard column.type.canStream else {
                throw LeibrixError(
                    .streamNotSupported, "a stream cannot read column \"\(column.name)\" of table \"\(table.name)\", which is of type \(column.type)",
                    hint: "Name the other columns.")
            }
            add(place)
        }
        // count(*) wants rows, whatever is in them.
        if input.places.isEmpty, let place = table.columns.firstIndex(where: { $0.type.canStream }) { add(place) }
        guard !input.places.isEmpty else {
            throw LeibrixError(.streamNotSupported, "table \"\(table.name)\" has no column that a stream can read", hint: "Add one.")
        }
        return input
    }

    /// A query with the object's own sources and lookups in its tables' places.
    func following(_ object: StreamObject, _ query: Query) throws(LeibrixError) -> Query {
        if object.tables.isEmpty, object.lookups.isEmpty { return query }
        return try query.renamingTables { (name) throws(LeibrixError) in
            let (schema, table) = (Self.schema(name).lowercased(), name.name.lowercased())
            if name.at == nil, let input = object.tables.first(where: { $0.schema.lowercased() == schema && $0.name.lowercased() == table }) {
                return input.source(of: object.name)
            }
            return object.lookups.first { $0.schema.lowercased() == schema && $0.name.lowercased() == table }?.source(of: object.name)
        }
    }
}
