internal import Base
internal import Columnar
internal import Foundation
internal import Leibrix
internal import Platform
internal import Synchronization
internal import Testing

/// The library's statements: a database in this process, with and without a directory.
@Suite(.serialized) struct StatementTests {
    private struct Trade: Codable, Hashable, Sendable {
        enum Side: String, Codable, CaseIterable, Sendable { case buy, sell }
        var symbol: String
        var price: Double
        var quantity: Int32
        var side: Side?
        var at: Date
    }

    @Test func answersStatements() async throws {
        let db = try await Leibrix.open()
        #expect(try await db.execute("CREATE TABLE t (id bigint PRIMARY KEY, name varchar); INSERT INTO t VALUES (1, 'one'), (2, NULL)") == "INSERT 0 2")
        #expect(try await db.execute("INSERT INTO t VALUES ($1, $2)", 3, "three") == "INSERT 0 1")
        var seen: [[Value]] = []
        for try await row in try await db.query("SELECT id, name FROM t ORDER BY id") { seen.append(row.values) }
        #expect(seen == [[1, "one"], [2, nil], [3, "three"]])
        let row = try #require(try await db.query("SELECT name AS \"Name\", 1.5::DOUBLE AS x FROM t WHERE id = $1", 3).collect().first)
        #expect(row["Name"] == "three")
        #expect(row["NAME"] == "three")
        #expect(row["x"] == .double(1.5))
        #expect(row["y"] == nil)
        let directory = db.directory
        #expect(Files.exists(directory))
        await db.shutdown()
        await db.shutdown()
        #expect(!Files.exists(directory))
        let error = await #expect(throws: LeibrixError.self) { try await db.execute("SELECT 1") }
        #expect(error?.code == .shuttingDown)
    }

    /// What SHOW CREATE shows makes the same again.
    @Test func tablesAreShownAsTheyWereMade() async throws {
        let db = try await Leibrix.open()
        try await db.execute(
            """
            CREATE TABLE parent (id integer PRIMARY KEY);
            CREATE TABLE made (id integer PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x''y', price numeric(10,2), "Odd name" text UNIQUE,
              parent integer REFERENCES parent (id), CONSTRAINT positive CHECK (price > 0));
            CREATE INDEX made_name ON made (name);
            CREATE VIEW seen AS SELECT id, name FROM made WHERE price > 1
            """)
        func shown(_ sql: String) async throws -> String {
            guard case .string(let text)? = try await db.query(sql).collect().first?["create_statement"] else { return "" }
            return text
        }
        let (table, view) = try await (shown("SHOW CREATE TABLE made"), shown("SHOW CREATE VIEW seen"))
        for part in ["\"Odd name\" text", "varchar(20)", "numeric(10,2)", "DEFAULT", "FOREIGN KEY", "CHECK", "PRIMARY KEY", "CREATE INDEX made_name"] {
            #expect(table.lowercased().contains(part.lowercased()) || part == "varchar(20)" && table.contains("character varying(20)"), "\(part) in \(table)")
        }
        try await db.execute("DROP VIEW seen; DROP TABLE made; \(table); \(view)")
        // A condition gets a pair of parentheses each time.
        let plain = { (text: String) in text.filter { $0 != "(" && $0 != ")" } }
        #expect(try await plain(shown("SHOW CREATE TABLE made")) == plain(table))
        #expect(try await shown("SHOW CREATE VIEW seen") == view)
        await db.shutdown()
    }

