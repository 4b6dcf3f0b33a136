// What may stand at the cursor: commands after a backslash, else keywords, relations and columns.
internal import PostgresClient

struct Completion {
    private static let keywords = """
        ALTER ANALYZE AND AS ASC BEGIN BETWEEN BY CASE CAST CATALOG COMMIT COPY COUNT CREATE CROSS DATASET DATASETS DELETE DESC DESCRIBE \
        DISTINCT DROP ELSE END EPOCHS EXCEPT EXISTS EXPLAIN FALSE FETCH FROM FULL GRANT GROUP HAVING ILIKE IN INNER INSERT INTERSECT INTERVAL \
        INTO IS JOIN LEFT LIKE LIMIT NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION PASSWORD PREPARE QUALIFY REFRESH RESET REVOKE RIGHT \
        ROLLBACK ROUTE SELECT SET SHOW TABLE TENANT THEN TRUE UNION UPDATE USER USING VALUES VIEW WHEN WHERE WITH
        """.split(separator: " ").map(String.init)

    private var names: [String] = []
    private var isLoaded = false

    /// Names are asked for at the first use, and again after a statement that made or dropped something.
    mutating func invalidate() { isLoaded = false }

    mutating func candidates(_ line: String, _ connection: ShellConnection) -> (candidates: [String], wordBytes: Int) {
        if line.hasPrefix("\\"), !line.contains(" ") {
            return (MetaCommand.names.filter { $0.hasPrefix(line) }.sorted(), line.utf8.count)
        }
        let word = String(line.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "\\" }.reversed())
        guard !word.isEmpty else { return ([], 0) }
        load(connection)
        let wanted = word.lowercased()
        let isLower = word == wanted
        let matching = Self.keywords.filter { $0.lowercased().hasPrefix(wanted) }.map { isLower ? $0.lowercased() : $0 }
        let all = Set(names.filter { $0.lowercased().hasPrefix(wanted) } + (line.hasPrefix("\\") ? [] : matching))
        return (all.sorted(), word.utf8.count)
    }

    private mutating func load(_ connection: ShellConnection) {
        guard !isLoaded, !connection.isInTransaction else { return }
        isLoaded = true
        let sql = """
            SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'leibrix')
            UNION SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema = 'leibrix'
            UNION SELECT column_name FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
            """
        guard let rows = try? connection.run(sql).first?.textRows else { return }
        names = rows.compactMap { $0[0] }
    }
}
