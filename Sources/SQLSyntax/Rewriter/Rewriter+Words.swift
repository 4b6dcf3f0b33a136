// Words that are plain names in PostgreSQL and grammar in the engine (AT, BY, SEMI, QUALIFY, SHOW ..). Where one stands as the
// name of a column or relation it is quoted; elsewhere it stays. What stands in front tells which: an operator, a bracket, a comma or
// a clause's word wants an operand, and no such word begins one; behind an operand it is grammar.
extension Rewriter {
    /// Quotes the word at `index` where it is a name. True if it was.
    mutating func quoteWord(_ token: Token) -> Bool {
        let letter = Int(text.bytes[token.start] | 0x20) - 0x61
        guard Rewriter.engineWords.indices.contains(letter), let word = Rewriter.engineWords[letter].first(where: { text.isWord(token, $0) }) else { return false }
        guard kind(index + 1) != .leftParen, wantsOperand(behind: index - 1), !opens(word) else { return false }
        replace(index, index + 1, with: "\"\(word)\"")
        return true
    }

    /// By the first letter.
    private static let engineWords: [[String]] = {
        var words = [[String]](repeating: [], count: 26)
        for word in [
            "at", "anti", "asof", "by", "describe", "glob", "lambda", "pivot", "pivot_longer", "pivot_wider", "positional", "qualify", "semi", "show",
            "summarize", "unpack", "unpivot",
        ] { words[Int(word.utf8.first! - 0x61)].append(word) }
        return words
    }()

    /// Whether what ends at `index` has an operand, or a relation, behind it.
    private func wantsOperand(behind index: Int) -> Bool {
        switch kind(index) {
        case .leftParen, .leftBracket, .comma, .symbol: index >= 0
        case .word: kind(index - 1) != .dot && Rewriter.wordsBeforeOperands.contains { isWord(index, $0) }
        default: false
        }
    }

    private static let wordsBeforeOperands = [
        "select", "distinct", "where", "and", "or", "not", "having", "when", "then", "else", "case", "between", "by", "on", "from", "join", "like",
        "ilike", "qualify", "returning", "with", "recursive", "as",
    ]

    /// Whether the word begins a part of its own: (DESCRIBE t), (PIVOT t ON …), lambda x: …; or is an operator: x NOT GLOB 'y'.
    private func opens(_ word: String) -> Bool {
        guard ["describe", "show", "summarize", "pivot", "pivot_longer", "pivot_wider", "unpivot", "lambda", "glob"].contains(word) else { return false }
        switch kind(index + 1) {
        case .quotedWord, .unicodeWord, .string, .leftParen: return true
        case .word: return !Rewriter.wordsBehindOperands.contains { isWord(index + 1, $0) }
        default: return false
        }
    }

    private static let wordsBehindOperands = [
        "as", "from", "where", "and", "or", "is", "in", "not", "like", "ilike", "between", "group", "order", "limit", "offset", "having", "union",
        "except", "intersect", "asc", "desc", "nulls", "then", "when", "else", "end", "over", "collate", "at", "on", "using", "join", "left", "right",
        "full", "inner", "cross", "qualify", "window", "isnull", "notnull", "similar",
    ]
}

extension SQLText {
    /// A text of a stream's from several parts, in which words that are grammar to the engine alone are quoted where they are names,
    /// and nothing else is changed. O(length).
    public func quoted(_ parts: [TextPart]) -> RewrittenSQL {
        var pieces: [RewrittenSQL.Piece] = []
        var origin = 0
        for part in parts {
            switch part {
            case .text(let text): pieces.append(.replacement(text, origin: origin))
            case .parameter(let number): pieces.append(.parameter(number, origin: origin))
            case .source(let range):
                var rewriter = Rewriter(self, range)
                rewriter.quoteWords()
                pieces += rewriter.finish().pieces
                origin = range.upperBound
            }
        }
        return RewrittenSQL(bytes: bytes, pieces: pieces)
    }
}

extension Rewriter {
    fileprivate mutating func quoteWords() {
        while index < text.tokens.count, text.tokens[index].start < range.lowerBound { index += 1 }
        while index < text.tokens.count {
            let token = text.tokens[index]
            guard token.kind != .end, token.start < range.upperBound else { return }
            if token.kind == .word, kind(index - 1) != .dot, quoteWord(token) { continue }
            index += 1
        }
    }
}
