// A column's type in a segment's schema: one tag byte, then what the type needs. Tags are never reused.
//
//   0 NULL, 1 BOOLEAN, 2..6 signed 8 to 128 bits, 7..11 unsigned, 12 FLOAT, 13 DOUBLE, 14 DECIMAL (u8 width, u8 scale),
//   15 VARCHAR, 16 BLOB, 17 BIT, 18 DATE, 19 TIME, 20 TIME_NS, 21 TIMETZ, 22..26 TIMESTAMP us, s, ms, ns, TZ, 27 INTERVAL,
//   28 UUID, 29 ENUM (u32 count, labels), 30 LIST (type), 31 ARRAY (u32 size, type), 32 STRUCT (u32 count, name and type each),
//   33 MAP (key type, value type), 34 UNION (as STRUCT), 35 alias (name, type)
internal import Columnar

private let plainTypes: [DataType] = [
    .null, .boolean, .tinyInt, .smallInt, .integer, .bigInt, .hugeInt, .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger,
    .unsignedBigInt, .unsignedHugeInt, .real, .double, .null, .varchar, .blob, .bit, .date, .time, .timeNS, .timeTZ, .timestamp,
    .timestampSeconds, .timestampMillis, .timestampNanos, .timestampTZ, .interval, .uuid,
]
private let decimalTag: UInt8 = 14

extension ByteWriter {
    mutating func put(type: DataType) {
        switch type {
        case .decimal(let width, let scale):
            put(decimalTag)
            put(width)
            put(scale)
        case .enumeration(let labels):
            put(UInt8(29))
            put(UInt32(labels.count))
            for label in labels { put(string: label) }
        case .list(let element):
            put(UInt8(30))
            put(type: element)
        case .array(let element, let size):
            put(UInt8(31))
            put(UInt32(size))
            put(type: element)
        case .structure(let fields): put(fields: fields, tag: 32)
        case .map(let key, let value):
            put(UInt8(33))
            put(type: key)
            put(type: value)
        case .union(let members): put(fields: members, tag: 34)
        case .alias(let name, let type):
            put(UInt8(35))
            put(string: name)
            put(type: type)
        default: put(UInt8(plainTypes.firstIndex(of: type) ?? 0))
        }
    }

    private mutating func put(fields: [DataType.Field], tag: UInt8) {
        put(tag)
        put(UInt32(fields.count))
        for field in fields {
            put(string: field.name)
            put(type: field.type)
        }
    }
}

extension ByteReader {
    mutating func type(depth: Int = 0) throws(FormatFault) -> DataType {
        guard depth < ColumnStoreLimits.typeDepthMax else { throw FormatFault("a type nested too deep") }
        let tag = try integer(UInt8.self)
        switch tag {
        case decimalTag:
            let width = try integer(UInt8.self)
            let scale = try integer(UInt8.self)
            guard width >= 1, width <= 38, scale <= width else { throw FormatFault("DECIMAL(\(width),\(scale))") }
            return .decimal(width: width, scale: scale)
        case 0..<UInt8(plainTypes.count): return plainTypes[Int(tag)]
        case 29: return try enumeration()
        case 30: return .list(try type(depth: depth + 1))
        case 31:
            let size = Int(try integer(UInt32.self))
            guard size >= 1, size <= Self.arraySizeMax else { throw FormatFault("an array of \(size) values") }
            return .array(try type(depth: depth + 1), size: size)
        case 32: return .structure(try fields(depth))
        case 33: return .map(key: try type(depth: depth + 1), value: try type(depth: depth + 1))
        case 34: return .union(try fields(depth))
        case 35: return .alias(try string(), try type(depth: depth + 1))
        default: throw FormatFault("type \(tag) is unknown")
        }
    }

    /// DuckDB's own bound.
    private static let arraySizeMax = 100_000

    private mutating func enumeration() throws(FormatFault) -> DataType {
        let count = try count(itemBytes: 4)
        var labels: [String] = []
        for _ in 0..<count { labels.append(try string()) }
        guard Set(labels).count == count, count > 0 else { throw FormatFault("an enumeration's labels are no set") }
        return .enumeration(labels)
    }

    private mutating func fields(_ depth: Int) throws(FormatFault) -> [DataType.Field] {
        let count = try count(itemBytes: 5)
        guard count > 0 else { throw FormatFault("a structure without fields") }
        var fields: [DataType.Field] = []
        for _ in 0..<count { fields.append(DataType.Field(try string(), try type(depth: depth + 1))) }
        return fields
    }
}
