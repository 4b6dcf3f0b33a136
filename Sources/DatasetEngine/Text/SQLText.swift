internal import Columnar
internal import DuckDBKit

/// Pieces of the SQL that the engine writes.
enum SQLText {
    static func name(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    static func names(_ parts: [String]) -> String { parts.map(name).joined(separator: ".") }

    static func literal(_ text: String) -> String { Value.string(text).duckDBLiteral }

    static func list(_ texts: [String]) -> String { "[" + texts.map(literal).joined(separator: ", ") + "]" }
}

/// A 64-bit hash that is the same on every machine (FNV-1a), as 16 hexadecimal digits: for marks, not for security.
struct MarkHash {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { mix(byte) }
        mix(0xFF)
    }

    private mutating func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

    var text: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    static func of(_ texts: [String]) -> String {
        var hash = MarkHash()
        for text in texts { hash.add(text) }
        return hash.text
    }
}
