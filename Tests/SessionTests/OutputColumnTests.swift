internal import Base
internal import Columnar
internal import Session
internal import Testing

/// Names of result columns, and the relations they come from. Numbers: 5001 is numbers(n), 5002 words(w).
@Suite struct OutputColumnTests {
    private static let fixture = Result { try Fixture(rows: 10) }

    private func columns(_ sql: String) async throws -> [ResultColumn] {
        let session = try Self.fixture.get().session()
        let statement = try await session.prepare(StatementText(sql: sql), parameterTypes: [])
        await session.close()
        guard case .rows(let columns) = statement.outcome else { return [] }
        return columns
    }

    @Test(arguments: [
        ("SELECT *, count(*) OVER () FROM numbers", "n 5001 1, count 0 0"),
        ("SELECT N, numbers.n + 1, public.numbers.n AS m FROM numbers", "n 5001 1, ?column? 0 0, m 5001 1"),
        ("SELECT * FROM numbers, words", "n 5001 1, w 5002 1"),
        ("SELECT b.*, a.* FROM numbers a, words b", "w 5002 1, n 5001 1"),
        ("SELECT * FROM numbers a JOIN numbers b USING (n)", "n 5001 1"),
        ("SELECT a.*, b.* FROM numbers a JOIN numbers b USING (n)", "n 5001 1, n 5001 1"),
        ("SELECT * FROM numbers a NATURAL JOIN numbers b", "n 5001 1"),
        ("SELECT * FROM numbers a SEMI JOIN words b ON true", "n 5001 1"),
        ("SELECT * EXCLUDE (n) FROM numbers, words", "w 5002 1"),
        ("SELECT * REPLACE (n + 1 AS n) FROM numbers", "n 0 0"),
        ("SELECT * RENAME (n AS m) FROM numbers", "m 5001 1"),
        ("SELECT x, y FROM (SELECT n, w FROM numbers, words) AS s(x, y)", "x 5001 1, y 5002 1"),
        ("WITH c(k) AS (SELECT n FROM numbers) SELECT * FROM c", "k 5001 1"),
        ("WITH RECURSIVE c AS (SELECT 1 UNION ALL SELECT n FROM numbers, c WHERE n = 2) SELECT * FROM c", "?column? 0 0"),
        ("SELECT n FROM numbers UNION ALL SELECT 1", "n 0 0"),
        ("SELECT max(n), min(n)::TEXT FROM numbers GROUP BY n", "max 0 0, min 0 0"),
        ("FROM numbers", "n 5001 1"),
        ("SELECT COLUMNS('n') FROM numbers", "n 0 0"),
        ("SELECT i, n FROM range(3) r(i), numbers", "i 0 0, n 5001 1"),
        ("SELECT w FROM numbers LEFT JOIN words ON n = length(w)", "w 5002 1"),
        ("VALUES (1, 'a')", "column1 0 0, column2 0 0"),
        ("SELECT [1][1], {'a': 1}, ({'a': 1}).a", "array 0 0, row 0 0, a 0 0"),
        ("SELECT json_group_array(n), quantile_cont(n, 0.5) FROM numbers", "json_group_array 0 0, quantile_cont 0 0"),
    ])
    func tells(_ sql: String, _ wanted: String) async throws {
        let told = try await columns(sql).map { "\($0.name) \($0.tableOID) \($0.attributeNumber)" }.joined(separator: ", ")
        #expect(told == wanted)
    }

    /// The shape of a statement is asked once: constants change neither names nor origins.
    @Test func constantsDoNotMatter() async throws {
        for number in 1...3 {
            #expect(try await columns("SELECT n, n + \(number) FROM numbers WHERE n < \(number * 2)").map(\.name) == ["n", "?column?"])
        }
    }
}
