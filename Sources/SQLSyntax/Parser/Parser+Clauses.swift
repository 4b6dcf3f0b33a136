internal import Base

/// Parts that many statements have: ranges of expressions, lists of names, IF EXISTS.
extension Parser {
    /// The bytes of an expression from here: up to a comma, a bracket that closes one outside, a semicolon, the end, or a
    /// word of `stops`, none of them inside brackets. At least one token.
    mutating func expression(until stops: Set<String> = [], crossingCommas: Bool = false, _ what: String = "an expression") throws(LeibrixError) -> Range<Int> {
        let start = token
        var end = start.start
        var depth = 0
        // CASE … END: WHEN in it is no clause of MERGE.
        var cases = 0
        while !isAtEnd {
            switch token.kind {
            case .leftParen, .leftBracket, .leftBrace: depth += 1
            case .rightParen, .rightBracket, .rightBrace: depth -= 1
            case .word where depth == 0 && (end == start.start || text.tokens[index - 1].kind != .dot):
                if isAt("case") { cases += 1 } else if cases > 0, isAt("end") { cases -= 1 }
            default: break
            }
            if depth < 0 || token.kind == .semicolon && depth == 0 { break }
            if depth == 0, cases == 0, endsExpression(stops, crossingCommas, isFirst: end == start.start) { break }
            end = token.end
            advance()
        }
        guard end > start.start else { throw unexpected(wanted: what) }
        return start.start..<end
    }

    private func endsExpression(_ stops: Set<String>, _ crossingCommas: Bool, isFirst: Bool) -> Bool {
        switch token.kind {
        case .semicolon: return true
        case .comma: return !crossingCommas
        case .word:
            guard !isFirst, !stops.isEmpty, token.end - token.start <= 12, text.tokens[index - 1].kind != .dot else { return false }
            let word = text.lowered(token)
            guard stops.contains(word) else { return false }
            // IS DISTINCT FROM, IS NOT NULL: no clauses of their own.
            switch word {
            case "from": return !text.isWord(text.tokens[index - 1], "distinct")
            case "not": return isAt("not", "null") && !text.isWord(text.tokens[index - 1], "is")
            case "null": return !text.isWord(text.tokens[index - 1], "is") && !text.isWord(text.tokens[index - 1], "not")
            default: return true
            }
        default: return false
        }
    }

    mutating func ifNotExists() throws(LeibrixError) -> Bool {
        guard isAt("if", "not") else { return false }
        advance()
        advance()
        try expect("exists")
        return true
    }

    mutating func ifExists() throws(LeibrixError) -> Bool {
        guard isAt("if", "exists") else { return false }
        advance()
        advance()
        return true
    }

    /// (a, b, …)
    mutating func nameList(_ what: String) throws(LeibrixError) -> [Identifier] {
        try expect(.leftParen, "(")
        var names = [try identifier(what)]
        while accept(.comma) { names.append(try identifier(what)) }
        guard accept(.rightParen) else { throw unexpected(wanted: "\",\" or \")\"") }
        return names
    }

    mutating func objectNames(_ what: String) throws(LeibrixError) -> [ObjectName] {
        var names = [try tableName(what)]
        while accept(.comma) { names.append(try tableName(what)) }
        return names
    }

    /// [ONLY] name [*]: there are no inherited tables, so both say nothing.
    mutating func tableName(_ what: String = "a table") throws(LeibrixError) -> ObjectName {
        if isAt("only"), token(after: 1).isName || token(after: 1).kind == .leftParen { advance() }
        let bracket = accept(.leftParen)
        let name = try objectName(what)
        if bracket { try expect(.rightParen, ")") }
        _ = acceptSymbol("*")
        return name
    }

    /// CASCADE or RESTRICT; true for CASCADE.
    mutating func cascade() -> Bool {
        if accept("cascade") { return true }
        _ = accept("restrict")
        return false
    }

    mutating func signedInteger() throws(LeibrixError) -> Int64 {
        let negative = acceptSymbol("-")
        if !negative { _ = acceptSymbol("+") }
        guard token.kind == .integer, let value = Int64((negative ? "-" : "") + text.string(token)) else {
            throw unexpected(wanted: "an integer")
        }
        advance()
        return value
    }

    func refusal(of command: String, _ hint: String, at position: Int) -> LeibrixError {
        LeibrixError(.notSupported, "\(command) is not supported", hint: hint, position: position)
    }
}
