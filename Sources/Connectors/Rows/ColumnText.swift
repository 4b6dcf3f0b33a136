// Values of flat columns as files have them: JSON, or plain text.
internal import Base
internal import Columnar

extension Column {
    /// Appends the value at a row as JSON; NULL as `null`. Texts and times in quotes; whole numbers beyond 64 bits too.
    func appendJSON(_ row: Int, to out: inout [UInt8]) {
        guard isValid(row) else { return out.append(contentsOf: "null".utf8) }
        switch type.base {
        case .varchar: Self.quote(bytes(at: row), &out)
        case .double, .real:
            let number = type.base == .double ? load(row, as: Double.self) : Double(load(row, as: Float.self))
            out.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
        case .date, .time, .timestamp, .timestampTZ, .decimal:
            out.append(UInt8(ascii: "\""))
            appendPlain(row, to: &out)
            out.append(UInt8(ascii: "\""))
        case .hugeInt, .unsignedBigInt:
            let isWide = type.base == .hugeInt ? Int64(exactly: load(row, as: Int128.self)) == nil : Int64(exactly: load(row, as: UInt64.self)) == nil
            if isWide { out.append(UInt8(ascii: "\"")) }
            appendPlain(row, to: &out)
            if isWide { out.append(UInt8(ascii: "\"")) }
        default: appendPlain(row, to: &out)
        }
    }

    private static func quote(_ text: Span<UInt8>, _ out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
            case 10: out.append(contentsOf: "\\n".utf8)
            case 13: out.append(contentsOf: "\\r".utf8)
            case 9: out.append(contentsOf: "\\t".utf8)
            case 0..<32: out.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// Appends the value at a row as text; nothing for NULL.
    func appendPlain(_ row: Int, to out: inout [UInt8]) {
        guard isValid(row) else { return }
        switch type.base {
        case .varchar:
            let text = bytes(at: row)
            for index in text.indices { out.append(text[index]) }
        case .decimal(_, let scale): out.append(contentsOf: FileText.decimal(digits(row), Int(scale)).utf8)
        default: out.append(contentsOf: plain(row).utf8)
        }
    }

    private func plain(_ row: Int) -> String {
        switch type.base {
        case .boolean: load(row, as: UInt8.self) == 0 ? "false" : "true"
        case .tinyInt: String(load(row, as: Int8.self))
        case .smallInt: String(load(row, as: Int16.self))
        case .integer: String(load(row, as: Int32.self))
        case .bigInt: String(load(row, as: Int64.self))
        case .unsignedTinyInt: String(load(row, as: UInt8.self))
        case .unsignedSmallInt: String(load(row, as: UInt16.self))
        case .unsignedInteger: String(load(row, as: UInt32.self))
        case .unsignedBigInt: String(load(row, as: UInt64.self))
        case .hugeInt: "\(load(row, as: Int128.self))"
        case .real: "\(load(row, as: Float.self))"
        case .double: "\(load(row, as: Double.self))"
        case .date: CivilDate(daysSinceEpoch: Int(load(row, as: Int32.self))).iso
        case .time: FileText.clock(load(row, as: Int64.self))
        case .timestamp, .timestampTZ: FileText.timestamp(load(row, as: Int64.self))
        default: ""
        }
    }

    private func digits(_ row: Int) -> Int128 {
        switch type.physicalWidth {
        case 2: Int128(load(row, as: Int16.self))
        case 4: Int128(load(row, as: Int32.self))
        case 8: Int128(load(row, as: Int64.self))
        default: load(row, as: Int128.self)
        }
    }
}
