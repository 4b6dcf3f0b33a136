internal import Columnar

/// How a result column or a parameter travels.
enum WireFormat: Int16, Sendable { case text = 0, binary = 1 }

/// Settings that change how values are written.
struct FormatContext: Sendable {
    var zone: TimeZone = .utc
    var intervalStyle = IntervalStyle.postgres
    var escapesBytea = false

    /// Takes notice of a reported setting.
    mutating func apply(_ name: String, _ value: String) {
        switch name.lowercased() {
        case "timezone": zone = TimeZone(named: value) ?? zone
        case "intervalstyle": intervalStyle = IntervalStyle(setting: value) ?? intervalStyle
        case "bytea_output": escapesBytea = value.lowercased() == "escape"
        default: break
        }
    }
}

/// The pieces of DuckDB's packed values.
enum Packed {
    /// 40 bits of microseconds over 24 bits of offset, stored so that it sorts.
    @inline(__always)
    static func timeTZ(_ bits: UInt64) -> (micros: Int64, offset: Int32) { (Int64(bits >> 24), 57_599 - Int32(bits & 0xFF_FFFF)) }

    @inline(__always)
    static func interval(_ bits: UInt128) -> (months: Int32, days: Int32, micros: Int64) {
        (Int32(truncatingIfNeeded: bits), Int32(truncatingIfNeeded: bits >> 32), Int64(truncatingIfNeeded: bits >> 64))
    }

    /// Stored with its highest bit flipped, so that it sorts.
    @inline(__always)
    static func uuid(_ bits: UInt128) -> UInt128 { bits ^ (1 << 127) }

    static func uuidText(_ bits: UInt128, to out: Bytes) -> Int {
        let digits: StaticString = "0123456789abcdef"
        var used = 0
        for nibble in 0..<32 {
            if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                unsafe out[used] = UInt8(ascii: "-")
                used += 1
            }
            unsafe out[used] = digits.utf8Start[Int(truncatingIfNeeded: (bits >> UInt128(124 - 4 * nibble)) & 15)]
            used += 1
        }
        return used
    }
}
