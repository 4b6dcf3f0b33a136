// fuzzes: SQLSyntax
// Any bytes as a query: lexed, validated, split, fingerprinted and parsed without a crash, and split texts lie inside the query.
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
        _ = try? ParsedStatement(statement.sql)
    }
    return 0
}
