// FROM: which columns each item has, and what a star makes of them.
internal import Base

extension OutputColumns {
    /// The items of a FROM tree, left to right. The columns that USING joins stand once, first, as in the engine.
    func items(_ table: JSON, _ common: Common) -> [Item] {
        switch table["type"]?.string {
        case "EMPTY": return []
        case "BASE_TABLE": return [base(table, common)]
        case "SUBQUERY":
            let columns = table["subquery"]?["node"].flatMap { sources(of: $0, common) }
            return [Item(schema: nil, name: alias(table), columns: renamed(columns, table["column_name_alias"]))]
        case "EXPRESSION_LIST":
            let count = table["values"]?.array?.first?.array?.count
            let columns = count.map { (0..<$0).map { Source(name: "col\($0)", wire: "column\($0 + 1)", origin: nil) } }
            return [Item(schema: nil, name: alias(table), columns: renamed(columns, table["column_name_alias"]))]
        case "JOIN": return joined(table, common)
        default: return [Item(schema: nil, name: alias(table), columns: nil)]
        }
    }

    private func alias(_ table: JSON) -> String? {
        guard let alias = table["alias"]?.string, !alias.isEmpty else { return nil }
        return alias
    }

    private func base(_ table: JSON, _ common: Common) -> Item {
        let name = table["table_name"]?.string ?? ""
        let schema = table["schema_name"]?.string ?? ""
        let shown = alias(table) ?? name
        if schema.isEmpty, let columns = common[name.lowercased()] {
            return Item(schema: nil, name: shown, columns: renamed(columns, table["column_name_alias"]))
        }
        let schemas = schema.isEmpty ? searchPath : [schema == "main" ? "public" : schema]
        guard let (found, numbers) = schemas.lazy.compactMap({ schema in lookup(schema, name).map { (schema, $0) } }).first else {
            return Item(schema: nil, name: shown, columns: nil)
        }
        let columns = numbers.columns.enumerated().map { index, column in
            Source(name: column, wire: nil, origin: .init(table: numbers.oid, attribute: Int16(clamping: index + 1)))
        }
        return Item(schema: alias(table) == nil ? found : nil, name: shown, columns: renamed(columns, table["column_name_alias"]))
    }

    /// AS t(a, b): the first columns have other names.
    func renamed(_ columns: [Source]?, _ aliases: JSON?) -> [Source]? {
        guard let names = aliases?.array?.compactMap(\.string), !names.isEmpty else { return columns }
        guard var columns, names.count <= columns.count else { return nil }
        for (index, name) in names.enumerated() {
            columns[index].name = name
            columns[index].wire = nil
        }
        return columns
    }

    private func joined(_ table: JSON, _ common: Common) -> [Item] {
        let left = table["left"].map { items($0, common) } ?? []
        if ["SEMI", "ANTI"].contains(table["join_type"]?.string) { return left }
        var right = table["right"].map { items($0, common) } ?? []
        var using = Set((table["using_columns"]?.array ?? []).compactMap { $0.string?.lowercased() })
        if table["ref_type"]?.string == "NATURAL" {
            guard let known = names(left), let others = names(right) else {
                return (left + right).map { Item(schema: $0.schema, name: $0.name, columns: nil) }
            }
            using = known.intersection(others)
        }
        if using.isEmpty { return left + right }
        // One column of the two: the left one, except of a join that may lack it.
        if ["RIGHT", "FULL", "OUTER"].contains(table["join_type"]?.string) {
            return (left + right).map { Item(schema: $0.schema, name: $0.name, columns: nil) }
        }
        for item in right.indices {
            for column in (right[item].columns ?? []).indices {
                guard let name = right[item].columns?[column].name, using.contains(name.lowercased()) else { continue }
                right[item].columns?[column].isMerged = true
            }
        }
        return left + right
    }

    private func names(_ items: [Item]) -> Set<String>? {
        var names: Set<String> = []
        for item in items {
            guard let columns = item.columns else { return nil }
            names.formUnion(columns.compactMap { $0.name?.lowercased() })
        }
        return names
    }

    /// `*`, `t.*`, EXCLUDE, REPLACE and RENAME; nil for COLUMNS(…) and where an item's columns are not known.
    func star(_ star: JSON, _ items: [Item]) -> [Source]? {
        if star["columns"] == .bool(true) || star["expr"].map({ !$0.isNull }) ?? false { return nil }
        var chosen = items
        if let relation = star["relation_name"]?.string, !relation.isEmpty {
            chosen = items.filter { $0.name?.lowercased() == relation.lowercased() }
            guard !chosen.isEmpty else { return nil }
        }
        var columns: [Source] = []
        for item in chosen {
            guard let known = item.columns else { return nil }
            columns += known
        }
        if chosen.count == items.count, star["relation_name"]?.string?.isEmpty ?? true { columns.removeAll(where: \.isMerged) }
        for index in columns.indices { columns[index].isMerged = false }
        guard let excluded = excluded(star) else { return nil }
        columns.removeAll { $0.name.map { excluded.contains($0.lowercased()) } ?? false }
        for entry in star["replace_list"]?.array ?? [] {
            let name = entry["key"]?.string?.lowercased()
            for index in columns.indices where columns[index].name?.lowercased() == name { columns[index].origin = nil }
        }
        for entry in star["rename_list"]?.array ?? [] {
            let name = (entry["key"]?["column"]?.string ?? entry["key"]?.string)?.lowercased()
            for index in columns.indices where columns[index].name?.lowercased() == name {
                columns[index].name = entry["value"]?.string
                columns[index].wire = nil
            }
        }
        return columns
    }

    private func excluded(_ star: JSON) -> Set<String>? {
        var names: Set<String> = []
        for entry in (star["exclude_list"]?.array ?? []) + (star["qualified_exclude_list"]?.array ?? []) {
            guard let name = entry.string else { return nil }
            names.insert(name.lowercased())
        }
        return names
    }
}
