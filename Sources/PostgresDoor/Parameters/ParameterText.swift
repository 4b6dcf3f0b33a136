// Parameters in text: PostgreSQL's input functions for the types there are here.
internal import Base
internal import Columnar

struct ParameterText {
    let context: FormatContext

    func value(_ text: String, _ type: DataType, depth: Int) throws(LeibrixError) -> Value {
        if case .alias(let name, let base) = type, base != .varchar, name.lowercased().hasPrefix("reg"), Int64(trimmed(text)) == nil {
            return .string(text)
        }
        switch type.base {
        case .null, .varchar, .enumeration, .other: return .string(text)
        case .boolean: return .boolean(try boolean(text))
        case .tinyInt: return .integer(Int64(try integer(text, Int8.self, "tinyint")))
        case .smallInt: return .integer(Int64(try integer(text, Int16.self, "smallint")))
        case .integer: return .integer(Int64(try integer(text, Int32.self, "integer")))
        case .bigInt: return .integer(try integer(text, Int64.self, "bigint"))
        case .unsignedTinyInt: return .unsigned(UInt64(try integer(text, UInt8.self, "utinyint")))
        case .unsignedSmallInt: return .unsigned(UInt64(try integer(text, UInt16.self, "usmallint")))
        case .unsignedInteger: return .unsigned(UInt64(try integer(text, UInt32.self, "uinteger")))
        case .unsignedBigInt: return .unsigned(try integer(text, UInt64.self, "ubigint"))
        case .hugeInt: return .hugeInt(try integer(text, Int128.self, "hugeint"))
        case .unsignedHugeInt: return .unsignedHugeInt(try integer(text, UInt128.self, "uhugeint"))
        case .real, .double, .decimal: return try fractional(text, type.base)
        case .blob: return .blob(try blob(text))
        case .bit: return .string(try bits(text))
        case .uuid: return .uuid(try uuid(text))
        case .list(let element), .array(let element, _): return try array(text, element, type, depth)
        case .structure, .map, .union:
            throw LeibrixError(.notSupported, "parameters of type \(type) are not supported", hint: "Send text, and build the value in SQL.")
        default: return try TemporalInput(zone: context.zone).value(text, type.base)
        }
    }

    private func trimmed(_ text: String) -> Substring {
        var rest = Substring(text)
        while let first = rest.unicodeScalars.first, first.properties.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.unicodeScalars.last, last.properties.isWhitespace { rest = rest.dropLast() }
        return rest
    }

    private func boolean(_ text: String) throws(LeibrixError) -> Bool {
        let word = trimmed(text).lowercased()
        if word == "1" || word == "on" { return true }
        if word == "0" || word == "of" || word == "off" { return false }
        if !word.isEmpty && ("true".hasPrefix(word) || "yes".hasPrefix(word)) { return true }
        if !word.isEmpty && ("false".hasPrefix(word) || "no".hasPrefix(word)) { return false }
        throw .invalidText("boolean", text)
    }

    private func integer<T: FixedWidthInteger>(_ text: String, _: T.Type, _ name: String) throws(LeibrixError) -> T {
        let digits = trimmed(text)
        if let value = T(digits) { return value }
        let unsigned = digits.hasPrefix("-") || digits.hasPrefix("+") ? digits.dropFirst() : digits
        let isNumber = !unsigned.isEmpty && unsigned.utf8.allSatisfy { (48...57).contains($0) }
        throw isNumber ? .outOfRange(name, text) : .invalidText(name, text)
    }

    private func fractional(_ text: String, _ type: DataType) throws(LeibrixError) -> Value {
        let digits = String(trimmed(text))
        switch type {
        case .real:
            guard let value = Float(floatText(digits)) else { throw .invalidText("real", text) }
            if value.isInfinite && !isInfinity(digits) { throw .outOfRange("real", text) }
            return .real(value)
        case .double:
            guard let value = Double(floatText(digits)) else { throw .invalidText("double precision", text) }
            if value.isInfinite && !isInfinity(digits) { throw .outOfRange("double precision", text) }
            return .double(value)
        default: return try DecimalInput.value(digits)
        }
    }

    private func isInfinity(_ text: String) -> Bool { text.lowercased().contains("inf") }

