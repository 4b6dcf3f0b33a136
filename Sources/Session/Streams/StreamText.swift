internal import Base
internal import SQLSyntax

/// A stream's query as the host reads it, and the way back to the statement. What the engine's parser has not (window functions,
/// EMIT) stands outside or is a call to it; joins are put into its words (`JoinWords`), and names that are grammar to it are quoted.
struct StreamText {
    let sql: String
    private let text: SQLText
    private let assembled: AssembledSQL

    init(_ text: SQLText, _ parts: [TextPart]) throws(LeibrixError) {
        for case .source(let range) in parts {
            for token in text.tokens(in: range) where token.kind == .parameter {
                throw LeibrixError(
                    .streamNotSupported, "a stream's query cannot have parameters", hint: "Write the value into the statement.",
                    position: text.position(token))
            }
        }
        var bytes = text.bytes
        for case .source(let range) in parts { bytes.replaceSubrange(range, with: try JoinWords.rewritten(text, range).utf8) }
        self.text = bytes == text.bytes ? text : try SQLText(bytes: bytes)
        assembled = self.text.quoted(parts).assemble(session: { _ in "NULL" })
        sql = assembled.sql
    }

    init(_ text: SQLText, _ range: Range<Int>) throws(LeibrixError) { try self.init(text, [.source(range)]) }

    /// An error's position in the query, in the statement.
    func located(_ error: LeibrixError) -> LeibrixError {
        var error = error
        if let position = error.position { error.position = assembled.originalPosition(position, in: text) }
        return error
    }
}
