internal import Base

/// Reads what a `StateWriter` wrote. What is cut short or cannot be is an error, never a crash.
struct StateReader {
    private let bytes: [UInt8]
    private var position = 0
    /// Which core of how many reads: state of keys that belong to others is passed over.
    let core: Int
    let cores: Int
    /// The format of the checkpoint.
    let format: Int

    init(_ bytes: [UInt8], core: Int = 0, cores: Int = 1, format: Int = CheckpointStore.version) {
        self.format = format
        self.bytes = bytes
        self.core = core
        self.cores = cores
    }

    var isAtEnd: Bool { position == bytes.count }

    private static var short: LeibrixError {
        LeibrixError(.streamStateCorrupt, "state of a checkpoint ends too early", hint: "An older checkpoint is taken where there is one.")
    }

    mutating func integer() throws(LeibrixError) -> Int { Int(try word()) }

    mutating func word() throws(LeibrixError) -> Int64 {
        guard position + 8 <= bytes.count else { throw Self.short }
        let value = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: position, as: UInt64.self) }
        position += 8
        return Int64(bitPattern: UInt64(littleEndian: value))
    }

    mutating func copy(to memory: Memory, count: Int) throws(LeibrixError) {
        guard count >= 0, position + count <= bytes.count else { throw Self.short }
        unsafe bytes.withUnsafeBytes { source in
            if count > 0 { unsafe memory.base.copyMemory(from: source.baseAddress! + position, byteCount: count) }
        }
        position += count
    }

    mutating func array() throws(LeibrixError) -> [UInt8] {
        let count = try integer()
        guard count >= 0, position + count <= bytes.count else { throw Self.short }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func string() throws(LeibrixError) -> String { String(decoding: try array(), as: UTF8.self) }

    /// A text whose bytes lie in `scratch`.
    mutating func text(_ scratch: TextScratch) throws(LeibrixError) -> TextRef {
        let count = try integer()
        guard count >= 0, position + count <= bytes.count else { throw Self.short }
        let place = scratch.take(max(count, 1))
        try copy(to: place, count: count)
        return TextRef.over(place, count: count)
    }
}
