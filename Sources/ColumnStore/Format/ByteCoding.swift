// Little-endian fields one after the other: how a segment's footer is written and read.

/// Why a segment's bytes cannot be what a writer wrote.
struct FormatFault: Error, Equatable {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put<T: FixedWidthInteger>(_ value: T) {
        for shift in stride(from: 0, to: T.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> T(shift))) }
    }

    mutating func put(bytes run: some Collection<UInt8>) {
        put(UInt32(run.count))
        bytes.append(contentsOf: run)
    }

    mutating func put(string: String) { put(bytes: Array(string.utf8)) }

    mutating func put(raw run: [UInt8]) { bytes.append(contentsOf: run) }

    /// Zeroes up to a multiple of `alignment`.
    mutating func pad(to alignment: Int) {
        while bytes.count & (alignment - 1) != 0 { bytes.append(0) }
    }
}

/// Reads what `ByteWriter` wrote from bytes that may be anything: every read is checked, no count is trusted.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(FormatFault) -> T {
        let width = T.bitWidth / 8
        guard remaining >= width else { throw FormatFault("the footer ends early") }
        var value: T = 0
        for index in 0..<width { value |= T(truncatingIfNeeded: bytes[position + index]) << T(index * 8) }
        position += width
        return value
    }

    /// An unsigned 64-bit number that is an offset or a length.
    mutating func size() throws(FormatFault) -> Int {
        let value = try integer(UInt64.self)
        guard let size = Int(exactly: value), size <= Int(UInt64.max >> 16) else { throw FormatFault("a size of \(value) bytes") }
        return size
    }

    mutating func run() throws(FormatFault) -> [UInt8] {
        let count = Int(try integer(UInt32.self))
        return try raw(count)
    }

    mutating func raw(_ count: Int) throws(FormatFault) -> [UInt8] {
        guard remaining >= count else { throw FormatFault("the footer ends early") }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func string() throws(FormatFault) -> String {
        guard let text = String(validating: try run(), as: UTF8.self) else { throw FormatFault("a name is not UTF-8") }
        return text
    }

    /// The count of items that follow, each of at least `itemBytes`.
    mutating func count(itemBytes: Int) throws(FormatFault) -> Int {
        let count = Int(try integer(UInt32.self))
        guard count <= remaining / itemBytes else { throw FormatFault("a count of \(count) with \(remaining) bytes left") }
        return count
    }
}
