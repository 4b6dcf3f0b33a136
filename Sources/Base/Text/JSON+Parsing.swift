// Recursive descent over UTF-8 bytes. Depth is bounded, so that a hostile document cannot exhaust the stack; size is the
// caller's to bound. Linear in the text.

extension JSON {
    /// Values nested deeper than this are refused.
    public static let depthMax = 128

    /// Throws `invalidValue`, naming the byte where the text stops being JSON.
    public static func parse(_ text: String) throws(LeibrixError) -> JSON { try parse(utf8: Array(text.utf8)) }

    /// As `parse`, from bytes; invalid UTF-8 inside strings is repaired.
    public static func parse(utf8 bytes: [UInt8]) throws(LeibrixError) -> JSON {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.index == bytes.count else { throw parser.failure("text after the value") }
        return value
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    func failure(_ what: String) -> LeibrixError {
        LeibrixError(.invalidValue, "invalid JSON at byte \(index): \(what)")
    }

    mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func value(depth: Int) throws(LeibrixError) -> JSON {
        guard depth < JSON.depthMax else { throw failure("nested deeper than \(JSON.depthMax)") }
        skipSpace()
        guard index < bytes.count else { throw failure("the text ends where a value is due") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    mutating func word(_ text: String, _ value: JSON) throws(LeibrixError) -> JSON {
        guard bytes[index...].starts(with: text.utf8) else { throw failure("an unknown word") }
        index += text.utf8.count
        return value
    }

    mutating func object(depth: Int) throws(LeibrixError) -> JSON {
        index += 1
        var members: [JSON.Member] = []
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw failure("a member's name is due") }
            let name = try string()
            guard take(":") else { throw failure("':' is due") }
            members.append(JSON.Member(name, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw failure("'}' is due") }
        return .object(members)
    }

    mutating func array(depth: Int) throws(LeibrixError) -> JSON {
        index += 1
        var items: [JSON] = []
        if take("]") { return .array(items) }
        repeat { items.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw failure("']' is due") }
        return .array(items)
    }

    mutating func number() throws(LeibrixError) -> JSON {
        let start = index
        let allowed = Array("+-.eE0123456789".utf8)
        while index < bytes.count, allowed.contains(bytes[index]) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if let number = Int64(text) { return .integer(number) }
        guard let number = Double(text) else {
            index = start
            throw failure("a value is due")
        }
        return .number(number)
    }

    mutating func string() throws(LeibrixError) -> String {
        index += 1
        var out: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: out, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { try escape(&out) } else { out.append(byte) }
        }
        throw failure("a string has no end")
    }

    mutating func escape(_ out: inout [UInt8]) throws(LeibrixError) {
        guard index < bytes.count else { throw failure("a string has no end") }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "u"): out.append(contentsOf: String(try escapedScalar()).utf8)
        default: throw failure("an unknown escape")
        }
    }

    mutating func escapedScalar() throws(LeibrixError) -> Unicode.Scalar {
        let first = try hexDigits()
        guard first & 0xFC00 == 0xD800 else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return "\u{FFFD}"
        }
        index += 2
        let second = try hexDigits()
        guard second & 0xFC00 == 0xDC00 else { return "\u{FFFD}" }
        return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF) ?? "\u{FFFD}"
    }

    mutating func hexDigits() throws(LeibrixError) -> UInt32 {
        guard index + 4 <= bytes.count,
            let code = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits are due") }
        index += 4
        return code
    }
}
