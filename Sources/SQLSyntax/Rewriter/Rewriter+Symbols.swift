internal import Base

extension Rewriter {
    /// PostgreSQL's match operators, as a whole match of `prefix` + pattern + ').*' .
    static let patterns: [String: (symbol: String, prefix: String)] = [
        "~": ("~", "(?s).*(?:"), "!~": ("!~", "(?s).*(?:"), "~*": ("~", "(?si).*(?:"), "!~*": ("!~", "(?si).*(?:"),
    ]

    mutating func rewriteSymbol(_ token: Token) throws(LeibrixError) -> Bool {
        guard let pattern = Rewriter.patterns[text.string(token)], isBinary(index) else { return false }
        let operand = index + 1
        if isWord(operand, "any") || isWord(operand, "all") || isWord(operand, "some") {
            throw LeibrixError(
                .notSupported, "a match with ANY or ALL of an array is not supported", hint: "Join the patterns with |.",
                position: text.position(token))
        }
        replace(index, operand, with: pattern.symbol)
        wrapPattern(at: operand, prefix: pattern.prefix)
        return true
    }

    /// ~ before an operand is bitwise NOT.
    private func isBinary(_ index: Int) -> Bool {
        switch kind(index - 1) {
        case .word:
            !["select", "and", "or", "not", "when", "then", "else", "where", "on", "by", "in", "case", "having", "distinct"].contains {
                isWord(index - 1, $0)
            }
        case .symbol, .comma, .leftParen, .leftBracket, .end, .cast, .colon, .assign: false
        default: true
        }
    }

    /// Puts `prefix` || … || ').*' around the operand that begins at a token. Its inside is still rewritten.
    mutating func wrapPattern(at first: Int, prefix: String) {
        guard let end = operandEnd(first) else { return }
        insert("('\(prefix)' || ", beforeToken: first)
        pending.append((end, " || ').*')"))
    }

    /// The end of a constant, parameter, column, call or bracketed expression, with its casts.
    private func operandEnd(_ first: Int) -> Int? {
        var end = first
        switch kind(end) {
        case .string, .escapeString, .unicodeString, .dollarString, .parameter: end += 1
        case .leftParen: end = afterBracket(end)
        case .word, .quotedWord:
            end += 1
            while kind(end) == .dot { end += 2 }
            if kind(end) == .leftParen { end = afterBracket(end) }
        default: return nil
        }
        while true {
            if kind(end) == .cast {
                end += 2
                while kind(end) == .dot { end += 2 }
                if kind(end) == .leftParen { end = afterBracket(end) }
            } else if kind(end) == .leftBracket {
                end = afterBracket(end)
            } else {
                return end
            }
        }
    }

    /// 0x1F: DuckDB would read 0 with a name.
    mutating func rewriteInteger(_ token: Token) -> Bool {
        guard token.end - token.start > 2, text.bytes[token.start] == 0x30 else { return false }
        let radix: Int
        switch text.bytes[token.start + 1] | 0x20 {
        case 0x78: radix = 16
        case 0x6F: radix = 8
        case 0x62: radix = 2
        default: return false
        }
        let digits = text.string(token.start + 2..<token.end).filter { $0 != "_" }
        guard let value = UInt128(digits, radix: radix) else { return false }
        replace(index, index + 1, with: String(value))
        return true
    }

    /// B'…', X'…' and U&'…', which DuckDB misreads.
    mutating func rewriteConstant(_ token: Token) throws(LeibrixError) -> Bool {
        let body = text.string(token.start + 2..<token.end - 1)
        switch token.kind {
        case .bitString:
            guard body.allSatisfy({ $0 == "0" || $0 == "1" }) else { throw invalid(token, "binary digit", "Write 0 and 1 only.") }
            replace(index, index + 1, with: "'\(body)'::BIT")
        case .hexString:
            let digits = Array(body)
            guard digits.count.isMultiple(of: 2), digits.allSatisfy(\.isHexDigit) else {
                throw invalid(token, "hexadecimal digit", "Write pairs of 0-9 and a-f.")
            }
            let escaped = stride(from: 0, to: digits.count, by: 2).map { "\\x\(digits[$0])\(digits[$0 + 1])" }.joined()
            replace(index, index + 1, with: "'\(escaped)'::BLOB")
        default:
            guard let value = text.stringValue(token) else { throw invalid(token, "Unicode escape", "Write \\XXXX or \\+XXXXXX.") }
            replace(index, index + 1, with: sqlString(value))
        }
        return true
    }

    private func invalid(_ token: Token, _ what: String, _ hint: String) -> LeibrixError {
        LeibrixError(.syntax, "invalid \(what) in \(text.excerpt(token))", hint: hint, position: text.position(token))
    }
}

/// Text as a string constant of SQL.
public func sqlString(_ text: String) -> String {
    guard text.utf8.contains(0x27) else { return "'" + text + "'" }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}