    /// Swift reads hexadecimal and `nan(..)` too, PostgreSQL does not.
    private func floatText(_ text: String) -> String {
        let word = text.lowercased()
        switch word {
        case "nan": return "nan"
        case "infinity", "+infinity", "inf", "+inf": return "inf"
        case "-infinity", "-inf": return "-inf"
        default: return word.utf8.allSatisfy { (48...57).contains($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E || $0 == 0x65 } ? word : ""
        }
    }

    private func blob(_ text: String) throws(LeibrixError) -> [UInt8] {
        let bytes = Array(text.utf8)
        if bytes.starts(with: [UInt8](ascii: "\\x")) {
            let digits = bytes.dropFirst(2).filter { $0 != 32 && $0 != 9 && $0 != 10 && $0 != 13 }
            guard digits.count % 2 == 0 else { throw .invalidText("bytea", text) }
            var out: [UInt8] = []
            for index in stride(from: 0, to: digits.count, by: 2) {
                guard let high = hexDigit(digits[index]), let low = hexDigit(digits[index + 1]) else { throw .invalidText("bytea", text) }
                out.append(high << 4 | low)
            }
            return out
        }
        return try escapedBlob(bytes, text)
    }

    private func escapedBlob(_ bytes: [UInt8], _ text: String) throws(LeibrixError) -> [UInt8] {
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                out.append(bytes[index])
                index += 1
                continue
            }
            if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\\") {
                out.append(UInt8(ascii: "\\"))
                index += 2
            } else if index + 3 < bytes.count, (48...51).contains(bytes[index + 1]), bytes[index + 2...index + 3].allSatisfy({ (48...55).contains($0) }) {
                out.append((bytes[index + 1] - 48) << 6 | (bytes[index + 2] - 48) << 3 | (bytes[index + 3] - 48))
                index += 4
            } else {
                throw .invalidText("bytea", text)
            }
        }
        return out
    }

    private func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 97...102: byte - 87
        case 65...70: byte - 55
        default: nil
        }
    }

    private func bits(_ text: String) throws(LeibrixError) -> String {
        let digits = text.hasPrefix("b") || text.hasPrefix("B") ? String(text.dropFirst()) : text
        guard digits.utf8.allSatisfy({ $0 == 48 || $0 == 49 }) else { throw .invalidText("bit", text) }
        return digits
    }

    private func uuid(_ text: String) throws(LeibrixError) -> UInt128 {
        var bits: UInt128 = 0
        var count = 0
        for byte in trimmed(text).utf8 where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "}") {
            guard let digit = hexDigit(byte), count < 32 else { throw .invalidText("uuid", text) }
            bits = bits << 4 | UInt128(digit)
            count += 1
        }
        guard count == 32 else { throw .invalidText("uuid", text) }
        return bits
    }

    // MARK: - Arrays

    private func array(_ text: String, _ element: DataType, _ type: DataType, _ depth: Int) throws(LeibrixError) -> Value {
        if type.isVector {
            var items: [Value] = []
            for word in text.split(separator: " ") { items.append(try value(String(word), element, depth: depth + 1)) }
            return .list(items)
        }
        guard depth < DoorLimits.dimensionsMax else {
            throw LeibrixError(.limitExceeded, "an array has more than \(DoorLimits.dimensionsMax) dimensions")
        }
        var scanner = ArrayScanner(text)
        guard let pieces = scanner.pieces() else {
            throw LeibrixError(.invalidValue, "malformed array literal: \"\(text.prefix(200))\"", hint: "Write {1,2,3}.")
        }
        var items: [Value] = []
        for piece in pieces {
            switch piece {
            case .null: items.append(.null)
            case .value(let text): items.append(try value(text, element, depth: depth + 1))
            case .nested(let text):
                // An array type of PostgreSQL has any number of dimensions.
                if case .list = element.base { items.append(try value(text, element, depth: depth + 1)) } else {
                    items.append(try array(text, element, .list(element), depth + 1))
                }
            }
        }
        return .list(items)
    }
}

/// `{1,"a b",NULL,{2}}` into its pieces at the first level.
struct ArrayScanner {
    enum Piece { case null, value(String), nested(String) }

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private mutating func skipSpace() { while position < bytes.count, bytes[position] == 32 || (9...13).contains(bytes[position]) { position += 1 } }

