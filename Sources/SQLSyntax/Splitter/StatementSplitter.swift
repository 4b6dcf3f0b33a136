public import Base

/// One statement of a query text that may hold several.
public struct SplitStatement: Sendable, Hashable {
    /// The statement without blanks or comments around it, and without its semicolon.
    public let sql: String
    /// Characters of the whole text before it.
    public let offset: Int
}

/// A query text cut at its semicolons, with the tokens it was cut by.
public struct SplitText: Sendable {
    public let text: SQLText
    public let statements: [SplitStatement]
    /// The tokens of each statement.
    public let tokens: [Range<Int>]

    /// Semicolons inside quotes and comments do not count. Empty statements are dropped.
    ///
    /// Throws `limitExceeded` for a text or a number of statements over the limits. Linear in the text's length.
    public init(_ sql: String) throws(LeibrixError) {
        let text = try SQLText(sql)
        var statements: [SplitStatement] = []
        var ranges: [Range<Int>] = []
        var first = 0
        for (index, token) in text.tokens.enumerated() where token.kind == .semicolon || token.kind == .end {
            defer { first = index + 1 }
            guard first < index else { continue }
            guard statements.count < SyntaxLimits.statementsMax else {
                throw LeibrixError(.limitExceeded, "a query has more than \(SyntaxLimits.statementsMax) statements")
            }
            let (start, end) = (text.tokens[first].start, text.tokens[index - 1].end)
            let whole = start == 0 && end == text.bytes.count
            statements.append(SplitStatement(sql: whole ? sql : text.string(start..<end), offset: text.characters(before: start)))
            ranges.append(first..<index)
        }
        self.text = text
        self.statements = statements
        tokens = ranges
    }
}

/// Cuts a query text at its semicolons, as `SplitText` does.
public func splitStatements(_ sql: String) throws(LeibrixError) -> [SplitStatement] { try SplitText(sql).statements }
