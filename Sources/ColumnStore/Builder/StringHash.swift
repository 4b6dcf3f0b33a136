// A string's hash, the same wherever its bytes lie: in a 16-byte entry, in a heap, in a dictionary.

/// The two words of a string of at most 12 bytes as DuckDB's inlined entry holds it: length and first four bytes, the other eight.
struct ShortString: Equatable {
    var first: UInt64
    var second: UInt64

    @inline(__always)
    init(entry: UnsafeRawPointer) {
        unsafe first = entry.load(as: UInt64.self)
        unsafe second = entry.load(fromByteOffset: 8, as: UInt64.self)
    }

    /// `start` must have 16 readable bytes.
    @inline(__always)
    init(heap start: UnsafeRawPointer, length: UInt32) {
        let head = unsafe start.loadUnaligned(as: UInt64.self)
        let tail = unsafe start.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
        let bits = UInt64(length) &* 8
        let headMask: UInt64 = length >= 4 ? 0xFFFF_FFFF : (1 &<< bits) &- 1
        let tailMask: UInt64 = length >= 12 ? ~0 : length <= 4 ? 0 : (1 &<< (bits &- 32)) &- 1
        first = UInt64(length) | ((head & headMask) &<< 32)
        second = tail & tailMask
    }

    @inline(__always)
    var hash: UInt64 { mixed(first ^ (second &* 0x9DDF_EA08_EB38_2D69) ^ (second &>> 29)) }
}

let shortStringMax: UInt32 = 12

/// `start` must have 16 readable bytes, or `length`, whichever is more.
@inline(__always)
func hashString(_ start: UnsafeRawPointer, length: UInt32) -> UInt64 {
    if length <= shortStringMax { return unsafe ShortString(heap: start, length: length).hash }
    return unsafe Checksum.xxh3(start, Int(length))
}
