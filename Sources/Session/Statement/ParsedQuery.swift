internal import Base
internal import SQLSyntax
internal import Synchronization

/// A statement's text, lexed, parsed and rewritten once for all sessions that send it.
final class ParsedQuery: Sendable {
    let sql: String
    let text: SQLText
    let statement: Statement
    let fingerprint: Fingerprint
    /// The fingerprint's hash in hexadecimal.
    let shape: String
    /// The text for leibrix.queries. Passwords do not appear in it.
    let shownText: String

    init(_ sql: String) throws(LeibrixError) {
        let parsed = try ParsedStatement(sql)
        self.sql = sql
        text = parsed.text
        statement = parsed.statement
        fingerprint = Fingerprint(parsed.text)
        shape = fingerprint.hexadecimal
        shownText = Self.shown(sql, parsed.statement, fingerprint)
    }

    private static func shown(_ sql: String, _ statement: Statement, _ fingerprint: Fingerprint) -> String {
        switch statement {
        case .administration(.createUser), .administration(.alterUser): return fingerprint.text
        default: break
        }
        return shortened(sql)
    }

    static func shortened(_ sql: String) -> String {
        guard sql.utf8.count > SessionLimits.shownTextBytesMax else { return sql }
        return String(decoding: sql.utf8.prefix(SessionLimits.shownTextBytesMax), as: UTF8.self) + "…"
    }
}

/// Parsed statements by text, shared by all sessions.
final class ParsedQueries: Sendable {
    private let cache = Mutex(LRUCache<String, ParsedQuery>(countMax: SessionLimits.parsedStatementsMax))

    func parse(_ sql: String) throws(LeibrixError) -> ParsedQuery {
        if let parsed = cache.withLock({ $0.value(for: sql) }) { return parsed }
        let parsed = try ParsedQuery(sql)
        if sql.utf8.count <= SessionLimits.parsedBytesMax { cache.withLock { $0.insert(parsed, for: sql) } }
        return parsed
    }
}
