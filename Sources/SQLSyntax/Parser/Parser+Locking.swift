internal import Base

/// SELECT … FOR UPDATE and its kind: where the parts of such a query lie, so that its rows can be found and locked.
extension Parser {
    /// nil for a query without a locking clause of its own. The parser stands at the first word.
    func lockingQuery() throws(LeibrixError) -> LockingQuery? {
        guard let first = firstLocking() else { return nil }
        var reader = self
        while reader.index < first { reader.advance() }
        var clauses: [LockingClause] = []
        while reader.isAt("for") { clauses.append(try reader.lockingClause()) }
        try reader.expectEnd()
        return try parts(upTo: first, clauses)
    }

    /// The token where the first FOR UPDATE outside brackets stands.
    private func firstLocking() -> Int? {
        var depth = 0
        for (index, token) in text.tokens.enumerated() {
            switch token.kind {
            case .leftParen, .leftBracket, .leftBrace: depth += 1
            case .rightParen, .rightBracket, .rightBrace: depth -= 1
            case .word where depth == 0 && text.isWord(token, "for"):
                let next = text.tokens[min(index + 1, text.tokens.count - 1)]
                if ["update", "share", "no", "key"].contains(where: { text.isWord(next, $0) }) { return index }
            default: break
            }
        }
        return nil
    }

    private mutating func lockingClause() throws(LeibrixError) -> LockingClause {
        let start = position
        try expect("for")
        let strength: LockingClause.Strength
        switch try expectOne(of: ["update", "share", "no", "key"]) {
        case "update": strength = .update
        case "share": strength = .share
        case "no":
            try expect("key")
            try expect("update")
            strength = .noKeyUpdate
        default:
            try expect("share")
            strength = .keyShare
        }
        var relations: [Identifier] = []
        if accept("of") {
            repeat { relations.append(try objectName("a relation").last) } while accept(.comma)
        }
        var waiting = LockingClause.Waiting.wait
        if accept("nowait") { waiting = .noWait } else if accept("skip") {
            try expect("locked")
            waiting = .skipLocked
        }
        return LockingClause(strength: strength, relations: relations, waiting: waiting, position: start)
    }

    private static let refusedWords = ["group", "having", "union", "intersect", "except", "window", "qualify"]

    /// Cuts the query at FROM. What makes rows of several (GROUP BY, DISTINCT, UNION) cannot be locked, as in PostgreSQL.
    private func parts(upTo end: Int, _ clauses: [LockingClause]) throws(LeibrixError) -> LockingQuery {
        let at = clauses[0].position
        var from: Int?
        var depth = 0
        for index in 0..<end {
            let token = text.tokens[index]
            switch token.kind {
            case .leftParen, .leftBracket, .leftBrace: depth += 1
            case .rightParen, .rightBracket, .rightBrace: depth -= 1
            case .word where depth == 0:
                if text.isWord(token, "from"), from == nil, index == 0 || !text.isWord(text.tokens[index - 1], "distinct") { from = index }
                if let word = Parser.refusedWords.first(where: { text.isWord(token, $0) }) {
                    throw refusal(of: "FOR UPDATE with \(word.uppercased())", "Lock the rows in a query of their own.", at: at)
                }
                if text.isWord(token, "distinct"), index > 0, text.isWord(text.tokens[index - 1], "select") {
                    throw refusal(of: "FOR UPDATE with DISTINCT", "Lock the rows in a query of their own.", at: at)
                }
            default: break
            }
        }
        guard let from else { throw refusal(of: "FOR UPDATE without FROM", "Leave the clause out.", at: at) }
        return LockingQuery(
            head: text.tokens[0].start..<text.tokens[from - 1].end, tail: text.tokens[from].start..<text.tokens[end - 1].end,
            relations: relations(from: from + 1, to: end), clauses: clauses)
    }

    private static let clauseStarts = ["where", "order", "limit", "offset", "fetch"]

    /// The relations that FROM names outside brackets: after FROM, a comma or JOIN.
    private func relations(from first: Int, to end: Int) -> [LockingQuery.Relation] {
        var found: [LockingQuery.Relation] = []
        var reader = self
        while reader.index < first { reader.advance() }
        var depth = 0
        var isExpected = true
        while reader.index < end {
            if depth == 0, Parser.clauseStarts.contains(where: { reader.isAt($0) }) { break }
            if depth == 0, isExpected, reader.token.isName, !reader.isAt("lateral"), let name = try? reader.objectName("a relation", partsMax: 4) {
                isExpected = false
                guard reader.token.kind != .leftParen else { continue }
                let notAliases = ["join", "inner", "left", "right", "full", "cross", "natural", "on", "using", "tablesample", "for"] + Parser.clauseStarts
                _ = reader.accept("as")
                let isAlias = reader.index < end && reader.token.isName && !notAliases.contains { reader.isAt($0) }
                found.append(LockingQuery.Relation(name: name, alias: isAlias ? try? reader.identifier("an alias") : nil))
                continue
            }
            switch reader.token.kind {
            case .leftParen: depth += 1
            case .rightParen: depth -= 1
            case .comma where depth == 0: isExpected = true
            case .word where depth == 0 && reader.isAt("join"): isExpected = true
            default: isExpected = false
            }
            reader.advance()
        }
        return found
    }
}
