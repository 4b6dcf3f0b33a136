// Keys as bytes whose order is the values' order, and as words where eight bytes hold them.
//
//   every part   01 not NULL, followed by the value; FF NULL (NULLs last)
//   integers     the type's width, big end first, sign bit turned
//   floats       IEEE bits, big end first; negative ones complemented, others with the sign bit turned; -0 as 0; NaN above all
//   text, blobs  the bytes, 00 as 00 FF, then 00 00 (so a prefix sorts before what it begins)
//   intervals    microseconds when a month has 30 days and a day 24 hours, as 16 bytes
//   timetz       the instant's microseconds, then the offset
// A descending part is the complement of its bytes, NULL's mark excepted. Rows of an index that is not unique add their row id.
internal import Base
internal import Columnar
internal import ColumnStore

/// One column of a key.
struct KeyPart: Sendable {
    enum Kind: Sendable { case signed, unsigned, real, double, text, interval, timeTZ }

    let column: Int
    let type: DataType
    let kind: Kind
    let width: Int
    let isDescending: Bool

    /// Throws `notSupported` for types without an order.
    init(column: Int, type: DataType, isDescending: Bool) throws(LeibrixError) {
        self.column = column
        self.type = type.base
        self.isDescending = isDescending
        width = type.physicalWidth
        switch (type.base, try type.requiredForm()) {
        case (.timeTZ, _): kind = .timeTZ
        case (_, .real): kind = .real
        case (_, .double): kind = .double
        case (_, .bytes): kind = .text
        case (_, .interval): kind = .interval
        case (_, .integer(let integer)):
            switch integer {
            case .int8, .int16, .int32, .int64, .int128: kind = .signed
            default: kind = .unsigned
            }
        default:
            throw LeibrixError(
                .notSupported, "data type \(type) has no default operator class for access method \"btree\"",
                hint: "Index a column of a scalar type.", sqlState: "42704")
        }
    }

    /// Whether a word holds the value.
    var isWord: Bool { kind != .text && kind != .interval && kind != .timeTZ && width <= 8 }

    /// The word whose order is the value's, from the stored bits.
    @inline(__always)
    func word(_ bits: UInt64) -> UInt64 {
        let ordered: UInt64 =
            switch kind {
            case .signed: (bits ^ (1 &<< UInt64(width &* 8 &- 1))) & Self.mask(width)
            case .real: Self.ordered(UInt32(truncatingIfNeeded: bits))
            case .double: Self.ordered(bits)
            default: bits
            }
        return isDescending ? ordered ^ Self.mask(width) : ordered
    }

    private static func mask(_ width: Int) -> UInt64 { width == 8 ? .max : 1 &<< UInt64(width &* 8) &- 1 }

    private static func ordered(_ bits: UInt64) -> UInt64 {
        let value = Double(bitPattern: bits)
        if value.isNaN { return .max }
        let bits = value == 0 ? 0 : bits
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    private static func ordered(_ bits: UInt32) -> UInt64 {
        let value = Float(bitPattern: bits)
        if value.isNaN { return UInt64(UInt32.max) }
        let bits = value == 0 ? 0 : bits
        return UInt64(bits >> 31 == 1 ? ~bits : bits | 1 << 31)
    }
}

/// Writes keys into one buffer that is used again and again.
struct KeyWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reset() { bytes.removeAll(keepingCapacity: true) }

    mutating func appendNull() { bytes.append(0xFF) }

    /// A fixed-width value from its stored bits.
    mutating func append(_ part: KeyPart, bits: UInt128) {
        bytes.append(1)
        let start = bytes.count
        switch part.kind {
        case .interval: appendInterval(bits)
        case .timeTZ:
            let offset = 57_599 - Int64(truncatingIfNeeded: bits & 0xFF_FFFF)
            let micros = Int64(truncatingIfNeeded: bits >> 24) - offset * 1_000_000
            appendBig(UInt128(UInt64(bitPattern: micros) ^ (1 << 63)), width: 8)
            appendBig(UInt128(UInt64(bitPattern: offset) ^ (1 << 63)), width: 8)
        case .signed where part.width == 16: appendBig(bits ^ (1 << 127), width: 16)
        case .unsigned where part.width == 16: appendBig(bits, width: 16)
        default:
            // The word is already complemented for descending parts.
            return appendBig(UInt128(part.word(UInt64(truncatingIfNeeded: bits))), width: part.width)
        }
        if part.isDescending { complement(from: start) }
    }

    mutating func append(_ part: KeyPart, text: UnsafeRawBufferPointer) {
        bytes.append(1)
        let start = bytes.count
        for unsafe byte in unsafe text {
            bytes.append(byte)
            if byte == 0 { bytes.append(0xFF) }
        }
        bytes.append(0)
        bytes.append(0)
        if part.isDescending { complement(from: start) }
    }

    /// What tells rows of equal keys apart.
    mutating func append(_ row: RowID) { appendBig(UInt128(row.rawValue), width: 8) }

    private mutating func appendInterval(_ bits: UInt128) {
        let months = Int128(Int32(truncatingIfNeeded: bits))
        let days = Int128(Int32(truncatingIfNeeded: bits >> 32)) + months * 30
        let micros = Int128(Int64(truncatingIfNeeded: bits >> 64)) + days * 86_400_000_000
        appendBig(UInt128(bitPattern: micros) ^ (1 << 127), width: 16)
    }

    private mutating func appendBig(_ value: UInt128, width: Int) {
        for byte in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> UInt128(byte * 8))) }
    }

    private mutating func complement(from start: Int) { for index in start..<bytes.count { bytes[index] = ~bytes[index] } }
}
