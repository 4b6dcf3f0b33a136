// Little-endian fields of a log record or a checkpoint, read from bytes that passed their checksum and are not trusted all the same.
internal import Base

struct PayloadReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    static func damaged(_ what: String) -> LeibrixError {
        LeibrixError(.corruptLog, "a record of the log cannot be read: \(what)", hint: "Restore a backup.")
    }

    mutating func number<T: FixedWidthInteger>(_: T.Type = T.self) throws(LeibrixError) -> T {
        let size = MemoryLayout<T>.size
        let at = try skip(size)
        return unsafe bytes.withUnsafeBytes { unsafe T(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: T.self)) }
    }

    /// Passes over `count` bytes; returns where they begin.
    mutating func skip(_ count: Int) throws(LeibrixError) -> Int {
        guard count >= 0, count <= bytes.count - position else { throw Self.damaged("it ends early") }
        defer { position += count }
        return position
    }

    mutating func text() throws(LeibrixError) -> String {
        let count = Int(try number(UInt32.self))
        let at = try skip(count)
        guard let text = String(validating: bytes[at..<at + count], as: UTF8.self) else { throw Self.damaged("a text is not UTF-8") }
        return text
    }

    mutating func bytes(_ count: Int) throws(LeibrixError) -> [UInt8] {
        let at = try skip(count)
        return Array(bytes[at..<at + count])
    }

    /// Copies `count` bytes to `target`.
    mutating func copy(_ count: Int, to target: UnsafeMutableRawPointer) throws(LeibrixError) {
        let at = try skip(count)
        unsafe bytes.withUnsafeBytes { source in
            if count > 0 { unsafe target.copyMemory(from: source.baseAddress! + at, byteCount: count) }
        }
    }
}

extension [UInt8] {
    /// Appends a number, little-endian.
    mutating func add<T: FixedWidthInteger>(_ number: T) {
        var bits = number.littleEndian
        unsafe Swift.withUnsafeBytes(of: &bits) { unsafe append(contentsOf: $0) }
    }

    mutating func add(text: String) {
        add(UInt32(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Replaces a number that was appended at `offset`.
    mutating func set(_ number: UInt32, at offset: Int) {
        var bits = number.littleEndian
        unsafe Swift.withUnsafeBytes(of: &bits) { source in
            unsafe withUnsafeMutableBytes { unsafe ($0.baseAddress! + offset).copyMemory(from: source.baseAddress!, byteCount: 4) }
        }
    }
}
