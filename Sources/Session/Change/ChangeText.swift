// The engine's texts for changes, put together from the client's expressions and the table's definition.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

/// Writes the queries of one change.
struct ChangeText {
    let table: TableDefinition
    let target: ChangeTarget
    let text: SQLText
    /// SQL for a default, its session references filled in.
    let defaultSQL: (TableColumn) throws(LeibrixError) -> String

    static let rowID = "lbx_rowid"

    /// "schema"."table" AS "alias"
    var relation: String { "\(quoted(table.schema)).\(quoted(table.name)) AS \(alias)" }
    var alias: String { quoted(target.reference.name) }

    func quoted(_ name: String) -> String { sqlIdentifier(name) }

    // MARK: Values

    /// CAST((value) AS type), or the column's default.
    func value(_ value: ChangeValue, _ column: TableColumn) throws(LeibrixError) -> [TextPart] {
        switch value {
        case .defaultValue: return [.text(try defaultValue(column))]
        case .expression(let range):
            if let constant = constant(range, column.type) { return [.text(column.opensCast + constant + column.closesCast)] }
            return [.text(column.opensCast), .source(range), .text(column.closesCast)]
        }
    }

    func defaultValue(_ column: TableColumn) throws(LeibrixError) -> String {
        column.opensCast + (try defaultSQL(column)) + column.closesCast
    }

    /// A string constant that the engine would read otherwise than PostgreSQL: '{1,2}' of an array, '\x00' of bytes.
    private func constant(_ range: Range<Int>, _ type: DataType) -> String? {
        let tokens = text.tokens(in: range)
        guard tokens.count == 1, let token = tokens.first, let string = text.stringValue(token) else { return nil }
        switch type.base {
        case .list: return ArrayText.sql(string)
        case .blob: return bytesConstant(string)
        default: return nil
        }
    }

    /// '\xDEADBEEF' as the engine's '\xDE\xAD\xBE\xEF'.
    private func bytesConstant(_ string: String) -> String? {
        guard string.hasPrefix("\\x"), string.utf8.count % 2 == 0 else { return nil }
        let digits = Array(string.utf8.dropFirst(2))
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        var result = "'"
        for index in stride(from: 0, to: digits.count, by: 2) {
            result += "\\x" + String(decoding: digits[index...index + 1], as: UTF8.self)
        }
        return result + "'::BLOB"
    }

    // MARK: Layers

    /// Generated columns computed over the row; `first` columns (the row id) pass through.
    func withGenerated(_ parts: [TextPart], hasRowID: Bool) throws(LeibrixError) -> [TextPart] {
        guard table.columns.contains(where: { $0.generatedSQL != nil }) else { return parts }
        var list = hasRowID ? [Self.rowID] : []
        for column in table.columns {
            let name = quoted(column.name)
            list.append(column.generatedSQL.map { "\(column.opensCast)\(rewritten($0))\(column.closesCast) AS \(name)" } ?? name)
        }
        return [.text("SELECT \(list.joined(separator: ", ")) FROM (")] + parts + [.text(") AS \(quoted(table.name))")]
    }

    /// Behind the row, whether each CHECK holds: NULL is as good as true.
    func withChecks(_ parts: [TextPart]) throws(LeibrixError) -> [TextPart] {
        guard !table.checks.isEmpty else { return parts }
        var checks: [String] = []
        for (index, check) in table.checks.enumerated() { checks.append("CAST((\(rewritten(check.sql))) AS BOOLEAN) AS lbx_check\(index)") }
        return [.text("SELECT *, \(checks.joined(separator: ", ")) FROM (")] + parts + [.text(") AS \(quoted(table.name))")]
    }

    /// Behind that, what RETURNING names.
    func withReturning(_ parts: [TextPart], _ returning: Returning?) throws(LeibrixError) -> [TextPart] {
        guard let returning else { return parts }
        return [.text("SELECT *, ")] + (try items(returning)) + [.text(" FROM (")] + parts + [.text(") AS \(alias)")]
    }

    /// The items of RETURNING, for a select list over the changed rows.
    func items(_ returning: Returning) throws(LeibrixError) -> [TextPart] {
        var parts: [TextPart] = []
        for item in returning.items {
            if !parts.isEmpty { parts.append(.text(", ")) }
            switch item {
            case .all(let qualifier):
                try check(qualifier)
                parts.append(.text(table.columns.map { "\(alias).\(quoted($0.name))" }.joined(separator: ", ")))
            case .column(let qualifier, let name, let alias):
                let prefix = qualifier.map { quoted($0.name) + "." } ?? ""
                let suffix = " AS " + quoted((alias ?? name).name)
                parts.append(.text(prefix + quoted(name.name) + suffix))
            case .expression(let range): parts.append(.source(range))
            }
        }
        return parts
    }

    private func check(_ qualifier: Identifier?) throws(LeibrixError) {
        guard let qualifier, qualifier.name != target.reference.name else { return }
        throw LeibrixError(
            .undefinedRelation, "missing FROM-clause entry for table \"\(qualifier.name)\"",
            hint: "RETURNING has the changed table's columns.", position: qualifier.position)
    }

    /// An expression of the definition for the engine. It was checked when it was defined.
    func rewritten(_ sql: String) -> String {
        guard let text = try? SQLText(sql), let rewritten = try? text.rewritten() else { return sql }
        return rewritten.assemble(session: { _ in "NULL" }).sql
    }
}

/// A name with quotes.
func sqlIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

extension TableColumn {
    /// What stands before and behind a value to make it one of the column's: `TableFunctions` has the macros.
    var opensCast: String {
        switch (modifier, type.base) {
        case (.length?, .varchar): "lbx_limit(CAST(("
        case (.fixedLength?, .varchar): "lbx_limit(rtrim(CAST(("
        case (.length?, .bit), (.fixedLength?, .bit): "lbx_bits(CAST(("
        case (.precision?, .timestamp): "lbx_round(CAST(("
        case (.precision?, .timestampTZ): "lbx_round_tz(CAST(("
        default: "CAST(("
        }
    }

    var closesCast: String {
        let cast = ") AS \(type))"
        switch (modifier, type.base) {
        case (.length(let length)?, .varchar): return cast + ", \(length), 'character varying')"
        // char(n) is kept without the blanks at its end, which mean nothing in it.
        case (.fixedLength(let length)?, .varchar): return cast + ", ' '), \(length), 'character')"
        case (.length(let length)?, .bit): return cast + ", \(length), false)"
        case (.fixedLength(let length)?, .bit): return cast + ", \(length), true)"
        case (.precision(let digits)?, .timestamp), (.precision(let digits)?, .timestampTZ):
            return cast + ", \((0..<(6 - digits)).reduce(1) { unit, _ in unit * 10 }))"
        default: return cast
        }
    }
}
