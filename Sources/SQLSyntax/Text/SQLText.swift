public import Base

/// A text of SQL with its tokens: what everything else in this target works on.
///
/// `tokens` always ends with one of kind `end`. Offsets are bytes of UTF-8; positions shown to people are characters
/// (Unicode scalars), from 1, as PostgreSQL counts them.
public struct SQLText: Sendable {
    public let bytes: [UInt8]
    public let tokens: [Token]
    private let isASCII: Bool

    /// Throws `limitExceeded` for a text longer than `SyntaxLimits` allows. Never throws for what the text says.
    public init(_ sql: String) throws(LeibrixError) {
        try self.init(bytes: Array(sql.utf8))
    }

    public init(bytes: [UInt8]) throws(LeibrixError) {
        guard bytes.count <= SyntaxLimits.textBytesMax else {
            throw LeibrixError(
                .limitExceeded, "a query of \(bytes.count) bytes is longer than the limit of \(SyntaxLimits.textBytesMax)",
                hint: "Send values as parameters, or split the text.")
        }
        var lexer = Lexer(bytes)
        var tokens: [Token] = []
        tokens.reserveCapacity(min(bytes.count / 4 + 2, 1 << 16))
        repeat {
            guard tokens.count < SyntaxLimits.tokensMax else {
                throw LeibrixError(.limitExceeded, "a query has more than \(SyntaxLimits.tokensMax) words")
            }
            tokens.append(lexer.next())
        } while tokens[tokens.count - 1].kind != .end
        self.bytes = bytes
        self.tokens = tokens
        isASCII = bytes.allSatisfy { $0 < 0x80 }
    }

    /// Characters before the byte at `offset`.
    public func characters(before offset: Int) -> Int {
        let end = min(max(offset, 0), bytes.count)
        if isASCII { return end }
        var count = 0
        for index in 0..<end where bytes[index] & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The byte offset of the character with this 0-based number.
    public func offset(ofCharacter number: Int) -> Int {
        if isASCII { return min(number, bytes.count) }
        var seen = -1
        for index in bytes.indices where bytes[index] & 0xC0 != 0x80 {
            seen += 1
            if seen == number { return index }
        }
        return bytes.count
    }

    /// 1-based position of a token, in characters.
    public func position(_ token: Token) -> Int { characters(before: token.start) + 1 }

    public func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    public func string(_ token: Token) -> String { string(token.range) }

    /// The token in lower case (ASCII only, as PostgreSQL folds names).
    public func lowered(_ token: Token) -> String {
        String(decoding: bytes[token.range].lazy.map(Self.lower), as: UTF8.self)
    }

    static func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// Whether an unquoted word is this keyword, given in lower case.
    public func isWord(_ token: Token, _ keyword: String) -> Bool {
        guard token.kind == .word, token.end - token.start == keyword.utf8.count else { return false }
        var index = token.start
        for byte in keyword.utf8 {
            if Self.lower(bytes[index]) != byte { return false }
            index += 1
        }
        return true
    }

    public func isSymbol(_ token: Token, _ symbol: String) -> Bool {
        token.kind == .symbol && bytes[token.range].elementsEqual(symbol.utf8)
    }
}

extension SQLText {
    /// Refuses what no statement may hold: unterminated quotes, unknown characters, too deep nesting, $0.
    public func validate(_ range: Range<Int>? = nil) throws(LeibrixError) {
        var depth = 0
        for token in tokens[range ?? 0..<tokens.count] {
            switch token.kind {
            case .leftParen, .leftBracket, .leftBrace:
                depth += 1
                guard depth <= SyntaxLimits.nestingMax else { throw tooDeep(token) }
            case .rightParen, .rightBracket, .rightBrace: depth -= 1
            case .unterminated, .other, .namedParameter, .symbol, .parameter:
                if let error = fault(token) { throw error }
            default: break
            }
        }
    }

    private func tooDeep(_ token: Token) -> LeibrixError {
        LeibrixError(
            .limitExceeded, "brackets are nested more than \(SyntaxLimits.nestingMax) deep",
            hint: "Write the expression flatter.", position: position(token))
    }

    private func fault(_ token: Token) -> LeibrixError? {
        let at = position(token)
        switch token.kind {
        case .unterminated:
            let (what, hint) = unterminatedKind(token)
            return LeibrixError(.syntax, "unterminated \(what) at or near \"\(excerpt(token))\"", hint: hint, position: at)
        case .other:
            return LeibrixError(
                .syntax, "syntax error at or near \"\(excerpt(token))\"", hint: "This character means nothing in SQL.", position: at)
        case .namedParameter:
            return LeibrixError(
                .syntax, "named parameter \"\(excerpt(token))\" is not supported", hint: "Number parameters: $1, $2.", position: at)
        case .symbol where token.end - token.start == 1 && bytes[token.start] == 0x3F:
            return LeibrixError(
                .syntax, "syntax error at or near \"?\"", hint: "Number parameters: $1, $2.", position: at)
        case .parameter:
            return parameterNumber(token) == nil
                ? LeibrixError(
                    .undefinedParameter, "there is no parameter \(excerpt(token))",
                    hint: "Parameters are $1 to $\(SyntaxLimits.parametersMax).", position: at) : nil
        default: return nil
        }
    }

    private func unterminatedKind(_ token: Token) -> (String, String) {
        switch bytes[token.start] {
        case 0x22: ("quoted identifier", "Close it with a double quote.")
        case 0x2F: ("/* comment", "Close it with */; comments nest.")
        case 0x24: ("dollar-quoted string", "Close it with the same $tag$ it begins with.")
        default: ("quoted string", "Close it with a single quote; write a quote inside as two.")
        }
    }

    /// The token, cut short for a message.
    public func excerpt(_ token: Token) -> String {
        guard token.end - token.start > 40 else { return string(token) }
        return string(token.start..<token.start + 40) + "…"
    }

    /// n of $n, if it is 1 to `SyntaxLimits.parametersMax`.
    public func parameterNumber(_ token: Token) -> Int? {
        guard token.kind == .parameter, token.end - token.start <= 6,
            let number = Int(string(token.start + 1..<token.end)), number >= 1, number <= SyntaxLimits.parametersMax
        else { return nil }
        return number
    }
}
