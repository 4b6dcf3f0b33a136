// Single values as DuckDB's vectors hold them.

extension Value {
    /// The bits of a fixed-width value as a vector of `type` (without its alias) holds them, low bytes first; nil when the type
    /// cannot hold the value. NULL, text, blobs and nested values have none.
    package func physicalBits(_ type: DataType) -> UInt128? {
        switch self {
        case .boolean(let value): return value ? 1 : 0
        case .integer(let value): return Self.scaled(Int128(value), type)
        case .unsigned(let value): return Self.scaled(Int128(value), type)
        case .hugeInt(let value): return Self.scaled(value, type)
        case .unsignedHugeInt(let value): return value
        case .real(let value): return type == .double ? UInt128(Double(value).bitPattern) : UInt128(value.bitPattern)
        case .double(let value): return type == .real ? UInt128(Float(value).bitPattern) : UInt128(value.bitPattern)
        case .decimal(let digits, _, _): return UInt128(truncatingIfNeeded: digits)
        case .date(let days): return UInt128(truncatingIfNeeded: days)
        case .time(let micros): return UInt128(truncatingIfNeeded: type == .timeNS ? micros &* 1_000 : micros)
        case .timeTZ(let micros, let offset): return UInt128(truncatingIfNeeded: micros) << 24 | UInt128(truncatingIfNeeded: 57_599 - offset)
        case .timestamp(let micros), .timestampTZ(let micros):
            return UInt128(truncatingIfNeeded: Self.ticks(micros, type))
        case .timestampNanos(let nanos): return UInt128(truncatingIfNeeded: nanos)
        case .interval(let months, let days, let micros):
            return UInt128(UInt32(bitPattern: months)) | UInt128(UInt32(bitPattern: days)) << 32
                | UInt128(UInt64(bitPattern: micros)) << 64
        case .uuid(let bits): return bits ^ (1 << 127)
        case .string(let text):
            guard case .enumeration(let labels) = type else { return nil }
            return labels.firstIndex(of: text).map { UInt128($0) }
        default: return nil
        }
    }

    /// An integer for a column of integers, decimals or floats; nil out of the type's range.
    private static func scaled(_ value: Int128, _ type: DataType) -> UInt128? {
        switch type {
        case .decimal(_, let scale):
            var digits = value
            for _ in 0..<scale {
                let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
                if overflow { return nil }
                digits = product
            }
            return UInt128(truncatingIfNeeded: digits)
        case .real: return UInt128(Float(value).bitPattern)
        case .double: return UInt128(Double(value).bitPattern)
        default:
            let bits = type.physicalWidth * 8
            guard bits >= 128 || (value >= -(1 << Int128(bits - 1)) && value < 1 << Int128(bits)) else { return nil }
            return UInt128(truncatingIfNeeded: value)
        }
    }

    private static func ticks(_ micros: Int64, _ type: DataType) -> Int64 {
        switch type {
        case .timestampSeconds: micros / 1_000_000
        case .timestampMillis: micros / 1_000
        case .timestampNanos: micros &* 1_000
        default: micros
        }
    }
}
