// The query of a view for the engine: names in it are made whole, so that it reads the same relations whatever search_path a
// reader has. Where a relation stands in the text is what the engine's parser says (`query_location`).
internal import Base
internal import SQLSyntax

struct ViewText {
    /// A relation that the query names, common table expressions aside.
    struct Reference: Equatable {
        /// The byte of the text where the name begins.
        var location: Int
        var schema: String?
        var name: String

        var sqlName: String { (schema.map { sqlIdentifier($0) + "." } ?? "") + sqlIdentifier(name) }
    }

    /// The relations in `tree`, the engine's json_serialize_sql, in the order of their places; nil where one has no place.
    static func references(in tree: JSON) -> [Reference]? {
        var walk = Walk()
        walk.visit(tree, [])
        guard walk.isWhole else { return nil }
        return walk.found.sorted { $0.location < $1.location }
    }

    /// Puts a schema in front of names that have none. `schema` says which; nil leaves the name.
    static func qualified(_ sql: String, _ references: [Reference], _ schema: (Reference) throws(LeibrixError) -> String?) throws(LeibrixError) -> String {
        let bytes = Array(sql.utf8)
        var text: [UInt8] = []
        var copied = 0
        for reference in references where reference.schema == nil && reference.location <= bytes.count {
            guard let schema = try schema(reference) else { continue }
            text += bytes[copied..<reference.location] + Array((sqlIdentifier(schema) + ".").utf8)
            copied = reference.location
        }
        return String(decoding: text + bytes[copied...], as: UTF8.self)
    }

    /// Follows the scopes of WITH: a name of one hides a relation.
    private struct Walk {
        var found: [Reference] = []
        var isWhole = true

        mutating func visit(_ json: JSON, _ scope: Set<String>) {
            if let items = json.array {
                for item in items { visit(item, scope) }
                return
            }
            guard let members = json.members else { return }
            if json["type"]?.string == "BASE_TABLE", let name = json["table_name"]?.string { note(json, name, scope) }
            var inner = scope
            for entry in json["cte_map"]?["map"]?.array ?? [] {
                guard let name = entry["key"]?.string?.lowercased(), let value = entry["value"] else { continue }
                let isRecursive = value["query"]?["node"]?["type"]?.string == "RECURSIVE_CTE_NODE"
                visit(value, isRecursive ? inner.union([name]) : inner)
                inner.insert(name)
            }
            for member in members where member.name != "cte_map" { visit(member.value, inner) }
        }

        private mutating func note(_ json: JSON, _ name: String, _ scope: Set<String>) {
            let schema = json["schema_name"]?.string
            if schema == nil, scope.contains(name.lowercased()) { return }
            guard let location = json["query_location"]?.integer else {
                isWhole = false
                return
            }
            found.append(Reference(location: Int(clamping: location), schema: schema, name: name))
        }
    }
}
