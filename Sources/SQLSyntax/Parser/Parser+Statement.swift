internal import Base

extension Parser {
    static let statementWords = [
        "select", "with", "values", "from", "table", "show", "explain", "set", "reset", "begin", "start", "commit", "rollback",
        "insert", "update", "delete", "merge", "truncate", "vacuum", "analyze", "lock", "comment", "create", "alter", "drop", "refresh", "grant", "revoke", "prepare", "execute", "deallocate", "declare", "fetch", "move",
        "close", "copy", "discard", "subscribe", "restore", "savepoint", "release", "end", "abort", "describe", "summarize", "pivot", "unpivot",
    ]

    /// Decides by the first word.
    mutating func statement() throws(LeibrixError) -> Statement {
        switch token.kind {
        case .end, .semicolon: return .empty
        case .leftParen: return try query("(")
        case .word: break
        default: throw unexpected(wanted: "a statement")
        }
        let word = text.lowered(token)
        switch word {
        case "select", "with", "values", "from", "table", "pivot", "unpivot", "summarize":
            return try query(word)
        case "describe", "desc":
            return .query(QueryHead(keyword: "describe"))
        case "explain": return try explain()
        case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release":
            return .transaction(try transaction(word))
        case "set": return try set()
        case "reset", "discard": return .setting(try resetOrDiscard(word))
        case "show": return .show(try show())
        case "prepare", "execute", "deallocate": return .prepared(try prepared(word))
        case "declare", "fetch", "move", "close": return .cursor(try cursor(word))
        case "copy": return try copy()
        case "insert", "update", "delete", "merge": return .change(try change())
        case "truncate": return .table(try truncate())
        case "comment": return .table(try comment())
        case "lock": return .table(try lock())
        case "vacuum", "analyze", "analyse", "reindex", "checkpoint", "cluster": return .table(try maintenance(word))
        case "unlisten": return try unlisten()
        case "subscribe": return .stream(try subscribe())
        case "restore": return .stream(try restore())
        case "create", "alter", "drop", "refresh", "grant", "revoke":
            return try administration(word)
        default: return .refused(try refused(word))
        }
    }

    /// A channel's name or *.
    private mutating func unlisten() throws(LeibrixError) -> Statement {
        advance()
        if text.isSymbol(token, "*") { advance() } else { _ = try identifier("a channel or *") }
        try expectEnd()
        return .unlisten
    }

    /// WITH may stand before INSERT, UPDATE, DELETE and MERGE; SELECT … INTO makes a table; FOR UPDATE locks.
    private mutating func query(_ word: String) throws(LeibrixError) -> Statement {
        var depth = 0
        for (index, token) in text.tokens.enumerated() {
            switch token.kind {
            case .leftParen: depth += 1
            case .rightParen: depth -= 1
            case .word where token.end - token.start == 6 || token.end - token.start == 5:
                guard word == "with", ["insert", "update", "delete", "merge"].contains(where: { text.isWord(token, $0) }) else { continue }
                if depth == 0 { return .change(try change()) }
                if depth == 1, index > 1, text.tokens[index - 1].kind == .leftParen,
                    text.isWord(text.tokens[index - 2], "as") || text.isWord(text.tokens[index - 2], "materialized")
                {
                    return .combined(try combined())
                }
            default: break
            }
        }
        if let locking = try lockingQuery() { return .locking(locking) }
        return .query(QueryHead(keyword: word))
    }

    private mutating func explain() throws(LeibrixError) -> Statement {
        advance()
        if isAt("state"), !isSubquery(at: 0) {
            advance()
            guard !isAtEnd else { throw unexpected(wanted: "a query") }
            return .stream(.explainState(query: rest()))
        }
        if accept("route") {
            let start = token
            guard start.kind != .end else { throw unexpected(wanted: "a query") }
            return .explainRoute(query: rest())
        }
        var analyze = accept("analyze")
        _ = accept("verbose")
        var format = ExplainStatement.Format.text
        if token.kind == .leftParen, !isSubquery(at: 1) {
            for option in try options() {
                switch option.name.name {
                case "analyze": analyze = try flag(option)
                case "format": format = try explainFormat(option)
                case "verbose", "costs", "settings", "generic_plan", "buffers", "wal", "timing", "summary":
                    throw LeibrixError(
                        .notSupported, "EXPLAIN option \"\(option.name.name)\" is not supported",
                        hint: "Use ANALYZE and FORMAT (text or json).", position: option.name.position)
                default:
                    throw LeibrixError(
                        .invalidOption, "unrecognized EXPLAIN option \"\(option.name.name)\"",
                        hint: suggestion(for: option.name.name, among: ["analyze", "format"], what: "options"),
                        position: option.name.position)
                }
            }
        }
        guard !isAtEnd else { throw unexpected(wanted: "a query") }
        return .explain(ExplainStatement(analyze: analyze, format: format, query: rest()))
    }

    private func explainFormat(_ option: StatementOption) throws(LeibrixError) -> ExplainStatement.Format {
        switch option.value {
        case .word("text"), .string("text"): return .text
        case .word("json"), .string("json"): return .json
        default:
            throw LeibrixError(
                .invalidOption, "EXPLAIN knows no such format", hint: "Use FORMAT text or FORMAT json.", position: option.position)
        }
    }

    func flag(_ option: StatementOption) throws(LeibrixError) -> Bool {
        switch option.value {
        case .boolean(let value): return value
        case .integer(0): return false
        case .integer(1): return true
        default:
            throw LeibrixError(
                .invalidOption, "\"\(option.name.name)\" requires a Boolean value", hint: "Write true or false.",
                position: option.position)
        }
    }

    /// Whether the bracket `offset - 1` tokens on opens a query.
    func isSubquery(at offset: Int) -> Bool {
        var offset = offset
        while token(after: offset).kind == .leftParen { offset += 1 }
        let first = token(after: offset)
        return ["select", "with", "values", "from", "table"].contains { text.isWord(first, $0) }
    }
}
