// Results as text: aligned tables, CSV (RFC 4180) and JSON (an array of objects).
internal import Base
internal import PostgresClient

enum OutputFormat: String, CaseIterable {
    case table, csv, json

    func text(_ result: StatementResult, expanded: Bool) -> String {
        switch self {
        case .table: expanded ? ExpandedText.text(result) : TableText.text(result)
        case .csv: CSVText.text(result)
        case .json: JSONText.text(result)
        }
    }
}

/// Types by pg_type's numbers, as far as showing them differs.
enum ResultType {
    static let numbers: Set<UInt32> = [20, 21, 23, 26, 700, 701, 1_700]
    static let json: Set<UInt32> = [114, 3_802]
    static let boolean: UInt32 = 16
}

enum TableText {
    static let null = ""

    static func text(_ result: StatementResult) -> String {
        let rows = result.textRows.map { row in row.map { ($0 ?? null).split(separator: "\n", omittingEmptySubsequences: false).map(String.init) } }
        var widths = result.fields.map(\.name.count)
        for row in rows {
            for (column, lines) in row.enumerated() { widths[column] = max(widths[column], lines.map(\.count).max() ?? 0) }
        }
        let header = zip(result.fields, widths).map { " " + centred($0.name, $1) + " " }.joined(separator: "|")
        let rule = widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+")
        let numeric = result.fields.map { ResultType.numbers.contains($0.typeOID) }
        var out = header + "\n" + rule + "\n"
        for row in rows { append(row, widths, numeric, &out) }
        return out + "(\(rows.count) row\(rows.count == 1 ? "" : "s"))\n"
    }

    /// One row, as many lines as its tallest cell; `+` marks a cell that goes on.
    private static func append(_ row: [[String]], _ widths: [Int], _ numeric: [Bool], _ out: inout String) {
        let height = row.map(\.count).max() ?? 1
        for line in 0..<max(1, height) {
            for (column, cell) in row.enumerated() {
                let text = line < cell.count ? cell[line] : ""
                let space = String(repeating: " ", count: widths[column] - text.count)
                out += (column > 0 ? "| " : " ") + (numeric[column] ? space + text : text + space) + (line + 1 < cell.count ? "+" : " ")
            }
            while out.last == " " { out.removeLast() }
            out += "\n"
        }
    }

    private static func centred(_ text: String, _ width: Int) -> String {
        let space = width - text.count
        return String(repeating: " ", count: space / 2) + text + String(repeating: " ", count: space - space / 2)
    }
}

enum ExpandedText {
    static func text(_ result: StatementResult) -> String {
        let width = result.fields.map(\.name.count).max() ?? 0
        var out = ""
        for (index, row) in result.textRows.enumerated() {
            out += "-[ RECORD \(index + 1) ]" + String(repeating: "-", count: max(0, width - 8)) + "\n"
            for (field, value) in zip(result.fields, row) {
                let name = field.name + String(repeating: " ", count: width - field.name.count)
                let lines = (value ?? TableText.null).split(separator: "\n", omittingEmptySubsequences: false)
                out += name + " | " + lines.joined(separator: "+\n" + String(repeating: " ", count: width) + " | ") + "\n"
            }
        }
        return out + "(\(result.rows.count) row\(result.rows.count == 1 ? "" : "s"))\n"
    }
}

enum CSVText {
    static func text(_ result: StatementResult) -> String {
        var out = result.fields.map { cell($0.name) }.joined(separator: ",") + "\n"
        for row in result.textRows { out += row.map { $0.map(cell) ?? "" }.joined(separator: ",") + "\n" }
        return out
    }

    /// An empty string is quoted, so that it differs from NULL.
    private static func cell(_ text: String) -> String {
        let special = text.isEmpty || text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        return special ? "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : text
    }
}

enum JSONText {
    static func text(_ result: StatementResult) -> String {
        guard !result.rows.isEmpty else { return "[]\n" }
        let rows = result.textRows.map { row in
            let members = zip(result.fields, row).map { JSON.string($0.name).text() + ":" + value($1, $0.typeOID) }
            return "{" + members.joined(separator: ",") + "}"
        }
        return "[" + rows.joined(separator: ",\n ") + "]\n"
    }

    private static func value(_ text: String?, _ type: UInt32) -> String {
        guard let text else { return "null" }
        if ResultType.json.contains(type) { return text }
        if type == ResultType.boolean { return text == "t" ? "true" : "false" }
        if ResultType.numbers.contains(type), !["NaN", "Infinity", "-Infinity"].contains(text) { return text }
        return JSON.string(text).text()
    }
}
