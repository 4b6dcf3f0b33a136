/// One lexical element of SQL: a kind and the bytes it covers. Blanks and comments are not tokens.
public struct Token: Sendable, Hashable {
    public enum Kind: UInt8, Sendable {
        /// A name or keyword without quotes.
        case word
        /// "…", with "" for a quote.
        case quotedWord
        /// U&"…"
        case unicodeWord
        /// '…', with '' for a quote.
        case string
        /// E'…', with backslash escapes.
        case escapeString
        /// U&'…'
        case unicodeString
        /// B'…'
        case bitString
        /// X'…'
        case hexString
        /// $$…$$ or $tag$…$tag$
        case dollarString
        /// Digits only (with underscores), or 0x, 0o, 0b.
        case integer
        /// With a point or an exponent.
        case number
        /// $1
        case parameter
        /// $name, as DuckDB has it.
        case namedParameter
        /// A run of + - * / < > = ~ ! @ # % ^ & | ` ?
        case symbol
        case leftParen, rightParen, leftBracket, rightBracket, leftBrace, rightBrace
        case comma, semicolon, dot, colon
        /// ::
        case cast
        /// :=
        case assign
        /// A byte that begins nothing.
        case other
        /// A quote, comment or dollar quote that the text ends inside of.
        case unterminated
        /// The end of the text: always the last token, and only that.
        case end
    }

    public let kind: Kind
    private let lower: UInt32
    private let upper: UInt32

    public init(_ kind: Kind, _ range: Range<Int>) {
        self.kind = kind
        lower = UInt32(truncatingIfNeeded: range.lowerBound)
        upper = UInt32(truncatingIfNeeded: range.upperBound)
    }

    public var start: Int { Int(lower) }
    public var end: Int { Int(upper) }
    public var range: Range<Int> { start..<end }

    /// A constant of the text, which a fingerprint may lift.
    public var isLiteral: Bool {
        switch kind {
        case .string, .escapeString, .unicodeString, .bitString, .hexString, .dollarString, .integer, .number: true
        default: false
        }
    }

    public var isString: Bool {
        switch kind {
        case .string, .escapeString, .unicodeString, .dollarString: true
        default: false
        }
    }

    /// May stand where a name is wanted.
    public var isName: Bool { kind == .word || kind == .quotedWord || kind == .unicodeWord }
}
