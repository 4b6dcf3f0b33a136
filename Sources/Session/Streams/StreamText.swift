internal import Base
internal import SQLSyntax

/// A stream's query as DuckDB's parser reads it. Nothing moves, so that positions stay: what it has not is put in the same
/// number of bytes, or refused.
enum StreamText {
    static func query(_ text: SQLText, _ range: Range<Int>) throws(LeibrixError) -> String {
        let tokens = text.tokens(in: range)
        for token in tokens where token.kind == .parameter {
            throw LeibrixError(
                .streamNotSupported, "a stream's query cannot have parameters", hint: "Write the value into the statement.",
                position: text.position(token))
        }
        return try JoinWords.rewritten(text, range)
    }
}
