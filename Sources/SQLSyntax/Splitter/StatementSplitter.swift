public import Base

/// One statement of a query text that may hold several.
public struct SplitStatement: Sendable, Hashable {
    /// The statement without blanks or comments around it, and without its semicolon.
    public let sql: String
    /// Characters of the whole text before it.
    public let offset: Int
}

/// Cuts a query text at its semicolons; those inside quotes and comments do not count. Empty statements are dropped.
///
/// Throws `limitExceeded` for a text or a number of statements over the limits. Linear in the text's length.
public func splitStatements(_ sql: String) throws(LeibrixError) -> [SplitStatement] {
    let text = try SQLText(sql)
    var statements: [SplitStatement] = []
    var first: Token?
    var last: Token?
    for token in text.tokens {
        if token.kind == .semicolon || token.kind == .end {
            if let start = first?.start, let end = last?.end {
                guard statements.count < SyntaxLimits.statementsMax else {
                    throw LeibrixError(.limitExceeded, "a query has more than \(SyntaxLimits.statementsMax) statements")
                }
                let whole = start == 0 && end == text.bytes.count
                statements.append(
                    SplitStatement(sql: whole ? sql : text.string(start..<end), offset: text.characters(before: start)))
            }
            first = nil
            last = nil
        } else {
            first = first ?? token
            last = token
        }
    }
    return statements
}
