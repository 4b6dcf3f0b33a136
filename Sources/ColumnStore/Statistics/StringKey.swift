// The first 16 bytes of a string as two big-endian words: comparing keys compares prefixes as memcmp does.

struct StringKey: Comparable {
    var high: UInt64
    var low: UInt64
    /// Length of the whole string.
    var length: UInt32

    @inline(__always)
    static func < (a: StringKey, b: StringKey) -> Bool {
        if a.high != b.high { return a.high < b.high }
        if a.low != b.low { return a.low < b.low }
        return a.length < b.length
    }

    /// `start` must have 16 readable bytes.
    @inline(__always)
    init(_ start: UnsafePointer<UInt8>, length: UInt32) {
        let raw = unsafe UnsafeRawPointer(start)
        let first = unsafe UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self))
        let second = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        self.length = length
        // Bytes past the end count as zero; the shifts by 64 that Swift's smart shift gives 0 for are what is wanted.
        if length >= 16 {
            high = first
            low = second
        } else if length >= 8 {
            high = first
            low = second & ~(UInt64.max >> (8 * (UInt64(length) - 8)))
        } else {
            high = first & ~(UInt64.max >> (8 * UInt64(length)))
            low = 0
        }
    }

    private var prefix: [UInt8] {
        (0..<Swift.min(Int(length), ColumnStoreLimits.boundBytesMax)).map { index in
            UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index & 7)))
        }
    }

    /// Not above any string with this key, nor above those with a greater one.
    var lowerBound: [UInt8] { prefix }

    /// Not below any string with this key or a smaller one; nil when there is no such bound of so few bytes.
    var upperBound: [UInt8]? { length <= UInt32(ColumnStoreLimits.boundBytesMax) ? prefix : roundedUp(prefix) }
}

/// The shortest string above every string that starts with `prefix`; nil when its bytes are all 255.
///
/// UTF-8 has no byte above 0xF4, so text always has one. The result need not be UTF-8.
func roundedUp(_ prefix: [UInt8]) -> [UInt8]? {
    var bytes = prefix
    while let last = bytes.last {
        if last < 255 {
            bytes[bytes.count - 1] = last + 1
            return bytes
        }
        bytes.removeLast()
    }
    return nil
}
