internal import Base
internal import Columnar
internal import Session
internal import Testing

@Suite struct ViewTests {
    @Test func viewsAreReadAndReplaced() async throws {
        let session = try Fixture(rows: 10).session()
        try await session.run("CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'x'), (2, 'y')")
        #expect(try await session.tagged("CREATE VIEW v AS SELECT a, upper(b), count(*) OVER () FROM t").tag == "CREATE VIEW")
        #expect(try await session.run("SELECT a, upper, count FROM v ORDER BY a") == [[1, "X", 2], [2, "Y", 2]])
        #expect(await session.failure("CREATE VIEW v AS SELECT 1")?.sqlState == "42P07")
        #expect(await session.failure("CREATE OR REPLACE VIEW v AS SELECT a FROM t")?.message == "cannot drop columns from view")
        #expect(await session.failure("CREATE OR REPLACE VIEW v AS SELECT b, b AS upper, 1::bigint AS count FROM t")?.sqlState == "42P16")
        try await session.run("CREATE OR REPLACE VIEW v AS SELECT a, lower(b) AS upper, a::bigint AS count, 5 AS five FROM t")
        #expect(try await session.run("SELECT * FROM v ORDER BY a") == [[1, "x", 1, 5], [2, "y", 2, 5]])
        try await session.run("CREATE VIEW w (x, y) AS WITH t AS (SELECT a, five FROM v) SELECT * FROM t JOIN numbers ON n = a")
        #expect(await session.failure("SELECT z FROM w")?.sqlState == "42703")
        #expect(try await session.run("SELECT x, y, n FROM w ORDER BY x") == [[1, 5, 1], [2, 5, 2]])
        #expect(await session.failure("CREATE VIEW u AS SELECT 1 AS a, 2 AS a")?.sqlState == "42701")
        #expect(await session.failure("CREATE VIEW u AS SELECT $1::int")?.sqlState == "42P02")
        #expect(await session.failure("CREATE VIEW u AS SELECT current_user")?.code == .notSupported)
        #expect(await session.failure("CREATE VIEW u AS DELETE FROM t")?.code == .syntax)
        #expect(await session.failure("INSERT INTO v VALUES (1)")?.sqlState == "55000")
        #expect(await session.failure("DROP TABLE v")?.message == "\"v\" is not a table")
    }

    @Test func dependenciesAreKept() async throws {
        let session = try Fixture().session()
        try await session.run("CREATE SCHEMA s; CREATE TABLE s.t (a int, b int); CREATE TABLE t (a int); INSERT INTO s.t VALUES (7, 8)")
        try await session.run("SET search_path = s; CREATE VIEW v AS SELECT * FROM t; RESET search_path")
        #expect(try await session.run("SELECT * FROM s.v") == [[7, 8]])
        try await session.run("ALTER TABLE s.t ADD COLUMN c int DEFAULT 1")
        #expect(try await session.run("SELECT * FROM s.v") == [[7, 8]])
        let refused = await session.failure("DROP TABLE s.t")
        #expect(refused?.sqlState == "2BP01" && refused?.detail == "view v depends on table t")
        #expect(await session.failure("ALTER TABLE s.t DROP COLUMN a")?.sqlState == "2BP01")
        #expect(await session.failure("ALTER TABLE s.t ALTER a TYPE bigint")?.sqlState == "0A000")
        try await session.run("CREATE VIEW w AS SELECT a FROM s.v; ALTER VIEW w RENAME TO x; DROP TABLE t")
        #expect(await session.failure("ALTER VIEW s.v RENAME TO y")?.code == .notSupported)
        #expect(await session.failure("DROP VIEW s.v")?.sqlState == "2BP01")
        try await session.run("DROP TABLE s.t CASCADE")
        #expect(await session.failure("SELECT * FROM s.v")?.sqlState == "42P01")
        #expect(await session.failure("SELECT * FROM x")?.sqlState == "42P01")
        #expect(try await session.tagged("DROP VIEW IF EXISTS x").notices.map(\.message) == ["view \"x\" does not exist, skipping"])
    }

    @Test func viewsRollBack() async throws {
        let fixture = try Fixture()
        let (a, b) = (try fixture.session(), try fixture.session())
        try await a.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1); BEGIN; CREATE VIEW v AS SELECT a + 1 AS b FROM t")
        #expect(try await a.run("SELECT b FROM v") == [[2]])
        #expect(await b.failure("SELECT b FROM v")?.sqlState == "42P01")
        try await a.run("INSERT INTO t VALUES (5)")
        #expect(try await a.run("SELECT sum(b)::bigint FROM v") == [[8]])
        try await a.run("ROLLBACK")
        #expect(await a.failure("SELECT b FROM v")?.sqlState == "42P01")
    }
}
