internal import Base
internal import Columnar
internal import Session
internal import Testing

/// What is refused says so with a code, a place or a name, and a hint.
@Suite struct RefusalTests {
    @Test(arguments: [
        ("SELEC 1", "42601", 1), ("SELECT 1 FROM nothing", "42P01", 15), ("SELECT x FROM numbers", "42703", 8), ("SELECT 1 FROM loading", "55000", 15),
        ("SELECT leibrix.public.numbers.n, y FROM leibrix.public.numbers", "42703", 34),
        ("SELECT 'ä', nofunction(1)", "42883", 13), ("SELECT n FROM numbers WHERE w = 'a'", "42703", 29),
        ("SELECT 'a'::int", "22P02", 11), ("SELECT 1 +", "42601", 11), ("SELECT n, count(*) FROM numbers", "42803", 8),
        ("SHOW EPOCHS FROM number", "42P01", 18), ("SET datestlye = 'ISO'", "42704", 5), ("SELECT * FROM nowhere.numbers", "42P01", 15),
        ("CREATE DATASET d FROM lake.t WITH (a = 1, a = 2)", "22023", 43),
    ])
    func tellsWhere(_ sql: String, _ state: String, _ position: Int) async throws {
        let session = try Fixture(rows: 3).session()
        let error = await session.failure(sql)
        #expect(error?.sqlState == state, "\(sql): \(String(describing: error))")
        #expect(error?.position == position, "\(sql): \(String(describing: error))")
        #expect(error?.hint != nil, "\(sql): \(String(describing: error))")
    }

    @Test(arguments: [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM \"/etc/passwd\"", "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')", "COPY numbers TO '/tmp/x'", "COPY (SELECT 1) TO PROGRAM 'sh'", "ATTACH 'x.db'", "INSTALL httpfs",
        "LOAD httpfs", "PRAGMA threads = 1", "SELECT * FROM read_parquet('https://example.com/x')", "SET lock_configuration = false",
        "SET threads = 64", "EXPLAIN COPY numbers TO '/tmp/x'", "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
        "EXPORT DATABASE '/tmp/x'", "SELECT * FROM read_blob('/etc/passwd')", "SET ROLE admin", "CALL pragma_version()",
    ])
    func reachesNothingOutside(_ sql: String) async throws {
        let error = await (try Fixture(rows: 3).session()).failure(sql)
        #expect(error != nil)
        #expect(error?.hint != nil, "\(String(describing: error))")
    }

    @Test(arguments: [
        "INSERT INTO numbers VALUES (1)", "UPDATE numbers SET n = 1", "DELETE FROM numbers", "TRUNCATE numbers", "CREATE UNLOGGED TABLE t (a int)",
"DROP TABLE numbers", "ALTER TABLE numbers ADD COLUMN x int", "CREATE MATERIALIZED VIEW v AS SELECT 1",
        "WITH x AS (SELECT 1) INSERT INTO numbers SELECT * FROM x", "SELECT n FROM numbers FOR UPDATE", "LISTEN x", "NOTIFY x", "VACUUM numbers", "ANALYZE numbers",
        "LOCK numbers", "MERGE INTO numbers USING words ON true WHEN MATCHED THEN DELETE", "COPY numbers FROM STDIN",
        "PREPARE TRANSACTION 'x'",
    ])
    func writesNothing(_ sql: String) async throws {
        let error = await (try Fixture(rows: 3).session()).failure(sql)
        #expect(error?.code == .notSupported, "\(String(describing: error))")
        #expect(error?.hint != nil)
    }

