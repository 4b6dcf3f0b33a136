// Statistics of a column: u64 nulls, u64 distinct (0 unknown), u64 longest string plus one (0 unknown), u8 kind of bounds
// (0 none, 1 integers, 2 doubles, 3 strings), then the lower and the upper one: 16 bytes, 8 bytes, or u32 length and bytes.
internal import Columnar

extension ByteWriter {
    mutating func put(statistics: ColumnStatistics) {
        put(statistics.nullCount)
        put(statistics.distinct)
        put(statistics.lengthMax.map { UInt64($0) + 1 } ?? 0)
        switch (statistics.min, statistics.max) {
        case (.integer(let low), .integer(let high)):
            put(UInt8(1))
            put(low)
            put(high)
        case (.double(let low), .double(let high)):
            put(UInt8(2))
            put(low.bitPattern)
            put(high.bitPattern)
        case (.string(let low), .string(let high)):
            put(UInt8(3))
            put(bytes: low)
            put(bytes: high)
        default: put(UInt8(0))
        }
    }
}

extension ByteReader {
    mutating func statistics() throws(FormatFault) -> ColumnStatistics {
        var result = ColumnStatistics(nullCount: try integer(), distinct: try integer())
        let length = try integer(UInt64.self)
        guard length <= 1 << 32 else { throw FormatFault("a longest string of \(length - 1) bytes") }
        if length > 0 { result.lengthMax = UInt32(length - 1) }
        switch try integer(UInt8.self) {
        case 0: break
        case 1:
            result.min = .integer(try integer())
            result.max = .integer(try integer())
        case 2:
            let low = Double(bitPattern: try integer())
            let high = Double(bitPattern: try integer())
            guard low <= high else { throw FormatFault("bounds of \(low) and \(high)") }
            result.min = .double(low)
            result.max = .double(high)
        case 3:
            result.min = .string(try bound())
            result.max = .string(try bound())
        case let kind: throw FormatFault("bounds of kind \(kind)")
        }
        return result
    }

    private mutating func bound() throws(FormatFault) -> [UInt8] {
        let bytes = try run()
        guard bytes.count <= ColumnStoreLimits.boundBytesMax else { throw FormatFault("a bound of \(bytes.count) bytes") }
        return bytes
    }
}
