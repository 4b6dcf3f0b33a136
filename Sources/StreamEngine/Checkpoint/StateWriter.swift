/// State as bytes: little-endian words, texts with their length before them.
struct StateWriter {
    private(set) var bytes: [UInt8] = []

    /// Forgets what was written and keeps the room.
    mutating func reset() { bytes.removeAll(keepingCapacity: true) }

    mutating func add(_ value: Int) { add(Int64(value)) }

    mutating func add(_ value: Int64) {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func add(_ memory: Memory, count: Int) {
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: memory.base, count: count))
    }

    mutating func add(_ text: TextRef) {
        add(text.count)
        if text.isInline {
            for index in 0..<text.count { bytes.append(text.byte(index)) }
        } else {
            add(text.far, count: text.count)
        }
    }

    mutating func add(_ text: String) {
        let utf8 = Array(text.utf8)
        add(utf8.count)
        bytes.append(contentsOf: utf8)
    }

    /// Bytes as they are, without their length.
    mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    mutating func add(_ other: [UInt8]) {
        add(other.count)
        bytes.append(contentsOf: other)
    }
}