    @Test func administratesForAdministratorsOutsideBlocks() async throws {
        let fixture = try Fixture()
        let session = try fixture.session()
        try await session.run("CREATE CATALOG c WITH (type = 'parquet', uri = 'file:///x')")
        try await session.run("CREATE DATASET d FROM lake.a.b WITH (refresh = '10s'); REFRESH DATASET public.numbers; DROP DATASET IF EXISTS gone")
        #expect(fixture.datasets.asked == [
            "create catalog c [\"type\", \"uri\"]", "create dataset d from lake.a.b for default", "refresh dataset numbers",
        ])
        try await session.run("BEGIN")
        #expect(await session.failure("REFRESH DATASET numbers")?.sqlState == "25001")
        try await session.run("ROLLBACK")
        try await session.run("CREATE USER ana PASSWORD 'secret'")
        let other = try fixture.server.openSession(
            SessionOpening(user: "ana", database: "leibrix", settings: [], peer: "127.0.0.1", door: "test"))
        #expect(await other.failure("DROP DATASET numbers")?.code == .permissionDenied)
        guard case .scramSHA256(let verifier) = try fixture.server.authentication(
            user: "ana", database: "leibrix", isLoopback: true, isEncrypted: false) else { Issue.record("ana is trusted"); return }
        #expect(verifier.storedKey.count == 32 && verifier.salt.count == 16)
    }

    @Test func passwordsAreNotShown() async throws {
        let session = try Fixture().session()
        try await session.run("CREATE USER bob PASSWORD 'topsecret'")
        let texts = try await session.run("SELECT query FROM leibrix.queries")
        #expect(!texts.contains { "\($0)".contains("topsecret") })
    }

    @Test func connectionsAreBounded() async throws {
        let fixture = try Fixture { $0.connectionsMax = 2 }
        let first = try fixture.session()
        let second = try fixture.session()
        #expect(throws: LeibrixError.self) { try fixture.session() }
        await first.close()
        _ = try fixture.session()
        _ = second
    }

    @Test func cancelReachesTheEngine() async throws {
        let fixture = try Fixture()
        let session = try fixture.session()
        async let failure = session.failure("SELECT count(*) FROM range(100000000000) a WHERE hash(a.range) = 1")
        var rows: [[Value]] = []
        let watcher = try fixture.session()
        while rows.isEmpty {
            rows = try await watcher.run("SELECT query_id FROM leibrix.queries WHERE state = 'running' AND query LIKE '%hash(a%' AND query NOT LIKE '%leibrix%'")
        }
        fixture.server.cancel(CancelKey(processID: session.cancelKey.processID, secret: session.cancelKey.secret &+ 1))
        fixture.server.cancel(session.cancelKey)
        #expect(await failure?.sqlState == "57014")
        #expect(try await session.run("SELECT 1") == [[1]])
    }

    @Test func statementTimeoutEndsAStatement() async throws {
        let session = try Fixture().session()
        try await session.run("SET statement_timeout = '50ms'")
        let error = await session.failure("SELECT count(*) FROM range(100000000000) a WHERE hash(a.range) = 1")
        #expect(error?.code == .statementTimeout)
        #expect(try await session.run("SELECT 1") == [[1]])
    }

    @Test func aFullQueueRefuses() async throws {
        let fixture = try Fixture { $0.concurrency = 1; $0.queueMax = 0 }
        let busy = try fixture.session()
        let other = try fixture.session()
        let long = "SELECT count(*) FROM range(100000000000) a WHERE hash(a.range) = 1"
        async let cancelled = busy.failureOncePlaced(long)
        var error: LeibrixError?
        while error == nil { error = await other.failure("SELECT random()") }
        #expect(error?.sqlState == "53000")
        #expect(error?.hint != nil)
        var state: String?
        repeat {
            fixture.server.cancelAll()
            state = try? await other.run("SELECT random()").isEmpty ? nil : "free"
        } while state == nil
        // The long one may have found its place only now: whoever was refused before met another's.
        let canceller = Task {
            while !Task.isCancelled {
                fixture.server.cancelAll()
                await Task.yield()
            }
        }
        _ = await cancelled
        canceller.cancel()
    }

    @Test func tenantsAreHeldToTheirBounds() async throws {
        let fixture = try Fixture()
        let session = try fixture.session()
        try await session.run("CREATE TENANT t WITH (concurrency = 1, queue = 0, max_result_rows = 10); CREATE USER u PASSWORD 'x' TENANT t")
        func open() throws -> SQLSession {
            try fixture.server.openSession(SessionOpening(user: "u", database: "leibrix", settings: [], peer: "127.0.0.1", door: "test"))
        }
        let busy = try open()
        let other = try open()
        #expect(try await other.run("SELECT n FROM numbers LIMIT 10").count == 10)
        #expect(await other.failure("SELECT n FROM numbers")?.code == .limitExceeded)
        async let cancelled = busy.failureOncePlaced("SELECT count(*) FROM range(100000000000) a WHERE hash(a.range) = 1")
        var error: LeibrixError?
        while error == nil { error = await other.failure("SELECT random()") }
        #expect(error?.code == .queueFull)
        #expect(try await session.run("SELECT 1") == [[1]])
        fixture.server.cancelAll()
        #expect(await cancelled?.code == .cancelled)
        #expect(try await other.run("SELECT 2") == [[2]])
    }
}

extension SQLSession {
    /// The error of a statement that found a place, tried again as long as there is none.
    fileprivate func failureOncePlaced(_ sql: String) async -> LeibrixError? {
        while true {
            let error = await failure(sql)
            if error?.code != .queueFull { return error }
        }
    }
}
