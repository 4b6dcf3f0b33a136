extension SQLText {
    /// A name as the catalog keeps it: folded to lower case unless quoted. nil if the token is not a name.
    public func name(_ token: Token) -> String? {
        switch token.kind {
        case .word: lowered(token)
        case .quotedWord: unquoted(token.start + 1..<token.end - 1, quote: 0x22)
        case .unicodeWord: unicodeEscapes(unquoted(token.start + 3..<token.end - 1, quote: 0x22))
        default: nil
        }
    }

    /// What a string constant says. nil if the token is none, or holds an escape that means nothing.
    public func stringValue(_ token: Token) -> String? {
        switch token.kind {
        case .string:
            unquoted(token.start + (bytes[token.start] == 0x27 ? 1 : 2)..<token.end - 1, quote: 0x27)
        case .escapeString: escaped(token.start + 2..<token.end - 1)
        case .unicodeString: unicodeEscapes(unquoted(token.start + 3..<token.end - 1, quote: 0x27))
        case .dollarString: dollarBody(token)
        default: nil
        }
    }

    private func unquoted(_ range: Range<Int>, quote: UInt8) -> String {
        guard bytes[range].contains(quote) else { return string(range) }
        var result: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            result.append(bytes[index])
            index += bytes[index] == quote ? 2 : 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func dollarBody(_ token: Token) -> String {
        var tag = token.start + 1
        while bytes[tag] != 0x24 { tag += 1 }
        let length = tag + 1 - token.start
        return string(token.start + length..<token.end - length)
    }

    /// PostgreSQL's E'' escapes: \b \f \n \r \t, \ooo, \xhh, \uXXXX, \UXXXXXXXX, and \c for any other c itself.
    private func escaped(_ range: Range<Int>) -> String? {
        var result: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            guard byte == 0x5C, index + 1 < range.upperBound else {
                result.append(byte)
                index += byte == 0x27 ? 2 : 1
                continue
            }
            let escape = bytes[index + 1]
            index += 2
            switch escape {
            case 0x62: result.append(0x08)
            case 0x66: result.append(0x0C)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x74: result.append(0x09)
            case 0x30...0x37: result.append(UInt8(truncatingIfNeeded: digits(&index, back: 1, radix: 8, max: 3, range)!))
            case 0x78:
                guard let value = digits(&index, back: 0, radix: 16, max: 2, range) else { result.append(escape); continue }
                result.append(UInt8(truncatingIfNeeded: value))
            case 0x75, 0x55:
                let count = escape == 0x75 ? 4 : 8
                let start = index
                guard let value = digits(&index, back: 0, radix: 16, max: count, range), index - start == count,
                    let scalar = Unicode.Scalar(value)
                else { return nil }
                result.append(contentsOf: Array(String(Character(scalar)).utf8))
            default: result.append(escape)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func digits(_ index: inout Int, back: Int, radix: UInt32, max: Int, _ range: Range<Int>) -> UInt32? {
        index -= back
        var value: UInt32 = 0
        var count = 0
        while count < max, index < range.upperBound, let digit = Self.digit(bytes[index]), digit < radix {
            value = value &* radix &+ digit
            index += 1
            count += 1
        }
        return count > 0 ? value : nil
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x41 + 10)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }

    /// \XXXX and \+XXXXXX, with the default escape character.
    private func unicodeEscapes(_ text: String) -> String? {
        var scalars = String.UnicodeScalarView()
        var rest = Substring(text).unicodeScalars
        while let first = rest.popFirst() {
            guard first == "\\" else { scalars.append(first); continue }
            if rest.first == "\\" { scalars.append(rest.removeFirst()); continue }
            let count = rest.first == "+" ? 6 : 4
            if count == 6 { rest.removeFirst() }
            guard let value = UInt32(String(String.UnicodeScalarView(rest.prefix(count))), radix: 16), rest.count >= count,
                let scalar = Unicode.Scalar(value)
            else { return nil }
            rest.removeFirst(count)
            scalars.append(scalar)
        }
        return String(scalars)
    }
}