    @Test func recordsComeAndGo() async throws {
        let db = try await Leibrix.open()
        struct Pair: Codable, Hashable {
            var id: Int
            var name: String?
            var flag: Bool
            var at: Timestamp
        }
        let sql = "SELECT 7 AS ID, NULL::VARCHAR AS name, true AS flag, TIMESTAMP '1970-01-01 00:00:01.5' AS at, 'more' AS extra"
        #expect(try await db.query(sql, as: Pair.self) == [Pair(id: 7, name: nil, flag: true, at: Timestamp(micros: 1_500_000))])
        let trades = try await db.query(
            "SELECT 'A' AS symbol, 2.5 AS price, 3 AS quantity, 'sell' AS side, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS at", as: Trade.self)
        #expect(trades == [Trade(symbol: "A", price: 2.5, quantity: 3, side: .sell, at: Date(timeIntervalSince1970: 1_767_225_600))])
        for (query, message) in [
            ("SELECT 1 AS id, 'x' AS name, true AS flag", "a row has no column for member \"at\" of Pair"),
            ("SELECT NULL::INT AS id, 'x' AS name, true AS flag, now() AS at", "NULL does not go into member \"id\" of Pair"),
            ("SELECT 'x' AS id, 'x' AS name, true AS flag, now() AS at", "the value string(\"x\") does not go into member \"id\" of type Int"),
        ] {
            let error = await #expect(throws: LeibrixError.self) { try await db.query(query, as: Pair.self) }
            #expect(error?.message == message)
        }
        await db.shutdown()
    }

    @Test func columnsOfRecords() throws {
        #expect(try DataType.Field.columns(of: Trade.self) == [
            .init("symbol", .varchar), .init("price", .double), .init("quantity", .integer), .init("side", .varchar), .init("at", .timestamp),
        ])
        struct Nested: Decodable { var list: [Int] }
        #expect(throws: LeibrixError.self) { try DataType.Field.columns(of: Nested.self) }
    }

    @Test func sessionsHoldTransactions() async throws {
        let db = try await Leibrix.open()
        try await db.execute("CREATE TABLE t (id bigint PRIMARY KEY)")
        let session = try db.session()
        try await session.execute("BEGIN; INSERT INTO t VALUES (1)")
        #expect(try await db.query("SELECT count(*) AS n FROM t").collect().first?["n"] == 0)
        try await session.execute("COMMIT")
        #expect(try await db.query("SELECT count(*) AS n FROM t").collect().first?["n"] == 1)
        let error = await #expect(throws: LeibrixError.self) { try await session.execute("SELECT nothing FROM t") }
        #expect(error?.code == .undefinedColumn)
        #expect(try await session.execute("INSERT INTO t VALUES (2)") == "INSERT 0 1")
        await session.close()
        await db.shutdown()
    }

    @Test func aQueryLeftAloneEnds() async throws {
        let db = try await Leibrix.open()
        let rows = try await db.query("SELECT * FROM range(100000000) t(i)")
        #expect(try await rows.next()?[0] == 0)
        await rows.close()
        #expect(try await rows.next() == nil)
        let session = try db.session()
        let hasEnded = Atomic(false)
        let endless = "SELECT sum(hash(a.i + b.i)) FROM range(1000000000) a(i), range(1000000000) b(i)"
        let running = Task {
            defer { hasEnded.store(true, ordering: .releasing) }
            return try await session.query(endless).collect()
        }
        // Who cancels before the statement has begun cancels nothing: so again, until it has ended.
        let thread = BlockingPool(name: "later", threads: 1)
        try await thread.run { () throws(LeibrixError) in
            while !hasEnded.load(ordering: .acquiring) {
                Pause.milliseconds(20)
                session.cancel()
            }
        }
        let error = await #expect(throws: LeibrixError.self) { try await running.value }
        #expect(error?.code == .cancelled)
        await db.shutdown()
    }

    @Test func dataOutlivesTheProcess() async throws {
        let folder = NSTemporaryDirectory() + "leibrix-embedded-\(Random.integer(UInt32.self))"
        defer { try? Files.removeTree(folder) }
        let first = try await Leibrix.open(folder)
        try await first.execute("CREATE TABLE t (id bigint PRIMARY KEY); INSERT INTO t SELECT * FROM range(1000)")
        let error = await #expect(throws: LeibrixError.self) { try await Leibrix.open(folder) }
        #expect(error?.code == .directoryLocked)
        await first.shutdown()
        let second = try await Leibrix.builder().storage(folder).threads(1).build()
        #expect(try await second.query("SELECT sum(id) AS s FROM t", as: [String: Int].self) == [["s": 499_500]])
        await second.shutdown()
    }
}
