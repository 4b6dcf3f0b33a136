/// A statement with its constants taken out: the text with parameters in their places, and what they were.
///
/// Only what reads the same as a parameter is lifted: plain numbers (a sign before them included) and plain strings that stand as
/// operands. What decides names, types or meaning stays: ORDER BY 1, INTERVAL '1 day', DATE '…', '…'::date, x[1]. Statements
/// that have parameters, or constants of other kinds, give nil. Linear in the text's length.
public struct LiftedText: Sendable {
    public enum Literal: Sendable, Hashable {
        case integer(Int64)
        /// Digits without the point, and how many are behind it: 1.50 is 150 and 2.
        case decimal(Int64, digits: UInt8, scale: UInt8)
        case string(String)
    }

    public let sql: String
    public let literals: [Literal]

    /// Of the statement in these tokens of the text.
    public init?(_ text: SQLText, tokens: Range<Int>) {
        guard let first = tokens.first, Self.isKnown(text, text.tokens[first]) else { return nil }
        var builder = LiftedTextBuilder(text: text, tokens: tokens)
        guard builder.run(), !builder.literals.isEmpty else { return nil }
        sql = String(decoding: builder.bytes, as: UTF8.self)
        literals = builder.literals
    }

    private static func isKnown(_ text: SQLText, _ token: Token) -> Bool {
        text.isWord(token, "select") || text.isWord(token, "insert") || text.isWord(token, "update") || text.isWord(token, "delete")
    }
}

private struct LiftedTextBuilder {
    let text: SQLText
    let tokens: Range<Int>
    var bytes: [UInt8] = []
    var literals: [LiftedText.Literal] = []
    /// Behind BY, where numbers are places of columns.
    private var isOrdering = false

    init(text: SQLText, tokens: Range<Int>) {
        self.text = text
        self.tokens = tokens
        bytes.reserveCapacity(text.tokens[tokens.upperBound - 1].end - text.tokens[tokens.lowerBound].start + 8)
    }

    /// False for what is not to be lifted.
    mutating func run() -> Bool {
        var copied = text.tokens[tokens.lowerBound].start
        for index in tokens {
            let token = text.tokens[index]
            switch token.kind {
            case .parameter, .namedParameter, .unterminated, .other, .escapeString, .unicodeString, .bitString, .hexString, .dollarString: return false
            case .word: note(token)
            case .integer, .number, .string:
                guard !isOrdering, isOperand(index) else { continue }
                let sign = signBefore(index)
                guard literals.count < SyntaxLimits.liftedMax, let literal = literal(token, isNegative: sign != nil) else { return false }
                literals.append(literal)
                bytes.append(contentsOf: text.bytes[copied..<(sign ?? token).start])
                bytes.append(0x24)
                bytes.append(contentsOf: String(literals.count).utf8)
                copied = token.end
            default: break
            }
        }
        bytes.append(contentsOf: text.bytes[copied..<text.tokens[tokens.upperBound - 1].end])
        return true
    }

    private mutating func note(_ token: Token) {
        switch token.end - token.start {
        case 2 where text.isWord(token, "by"): isOrdering = true
        case 5 where text.isWord(token, "limit"), 6 where text.isWord(token, "offset"), 9 where text.isWord(token, "returning"): isOrdering = false
        default: break
        }
    }

    /// Words that an operand may follow.
    private static let openers: Set<String> = [
        "select", "where", "and", "or", "not", "between", "like", "ilike", "in", "set", "then", "else", "when", "limit", "offset", "returning",
        "on", "case",
    ]

    private func isOperand(_ index: Int) -> Bool {
        switch text.tokens[index + 1].kind {
        case .cast, .leftParen, .leftBracket, .string, .dot, .colon: return false
        default: break
        }
        guard index > tokens.lowerBound else { return false }
        let before = text.tokens[index - 1]
        switch before.kind {
        case .leftParen, .comma, .symbol: return true
        case .word: return Self.openers.contains(text.lowered(before))
        default: return false
        }
    }

    /// The minus that belongs to a number: one that follows no operand.
    private func signBefore(_ index: Int) -> Token? {
        let sign = text.tokens[index - 1]
        guard text.tokens[index].kind != .string, sign.kind == .symbol, sign.end - sign.start == 1, text.bytes[sign.start] == 0x2D,
            index - 1 > tokens.lowerBound
        else { return nil }
        let before = text.tokens[index - 2]
        switch before.kind {
        case .leftParen, .comma: return sign
        // Not a comment's beginning, which the lexer has taken out already.
        case .symbol: return sign
        case .word: return Self.openers.contains(text.lowered(before)) ? sign : nil
        default: return nil
        }
    }

    private func literal(_ token: Token, isNegative: Bool) -> LiftedText.Literal? {
        switch token.kind {
        case .string:
            guard text.bytes[token.start] == 0x27 else { return nil }
            return text.stringValue(token).map { .string($0) }
        case .integer:
            guard let number = digits(token.range) else { return nil }
            return .integer(isNegative ? -number : number)
        default:
            guard let point = text.bytes[token.range].firstIndex(of: 0x2E), point > token.start, point + 1 < token.end,
                token.end - token.start <= 18, let whole = digits(token.start..<point), let part = digits(point + 1..<token.end)
            else { return nil }
            let scale = token.end - point - 1
            var value = whole
            for _ in 0..<scale { value *= 10 }
            value += part
            return .decimal(isNegative ? -value : value, digits: UInt8(token.end - token.start - 1), scale: UInt8(scale))
        }
    }

    /// Up to 18 plain digits.
    private func digits(_ range: Range<Int>) -> Int64? {
        guard range.count <= 18 else { return nil }
        var value: Int64 = 0
        for byte in text.bytes[range] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return value
    }
}
