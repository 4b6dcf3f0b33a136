/// CRC-32C for files that lie beside a log.
public enum LogChecksum {
    /// Of everything from an offset on.
    public static func crc32c(_ bytes: [UInt8], from offset: Int) -> UInt32 { bytes.crc32c(offset..<bytes.count) }
}