    mutating func pieces() -> [Piece]? {
        skipSpace()
        // `[1:2]={..}`: bounds are read over, lists here count from one.
        if position < bytes.count, bytes[position] == UInt8(ascii: "["), let equals = bytes.firstIndex(of: UInt8(ascii: "=")) { position = equals + 1 }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return nil }
        position += 1
        var pieces: [Piece] = []
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") { return end() ? pieces : nil }
        while true {
            skipSpace()
            guard let piece = piece() else { return nil }
            pieces.append(piece)
            skipSpace()
            guard position < bytes.count else { return nil }
            if bytes[position] == UInt8(ascii: "}") { return end() ? pieces : nil }
            guard bytes[position] == UInt8(ascii: ",") else { return nil }
            position += 1
        }
    }

    /// Nothing but space follows the closing brace.
    private mutating func end() -> Bool {
        position += 1
        skipSpace()
        return position == bytes.count
    }

    private mutating func piece() -> Piece? {
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "{"): return nested()
        case UInt8(ascii: "\""): return quoted()
        default: return plain()
        }
    }

    private mutating func nested() -> Piece? {
        let start = position
        var depth = 0
        var isQuoted = false
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\\") { position += 1 } else if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return .nested(String(decoding: bytes[start..<position], as: UTF8.self)) }
            }
        }
        return nil
    }

    private mutating func quoted() -> Piece? {
        var out: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return .value(String(decoding: out, as: UTF8.self)) }
            if byte == UInt8(ascii: "\\") {
                guard position < bytes.count else { return nil }
                out.append(bytes[position])
                position += 1
            } else {
                out.append(byte)
            }
        }
        return nil
    }

    private mutating func plain() -> Piece? {
        var out: [UInt8] = []
        var isEscaped = false
        while position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != UInt8(ascii: "}") {
            var byte = bytes[position]
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "\"") { return nil }
            if byte == UInt8(ascii: "\\") {
                position += 1
                guard position < bytes.count else { return nil }
                byte = bytes[position]
                isEscaped = true
            }
            out.append(byte)
            position += 1
        }
        while let last = out.last, last == 32 || (9...13).contains(last) { out.removeLast() }
        if out.isEmpty { return nil }
        let text = String(decoding: out, as: UTF8.self)
        return !isEscaped && text.lowercased() == "null" ? .null : .value(text)
    }
}

/// PostgreSQL's numeric as a decimal of the scale it is written with, at most 38 digits.
enum DecimalInput {
    static func value(_ text: String) throws(LeibrixError) -> Value {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        var digits: Int128 = 0
        var count = 0
        var scale = 0
        var seenPoint = false
        while let byte = rest.utf8.first, byte == UInt8(ascii: ".") || (48...57).contains(byte) {
            rest = rest.dropFirst()
            if byte == UInt8(ascii: ".") {
                guard !seenPoint else { throw .invalidText("numeric", text) }
                seenPoint = true
                continue
            }
            let (next, overflow) = digits.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw .outOfRange("numeric(38)", text) }
            digits = next + Int128(byte - 48)
            count += 1
            if seenPoint { scale += 1 }
        }
        guard count > 0 else { throw text.lowercased() == "nan" ? .outOfRange("numeric", text) : .invalidText("numeric", text) }
        if rest.first == "e" || rest.first == "E" {
            guard let exponent = Int(rest.dropFirst()), abs(exponent) < 1_000 else { throw .invalidText("numeric", text) }
            scale -= exponent
            rest = ""
        }
        guard rest.isEmpty else { throw .invalidText("numeric", text) }
        return try value(isNegative ? -digits : digits, scale: scale, text)
    }

    /// Negative scales are multiplied out.
    static func value(_ unscaled: Int128, scale: Int, _ text: String) throws(LeibrixError) -> Value {
        var digits = unscaled
        var scale = scale
        while scale < 0 {
            let (next, overflow) = digits.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw .outOfRange("numeric(38)", text) }
            digits = next
            scale += 1
        }
        while scale > 38 && digits % 10 == 0 {
            digits /= 10
            scale -= 1
        }
        let width = max(String(digits.magnitude).utf8.count, scale, 1)
        guard width <= 38 else { throw .outOfRange("numeric(38)", text) }
        return .decimal(digits, width: UInt8(width), scale: UInt8(scale))
    }
}
