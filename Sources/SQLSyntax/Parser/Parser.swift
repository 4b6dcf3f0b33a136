public import Base

/// One statement, lexed and understood as far as this product acts on it.
public struct ParsedStatement: Sendable {
    public let text: SQLText
    public let statement: Statement

    /// Throws `syntax` with a position and a hint for our own statements; the text of queries is left to the engine,
    /// apart from what no statement may hold (`SQLText.validate`).
    public init(_ sql: String) throws(LeibrixError) {
        text = try SQLText(sql)
        try text.validate()
        var parser = Parser(text)
        statement = try parser.statement()
    }
}

/// Recursive descent over the tokens of one statement. The grammar of each kind of statement is in a file of its own.
struct Parser {
    let text: SQLText
    private(set) var index = 0

    init(_ text: SQLText) { self.text = text }

    var token: Token { text.tokens[index] }
    func token(after count: Int) -> Token { text.tokens[min(index + count, text.tokens.count - 1)] }
    var position: Int { text.position(token) }
    var isAtEnd: Bool { token.kind == .end }

    mutating func advance() { if index < text.tokens.count - 1 { index += 1 } }
    mutating func retreat() { if index > 0 { index -= 1 } }

    func isAt(_ keyword: String) -> Bool { text.isWord(token, keyword) }
    func isAt(_ first: String, _ second: String) -> Bool { isAt(first) && text.isWord(token(after: 1), second) }

    /// Moves past the keyword if it is here.
    mutating func accept(_ keyword: String) -> Bool {
        guard isAt(keyword) else { return false }
        advance()
        return true
    }

    mutating func accept(_ first: String, _ second: String) -> Bool {
        guard isAt(first, second) else { return false }
        advance()
        advance()
        return true
    }

    mutating func accept(_ kind: Token.Kind) -> Bool {
        guard token.kind == kind else { return false }
        advance()
        return true
    }

    mutating func acceptSymbol(_ symbol: String) -> Bool {
        guard text.isSymbol(token, symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ keyword: String) throws(LeibrixError) {
        guard accept(keyword) else { throw unexpected(wanted: keyword.uppercased()) }
    }

    mutating func expect(_ kind: Token.Kind, _ shown: String) throws(LeibrixError) {
        guard accept(kind) else { throw unexpected(wanted: "\"\(shown)\"") }
    }

    /// One of these keywords: moves past it and returns it.
    mutating func expectOne(of keywords: [String]) throws(LeibrixError) -> String {
        for keyword in keywords where accept(keyword) { return keyword }
        throw unexpected(oneOf: keywords)
    }

    mutating func identifier(_ what: String) throws(LeibrixError) -> Identifier {
        let token = token
        guard token.isName, let name = text.name(token) else { throw unexpected(wanted: "the name of \(what)") }
        guard !name.isEmpty, name.utf8.count <= SyntaxLimits.nameBytesMax, !name.utf8.contains(0) else {
            throw LeibrixError(
                .invalidName, name.isEmpty ? "the name of \(what) is empty" : "the name of \(what) is too long",
                hint: "Names have 1 to \(SyntaxLimits.nameBytesMax) bytes.", position: position)
        }
        let result = Identifier(name, position: position)
        advance()
        return result
    }

    mutating func objectName(_ what: String, partsMax: Int = 3) throws(LeibrixError) -> ObjectName {
        var parts = [try identifier(what)]
        while token.kind == .dot {
            guard parts.count < partsMax else {
                throw LeibrixError(
                    .syntax, "the name of \(what) has more than \(partsMax) parts", hint: "Quote a name that holds a dot: \"a.b\".",
                    position: position)
            }
            advance()
            parts.append(try identifier(what))
        }
        return ObjectName(parts)
    }

    mutating func expectEnd() throws(LeibrixError) {
        _ = accept(.semicolon)
        guard isAtEnd else { throw unexpected(wanted: "the end of the statement") }
    }

    /// The bytes from here to the end of the statement; moves to the end.
    mutating func rest() -> Range<Int> {
        let start = token.start
        index = text.tokens.count - 1
        let last = text.tokens[max(index - 1, 0)]
        return start..<(last.kind == .semicolon ? last.start : max(last.end, start))
    }

    /// Moves past brackets that match, from an opening one; returns the bytes between them.
    mutating func balanced() throws(LeibrixError) -> Range<Int> {
        let opening = position
        try expect(.leftParen, "(")
        let start = token.start
        var depth = 1
        while true {
            switch token.kind {
            case .leftParen: depth += 1
            case .rightParen: depth -= 1
            case .end:
                throw LeibrixError(.syntax, "a bracket is not closed", hint: "Add a \")\".", position: opening)
            default: break
            }
            if depth == 0 { break }
            advance()
        }
        let range = start..<max(start, text.tokens[index - 1].end)
        advance()
        return range
    }
}

extension Parser {
    func unexpected(wanted: String) -> LeibrixError {
        if isAtEnd {
            return LeibrixError(
                .syntax, "syntax error at end of input", hint: "\(wanted.prefix(1).uppercased() + wanted.dropFirst()) was expected.",
                position: position)
        }
        return LeibrixError(
            .syntax, "syntax error at or near \"\(text.excerpt(token))\"",
            hint: "\(wanted.prefix(1).uppercased() + wanted.dropFirst()) was expected here.", position: position)
    }

    /// Names the nearest of the keywords that would have done.
    func unexpected(oneOf keywords: [String]) -> LeibrixError {
        let wanted = keywords.map { $0.uppercased() }
        var error = unexpected(wanted: wanted.count == 1 ? wanted[0] : "one of " + wanted.joined(separator: ", "))
        if token.kind == .word, let nearest = nearestName(to: text.lowered(token), among: keywords) {
            error.hint = "Did you mean \(nearest.uppercased())?"
        }
        return error
    }
}
