internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

extension ChangeText {
    /// What is assigned, by place.
    func assigned(_ assignments: [Assignment]) throws(LeibrixError) -> [Int: [TextPart]] {
        var assigned: [Int: [TextPart]] = [:]
        for assignment in assignments {
            switch assignment.source {
            case .value(let value): try assign(assignment.columns[0], value, &assigned)
            case .row(let values): for (name, value) in zip(assignment.columns, values) { try assign(name, value, &assigned) }
            case .query(let range): try assign(assignment.columns, range, &assigned)
            }
        }
        return assigned
    }

    private func assign(_ name: Identifier, _ value: ChangeValue, _ assigned: inout [Int: [TextPart]]) throws(LeibrixError) {
        let place = try claim(name, assigned)
        let column = table.columns[place]
        if value != .defaultValue {
            if column.generatedSQL != nil { throw onlyDefault(column, "Column \"\(column.name)\" is a generated column.", name.position) }
            if column.identity?.kind == .always {
                throw onlyDefault(column, "Column \"\(column.name)\" is an identity column defined as GENERATED ALWAYS.", name.position)
            }
        }
        if column.generatedSQL == nil { assigned[place] = try self.value(value, column) }
    }

    /// (a, b) = (SELECT x, y …): each takes its column of the query.
    private func assign(_ names: [Identifier], _ query: Range<Int>, _ assigned: inout [Int: [TextPart]]) throws(LeibrixError) {
        let list = names.indices.map { "c\($0)" }.joined(separator: ", ")
        for (index, name) in names.enumerated() {
            let place = try claim(name, assigned)
            let column = table.columns[place]
            if column.generatedSQL != nil { throw onlyDefault(column, "Column \"\(column.name)\" is a generated column.", name.position) }
            assigned[place] =
                [.text("\(column.opensCast)(SELECT lbx_query.c\(index) FROM ("), .source(query)]
                + [.text(") AS lbx_query (\(list)))\(column.closesCast)")]
        }
    }

    private func claim(_ name: Identifier, _ assigned: [Int: [TextPart]]) throws(LeibrixError) -> Int {
        let place = try place(name)
        guard assigned[place] == nil else {
            throw LeibrixError(
                .syntax, "multiple assignments to same column \"\(name.name)\"", hint: "Keep one of them.", position: name.position)
        }
        return place
    }

    private func onlyDefault(_ column: TableColumn, _ detail: String, _ position: Int) -> LeibrixError {
        LeibrixError(
            .syntax, "column \"\(column.name)\" can only be updated to DEFAULT", detail: detail, hint: "Leave it out.", position: position,
            sqlState: "428C9")
    }

    /// Whether an UPDATE must compute the whole row.
    func needsWholeRow(_ returning: Returning?) -> Bool {
        returning != nil || !table.checks.isEmpty || table.columns.contains { $0.generatedSQL != nil }
    }

    /// Row ids and new values: of the assigned columns, or of all where something is computed from the row.
    func update(
        _ assignments: [Assignment], with: Range<Int>?, from: [TextPart], condition: [TextPart], returning: Returning?
    ) throws(LeibrixError) -> (parts: [TextPart], columns: [Int]) {
        let assigned = try assigned(assignments)
        let whole = needsWholeRow(returning)
        let columns = whole ? Array(table.columns.indices) : assigned.keys.sorted()
        var parts: [TextPart] = [.text("SELECT \(alias).rowid AS \(Self.rowID)")]
        for place in columns {
            let name = quoted(table.columns[place].name)
            parts.append(.text(", "))
            parts += assigned[place] ?? [.text("\(alias).\(name)")]
            parts.append(.text(" AS \(name)"))
        }
        parts += [.text(" FROM ")] + from + condition
        guard whole else { return (withClause(with) + parts, columns) }
        let layered = try withReturning(withChecks(withGenerated(parts, hasRowID: true)), returning)
        return (withClause(with) + layered, columns)
    }

    /// Row ids, and what RETURNING names of the rows that go.
    func delete(
        with: Range<Int>?, from: [TextPart], condition: [TextPart], returning: Returning?
    ) throws(LeibrixError) -> [TextPart] {
        var parts: [TextPart] = [.text("SELECT \(alias).rowid AS \(Self.rowID)")]
        if let returning { parts += [.text(", ")] + (try items(returning)) }
        return withClause(with) + parts + [.text(" FROM ")] + from + condition
    }

    func withClause(_ with: Range<Int>?) -> [TextPart] { with.map { [.source($0), .text(" ")] } ?? [] }

    /// relation [, others] WHERE condition
    func sources(_ others: Range<Int>?) -> [TextPart] {
        [.text(relation)] + (others.map { [.text(", "), .source($0)] } ?? [])
    }

    func filter(_ condition: Range<Int>?) -> [TextPart] { condition.map { [.text(" WHERE "), .source($0)] } ?? [] }
}
