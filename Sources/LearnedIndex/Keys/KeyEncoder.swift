// Order-preserving keys: the bytes of two encodings compare, as unsigned bytes, as PostgreSQL orders the values.
//
//   a column   marker 01, then the value; or marker 02 alone for NULL, which so comes last. A descending column is the
//              complement of all its bytes, so that NULL comes first, as with PostgreSQL's DESC.
//   integers, dates, times, timestamps   big-endian, sign bit flipped: 1, 4, 8 or 16 bytes
//   decimals   the unscaled digits, 8 bytes up to 18 digits, 16 above; one scale a column
//   floats     big-endian, sign bit flipped; negative ones complemented; -0 as 0; every NaN as one, after infinity
//   text, blob the bytes, 00 as 00 FF, then 00 01
//   timetz     the instant in micros, then the zone; interval: micros of 30-day months and 24-hour days, 16 bytes
//   arrays     each element as a column, then 00; rows: each field as a column
//
// Every column says where it ends, so no key is the beginning of another key of the same columns.
public import Base
public import Columnar

/// Builds the key of one row, column by column.
public struct KeyEncoder: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}
    public init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Empties the key and keeps its memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// The key of a row.
    public static func key(_ values: [Value], descending: [Bool] = []) throws(LeibrixError) -> [UInt8] {
        var encoder = KeyEncoder()
        for (index, value) in values.enumerated() { try encoder.append(value, descending: index < descending.count && descending[index]) }
        return encoder.bytes
    }

    /// Adds a column. Every value of a column must be of the same case.
    /// - Throws: `notSupported` for values without an order (maps).
    public mutating func append(_ value: Value, descending: Bool = false) throws(LeibrixError) {
        let start = bytes.count
        try appendMarked(value)
        if descending { complement(from: start) }
    }

    /// Adds a row id, which makes keys of a non-unique index unique.
    public mutating func append(rowID: UInt64) { appendBigEndian(rowID) }

    /// Adds a number or a moment by its image (`KeyWord`): the same bytes as for the value of an 8-byte type.
    public mutating func append(word: UInt64, descending: Bool = false) {
        bytes.append(descending ? ~1 : 1)
        appendBigEndian(descending ? ~word : word)
    }

    /// Adds text or bytes without going through a value.
    public mutating func append(text: Span<UInt8>, descending: Bool = false) {
        let start = bytes.count
        bytes.append(1)
        for index in text.indices { appendEscaped(text[index]) }
        endText()
        if descending { complement(from: start) }
    }

    /// The least key above every key that begins with `prefix`; nil when there is none.
    public static func successor(ofPrefix prefix: [UInt8]) -> [UInt8]? {
        guard let last = prefix.lastIndex(where: { $0 != 0xFF }) else { return nil }
        var next = Array(prefix[...last])
        next[last] += 1
        return next
    }

    private mutating func complement(from start: Int) { for index in start..<bytes.count { bytes[index] = ~bytes[index] } }

    private mutating func appendBigEndian<T: FixedWidthInteger>(_ number: T) {
        var shift = T.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: number >> T(shift)))
            shift -= 8
        }
    }

    @inline(__always) private mutating func appendEscaped(_ byte: UInt8) {
        bytes.append(byte)
        if byte == 0 { bytes.append(0xFF) }
    }

    private mutating func endText() {
        bytes.append(0)
        bytes.append(1)
    }

    private mutating func appendText(_ text: some Sequence<UInt8>) {
        for byte in text { appendEscaped(byte) }
        endText()
    }

    private mutating func appendMarked(_ value: Value) throws(LeibrixError) {
        if value.isNull {
            bytes.append(2)
            return
        }
        bytes.append(1)
        if let word = KeyWord.image(of: value) {
            switch value {
            case .boolean: bytes.append(UInt8(word))
            case .real, .date: appendBigEndian(UInt32(word))
            default: appendBigEndian(word)
            }
            return
        }
        try appendWide(value)
    }

    /// What does not fit a word.
    private mutating func appendWide(_ value: Value) throws(LeibrixError) {
        switch value {
        case .hugeInt(let number), .decimal(let number, _, _): appendBigEndian(UInt128(bitPattern: number) ^ (1 << 127))
        case .unsignedHugeInt(let number), .uuid(let number): appendBigEndian(number)
        case .string(let text): appendText(text.utf8)
        case .blob(let blob): appendText(blob)
        case .timeTZ(let micros, let offset):
            appendBigEndian(KeyWord.of(micros - Int64(offset) * 1_000_000))
            appendBigEndian(UInt32(bitPattern: -offset) ^ (1 << 31))
        case .interval(let months, let days, let micros):
            let total = (Int128(months) * 30 + Int128(days)) * 86_400_000_000 + Int128(micros)
            appendBigEndian(UInt128(bitPattern: total) ^ (1 << 127))
        case .list(let elements):
            for element in elements { try appendMarked(element) }
            bytes.append(0)
        case .structure(let fields): for field in fields { try appendMarked(field.value) }
        default:
            throw LeibrixError(
                .notSupported, "values of this type have no order to index by", hint: "Index an expression of an ordered type over the column.")
        }
    }
}
