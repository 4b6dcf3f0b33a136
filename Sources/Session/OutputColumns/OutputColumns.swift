// What a query's result columns are called, and which relation's columns they are, as PostgreSQL tells its clients.
//
// The engine names a column without an alias by its expression's text (`count_star()`, `(a + b)`); PostgreSQL by a rule
// (count, ?column?), and clients show and look for those names. And a column that is a relation's own, perhaps through
// sub-selects, tells the relation's and the column's number. Both are read off the syntax tree that the engine's parser
// gives as JSON. Only what leaves the server is renamed: inside a query the engine's names stay what they are.
//
// A tree is followed as far as it is understood. Where it is not (COLUMNS(…), a table function whose columns nobody
// knows behind a star), the answer is nil, and the engine's names go out as they are.
internal import Base

/// Numbers of a relation and its columns, the first column being 1.
public struct RelationNumbers: Sendable {
    public var oid: UInt32
    public var columns: [String]
    public init(oid: UInt32, columns: [String]) {
        self.oid = oid
        self.columns = columns
    }
}

/// A relation of the catalog by schema and name.
public typealias RelationLookup = @Sendable (_ schema: String, _ name: String) -> RelationNumbers?

struct OutputColumn: Sendable, Equatable {
    struct Origin: Sendable, Equatable {
        var table: UInt32
        var attribute: Int16
    }

    /// nil leaves the engine's.
    var name: String?
    var origin: Origin?
}

struct OutputColumns {
    /// A column as the queries around it see it.
    struct Source {
        /// nil where the engine makes a name of an expression: then nobody is known to refer to it.
        var name: String?
        /// What it is called on the wire if a star lets it through; nil leaves the engine's name.
        var wire: String?
        var origin: OutputColumn.Origin?
        /// Joined by USING with a column to its left, which stands for both where no relation is named.
        var isMerged = false
    }

    /// An item of FROM.
    struct Item {
        var schema: String?
        var name: String?
        /// nil where they are not known.
        var columns: [Source]?
    }

    /// The text that was parsed: some of its forms are told apart by how they begin.
    let text: [UInt8]
    /// Schemas to look in for a name without one, in order.
    let searchPath: [String]
    let lookup: RelationLookup

    /// The columns of the one statement in `tree`, DuckDB's json_serialize_sql.
    func columns(of tree: JSON) -> [OutputColumn]? {
        guard let statements = tree["statements"]?.array, statements.count == 1, let node = statements[0]["node"] else { return nil }
        return sources(of: node, [:])?.map { OutputColumn(name: $0.wire, origin: $0.origin) }
    }

    /// Common table expressions in sight, by name in lower case.
    typealias Common = [String: [Source]?]

    func sources(of node: JSON, _ outer: Common) -> [Source]? {
        let common = common(node, outer)
        switch node["type"]?.string {
        case "SELECT_NODE": return selected(node, common)
        case "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE":
            guard let left = node["left"] ?? node["children"]?.array?.first, node["setop_type"]?.string != "UNION_BY_NAME" else { return nil }
            // Rows of several relations: the names are the first one's, and no column is any relation's.
            return sources(of: left, common)?.map { Source(name: $0.name, wire: $0.wire, origin: nil) }
        default: return nil
        }
    }

    private func common(_ node: JSON, _ outer: Common) -> Common {
        var common = outer
        for entry in node["cte_map"]?["map"]?.array ?? [] {
            guard let name = entry["key"]?.string, let query = entry["value"]?["query"]?["node"] else { continue }
            common[name.lowercased()] = .some(renamed(sources(of: query, common), entry["value"]?["aliases"]))
        }
        return common
    }

    private func selected(_ node: JSON, _ common: Common) -> [Source]? {
        guard let list = node["select_list"]?.array else { return nil }
        let items = node["from_table"].map { self.items($0, common) } ?? []
        var sources: [Source] = []
        for expression in list {
            if expression["class"]?.string == "STAR" {
                guard let expanded = star(expression, items) else { return nil }
                sources += expanded
            } else {
                sources.append(source(expression, items))
            }
        }
        return sources
    }

    private func source(_ expression: JSON, _ items: [Item]) -> Source {
        let column = column(expression, items)
        if let alias = expression["alias"]?.string, !alias.isEmpty { return Source(name: alias, wire: nil, origin: column?.origin) }
        if let parts = parts(expression) {
            // The engine calls it as the relation does; a column that lost its engine's name below keeps what it has.
            return Source(name: column?.name ?? parts.last, wire: nil, origin: column?.origin)
        }
        if expression["class"]?.string == "POSITIONAL_REFERENCE" { return Source(name: nil, wire: nil, origin: nil) }
        return Source(name: nil, wire: figured(expression, items).name, origin: nil)
    }

    /// The names of a plain column reference.
    func parts(_ expression: JSON) -> [String]? {
        guard expression["class"]?.string == "COLUMN_REF" else { return nil }
        return expression["column_names"]?.array?.compactMap(\.string)
    }

    /// The column that a reference means, if it is one of the items'.
    func column(_ expression: JSON, _ items: [Item]) -> Source? {
        guard let parts = parts(expression)?.map({ $0.lowercased() }), let last = parts.last else { return nil }
        func find(_ items: [Item]) -> Source? {
            let found = items.flatMap { $0.columns ?? [] }.filter { $0.name?.lowercased() == last && (parts.count > 1 || !$0.isMerged) }
            return found.count == 1 ? found[0] : nil
        }
        switch parts.count {
        case 1: return find(items)
        case 2: return find(items.filter { $0.name?.lowercased() == parts[0] })
        case 3, 4:
            return find(items.filter { $0.name?.lowercased() == parts[parts.count - 2] && $0.schema?.lowercased() == parts[parts.count - 3] })
        default: return nil
        }
    }
}
