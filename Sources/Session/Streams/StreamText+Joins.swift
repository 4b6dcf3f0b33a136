internal import Base
internal import SQLSyntax

/// Joins as streams' SQL writes them, in the words of DuckDB's grammar and in the same number of bytes:
///
///     JOIN t FOR SYSTEM_TIME AS OF s.ts AS x ON …   JOIN t AS x AT (TIMESTAMP => s.ts) ON …
///     ASOF JOIN t MATCH_CONDITION (c) ON d          ASOF JOIN t ON              (c) AND d
///     ASOF JOIN t ON d MATCH_CONDITION (c)          ASOF JOIN t ON d AND             (c)
struct JoinWords {
    private let text: SQLText
    private let tokens: [Token]
    private let start: Int
    private var bytes: [UInt8]

    /// Words that end a joined relation: none of them is its alias.
    private static let ends: Set<String> = [
        "on", "using", "join", "left", "right", "full", "inner", "cross", "semi", "anti", "asof", "natural", "where", "group", "having", "order", "limit",
        "window", "union", "qualify", "match_condition",
    ]

    init(_ text: SQLText, _ range: Range<Int>) {
        self.text = text
        tokens = Array(text.tokens(in: range))
        start = range.lowerBound
        bytes = Array(text.bytes[range])
    }

    /// The query in DuckDB's words.
    static func rewritten(_ text: SQLText, _ range: Range<Int>) throws(LeibrixError) -> String {
        var words = JoinWords(text, range)
        for index in words.tokens.indices {
            if words.isWord(index, "for"), words.isWord(index + 1, "system_time"), words.isWord(index + 2, "as"), words.isWord(index + 3, "of") {
                try words.systemTime(index)
            } else if words.isWord(index, "match_condition") {
                try words.matchCondition(index)
            }
        }
        return String(decoding: words.bytes, as: UTF8.self)
    }

    private func isWord(_ index: Int, _ word: String) -> Bool {
        index < tokens.count && tokens[index].kind == .word && text.lowered(tokens[index]) == word
    }

    private func refusal(_ what: String, _ hint: String, _ index: Int) -> LeibrixError {
        LeibrixError(.streamJoin, what, hint: hint, position: text.position(tokens[min(index, tokens.count - 1)]))
    }

    /// The place behind the parenthesis that opens at `index`.
    private func behind(_ index: Int) -> Int {
        var depth = 0
        var place = index
        while place < tokens.count {
            if tokens[place].kind == .leftParen { depth += 1 }
            if tokens[place].kind == .rightParen { depth -= 1 }
            place += 1
            if depth == 0 { break }
        }
        return place
    }

    private mutating func put(_ written: String, _ range: Range<Int>) {
        var new = Array(written.utf8)
        precondition(new.count <= range.count, "a join's words need no more room than what they stand for")
        new += Array(repeating: UInt8(ascii: " "), count: range.count - new.count)
        bytes.replaceSubrange(range.lowerBound - start..<range.upperBound - start, with: new)
    }

    /// A time is a column, or a call; an alias may follow.
    private mutating func systemTime(_ index: Int) throws(LeibrixError) {
        var place = index + 4
        guard place < tokens.count, tokens[place].isName else {
            throw refusal("FOR SYSTEM_TIME AS OF needs a time", "Name the left side's event time, or PROCTIME().", place)
        }
        let first = place
        place += 1
        while place + 1 < tokens.count, tokens[place].kind == .dot, tokens[place + 1].isName { place += 2 }
        if place < tokens.count, tokens[place].kind == .leftParen { place = behind(place) }
        let time = text.string(tokens[first].start..<tokens[place - 1].end)
        var alias: String?
        let named = isWord(place, "as") ? place + 1 : place
        if named < tokens.count, tokens[named].isName, tokens[named].kind != .word || !Self.ends.contains(text.lowered(tokens[named])) {
            alias = text.string(tokens[named])
            place = named + 1
        }
        put((alias.map { "AS \($0) " } ?? "") + "AT (TIMESTAMP => \(time))", tokens[index].start..<tokens[place - 1].end)
    }

    private mutating func matchCondition(_ index: Int) throws(LeibrixError) {
        guard index + 1 < tokens.count, tokens[index + 1].kind == .leftParen else {
            throw refusal("MATCH_CONDITION needs a condition in parentheses", "MATCH_CONDITION (a.ts >= b.ts)", index)
        }
        let next = behind(index + 1)
        if isWord(next, "using") { throw refusal("MATCH_CONDITION stands beside ON", "Write ON a.key = b.key in place of USING.", next) }
        guard isWord(next, "on") else { return put("AND", tokens[index].range) }
        var (depth, place) = (0, next + 1)
        while place < tokens.count, depth >= 0 {
            if tokens[place].kind == .leftParen { depth += 1 }
            if tokens[place].kind == .rightParen { depth -= 1 }
            if depth == 0, isWord(place, "or") { throw refusal("OR beside MATCH_CONDITION needs parentheses", "ON (a OR b)", place) }
            if depth == 0, ["join", "where", "group", "order", "union"].contains(where: { isWord(place, $0) }) { break }
            place += 1
        }
        guard tokens[next].start > tokens[next - 1].end else {
            throw refusal("MATCH_CONDITION needs a blank before ON", "MATCH_CONDITION (a.ts >= b.ts) ON …", next)
        }
        put("ON", tokens[index].range)
        put("AND", tokens[next].start - 1..<tokens[next].end)
    }
}
