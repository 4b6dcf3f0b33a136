// A string as DuckDB's vectors hold it, so that batches come in and go out without a copy:
//
//   bytes 0..<4    length
//   length <= 12:  bytes 4..<16 the text, padded with zeros
//   longer:        bytes 4..<8 its first four bytes, 8..<16 the address of all of it

internal import Glibc

struct TextRef: BitwiseCopyable, Sendable {
    var head: UInt64
    var tail: UInt64

    @inline(__always) static var empty: TextRef { TextRef(head: 0, tail: 0) }
    @inline(__always) var count: Int { Int(truncatingIfNeeded: head & 0xFFFF_FFFF) }
    @inline(__always) var isInline: Bool { head & 0xFFFF_FFFF <= 12 }

    /// A reference to bytes that outlive it.
    static func over(_ bytes: Memory, count: Int) -> TextRef {
        if count <= 12 {
            var text = TextRef(head: UInt64(count), tail: 0)
            for index in 0..<count { text.setInline(index, bytes.load(index, as: UInt8.self)) }
            return text
        }
        var head = UInt64(UInt32(truncatingIfNeeded: count))
        for index in 0..<4 { head |= UInt64(bytes.load(index, as: UInt8.self)) << UInt64(32 + 8 * index) }
        return TextRef(head: head, tail: UInt64(bytes.address))
    }

    private mutating func setInline(_ index: Int, _ byte: UInt8) {
        if index < 4 { head |= UInt64(byte) << UInt64(32 + 8 * index) } else { tail |= UInt64(byte) << UInt64(8 * (index - 4)) }
    }

    /// Where the bytes of a long text lie. Only for texts that are not inline.
    @inline(__always) var far: Memory { Memory(address: UInt(tail)) }

    @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        if !isInline { return far.load(index, as: UInt8.self) }
        if index < 4 { return UInt8(truncatingIfNeeded: head >> UInt64(32 + 8 * index)) }
        return UInt8(truncatingIfNeeded: tail >> UInt64(8 * (index - 4)))
    }

    /// Copies the bytes to `place`, which has room for `count`.
    func copy(to place: Memory) {
        if isInline {
            for index in 0..<count { place.store(byte(index), at: index) }
        } else {
            place.copy(from: far, count: count)
        }
    }

    @inline(__always)
    static func == (left: TextRef, right: TextRef) -> Bool {
        if left.head != right.head { return false }
        if left.isInline || left.tail == right.tail { return left.tail == right.tail }
        return unsafe memcmp(left.far.base, right.far.base, left.count) == 0
    }

    /// By bytes, as DuckDB's binary collation: negative, zero or positive.
    static func compare(_ left: TextRef, _ right: TextRef) -> Int {
        let shared = min(left.count, right.count)
        for index in 0..<min(shared, 4) {
            let a = UInt8(truncatingIfNeeded: left.head >> UInt64(32 + 8 * index))
            let b = UInt8(truncatingIfNeeded: right.head >> UInt64(32 + 8 * index))
            if a != b { return Int(a) - Int(b) }
        }
        if !left.isInline && !right.isInline {
            let order = unsafe memcmp(left.far.base, right.far.base, shared)
            return order != 0 ? Int(order) : left.count - right.count
        }
        var index = 4
        while index < shared {
            let a = left.byte(index)
            let b = right.byte(index)
            if a != b { return Int(a) - Int(b) }
            index += 1
        }
        return left.count - right.count
    }

    @inline(__always)
    func hash(_ seed: UInt64) -> UInt64 {
        if isInline { return mixHash(mixHash(seed ^ head) ^ tail) }
        return longHash(seed)
    }

    private func longHash(_ seed: UInt64) -> UInt64 {
        var state = seed ^ head
        var offset = 0
        let bytes = far
        while offset + 8 <= count {
            let word = unsafe bytes.base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            state = mixHash(state ^ word)
            offset += 8
        }
        var last: UInt64 = 0
        while offset < count {
            last = last << 8 | UInt64(bytes.load(offset, as: UInt8.self))
            offset += 1
        }
        return mixHash(state ^ last)
    }

    var string: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in 0..<count { bytes.append(byte(index)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Folds a 64-bit value by a full-width multiplication (the mixing step of wyhash, Wang Yi 2019).
@inline(__always)
func mixHash(_ value: UInt64) -> UInt64 {
    let wide = (value ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return wide.high ^ wide.low
}
