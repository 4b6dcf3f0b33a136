internal import Base

extension Rewriter {
    private static let schemas = ["public", "main", "pg_catalog", "information_schema", "leibrix"]

    /// Rules that begin with a word. True if something was replaced.
    mutating func rewriteWord(_ token: Token) throws(LeibrixError) -> Bool {
        let afterDot = kind(index - 1) == .dot
        if !afterDot, token.end - token.start == 2, rewriteReserved(token) { return true }
        if !afterDot && (rewriteCatalogWord(token) || quoteWord(token)) { return true }
        if kind(index + 1) == .dot && !afterDot { return try rewriteQualified(token) }
        if afterDot { return false }
        switch text.bytes[token.start] | 0x20 {
        case 0x6F where kind(index + 1) == .leftParen && text.isWord(token, "operator"): return rewriteOperator()
        case 0x63 where text.isWord(token, "collate"): return rewriteCollation()
        case 0x66 where text.isWord(token, "for"): return try refuseLocking()
        case 0x67 where kind(index + 1) == .leftParen && text.isWord(token, "generate_series"):
            return rewriteSeries(nameAt: index)
        case 0x70 where rewriteSessionRelation(from: index, nameAt: index): return true
        case 0x63, 0x73, 0x76, 0x70, 0x74, 0x6E, 0x6C, 0x68: return try rewriteSession(from: index, nameAt: index)
        default: return false
        }
    }

    /// `at` names a relation in PostgreSQL's own queries; the engine's grammar keeps it.
    private mutating func rewriteReserved(_ token: Token) -> Bool {
        guard text.isWord(token, "at") else { return false }
        let isAlias = self.token(at: index - 1).isName && (kind(index + 1) == .comma || Rewriter.afterAlias.contains(text.lowered(self.token(at: index + 1))))
        guard kind(index + 1) == .dot || isAlias else { return false }
        replace(index, index + 1, with: "\"at\"")
        return true
    }

    private static let afterAlias: Set<String> = ["left", "right", "inner", "full", "cross", "join", "where", "on", "order", "group"]

    /// a.b…: takes off `leibrix.` in front of a schema, and the schema in front of a system function.
    private mutating func rewriteQualified(_ token: Token) throws(LeibrixError) -> Bool {
        let second = self.token(at: index + 2)
        if isName(token, "leibrix"), kind(index + 3) == .dot, Rewriter.schemas.contains(where: { isName(second, $0) }) {
            replace(index, index + 2, with: "")
            return true
        }
        // A session's temporary schema comes first in its search_path.
        if isName(token, "pg_temp"), self.token(at: index + 2).isName {
            replace(index, index + 2, with: "")
            return true
        }
        guard isName(token, "pg_catalog") || isName(token, "information_schema") else { return false }
        if rewriteSessionRelation(from: index, nameAt: index + 2) { return true }
        guard kind(index + 2) == .word || kind(index + 2) == .quotedWord, kind(index + 3) == .leftParen else { return false }
        if try rewriteSession(from: index, nameAt: index + 2) { return true }
        if isWord(index + 2, "generate_series"), rewriteSeries(nameAt: index + 2) { return true }
        if rewriteCatalogFunction(from: index, nameAt: index + 2) { return true }
        replace(index, index + 2, with: "")
        return true
    }

    func isName(_ token: Token, _ name: String) -> Bool {
        text.isWord(token, name) || (token.kind == .quotedWord && text.name(token) == name)
    }

    /// :: pg_catalog . t
    mutating func rewriteCast() -> Bool {
        let isQualified = isName(token(at: index + 1), "pg_catalog") && kind(index + 2) == .dot
        let type = index + (isQualified ? 3 : 1)
        if isName(token(at: type), "oid"), kind(type + 1) != .dot {
            replace(index + 1, type + 1, with: Rewriter.oidType)
            return true
        }
        guard isQualified else { return false }
        replace(index + 1, index + 3, with: "")
        return true
    }

    /// The name that the type oid has for the engine, whose own type of that name is a plain BIGINT.
    static let oidType = "object_number"

    /// OPERATOR(pg_catalog.~), also without the schema.
    private mutating func rewriteOperator() -> Bool {
        var inner = index + 2
        while kind(inner) == .word && kind(inner + 1) == .dot { inner += 2 }
        guard kind(inner) == .symbol, kind(inner + 1) == .rightParen else { return false }
        let symbol = text.string(token(at: inner))
        let operand = inner + 2
        if let pattern = Rewriter.patterns[symbol] {
            replace(index, operand, with: pattern.symbol)
            wrapPattern(at: operand, prefix: pattern.prefix)
        } else {
            replace(index, operand, with: symbol)
        }
        return true
    }

    /// COLLATE of an order by bytes, which is the engine's own.
    private mutating func rewriteCollation() -> Bool {
        var name = index + 1
        let qualified = isName(token(at: name), "pg_catalog") && kind(name + 1) == .dot
        if qualified { name += 2 }
        guard let collation = text.name(token(at: name)), ["default", "C", "POSIX", "c", "posix"].contains(collation) else {
            return false
        }
        replace(index, name + 1, with: "")
        return true
    }

    private func refuseLocking() throws(LeibrixError) -> Bool {
        guard ["update", "share", "no", "key"].contains(where: { isWord(index + 1, $0) }),
            !(isWord(index + 1, "no") && !isWord(index + 2, "key")), !(isWord(index + 1, "key") && !isWord(index + 2, "share"))
        else { return false }
        throw LeibrixError(
            .notSupported, "SELECT … FOR UPDATE or FOR SHARE is not supported", hint: "Datasets are read-only: leave the clause out.",
            position: text.position(token(at: index)))
    }

    /// A set-returning call as an item of a select list gives one row a value.
    private mutating func rewriteSeries(nameAt name: Int) -> Bool {
        guard selectLists[selectLists.count - 1], isItemStart(index) else { return false }
        let end = afterBracket(name + 1)
        let alias = isItemEnd(end) ? " AS generate_series" : ""
        replace(index, name + 1, with: "unnest(generate_series")
        pending.append((end, ")" + alias))
        return true
    }

    /// Whether an item of a select list begins at the token `index`.
    func isItemStart(_ index: Int) -> Bool {
        guard selectLists[selectLists.count - 1] else { return false }
        return kind(index - 1) == .comma || ["select", "distinct", "all"].contains { isWord(index - 1, $0) }
    }

    /// Whether an item of a select list ends before the token `index`, without a name of its own.
    func isItemEnd(_ index: Int) -> Bool {
        switch kind(index) {
        case .comma, .end, .semicolon, .rightParen: true
        case .word: ["from", "where", "group", "order", "limit", "union", "intersect", "except"].contains { isWord(index, $0) }
        default: false
        }
    }
}
