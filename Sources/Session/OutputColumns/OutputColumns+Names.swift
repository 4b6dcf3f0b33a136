// The name of a column without an alias: PostgreSQL's rule. An expression has a name of its own (a function's), or a weak
// one (a type it is cast to, "case"), which gives way to one further in, or none.
internal import Base

extension OutputColumns {
    enum Strength { case none, weak, own }

    static let unnamed = "?column?"

    func figured(_ expression: JSON, _ items: [Item]) -> (name: String, strength: Strength) {
        let type = expression["type"]?.string ?? ""
        switch expression["class"]?.string {
        case "COLUMN_REF":
            guard let last = parts(expression)?.last else { break }
            return (column(expression, items)?.name ?? last.lowercased(), .own)
        case "FUNCTION": return function(expression, items)
        case "WINDOW": return (expression["function_name"]?.string ?? Self.unnamed, .own)
        case "CAST": return cast(expression, items)
        case "COLLATE": return expression["child"].map { figured($0, items) } ?? (Self.unnamed, .none)
        case "CASE":
            let last = expression["else_expr"].map { figured($0, items) }
            return last.flatMap { $0.strength == .own ? $0 : nil } ?? ("case", .weak)
        case "SUBQUERY": return subquery(expression, type)
        case "OPERATOR": return operation(expression, type, items)
        default: break
        }
        return (Self.unnamed, .none)
    }

    private func operation(_ expression: JSON, _ type: String, _ items: [Item]) -> (name: String, strength: Strength) {
        let children = expression["children"]?.array ?? []
        switch type {
        case "OPERATOR_COALESCE": return ("coalesce", .own)
        case "GROUPING_FUNCTION": return ("grouping", .own)
        case "ARRAY_CONSTRUCTOR": return ("array", .own)
        case "ARRAY_EXTRACT", "ARRAY_SLICE": if let first = children.first { return figured(first, items) }
        case "STRUCT_EXTRACT": if let field = children.last?["value"]?["value"]?.string { return (field, .own) }
        default: break
        }
        return (Self.unnamed, .none)
    }

    /// What the parser calls otherwise than the text does.
    private static let made = ["list_value": "array", "date_part": "extract", "trim": "btrim", "struct_pack": "row"]
    private static let renamed = [
        "count_star": "count", "json_group_array": "json_agg", "json_group_object": "json_object_agg",
        "quantile_cont": "percentile_cont", "quantile_disc": "percentile_disc",
    ]
    /// Functions that the parser makes of operators and predicates.
    private static let operators: Set<String> = [
        "regexp_full_match", "like_escape", "not_like_escape", "ilike_escape", "not_ilike_escape",
    ]

    private func function(_ expression: JSON, _ items: [Item]) -> (name: String, strength: Strength) {
        guard let name = expression["function_name"]?.string?.lowercased(), expression["is_operator"] != .bool(true) else { return (Self.unnamed, .none) }
        guard let first = name.utf8.first, first == 0x5F || first >= 0x61 else { return (Self.unnamed, .none) }
        if Self.operators.contains(name), !writes(name) { return (Self.unnamed, .none) }
        // The parser's own calls, made of syntax, have a schema.
        if expression["schema"]?.string == "main", let other = Self.made[name] { return (other, .own) }
        if let other = Self.renamed[name], !writes(name) { return (other, .own) }
        return (name, .own)
    }

    /// Whether the name stands in the text.
    private func writes(_ name: String) -> Bool {
        let wanted = Array(name.utf8)
        guard text.count >= wanted.count else { return false }
        return (0...(text.count - wanted.count)).contains { start in
            wanted.indices.allSatisfy { text[start + $0] | 0x20 == wanted[$0] | 0x20 }
        }
    }

    private func subquery(_ expression: JSON, _ type: String) -> (name: String, strength: Strength) {
        switch expression["subquery_type"]?.string {
        case "EXISTS": return ("exists", .own)
        case "SCALAR":
            if let start = expression["query_location"]?.integer, stands("array", before: start) { return ("array", .own) }
            guard let node = expression["subquery"]?["node"], let column = sources(of: node, [:])?.first else { break }
            // An alias or a column's name is the name; what PostgreSQL could not name is none.
            let name = column.wire ?? column.name ?? Self.unnamed
            return name == Self.unnamed ? (name, .none) : (name, .own)
        default: break
        }
        return (Self.unnamed, .none)
    }

    private func begins(_ word: String, at location: Int64) -> Bool {
        guard let start = Int(exactly: location), start >= 0, start + word.utf8.count <= text.count else { return false }
        return zip(text[start...], word.utf8).allSatisfy { $0 | 0x20 == $1 }
    }

    /// Whether the word stands there, blanks aside.
    private func stands(_ word: String, before location: Int64) -> Bool {
        guard var end = Int(exactly: location), end <= text.count else { return false }
        while end > 0, text[end - 1] <= 0x20 { end -= 1 }
        return begins(word, at: Int64(end - word.utf8.count))
    }

    private func cast(_ expression: JSON, _ items: [Item]) -> (name: String, strength: Strength) {
        guard let child = expression["child"], let type = expression["cast_type"] else { return (Self.unnamed, .none) }
        let inner = figured(child, items)
        if inner.strength == .own { return inner }
        // true and false are parsed as casts of a text.
        if let start = child["query_location"]?.integer, begins("true", at: start) || begins("false", at: start) {
            return (Self.unnamed, .none)
        }
        return (typeName(type), .weak)
    }

    private static let typeNames = [
        "BOOLEAN": "bool", "TINYINT": "int2", "SMALLINT": "int2", "INTEGER": "int4", "BIGINT": "int8", "HUGEINT": "numeric",
        "UTINYINT": "int2", "USMALLINT": "int4", "UINTEGER": "int8", "UBIGINT": "numeric", "UHUGEINT": "numeric", "FLOAT": "float4",
        "DOUBLE": "float8", "DECIMAL": "numeric", "DATE": "date", "TIME": "time", "TIME WITH TIME ZONE": "timetz",
        "TIMESTAMP": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamptz", "TIMESTAMP_S": "timestamp", "TIMESTAMP_MS": "timestamp",
        "TIMESTAMP_NS": "timestamp", "INTERVAL": "interval", "UUID": "uuid", "BLOB": "bytea", "BIT": "bit", "STRUCT": "row",
        "MAP": "map", "UNION": "union", "ENUM": "enum",
    ]

    private func typeName(_ type: JSON) -> String {
        let id = type["id"]?.string ?? ""
        let info = type["type_info"]
        switch id {
        case "VARCHAR": return writes("text") ? "text" : writes("varchar") ? "varchar" : writes("char(") ? "bpchar" : "text"
        case "LIST", "ARRAY": if let element = info?["child_type"] { return typeName(element) }
        case "UNBOUND", "USER":
            if let name = info?["name"]?.string ?? info?["user_type_name"]?.string { return name.lowercased() }
        default: break
        }
        return Self.typeNames[id] ?? id.lowercased()
    }
}
