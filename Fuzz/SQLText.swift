// fuzzes: SQLSyntax
// Any bytes as a query: lexed, validated, split, fingerprinted, parsed and rewritten without a crash, and split texts lie inside the query.
internal import SQLSyntax

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSQLText(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let data else { return 0 }
    let sql = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    if let text = try? SQLText(sql) {
        for token in text.tokens { precondition(token.range.upperBound <= sql.utf8.count) }
        _ = Fingerprint(text)
        try? text.validate()
    }
    guard let statements = try? splitStatements(sql) else { return 0 }
    for statement in statements {
        guard let parsed = try? ParsedStatement(statement.sql), let rewritten = try? parsed.text.rewritten() else { continue }
        let assembled = rewritten.assemble(session: { _ in "NULL" })
        for position in 1...(assembled.sql.unicodeScalars.count + 1) {
            precondition(assembled.originalPosition(position, in: parsed.text) >= 1)
        }
    }
    return 0
}
