internal import Base

extension Parser {
    /// At WITH, where one of its queries changes a table.
    mutating func combined() throws(LeibrixError) -> CombinedStatement {
        try expect("with")
        let isRecursive = accept("recursive")
        var items: [CombinedStatement.Item] = []
        repeat { items.append(try combinedItem()) } while accept(.comma)
        guard !isAtEnd else { throw unexpected(wanted: "a query") }
        return CombinedStatement(isRecursive: isRecursive, items: items, main: rest())
    }

    private mutating func combinedItem() throws(LeibrixError) -> CombinedStatement.Item {
        let name = try identifier("a name")
        var columns: Range<Int>?
        if token.kind == .leftParen {
            let start = token.start
            _ = try nameList("a column")
            columns = start..<text.tokens[index - 1].end
        }
        try expect("as")
        _ = accept("not")
        _ = accept("materialized")
        let first = token(after: 1)
        if text.isWord(first, "merge") { throw refusal(of: "MERGE in WITH", "Run it as a statement of its own.", at: position) }
        let isChange = ["insert", "update", "delete"].contains { text.isWord(first, $0) }
        return CombinedStatement.Item(name: name, columns: columns, body: try balanced(), isChange: isChange)
    }
}
