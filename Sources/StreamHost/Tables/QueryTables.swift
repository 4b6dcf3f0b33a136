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

    private func tables(in query: Query) throws(LeibrixError) -> [TableDefinition] {
        guard let catalog = tables?.catalog else { return [] }
        var found: [TableDefinition] = []
        _ = try query.renamingTables { (name) throws(LeibrixError) -> String? in
            if name.schema == nil, object(name.name.lowercased()) != nil || object(name.name) != nil { return nil }
            let schema = name.schema.map { $0 == "main" ? "public" : $0 } ?? "public"
            switch catalog.lookup(schema: schema, name: name.name) {
            case .table(let id)?:
                if let table = catalog.table(id), !found.contains(where: { $0.id == id }) { found.append(table) }
            case nil: break
            default:
                throw LeibrixError(
                    .streamNotSupported, "\"\(name.name)\" is not a table", hint: "A stream reads tables, sources and streams: write the view's query in its place.")
            }
            return nil
        }
        return found
    }

    /// What an object's query follows, for `TableInput`s of its own.
    func tableInputs(of query: String) throws(LeibrixError) -> [TableInput] {
        guard tables != nil else { return [] }
        let (parsed, serialized) = try parser.parse(query)
        let tables = try tables(in: parsed)
        if tables.isEmpty { return [] }
        let mentioned = try MentionedNames(serialized: serialized)
        return try tables.map { (table) throws(LeibrixError) in try Self.input(table, mentioned) }
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

    /// A query with the object's own sources in its tables' places.
    func following(_ object: StreamObject, _ query: Query) throws(LeibrixError) -> Query {
        if object.tables.isEmpty { return query }
        return try query.renamingTables { (name) throws(LeibrixError) in
            let schema = name.schema.map { $0 == "main" ? "public" : $0 } ?? "public"
            return object.tables.first { $0.schema.lowercased() == schema.lowercased() && $0.name.lowercased() == name.name.lowercased() }?.source(of: object.name)
        }
    }
}
