internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

extension ChangeText {
    /// The columns that an INSERT gives values for, as places in the table's columns.
    func places(_ names: [Identifier]) throws(LeibrixError) -> [Int] {
        var places: [Int] = []
        for name in names {
            let place = try place(name)
            guard !places.contains(place) else {
                throw LeibrixError(
                    .syntax, "column \"\(name.name)\" specified more than once", hint: "Keep one of them.", position: name.position, sqlState: "42701")
            }
            places.append(place)
        }
        return places
    }

    func place(_ name: Identifier) throws(LeibrixError) -> Int {
        if let place = table.position(ofColumn: name.name) { return place }
        throw LeibrixError(
            .undefinedColumn, "column \"\(name.name)\" of relation \"\(table.name)\" does not exist",
            hint: suggestion(for: name.name, among: table.columns.map(\.name), what: "columns") ?? "SHOW TABLES lists what there is.",
            position: name.position)
    }

    /// The rows of an INSERT over all columns, with defaults, generated columns and the truth of checks.
    /// `sourceColumns` is how many columns a query source has.
    func insert(_ statement: InsertStatement, sourceColumns: Int) throws(LeibrixError) -> [TextPart] {
        let provided = try provided(statement, sourceColumns: sourceColumns)
        let base: [TextPart]
        switch statement.source {
        case .defaults: base = try insertRow(statement)
        case .values(let rows, _) where rows.count == 1: base = try insertRow(statement)
        case .values(let rows, _): base = try select(from: try values(rows, provided, statement), provided, statement)
        case .query(let range):
            try checkWidth(sourceColumns, provided.count, statement)
            base = try select(from: [.source(range)], provided, statement)
        }
        let with = statement.with.map { [TextPart.source($0), .text(" ")] } ?? []
        return with + (try withChecks(withGenerated(base, hasRowID: false)))
    }

    /// Places of the columns that the source gives values for.
    func provided(_ statement: InsertStatement, sourceColumns: Int) throws(LeibrixError) -> [Int] {
        guard statement.columns.isEmpty else { return try places(statement.columns) }
        let count: Int
        switch statement.source {
        case .defaults: count = 0
        case .values(let rows, _): count = rows[0].count
        case .query: count = sourceColumns
        }
        guard count <= table.columns.count else { throw tooMany(statement) }
        return Array(0..<count)
    }

    private func checkWidth(_ count: Int, _ wanted: Int, _ statement: InsertStatement) throws(LeibrixError) {
        if count > wanted { throw tooMany(statement) }
        if count < wanted {
            throw LeibrixError(
                .syntax, "INSERT has more target columns than expressions", hint: "Give one value a column.",
                position: statement.columns.dropFirst(count).first?.position)
        }
    }

    private func tooMany(_ statement: InsertStatement) -> LeibrixError {
        LeibrixError(
            .syntax, "INSERT has more expressions than target columns", hint: "Give one value a column.", position: statement.target.name.position)
    }

    /// SELECT and the values of one row, without a source.
    func insertRow(_ statement: InsertStatement) throws(LeibrixError) -> [TextPart] {
        guard case .values(let rows, _) = statement.source else { return try row([:], statement) }
        let provided = try provided(statement, sourceColumns: 0)
        try checkWidth(rows[0].count, provided.count, statement)
        return try row(Dictionary(uniqueKeysWithValues: zip(provided, rows[0])), statement)
    }

    /// One row without a source: SELECT value AS "a", default AS "b", …
    private func row(_ values: [Int: ChangeValue], _ statement: InsertStatement) throws(LeibrixError) -> [TextPart] {
        var parts: [TextPart] = [.text("SELECT ")]
        var isFirst = true
        for (place, column) in table.columns.enumerated() {
            if !isFirst { parts.append(.text(", ")) }
            isFirst = false
            let value = try checked(values[place] ?? .defaultValue, column, statement)
            parts += column.generatedSQL != nil ? [.text("CAST(NULL AS \(column.type))")] : try self.value(value, column)
            parts.append(.text(" AS \(quoted(column.name))"))
        }
        return parts
    }

    /// (VALUES (CAST(…), …), …)
    private func values(_ rows: [[ChangeValue]], _ provided: [Int], _ statement: InsertStatement) throws(LeibrixError) -> [TextPart] {
        var parts: [TextPart] = [.text("VALUES ")]
        for (number, row) in rows.enumerated() {
            guard row.count == rows[0].count else {
                throw LeibrixError(
                    .syntax, "VALUES lists must all be the same length", hint: "Give every row as many values.",
                    position: statement.target.name.position)
            }
            try checkWidth(row.count, provided.count, statement)
            parts.append(.text(number == 0 ? "(" : ", ("))
            for (index, value) in row.enumerated() {
                if index > 0 { parts.append(.text(", ")) }
                let column = table.columns[provided[index]]
                parts += try self.value(try checked(value, column, statement), column)
            }
            parts.append(.text(")"))
        }
        return parts
    }

    /// SELECT CAST(c0 AS type) AS "a", default AS "b" … FROM (source) AS lbx_source (c0, …)
    func select(from source: [TextPart], _ provided: [Int], _ statement: InsertStatement?) throws(LeibrixError) -> [TextPart] {
        var list: [String] = []
        for (place, column) in table.columns.enumerated() {
            let name = quoted(column.name)
            if column.generatedSQL != nil {
                if provided.contains(place), statement != nil { throw generatedAlways(column) }
                list.append("CAST(NULL AS \(column.type)) AS \(name)")
            } else if let index = provided.firstIndex(of: place), !(column.identity != nil && statement?.overriding == .user) {
                if let statement { try refuseIdentity(column, statement) }
                list.append("\(column.opensCast)lbx_source.c\(index)\(column.closesCast) AS \(name)")
            } else {
                list.append("\(try defaultValue(column)) AS \(name)")
            }
        }
        let names = provided.indices.map { "c\($0)" }.joined(separator: ", ")
        return [.text("SELECT \(list.joined(separator: ", ")) FROM (")] + source + [.text(") AS lbx_source (\(names))")]
    }

    /// Values of identity and generated columns are refused, unless the statement overrides.
    private func checked(_ value: ChangeValue, _ column: TableColumn, _ statement: InsertStatement) throws(LeibrixError) -> ChangeValue {
        if value == .defaultValue { return value }
        if column.generatedSQL != nil { throw generatedAlways(column) }
        if column.identity != nil, statement.overriding == .user { return .defaultValue }
        try refuseIdentity(column, statement)
        return value
    }

    private func refuseIdentity(_ column: TableColumn, _ statement: InsertStatement) throws(LeibrixError) {
        guard column.identity?.kind == .always, statement.overriding != .system else { return }
        throw LeibrixError(
            .syntax, "cannot insert a non-DEFAULT value into column \"\(column.name)\"",
            detail: "Column \"\(column.name)\" is an identity column defined as GENERATED ALWAYS.", hint: "Use OVERRIDING SYSTEM VALUE to override.",
            position: statement.target.name.position, sqlState: "428C9")
    }

    func generatedAlways(_ column: TableColumn, verb: String = "insert a non-DEFAULT value into") -> LeibrixError {
        LeibrixError(
            .syntax, "cannot \(verb) column \"\(column.name)\"", detail: "Column \"\(column.name)\" is a generated column.",
            hint: "Leave it out, or write DEFAULT.", sqlState: "428C9")
    }
}
