// Rows of a stream as JSON lines or CSV. A row taken back is marked: `"op":"-1"` in JSON, a last column `op` in CSV where the
// stream takes rows back at all.
internal import Base
internal import Catalog
internal import Columnar
internal import StreamEngine

struct RecordEncoder: Sendable {
    let format: RecordFormat
    let fields: [DataType.Field]
    /// `{"name":` and `,"name":`, as bytes.
    private let heads: [[UInt8]]
    let hasChanges: Bool

    init(_ format: RecordFormat, _ fields: [DataType.Field], hasChanges: Bool) {
        self.format = format
        self.fields = fields
        self.hasChanges = hasChanges
        heads = fields.enumerated().map { index, field in Array(((index == 0 ? "{" : ",") + JSON.string(field.name).text() + ":").utf8) }
    }

    /// What stands at the beginning of a file.
    var header: [UInt8] {
        guard case .csv(let style) = format, style.hasHeader else { return [] }
        var out: [UInt8] = []
        let names = fields.map(\.name) + (hasChanges ? ["op"] : [])
        for (index, name) in names.enumerated() {
            if index > 0 { out.append(style.delimiter) }
            quote(name, style, &out)
        }
        out.append(10)
        return out
    }

    func append(_ rows: borrowing StreamRows, to out: inout [UInt8]) {
        for row in 0..<rows.count {
            if case .csv(let style) = format { appendCSV(rows, row, style, &out) } else { appendJSON(rows, row, &out) }
            out.append(10)
        }
    }

    private func appendJSON(_ rows: borrowing StreamRows, _ row: Int, _ out: inout [UInt8]) {
        for column in fields.indices {
            out.append(contentsOf: heads[column])
            appendValue(rows, column, row, &out)
        }
        if rows.weight(row) < 0 { out.append(contentsOf: ",\"op\":\"-1\"".utf8) }
        out.append(UInt8(ascii: "}"))
    }

    private func appendValue(_ rows: borrowing StreamRows, _ column: Int, _ row: Int, _ out: inout [UInt8]) {
        if rows.isNull(column, row) { return out.append(contentsOf: "null".utf8) }
        switch fields[column].type.base {
        case .tinyInt, .smallInt, .integer, .bigInt, .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger:
            out.append(contentsOf: String(rows.integer(column, row)).utf8)
        case .boolean: out.append(contentsOf: (rows.boolean(column, row) ? "true" : "false").utf8)
        default: out.append(contentsOf: FileText.json(rows.value(column, row)).text().utf8)
        }
    }

    private func appendCSV(_ rows: borrowing StreamRows, _ row: Int, _ style: RecordFormat.CSVStyle, _ out: inout [UInt8]) {
        for column in fields.indices {
            if column > 0 { out.append(style.delimiter) }
            if rows.isNull(column, row) {
                out.append(contentsOf: style.null.utf8)
            } else if case .varchar = fields[column].type.base {
                quote(rows.text(column, row), style, &out)
            } else {
                out.append(contentsOf: FileText.plain(rows.value(column, row)).utf8)
            }
        }
        if hasChanges {
            out.append(style.delimiter)
            out.append(contentsOf: String(rows.weight(row)).utf8)
        }
    }

    /// In quotes where it holds what would end it, and where it would read as NULL.
    private func quote(_ text: String, _ style: RecordFormat.CSVStyle, _ out: inout [UInt8]) {
        let isPlain = text != style.null && !text.utf8.contains { $0 == style.delimiter || $0 == style.quote || $0 == 10 || $0 == 13 }
        if isPlain { return out.append(contentsOf: text.utf8) }
        out.append(style.quote)
        for byte in text.utf8 {
            if byte == style.quote { out.append(byte) }
            out.append(byte)
        }
        out.append(style.quote)
    }
}

/// Single values as files have them.
enum FileText {
    static func json(_ value: Value) -> JSON {
        switch value {
        case .null: .null
        case .boolean(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .double(let number): .number(number)
        case .real(let number): .number(Double(number))
        case .hugeInt(let number): Int64(exactly: number).map { .integer($0) } ?? .string("\(number)")
        case .unsigned(let number): Int64(exactly: number).map { .integer($0) } ?? .string("\(number)")
        default: .string(plain(value))
        }
    }

    static func plain(_ value: Value) -> String {
        switch value {
        case .null: ""
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .double(let number): "\(number)"
        case .real(let number): "\(number)"
        case .string(let text): text
        case .timestamp(let micros), .timestampTZ(let micros): timestamp(micros)
        case .date(let days): CivilDate(daysSinceEpoch: Int(days)).iso
        case .time(let micros): clock(micros)
        case .hugeInt(let number): "\(number)"
        case .unsigned(let number): "\(number)"
        case .decimal(let digits, _, let scale): decimal(digits, Int(scale))
        default: "\(value)"
        }
    }

    private static func decimal(_ digits: Int128, _ scale: Int) -> String {
        guard scale > 0 else { return "\(digits)" }
        var text = String(digits.magnitude)
        if text.count <= scale { text = String(repeating: "0", count: scale + 1 - text.count) + text }
        return (digits < 0 ? "-" : "") + text.dropLast(scale) + "." + text.suffix(scale)
    }

    private static func timestamp(_ micros: Int64) -> String {
        let (days, rest) = micros.flooredDivision(by: 86_400_000_000)
        return CivilDate(daysSinceEpoch: Int(days)).iso + " " + clock(rest)
    }

    private static func clock(_ micros: Int64) -> String {
        let seconds = Int(micros / 1_000_000)
        var text = "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        var fraction = Int(micros % 1_000_000)
        guard fraction > 0 else { return text }
        var width = 6
        while fraction % 10 == 0 {
            fraction /= 10
            width -= 1
        }
        text += "." + padded(fraction, width)
        return text
    }
}
