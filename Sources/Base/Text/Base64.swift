/// RFC 4648, with padding.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    public static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = (0..<3).reduce(UInt32(0)) { $0 << 8 | (start + $1 < bytes.count ? UInt32(bytes[start + $1]) : 0) }
            for index in 0..<4 {
                let isPadding = start + index > bytes.count
                out.append(isPadding ? UInt8(ascii: "=") : alphabet[Int(group >> UInt32(18 - 6 * index)) & 63])
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let bytes = Array(text.utf8)
        guard bytes.count % 4 == 0 else { return nil }
        let padding = bytes.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        var out: [UInt8] = []
        var bits: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            let isPadding = index >= bytes.count - padding
            guard let value = isPadding ? 0 : alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            if index % 4 == 3 {
                out += [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)]
                bits = 0
            }
        }
        return Array(out.dropLast(padding))
    }
}
