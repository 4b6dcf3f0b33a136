// Statements that an index answers: the same as by columns, and by the route that was meant.
import Base
import Columnar
import Platform
import Session
import Testing

@Suite struct PointTests {
    /// t: 500 rows; id 1…500, n = id % 7, v = 'v' || id, m NULL for every tenth.
    private func filled() async throws -> SQLSession {
        let session = try Fixture().session()
        try await session.run("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, v VARCHAR, m NUMERIC(10,2))")
        try await session.run("CREATE INDEX t_n ON t (n)")
        try await session.run("INSERT INTO t SELECT i, i % 7, 'v' || i, CASE WHEN i % 10 <> 0 THEN i * 1.25 END FROM range(1, 501) r(i)")
        return session
    }

    private func route(_ session: SQLSession, _ sql: String, _ parameters: [Value] = []) async throws -> String? {
        try await session.run(sql, parameters)
        let rows = try await session.run("SELECT route FROM leibrix.queries WHERE query = '\(sql.replacing("'", with: "''"))' ORDER BY started_at DESC LIMIT 1")
        guard case .string(let route)? = rows.first?.first else { return nil }
        return route
    }

    @Test(arguments: [
        ("SELECT * FROM t WHERE id = 7", "SELECT * FROM t WHERE id + 0 = 7"),
        ("SELECT v, n * 2 AS d, m + 1 FROM t WHERE id = 20", "SELECT v, n * 2 AS d, m + 1 FROM t WHERE id + 0 = 20"),
        ("SELECT v FROM t WHERE id IN (3, 999, 1, 3) ORDER BY id DESC", "SELECT v FROM t WHERE id + 0 IN (3, 999, 1, 3) ORDER BY id DESC"),
        ("SELECT id, m FROM t WHERE id BETWEEN 95 AND 110 ORDER BY id", "SELECT id, m FROM t WHERE id + 0 BETWEEN 95 AND 110 ORDER BY id"),
        ("SELECT id FROM t WHERE id > 490 AND v LIKE '%9%' ORDER BY id", "SELECT id FROM t WHERE id + 0 > 490 AND v LIKE '%9%' ORDER BY id"),
        ("SELECT id FROM t ORDER BY id DESC LIMIT 5 OFFSET 2", "SELECT id FROM t ORDER BY id + 0 DESC LIMIT 5 OFFSET 2"),
        ("SELECT id FROM t WHERE n = 3 ORDER BY id", "SELECT id FROM t WHERE n + 0 = 3 ORDER BY id + 0"),
        ("SELECT upper(v) || '!' FROM t WHERE id = 7 AND n <> 1", "SELECT upper(v) || '!' FROM t WHERE id + 0 = 7 AND n <> 1"),
        ("SELECT v FROM t WHERE id = 3000000000", "SELECT v FROM t WHERE id + 0::BIGINT = 3000000000"),
    ])
    func pointsAnswerAsColumnsDo(point: String, columns: String) async throws {
        let session = try await filled()
        let expected = try await session.run(columns)
        #expect(try await session.run(point) == expected)
        #expect(try await route(session, point) == "point")
        #expect(try await route(session, columns) == "local")
    }

    @Test func parametersAndArrays() async throws {
        let session = try await filled()
        #expect(try await session.run("SELECT v FROM t WHERE id = $1", [.integer(42)]) == [["v42"]])
        #expect(try await session.run("SELECT v FROM t WHERE id = $1", [.null]) == [])
        let rows = try await session.run("SELECT id FROM t WHERE id = ANY($1) ORDER BY id", [.list([9, 5, .null, 5, 1_000])], types: [.list(.integer)])
        #expect(rows == [[5], [9]])
        #expect(try await session.run("SELECT $1::INTEGER + 1", [.integer(1)]) == [[2]])
    }

    /// Fifty keys are the index's, five hundred the columns'.
    @Test func largeRangesAreReadByColumns() async throws {
        let session = try await filled()
        #expect(try await session.run("SELECT id FROM t WHERE id BETWEEN 1 AND 400").count == 400)
        let few = try await session.run("EXPLAIN SELECT * FROM t WHERE id BETWEEN 1 AND 50").map { "\($0[0])" }
        #expect(few.contains { $0.contains("Learned Index Scan using t_pkey on t") })
        let many = try await session.run("EXPLAIN SELECT * FROM t WHERE id BETWEEN 1 AND 400").map { "\($0[0])" }
        #expect(!many.contains { $0.contains("Learned Index Scan") })
    }

    @Test func explainNamesTheIndex() async throws {
        let session = try await filled()
        let lines = try await session.run("EXPLAIN ANALYZE SELECT * FROM t WHERE id = 7").map { "\($0[0])" }
        #expect(lines.contains { $0.contains("Learned Index Scan using t_pkey on t") })
        #expect(lines.contains { $0.contains("Index Cond: (id = 7)") })
        #expect(lines.contains { $0.contains("depth") && $0.contains("model error") })
        #expect(lines.contains { $0.contains("Probes: 1") })
    }

    @Test func writesByKey() async throws {
        let session = try await filled()
        #expect(try await session.tagged("UPDATE t SET n = n + 10, v = v || '+' WHERE id = 7").tag == "UPDATE 1")
        #expect(try await session.run("SELECT n, v FROM t WHERE id = 7") == [[10, "v7+"]])
        #expect(try await session.tagged("UPDATE t SET n = 0 WHERE id = 7000").tag == "UPDATE 0")
        #expect(try await session.tagged("DELETE FROM t WHERE id IN (8, 9)").tag == "DELETE 2")
        #expect(try await session.run("SELECT count(*) FROM t") == [[498]])
        #expect(try await session.tagged("INSERT INTO t (id, n) VALUES (8, 1), (9, 2)").tag == "INSERT 0 2")
        #expect(try await session.run("INSERT INTO t VALUES (600, 1, 'x', 1.5) RETURNING id, v, m * 2") == [[600, "x", .decimal(300, width: 18, scale: 2)]])
        #expect(try await session.run("UPDATE t SET n = 5 WHERE id = 600 RETURNING n") == [[5]])
        #expect(try await session.run("DELETE FROM t WHERE id = 600 RETURNING v") == [["x"]])
        #expect(await session.failure("INSERT INTO t VALUES (1, 1)")?.sqlState == "23505")
        #expect(await session.failure("INSERT INTO t VALUES (601, NULL)")?.sqlState == "23502")
        #expect(await session.failure("UPDATE t SET n = 2147483647 + n WHERE id = 1")?.sqlState == "22003")
        #expect(await session.failure("UPDATE t SET n = n % 0 WHERE id = 1")?.sqlState == "22012")
    }

    @Test func conflicts() async throws {
        let session = try await filled()
        #expect(try await session.tagged("INSERT INTO t (id, n) VALUES (1, 0), (700, 0) ON CONFLICT DO NOTHING").tag == "INSERT 0 1")
        let merged = "INSERT INTO t (id, n) VALUES (1, 100), (701, 5) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n RETURNING id, n"
        #expect(try await session.run(merged).sorted { "\($0)" < "\($1)" } == [[1, 101], [701, 5]])
        #expect(try await route(session, "INSERT INTO t (id, n) VALUES (702, 5) ON CONFLICT (id) DO NOTHING") == "point")
    }

    @Test func ownWritesAreSeenAndUndone() async throws {
        let session = try await filled()
        try await session.run("BEGIN")
        try await session.run("UPDATE t SET v = 'mine' WHERE id = 1")
        #expect(try await session.run("SELECT v FROM t WHERE id = 1") == [["mine"]])
        #expect(try await session.run("SELECT count(*) FROM t WHERE v = 'mine'") == [[1]])
        try await session.run("ROLLBACK")
        #expect(try await session.run("SELECT v FROM t WHERE id = 1") == [["v1"]])
    }

    @Test func plansFollowDefinitions() async throws {
        let session = try await filled()
        let text = try #require(try session.split("SELECT * FROM t WHERE id = 1").first)
        let statement = try await session.prepare(text, parameterTypes: [])
        try await session.run("CREATE INDEX t_v ON t (v)")
        let execution = try await session.execute(statement, parameters: [])
        #expect(try await execution.next()?.rowCount == 1)
        try await session.run("DROP TABLE t")
        await #expect(throws: LeibrixError.self) { try await session.execute(statement, parameters: []) }
    }

    @Test func declaredLengthsAreKept() async throws {
        let session = try Fixture().session()
        try await session.run("CREATE TABLE c (id INTEGER PRIMARY KEY, v VARCHAR(4), f CHAR(3), ts TIMESTAMP(0))")
        let insert = "INSERT INTO c VALUES ($1, $2, $3, $4)"
        let moment = Value.timestamp(1_000_000_600_000)
        #expect(try await session.run(insert, [1, "abcd", "a  ", moment], types: [.integer, .varchar, .varchar, .timestamp]) == [])
        #expect(try await route(session, "INSERT INTO c VALUES (2, 'äöü   ', 'xyz', NULL)") == "point")
        #expect(try await session.run("SELECT v, f, ts FROM c WHERE id = 1") == [["abcd", "a", .timestamp(1_000_001_000_000)]])
        #expect(try await session.run("SELECT v, f FROM c WHERE id = 2") == [["äöü ", "xyz"]])
        #expect(await session.failure("INSERT INTO c VALUES (3, 'abcde', NULL, NULL)")?.sqlState == "22001")
        #expect(await session.failure("UPDATE c SET f = 'wxyz' WHERE id = 1")?.sqlState == "22001")
        #expect(try await session.tagged("UPDATE c SET v = v || ' ' WHERE id = 1").tag == "UPDATE 1")
        #expect(try await session.run("SELECT v FROM c WHERE id = 1") == [["abcd"]])
    }

    /// What would hold the loop for long goes by columns, with the same answer.
    @Test func longListsAndLimitsAreReadByColumns() async throws {
        let session = try await filled()
        try await session.run("INSERT INTO t SELECT i, 0, 'w', NULL FROM range(1000, 4000) r(i)")
        let keys = Value.list((1...11_000).map { .integer(Int64($0)) })
        #expect(try await session.run("SELECT id FROM t WHERE id = ANY($1)", [keys], types: [.list(.integer)]).count == 3_500)
        let sql = "SELECT id FROM t ORDER BY id LIMIT 3200"
        #expect(try await session.run(sql).last == [.integer(3_699)])
        #expect(try await route(session, sql) == "local")
        #expect(try await route(session, "SELECT id FROM t ORDER BY id LIMIT 900") == "point")
    }

    @Test func aCancelRequestBeforeTheExecutionIsNotLost() async throws {
        let server = try Fixture()
        let session = try server.session()
        let text = try #require(try session.split("SELECT count(*) FROM range(10) a, range(10) b").first)
        let statement = try await session.prepare(text, parameterTypes: [])
        server.server.cancel(session.cancelKey)
        var state: String?
        do throws(LeibrixError) { _ = try await session.execute(statement, parameters: []) } catch { state = error.sqlState }
        #expect(state == "57014")
        try await session.endImplicitTransaction(failed: true)
        // Between statements there is nothing to cancel.
        server.server.cancel(session.cancelKey)
        #expect(try await session.run("SELECT count(*) FROM range(10)") == [[10]])
    }

    /// Reads begin the transaction before again; what others commit in between is seen, and new definitions are.
    @Test func readsSeeWhatOthersDidBetween() async throws {
        let fixture = try Fixture()
        let (reader, writer) = (try fixture.session(), try fixture.session())
        try await writer.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")
        for number in 1...20 {
            #expect(try await reader.run("SELECT v FROM t WHERE id = 1") == (number == 1 ? [] : [[.integer(Int64(number - 1))]]))
            try await writer.run("INSERT INTO t VALUES (1, \(number)) ON CONFLICT (id) DO UPDATE SET v = \(number)")
        }
        try await writer.run("ALTER TABLE t ADD COLUMN w INTEGER DEFAULT 5")
        #expect(try await reader.run("SELECT v, w FROM t WHERE id = 1") == [[20, 5]])
        try await writer.run("DROP TABLE t")
        #expect(await reader.failure("SELECT v FROM t WHERE id = 1")?.sqlState == "42P01")
    }

    /// A savepoint begins the transaction before the statement: it reads what was committed meanwhile all the same.
    @Test func aStatementBehindASavepointReadsTheNewest() async throws {
        let fixture = try Fixture()
        let (reader, writer) = (try fixture.session(), try fixture.session())
        try await writer.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")
        try await writer.run("INSERT INTO t VALUES (1, 1)")
        try await reader.run("BEGIN")
        try await reader.run("SAVEPOINT s")
        try await writer.run("UPDATE t SET v = 2 WHERE id = 1")
        #expect(try await reader.run("SELECT v FROM t WHERE id = 1") == [[2]])
        try await reader.run("COMMIT")
    }

    @Test func aChangeWaitsForTheOneInItsWay() async throws {
        let fixture = try Fixture()
        let (first, second) = (try fixture.session(), try fixture.session())
        try await first.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")
        try await first.run("INSERT INTO t VALUES (1, 1)")
        try await first.run("BEGIN")
        try await first.run("UPDATE t SET v = v + 10 WHERE id = 1")
        let waiting = Task { try await second.run("UPDATE t SET v = v + 100 WHERE id = 1 RETURNING v") }
        while try await first.run("SELECT count(*) FROM leibrix.queries WHERE state = 'running' AND query LIKE 'UPDATE t SET v = v + 100%'") != [[1]] {}
        try await first.run("COMMIT")
        #expect(try await waiting.value == [[111]])
    }

    @Test func recordsAndCountersOfPoints() async throws {
        let fixture = try Fixture()
        let session = try fixture.session()
        try await session.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER NOT NULL)")
        func counted(_ name: String) async throws -> [[Value]] {
            try await session.run("SELECT value FROM leibrix.metrics WHERE name = '\(name)' ORDER BY labels")
        }
        try await session.run("INSERT INTO t VALUES (1, 1)")
        let before = try await counted("leibrix_statement_seconds_count")
        for _ in 0..<100 { try await session.run("SELECT v FROM t WHERE id = 1") }
        #expect(await session.failure("INSERT INTO t VALUES (1, 2)")?.sqlState == "23505")
        let after = try await counted("leibrix_statement_seconds_count")
        guard case .double(let first)? = before.first?.first, case .double(let last)? = after.first?.first else { throw LeibrixError(.internal, "no figure") }
        #expect(last - first == 102, "the reads, the change, and the question before")
        let records = try await session.run("SELECT state, rows, route FROM leibrix.queries WHERE query LIKE 'SELECT v FROM t%'")
        #expect(records.count == 100 && records.allSatisfy { $0 == ["finished", 1, "point"] })
        let failed = try await session.run("SELECT state, error IS NOT NULL FROM leibrix.queries WHERE query = 'INSERT INTO t VALUES (1, 2)'")
        #expect(failed == [["failed", true]])
        let shown = try await session.run("SELECT query FROM leibrix.sessions")
        #expect(shown.count == 1)
    }
}
