// Values as SQL text that DuckDB reads back as the same value and type.
public import Columnar

extension Value {
    public var duckDBLiteral: String {
        switch self {
        case .null: "NULL"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): "(\(value))::BIGINT"
        case .unsigned(let value): "\(value)::UBIGINT"
        case .hugeInt(let value): "(\(value))::HUGEINT"
        case .unsignedHugeInt(let value): "\(value)::UHUGEINT"
        case .real(let value): "'\(value)'::FLOAT"
        case .double(let value): "'\(value)'::DOUBLE"
        case .decimal(let digits, let width, let scale): "'\(Value.decimalText(digits, scale: scale))'::DECIMAL(\(width),\(scale))"
        case .string(let text): Value.quoted(text)
        case .blob(let bytes): "from_hex('\(bytes.map { Value.hex(UInt64($0), digits: 2) }.joined())')"
        case .date(let days): "('1970-01-01'::DATE + \(days))::DATE"
        case .time(let micros): "make_time(\(micros / 3_600_000_000), \(micros / 60_000_000 % 60), \(Double(micros % 60_000_000) / 1e6))"
        case .timeTZ(let micros, let offset): "'\(Value.timeTZText(micros, offset))'::TIMETZ"
        case .timestamp(let micros): "make_timestamp(\(micros))"
        case .timestampTZ(let micros): "(make_timestamp(\(micros)) AT TIME ZONE 'UTC')"
        case .timestampNanos(let nanos): "make_timestamp_ns(\(nanos))"
        case .interval(let months, let days, let micros):
            "(INTERVAL (\(months)) MONTH + INTERVAL (\(days)) DAY + INTERVAL (\(micros)) MICROSECOND)"
        case .uuid(let bits): "'\(Value.uuidText(bits))'::UUID"
        case .list(let items): "[\(items.map(\.duckDBLiteral).joined(separator: ", "))]"
        case .structure(let fields):
            "{\(fields.map { "\(Value.quoted($0.name)): \($0.value.duckDBLiteral)" }.joined(separator: ", "))}"
        case .map(let entries):
            "MAP {\(entries.map { "\($0.key.duckDBLiteral): \($0.value.duckDBLiteral)" }.joined(separator: ", "))}"
        }
    }

    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// Digits with the point where the scale puts it.
    public static func decimalText(_ digits: Int128, scale: UInt8) -> String {
        guard scale > 0 else { return String(digits) }
        var text = String(digits.magnitude)
        let missing = Int(scale) + 1 - text.count
        if missing > 0 { text = String(repeating: "0", count: missing) + text }
        text.insert(".", at: text.index(text.endIndex, offsetBy: -Int(scale)))
        return digits < 0 ? "-" + text : text
    }

    public static func uuidText(_ bits: UInt128) -> String {
        let digits = hex(UInt64(truncatingIfNeeded: bits >> 64), digits: 16) + hex(UInt64(truncatingIfNeeded: bits), digits: 16)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    static func hex(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }

    private static func timeTZText(_ micros: Int64, _ offset: Int32) -> String {
        func pad(_ value: Int64, _ width: Int = 2) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let time = "\(pad(micros / 3_600_000_000)):\(pad(micros / 60_000_000 % 60)):\(pad(micros / 1_000_000 % 60)).\(pad(micros % 1_000_000, 6))"
        let east = Int64(offset.magnitude)
        return "\(time)\(offset < 0 ? "-" : "+")\(pad(east / 3_600)):\(pad(east / 60 % 60)):\(pad(east % 60))"
    }
}

/// An identifier in double quotes.
public func quotedIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
