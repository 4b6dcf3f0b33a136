// What PostgreSQL's clients write, as DuckDB reads it. Works on tokens, so it never touches the inside of strings, quoted
// names or comments. Each rule looks at the tokens from `index` on and either replaces some of them or leaves them:
//
//   leibrix.public.x                       -> public.x (also main, pg_catalog, information_schema, leibrix)
//   pg_catalog.f(…), information_schema.f(…) -> f(…)
//   ::pg_catalog.t, AS pg_catalog.t)       -> ::t, AS t)
//   OPERATOR(pg_catalog.+)                 -> +
//   COLLATE "C", COLLATE pg_catalog.x      -> nothing: the engine's order is by bytes
//   x ~ y, x ~* y, x !~ y, x !~* y         -> a match anywhere, as in PostgreSQL; DuckDB's ~ matches the whole
//   0x1F, 0o7, 0b1; B'…', X'…', U&'…'      -> decimal; ::BIT, ::BLOB, '…'
//   SELECT generate_series(…)              -> unnest(generate_series(…)): one row a value
//   x LIKE 'a\\_%'                         -> x LIKE 'a\\_%' ESCAPE '\\': the backslash is PostgreSQL's, and not the engine's, escape
//   current_user, current_setting('x') ..  -> the session's value
//   FROM pg_cursors, pg_prepared_statements -> the session's rows
//   … FOR UPDATE                           -> refused
public import Base

extension SQLText {
    /// Rewrites a query. Throws for what neither the engine nor a rewriting can do. O(length).
    public func rewritten(_ range: Range<Int>? = nil) throws(LeibrixError) -> RewrittenSQL {
        var rewriter = Rewriter(self, range ?? 0..<bytes.count)
        try rewriter.run()
        return rewriter.finish()
    }
}

struct Rewriter {
    let text: SQLText
    let range: Range<Int>
    var index = 0
    var copied: Int
    var pieces: [RewrittenSQL.Piece] = []
    /// One entry an open bracket: whether the tokens at this depth are items of a select list.
    var selectLists = [false]
    /// Texts to put in when the token with this index is reached: the closing halves of wrapped expressions.
    var pending: [(index: Int, text: String)] = []
    /// Texts in the place of single tokens that are still to come.
    var swaps: [Int: String] = [:]

    init(_ text: SQLText, _ range: Range<Int>) {
        self.text = text
        self.range = range
        copied = range.lowerBound
    }

    mutating func run() throws(LeibrixError) {
        while index < text.tokens.count, text.tokens[index].start < range.lowerBound { index += 1 }
        while index < text.tokens.count {
            let token = text.tokens[index]
            flushPending()
            guard token.kind != .end, token.start < range.upperBound else { break }
            try step(token)
        }
        flushPending(all: true)
    }

    func finish() -> RewrittenSQL {
        var pieces = pieces
        if copied < range.upperBound { pieces.append(.verbatim(copied..<range.upperBound)) }
        return RewrittenSQL(bytes: text.bytes, pieces: pieces)
    }

    private mutating func step(_ token: Token) throws(LeibrixError) {
        if let other = swaps[index] { return replace(index, index + 1, with: other) }
        switch token.kind {
        case .leftParen where isWord(index + 1, "values"):
            nameValues()
            selectLists.append(false)
        case .leftParen, .leftBracket, .leftBrace: selectLists.append(false)
        case .rightParen, .rightBracket, .rightBrace: if selectLists.count > 1 { selectLists.removeLast() }
        case .word:
            trackSelectList(token)
            if try rewriteWord(token) { return }
        case .cast: if rewriteCast() { return }
        case .symbol: if try rewriteSymbol(token) { return }
        case .integer: if rewriteInteger(token) { return }
        case .string where isWord(index - 1, "like") || isWord(index - 1, "ilike"):
            if rewriteLikePattern(token) { return }
        case .string: if rewriteArrayConstant(token) || rewriteBytesConstant(token) { return }
        case .bitString, .hexString, .unicodeString: if try rewriteConstant(token) { return }
        case .parameter:
            if let number = text.parameterNumber(token) { return replaceParameter(number) }
        default: break
        }
        index += 1
    }

    func token(at index: Int) -> Token { text.tokens[min(max(index, 0), text.tokens.count - 1)] }
    func isWord(_ index: Int, _ keyword: String) -> Bool { index >= 0 && text.isWord(token(at: index), keyword) }
    func kind(_ index: Int) -> Token.Kind { index < 0 ? .end : token(at: index).kind }

    /// Replaces tokens `first..<end` by text and moves past them.
    mutating func replace(_ first: Int, _ end: Int, with replacement: String) {
        copy(upTo: text.tokens[first].start)
        if !replacement.isEmpty { pieces.append(.replacement(replacement, origin: text.tokens[first].start)) }
        copied = text.tokens[end - 1].end
        index = end
    }

    mutating func replace(_ first: Int, _ end: Int, with reference: SessionReference, alias: String?) {
        copy(upTo: text.tokens[first].start)
        pieces.append(.session(reference, alias: alias, origin: text.tokens[first].start))
        copied = text.tokens[end - 1].end
        index = end
    }

    private mutating func replaceParameter(_ number: Int) {
        let token = text.tokens[index]
        copy(upTo: token.start)
        pieces.append(.parameter(number, origin: token.start))
        copied = token.end
        index += 1
    }

    /// Puts text in before a token that stays.
    mutating func insert(_ inserted: String, beforeToken first: Int) {
        copy(upTo: text.tokens[first].start)
        pieces.append(.replacement(inserted, origin: text.tokens[first].start))
    }

    private mutating func copy(upTo end: Int) {
        if copied < end { pieces.append(.verbatim(copied..<end)) }
        copied = max(copied, end)
    }

    private mutating func flushPending(all: Bool = false) {
        while let last = pending.last, all || last.index <= index {
            pending.removeLast()
            let end = min(text.tokens[max(last.index - 1, 0)].end, range.upperBound)
            copy(upTo: end)
            pieces.append(.replacement(last.text, origin: max(end - 1, range.lowerBound)))
        }
    }

    /// The index after the bracket that closes the one at `open`.
    func afterBracket(_ open: Int) -> Int {
        var depth = 0
        var index = open
        while index < text.tokens.count {
            switch text.tokens[index].kind {
            case .leftParen, .leftBracket, .leftBrace: depth += 1
            case .rightParen, .rightBracket, .rightBrace:
                depth -= 1
                if depth == 0 { return index + 1 }
            case .end: return index
            default: break
            }
            index += 1
        }
        return text.tokens.count - 1
    }

    private mutating func trackSelectList(_ token: Token) {
        let top = selectLists.count - 1
        if text.isWord(token, "select") {
            selectLists[top] = true
        } else if selectLists[top] {
            for word in Rewriter.clauseWords where text.isWord(token, word) { selectLists[top] = false }
        }
    }

    private static let clauseWords = [
        "from", "where", "group", "order", "having", "limit", "union", "intersect", "except", "window", "qualify", "into",
    ]
}
