// PostgreSQL's text form of a DuckDB value, written apart from the server's own encoder so that the two can be held against each other.
import Columnar

enum PostgresText {
    static func text(_ value: Value, _ type: DataType) -> String? {
        switch (value, type.base) {
        case (.null, _): nil
        case (.list(let items), .list(let element)), (.list(let items), .array(let element, _)): array(items, element)
        case (.structure(let fields), .structure(let types)): record(fields.map(\.value), types.map(\.type))
        case (.map, _): json(value, type)
        default: scalar(value)
        }
    }

    static func scalar(_ value: Value) -> String {
        switch value {
        case .null: "NULL"
        case .boolean(let flag): flag ? "t" : "f"
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        case .hugeInt(let number): String(number)
        case .unsignedHugeInt(let number): String(number)
        case .real(let number): float(Double(number), "\(number)")
        case .double(let number): float(number, "\(number)")
        case .decimal(let digits, _, let scale): decimal(digits, Int(scale))
        case .string(let text): text
        case .blob(let bytes): "\\x" + bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        case .date(let days): date(Int(days))
        case .time(let micros): time(micros)
        case .timeTZ(let micros, let offset): time(micros) + zone(Int(offset))
        case .timestamp(let micros): timestamp(micros, "")
        case .timestampTZ(let micros): timestamp(micros, "+00")
        case .timestampNanos(let nanos): timestamp(nanos >= 0 ? nanos / 1000 : (nanos - 999) / 1000, "")
        case .interval(let months, let days, let micros): interval(Int(months), Int(days), micros)
        case .uuid(let bits): uuid(bits)
        case .list, .structure, .map: json(value, .null)
        }
    }

    private static func float(_ number: Double, _ shortest: String) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "Infinity" : "-Infinity" }
        return shortest.hasSuffix(".0") ? String(shortest.dropLast(2)) : shortest
    }

    static func decimal(_ digits: Int128, _ scale: Int) -> String {
        guard scale > 0 else { return String(digits) }
        var text = String(digits.magnitude)
        if text.count <= scale { text = String(repeating: "0", count: scale + 1 - text.count) + text }
        return (digits < 0 ? "-" : "") + text.dropLast(scale) + "." + text.suffix(scale)
    }

    // MARK: dates and times

    static func padded(_ number: Int, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Howard Hinnant's days-to-civil.
    static func date(_ days: Int) -> String {
        if days == Int(Int32.max) { return "infinity" }
        if days == -Int(Int32.max) { return "-infinity" }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return "\(padded(year > 0 ? year : 1 - year, 4))-\(padded(month))-\(padded(day))\(year > 0 ? "" : " BC")"
    }

    static func time(_ micros: Int64) -> String {
        let seconds = Int(micros / 1_000_000)
        let fraction = Int(micros % 1_000_000)
        var text = "\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
        if fraction != 0 {
            var digits = padded(fraction, 6)
            while digits.hasSuffix("0") { digits.removeLast() }
            text += "." + digits
        }
        return text
    }

    private static func zone(_ offset: Int) -> String {
        let magnitude = abs(offset)
        let minutes = magnitude / 60 % 60
        return (offset < 0 ? "-" : "+") + padded(magnitude / 3600) + (minutes > 0 ? ":" + padded(minutes) : "")
    }

    private static func timestamp(_ micros: Int64, _ suffix: String) -> String {
        if micros == Int64.max { return "infinity" }
        if micros == -Int64.max { return "-infinity" }
        let day: Int64 = 86_400_000_000
        let days = micros >= 0 ? micros / day : (micros - day + 1) / day
        let text = date(Int(days))
        let clock = time(micros - days * day) + suffix
        return text.hasSuffix(" BC") ? "\(text.dropLast(3)) \(clock) BC" : "\(text) \(clock)"
    }

    static func interval(_ months: Int, _ days: Int, _ micros: Int64) -> String {
        var parts: [String] = []
        var wasNegative = false
        func add(_ count: Int, _ unit: String) {
            guard count != 0 else { return }
            parts.append("\(wasNegative && count > 0 ? "+" : "")\(count) \(unit)\(count == 1 ? "" : "s")")
            wasNegative = count < 0
        }
        add(months / 12, "year")
        add(months % 12, "mon")
        add(days, "day")
        if micros != 0 || parts.isEmpty {
            let sign = micros < 0 ? "-" : wasNegative ? "+" : ""
            parts.append(sign + time(Int64(micros.magnitude)))
        }
        return parts.joined(separator: " ")
    }

    private static func uuid(_ bits: UInt128) -> String {
        let hex = String(bits, radix: 16)
        let full = Array(String(repeating: "0", count: 32 - hex.count) + hex)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(full[$0]) }.joined(separator: "-")
    }

    // MARK: nested

    private static func array(_ items: [Value], _ element: DataType) -> String {
        "{" + items.map { item in
            if item.isNull { return "NULL" }
            let body = text(item, element) ?? "NULL"
            if case .list = item { return body }
            return arrayElement(body)
        }.joined(separator: ",") + "}"
    }

    static func arrayElement(_ text: String) -> String { needsQuotes(text) ? quoted(text) : text }

    private static func needsQuotes(_ text: String) -> Bool {
        text.isEmpty || text.uppercased() == "NULL" || text.unicodeScalars.contains { "{}\",\\ \t\n\r\u{0B}\u{0C}".unicodeScalars.contains($0) }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : String($1) } + "\""
    }

    /// record_out: NULL is nothing at all; quotes and backslashes are doubled inside quotes.
    private static func record(_ values: [Value], _ types: [DataType]) -> String {
        "(" + zip(values, types).map { value, type in
            guard let body = text(value, type) else { return "" }
            let isPlain = !body.isEmpty && !body.unicodeScalars.contains { "\"\\(), \t\n\r\u{0B}\u{0C}".unicodeScalars.contains($0) }
            return isPlain ? body : "\"" + body.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\($1)\($1)" : String($1) } + "\""
        }.joined(separator: ",") + ")"
    }

    /// Maps, which PostgreSQL lacks, go over the wire as JSON objects.
    static func json(_ value: Value, _ type: DataType) -> String {
        switch value {
        case .null: "null"
        case .boolean(let flag): flag ? "true" : "false"
        case .integer, .unsigned, .hugeInt, .unsignedHugeInt, .real, .double, .decimal: scalar(value)
        case .list(let items): "[" + items.map { json($0, .null) }.joined(separator: ", ") + "]"
        case .structure(let fields): "{" + fields.map { "\(jsonString($0.name)): \(json($0.value, .null))" }.joined(separator: ", ") + "}"
        case .map(let entries): "{" + entries.map { "\(jsonString(scalar($0.key))): \(json($0.value, .null))" }.joined(separator: ", ") + "}"
        default: jsonString(scalar(value))
        }
    }

    private static func jsonString(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 32: out += "\\u" + padded(0, 2) + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
