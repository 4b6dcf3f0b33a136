// Rows of a stream as JSON lines or CSV. A row taken back is marked: `"op":"-1"` in JSON, a last column `op` in CSV where the
// stream takes rows back at all.
internal import Base
internal import Catalog
internal import Columnar

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

    /// Appends rows; `weights` is empty where all are +1.
    func append(_ batch: Batch, weights: [Int8], to out: inout [UInt8]) {
        for row in 0..<batch.rowCount {
            let weight = weights.isEmpty ? 1 : weights[row]
            if case .csv(let style) = format { appendCSV(batch, row, weight, style, &out) } else { appendJSON(batch, row, weight, &out) }
            out.append(10)
        }
    }

    private func appendJSON(_ batch: Batch, _ row: Int, _ weight: Int8, _ out: inout [UInt8]) {
        for column in fields.indices {
            out.append(contentsOf: heads[column])
            batch.columns[column].appendJSON(row, to: &out)
        }
        if weight < 0 { out.append(contentsOf: ",\"op\":\"-1\"".utf8) }
        out.append(UInt8(ascii: "}"))
    }

    private func appendCSV(_ batch: Batch, _ row: Int, _ weight: Int8, _ style: RecordFormat.CSVStyle, _ out: inout [UInt8]) {
        for column in fields.indices {
            if column > 0 { out.append(style.delimiter) }
            let values = batch.columns[column]
            if !values.isValid(row) {
                out.append(contentsOf: style.null.utf8)
            } else if case .varchar = values.type.base {
                quote(values.text(at: row), style, &out)
            } else {
                values.appendPlain(row, to: &out)
            }
        }
        if hasChanges {
            out.append(style.delimiter)
            out.append(contentsOf: String(weight).utf8)
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

/// Numbers and times as files have them.
enum FileText {
    static func decimal(_ digits: Int128, _ scale: Int) -> String {
        guard scale > 0 else { return "\(digits)" }
        var text = String(digits.magnitude)
        if text.count <= scale { text = String(repeating: "0", count: scale + 1 - text.count) + text }
        return (digits < 0 ? "-" : "") + text.dropLast(scale) + "." + text.suffix(scale)
    }

    static func timestamp(_ micros: Int64) -> String {
        let (days, rest) = micros.flooredDivision(by: 86_400_000_000)
        return CivilDate(daysSinceEpoch: Int(days)).iso + " " + clock(rest)
    }

    static func clock(_ micros: Int64) -> String {
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
