internal import CXXHash

/// XXH3's 64 bits over a run of bytes: what every chunk, header and footer of a segment file carries.
public enum Checksum {
    public static func xxh3(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe lbx_xxh3_64($0.baseAddress, $0.count, seed) }
    }

    static func xxh3(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        unsafe lbx_xxh3_64(start, count, 0)
    }
}
