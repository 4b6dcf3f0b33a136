// A server's error as people want it: what, where in the statement, why, and what to do.
internal import PostgresClient

enum ErrorText {
    static func text(_ error: ClientError, statement: String) -> String {
        guard case .server(let error) = error else { return "leibrix: \(error)\n" }
        var text = "\(error.severity):  \(error.message) (\(error.sqlState))\n"
        if let position = error.position { text += pointer(statement, position) }
        if let detail = error.detail { text += "DETAIL:  \(detail)\n" }
        if let hint = error.hint { text += "HINT:  \(hint)\n" }
        return text
    }

    /// The line that holds the 1-based character `position`, and a caret under it.
    static func pointer(_ statement: String, _ position: Int) -> String {
        let characters = Array(statement.unicodeScalars)
        guard position >= 1, position <= characters.count + 1 else { return "" }
        let before = characters[..<(position - 1)]
        let number = before.count { $0 == "\n" } + 1
        let start = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        let end = characters[start...].firstIndex(of: "\n") ?? characters.count
        // A long line is cut to a window round the position.
        let from = max(start, position - 1 - 60)
        let to = min(end, from + 110)
        let head = "LINE \(number): " + (from > start ? ".." : "")
        let shown = text(characters[from..<to]) + (to < end ? ".." : "")
        let space = String(repeating: " ", count: head.count + position - 1 - from)
        return head + shown + "\n" + space + "^\n"
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        for scalar in scalars { view.append(scalar == "\t" ? " " : scalar) }
        return String(view)
    }
}
