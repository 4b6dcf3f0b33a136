internal import Base
internal import SQLSyntax

/// Lines gathered until a statement is whole: until a semicolon outside quotes and comments.
struct StatementBuffer {
    private(set) var text = ""

    var isEmpty: Bool { text.allSatisfy(\.isWhitespace) }

    mutating func clear() { text = "" }

    /// Adds a line and takes out the whole statements; the rest stays.
    mutating func add(_ line: String) -> [String] {
        text += text.isEmpty ? line : "\n" + line
        guard let lexed = try? SQLText(text), let last = lexed.tokens.last(where: { $0.kind == .semicolon }) else { return [] }
        let bytes = Array(text.utf8)
        let whole = String(decoding: bytes[..<last.end], as: UTF8.self)
        text = String(decoding: bytes[last.end...].drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 }, as: UTF8.self)
        if isEmpty { clear() }
        return (try? splitStatements(whole))?.map(\.sql) ?? [whole]
    }

    /// What waits for more: shown in the prompt.
    var isInsideQuote: Bool { (try? SQLText(text))?.tokens.contains { $0.kind == .unterminated } ?? false }

    /// The rest as statements, at the end of a file or of `-c`.
    mutating func takeRest() -> [String] {
        defer { clear() }
        if isEmpty { return [] }
        return (try? splitStatements(text))?.map(\.sql) ?? [text]
    }
}
