// An entry of an index over bytes: what a layer's value points to.
//
//   word 0   value      word 1   bytes of the key      word 2..   the key

struct Record: Equatable {
    let block: Block

    static func bytes(keyBytes: Int) -> Int { (16 + keyBytes + 7) & ~7 }

    init(block: Block) { self.block = block }

    static func make(_ heap: NodeHeap, _ key: Span<UInt8>, _ value: UInt64) -> Record {
        let record = Record(block: heap.allocateSmall(bytes: bytes(keyBytes: key.count)))
        record.block[0] = value
        record.block[1] = UInt64(key.count)
        record.block.setBytes(key, from: 0, at: 16)
        return record
    }

    @inline(__always) var value: UInt64 { block.acquire(0) }
    @inline(__always) func setValue(_ value: UInt64) { block.release(0, value) }
    @inline(__always) var keyCount: Int { Int(truncatingIfNeeded: block[1]) }
    var bytes: Int { Self.bytes(keyBytes: keyCount) }

    @inline(__always) func byte(_ index: Int) -> UInt8 { block.byte(16 &+ index) }

    var key: [UInt8] { (0..<keyCount).map { byte($0) } }

    @inline(__always) func hasKey(_ key: Span<UInt8>) -> Bool { keyCount == key.count && firstDifference(key) == key.count }

    /// The first index at which the keys differ, or the shorter one's end.
    @inline(__always) func firstDifference(_ key: Span<UInt8>) -> Int {
        let common = min(keyCount, key.count)
        var index = 0
        while index &+ 8 <= common, block[2 &+ index &>> 3] == Slice.raw(key, index) { index &+= 8 }
        while index < common, byte(index) == key[index] { index &+= 1 }
        return index
    }

    /// Whether this key is below (-1), the same as (0) or above (1) another.
    func compare(_ key: Span<UInt8>) -> Int {
        let index = firstDifference(key)
        if index < keyCount, index < key.count { return byte(index) < key[index] ? -1 : 1 }
        return keyCount == key.count ? 0 : keyCount < key.count ? -1 : 1
    }
}

/// Eight bytes of a key as a number that compares as they do, zeros after the end.
enum Slice {
    @inline(__always) static func of(_ key: Span<UInt8>, _ offset: Int) -> UInt64 {
        if offset &+ 8 <= key.count { return raw(key, offset).byteSwapped }
        var slice: UInt64 = 0
        for index in 0..<8 { slice = slice << 8 | (offset + index < key.count ? UInt64(key[offset + index]) : 0) }
        return slice
    }

    static func of(_ record: Record, _ offset: Int) -> UInt64 {
        var slice: UInt64 = 0
        for index in 0..<8 { slice = slice << 8 | (offset + index < record.keyCount ? UInt64(record.byte(offset + index)) : 0) }
        return slice
    }

    /// The bytes as they lie in memory; there must be eight.
    @inline(__always) static func raw(_ key: Span<UInt8>, _ offset: Int) -> UInt64 {
        unsafe key.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
