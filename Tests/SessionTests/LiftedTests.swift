// Statements whose constants are lifted do what they do with their constants in place.
import Base
import Columnar
import Platform
import Session
import Testing

@Suite struct LiftedTests {
    private static let columns = "id INTEGER PRIMARY KEY, s SMALLINT, b BIGINT, v VARCHAR, m NUMERIC(10,2), d DOUBLE PRECISION, day DATE, ts TIMESTAMP"
    /// A text so long is planned as it stands.
    private static let whole = "/*" + String(repeating: " ", count: 70_000) + "*/"

    private func hits(_ server: SQLServer) -> Int {
        server.metrics.samples().reduce(0) { sum, sample in
            guard sample.name == "leibrix_statement_cache_hits_total", sample.labels.contains(where: { $0.value == "shape" }),
                case .counter(let count) = sample.reading
            else { return sum }
            return sum + Int(count)
        }
    }

    private func statement(_ random: inout SeededGenerator) -> String {
        let id = Int.random(in: 1...40, using: &random)
        let small = Int.random(in: -200...200, using: &random)
        let large = Int64.random(in: -5_000_000_000...5_000_000_000, using: &random)
        let cents = "\(Int.random(in: -500...500, using: &random)).\(Int.random(in: 0...9, using: &random))\(Int.random(in: 0...9, using: &random))"
        let text = ["'x'", "''", "'it''s'", "'a b'", "NULL"].randomElement(using: &random)!
        let day = "'2024-0\(Int.random(in: 1...9, using: &random))-1\(Int.random(in: 0...9, using: &random))'"
        let makers = [
            "SELECT * FROM TABLE WHERE id = \(id)",
            "SELECT id + \(small), \(text), v || \(text), m * \(cents), s + \(small), d + \(small), b - \(large) FROM TABLE WHERE id = \(id)",
            "SELECT id FROM TABLE WHERE id BETWEEN \(id) AND \(id + 5) AND day > \(day) ORDER BY 1 LIMIT \(abs(small))",
            "SELECT v FROM TABLE WHERE id IN (\(id), \(small), \(id + 2)) AND m <> \(cents) ORDER BY id",
            "SELECT id FROM TABLE WHERE id = \(large)", "SELECT id FROM TABLE WHERE id = '\(id)'",
            "UPDATE TABLE SET b = b + \(small), v = \(text) WHERE id = \(id)",
            "UPDATE TABLE SET s = s * \(small), m = m + \(cents) WHERE id = \(id) RETURNING s, m",
            "UPDATE TABLE SET d = d / \(small), b = \(large) WHERE id = \(id) AND ts < '2030-01-01 10:00:00' RETURNING d, b",
            "UPDATE TABLE SET s = b / \(small) WHERE id = \(id)",
            "DELETE FROM TABLE WHERE id = \(id)",
            "INSERT INTO TABLE VALUES (\(id), \(small), \(large), \(text), \(cents), \(small), \(day), \(day))",
            "INSERT INTO TABLE (id, m, d) VALUES (\(id), \(small), \(cents)) ON CONFLICT (id) DO UPDATE SET m = excluded.m + \(cents) RETURNING m, d",
        ]
        return makers.randomElement(using: &random)!
    }

    private struct Answer: Equatable {
        var rows: [[Value]] = []
        var tag = ""
        var state = ""
    }

    private func answer(_ session: SQLSession, _ sql: String) async -> Answer {
        do throws(LeibrixError) {
            let (rows, tag, _) = try await session.tagged(sql)
            return Answer(rows: rows, tag: tag)
        } catch { return Answer(state: error.sqlState) }
    }

    @Test func answersAsWithConstantsInPlace() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let server = try Fixture()
        let session = try server.session()
        for table in ["lifted", "plain"] {
            try await session.run("CREATE TABLE \(table) (\(Self.columns))")
            try await session.run(
                "INSERT INTO \(table) SELECT i, i, i * 1000000000, 'v' || i, i * 1.25, i / 3.0, DATE '2024-01-01' + i::INTEGER, TIMESTAMP '2024-01-01 00:00:00' FROM range(1, 31) r(i)")
        }
        for step in 0..<400 {
            let sql = statement(&random)
            let here = await answer(session, sql.replacing("TABLE", with: "lifted", maxReplacements: 1))
            var words = sql.split(separator: " ", maxSplits: 1).map(String.init)
            words.insert(Self.whole, at: 1)
            let there = await answer(session, words.joined(separator: " ").replacing("TABLE", with: "plain", maxReplacements: 1))
            #expect(here == there, "seed \(seed), step \(step): \(sql)")
        }
        let rows = try await session.run("SELECT * FROM lifted ORDER BY id")
        #expect(try await session.run("SELECT * FROM plain ORDER BY id") == rows, "seed \(seed)")
        #expect(hits(server.server) > 50, "seed \(seed)")
    }

    @Test func shapesFollowDefinitions() async throws {
        let server = try Fixture()
        let session = try server.session()
        try await session.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR)")
        for id in 1...4 { try await session.run("INSERT INTO t VALUES (\(id), 'v\(id)')") }
        for id in 1...4 { #expect(try await session.run("SELECT * FROM t WHERE id = \(id)") == [[.integer(Int64(id)), .string("v\(id)")]]) }
        let before = hits(server.server)
        #expect(before >= 4)
        try await session.run("ALTER TABLE t ADD COLUMN n INTEGER")
        for id in 1...3 { #expect(try await session.run("SELECT * FROM t WHERE id = \(id)") == [[.integer(Int64(id)), .string("v\(id)"), .null]]) }
        try await session.run("BEGIN")
        try await session.run("ALTER TABLE t DROP COLUMN v")
        for id in 1...3 { #expect(try await session.run("SELECT * FROM t WHERE id = \(id)") == [[.integer(Int64(id)), .null]]) }
        try await session.run("ROLLBACK")
        for id in 1...3 { #expect(try await session.run("SELECT v FROM t WHERE id = \(id)") == [[.string("v\(id)")]]) }
    }

    @Test func theTextThatWasSentIsShown() async throws {
        let session = try Fixture().session()
        try await session.run("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        for id in 1...4 { try await session.run("SELECT id FROM t WHERE id = \(id)") }
        #expect(try await session.run("SELECT route FROM leibrix.queries WHERE query = 'SELECT id FROM t WHERE id = 4'") == [["point"]])
    }
}
