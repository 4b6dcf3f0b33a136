// Maps, which PostgreSQL lacks, as JSON objects; what they hold as JSON values.
internal import Columnar
internal import Reactor

struct JSONText {
    let context: FormatContext

    func append(_ column: Column, _ row: Int, to out: ByteBuffer) {
        guard column.isValid(row) else { return out.append("null") }
        switch column.type.base {
        case .map: appendMap(column, row, to: out)
        case .list: appendList(column.children[0], column.listRange(at: row), to: out)
        case .array(_, let size): appendList(column.children[0], row * size..<(row + 1) * size, to: out)
        case .structure(let fields): appendObject(fields, column.children, row, to: out)
        case .boolean: out.append(column.load(row, as: UInt8.self) != 0 ? "true" : "false")
        case .tinyInt, .smallInt, .integer, .bigInt, .hugeInt, .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger, .unsignedBigInt,
            .unsignedHugeInt, .decimal:
            ValueText(context: context).append(column, row, to: out)
        case .real where column.load(row, as: Float.self).isFinite, .double where column.load(row, as: Double.self).isFinite:
            ValueText(context: context).append(column, row, to: out)
        case .varchar where column.type == .json: out.append(bytes: column.bytes(at: row))
        default: appendString(column, row, to: out)
        }
    }

    private func appendMap(_ column: Column, _ row: Int, to out: ByteBuffer) {
        let pairs = column.children[0].children
        out.append(UInt8(ascii: "{"))
        let range = column.listRange(at: row)
        for index in range {
            if index > range.lowerBound { out.append(", ") }
            appendString(pairs[0], index, to: out)
            out.append(": ")
            append(pairs[1], index, to: out)
        }
        out.append(UInt8(ascii: "}"))
    }

    private func appendList(_ elements: Column, _ range: Range<Int>, to out: ByteBuffer) {
        out.append(UInt8(ascii: "["))
        for index in range {
            if index > range.lowerBound { out.append(", ") }
            append(elements, index, to: out)
        }
        out.append(UInt8(ascii: "]"))
    }

    private func appendObject(_ fields: [DataType.Field], _ columns: [Column], _ row: Int, to out: ByteBuffer) {
        out.append(UInt8(ascii: "{"))
        for index in fields.indices {
            if index > 0 { out.append(", ") }
            quote(Array(fields[index].name.utf8), to: out)
            out.append(": ")
            append(columns[index], row, to: out)
        }
        out.append(UInt8(ascii: "}"))
    }

    private func appendString(_ column: Column, _ row: Int, to out: ByteBuffer) {
        let start = out.count
        if column.isValid(row) { ValueText(context: context).append(column, row, to: out) }
        let plain = out.bytes(at: start, count: out.count - start)
        out.truncate(to: start)
        quote(plain, to: out)
    }

    private func quote(_ text: [UInt8], to out: ByteBuffer) {
        out.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(bytes: [UInt8(ascii: "\\"), byte])
            case 10: out.append("\\n")
            case 13: out.append("\\r")
            case 9: out.append("\\t")
            case 0..<32: out.append("\\u00" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16))
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
