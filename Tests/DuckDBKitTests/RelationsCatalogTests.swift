import Base
import Columnar
import DuckDBKit
import Synchronization
import Testing

/// Names, publication, snapshots and virtual relations of the attached catalog.
@Suite struct RelationsCatalogTests {
    static func open(threads: Int = 2) throws -> (Database, Connection, RelationCatalog) {
        let database = try Database(.init(threads: threads))
        let connection = try database.connect()
        let catalog = try RelationCatalog(attachingTo: connection, name: "lbx")
        try connection.execute("USE lbx.public")
        return (database, connection, catalog)
    }

    static func numbers(_ values: some Sequence<Int64>, onRelease: (@Sendable () -> Void)? = nil) throws -> RelationSnapshot {
        let rows = values.map { [Value.integer($0)] }
        let groups = try RowGroup.groups(of: rows, types: [.bigInt])
        return try RelationSnapshot(columns: [.init("n", .bigInt)], rowGroups: groups, onRelease: onRelease)
    }

    @Test func relationsHaveRealNames() throws {
        let (_, connection, catalog) = try Self.open()
        catalog.addSchema("other")
        try catalog.publish([.put(schema: "public", name: "t", Self.numbers(0..<10))])
        try catalog.publish([.put(schema: "other", name: "t", Self.numbers(0..<3))])
        for sql in [
            "SELECT sum(n) FROM t", "SELECT sum(t.n) FROM t", "SELECT sum(public.t.n) FROM public.t",
            "SELECT sum(main.t.n) FROM main.t", "SELECT sum(lbx.public.t.n) FROM lbx.public.t", "SELECT sum(N) FROM PUBLIC.T",
        ] {
            #expect(try connection.rows(sql) == [[.hugeInt(45)]], "\(sql)")
        }
        #expect(try connection.rows("SELECT sum(n) FROM other.t") == [[.hugeInt(3)]])
        #expect(
            try connection.rows(
                "SELECT schema_name, table_name, estimated_size FROM duckdb_tables() WHERE database_name = 'lbx' ORDER BY ALL")
                == [["other", "t", .integer(3)], ["public", "t", .integer(10)]])
        #expect(
            try connection.rows(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'lbx' AND schema_name = 'public'")
                == [["n", "BIGINT"]])
    }

    @Test func unknownNamesAndWritesAreRefused() throws {
        let (_, connection, catalog) = try Self.open()
        try catalog.publish([.put(schema: "public", name: "orders", Self.numbers(0..<10))])
        let unknown = #expect(throws: LeibrixError.self) { try connection.rows("SELECT * FROM order_s") }
        #expect(unknown?.code == .undefinedRelation)
        #expect(unknown?.hint?.contains("orders") == true)
        for sql in [
            "INSERT INTO orders VALUES (1)", "DELETE FROM orders", "UPDATE orders SET n = 1", "CREATE TABLE x (a INTEGER)",
            "CREATE TABLE x AS SELECT 1", "DROP TABLE orders", "ALTER TABLE orders ADD COLUMN b INTEGER", "CREATE VIEW v AS SELECT 1",
            "CREATE SCHEMA s", "MERGE INTO orders USING (SELECT 1 AS n) x USING (n) WHEN MATCHED THEN DELETE", "TRUNCATE orders",
        ] {
            let refused = #expect(throws: LeibrixError.self, "\(sql)") { try connection.execute(sql) }
            #expect(refused?.code != .internal, "\(sql): \(String(describing: refused))")
        }
        try connection.execute("CREATE TEMP TABLE x AS SELECT n + 1 AS m FROM orders")
        #expect(try connection.rows("SELECT count(*) FROM x JOIN orders ON m = n") == [[.integer(9)]])
    }

    /// DuckDB's own binder of indexes writes into a scan's bind data as if the table were one of its own: the refusal must
    /// come before it, for whatever it overwrites is found much later.
    @Test func indexesAreRefusedBeforeTheyAreBound() throws {
        let (_, connection, catalog) = try Self.open()
        try catalog.publish([.put(schema: "public", name: "orders", Self.numbers(0..<10))])
        for sql in [
            "CREATE INDEX i ON orders (n)", "CREATE UNIQUE INDEX i ON orders (n)", "CREATE INDEX i ON lbx.main.orders ((n + 1))",
            "ALTER TABLE orders ADD PRIMARY KEY (n)",
        ] {
            for _ in 0..<20 {
                let refused = #expect(throws: LeibrixError.self, "\(sql)") { try connection.execute(sql) }
                #expect(refused?.message.contains("relations of this catalog are read-only here") == true, "\(sql): \(String(describing: refused))")
            }
            #expect(try connection.rows("SELECT count(*), max(n) FROM orders WHERE n > 3") == [[6, 9]])
        }
    }

    @Test func aPublicationThatFailsChangesNothing() throws {
        let (_, connection, catalog) = try Self.open()
        try catalog.publish([.put(schema: "public", name: "t", Self.numbers(0..<10))])
        let columns: [RelationColumn] = [.init("a", .integer), .init("A", .integer)]
        let twice = try RelationSnapshot(columns: columns, rowGroups: [])
        #expect(throws: LeibrixError.self) {
            try catalog.publish([
                .drop(schema: "public", name: "t"), .put(schema: "public", name: "u", twice),
                .virtual(schema: "public", name: "v", columns: columns) { [] },
            ])
        }
        #expect(try connection.rows("SELECT count(*) FROM t") == [[10]])
    }

    @Test func aTransactionSeesOneMoment() throws {
        let (database, connection, catalog) = try Self.open()
        let other = try database.connect()
        try catalog.publish([
            .put(schema: "public", name: "a", Self.numbers(0..<1)), .put(schema: "public", name: "b", Self.numbers(0..<1)),
        ])
        try other.execute("BEGIN; SELECT count(*) FROM lbx.public.a")
        try catalog.publish([.put(schema: "public", name: "a", Self.numbers(0..<2)), .drop(schema: "public", name: "b")])
        #expect(try other.rows("SELECT (SELECT count(*) FROM lbx.public.a), (SELECT count(*) FROM lbx.public.b)") == [[1, 1]])
        try other.execute("COMMIT")
        #expect(try other.rows("SELECT count(*) FROM lbx.public.a") == [[2]])
        #expect(throws: LeibrixError.self) { try connection.rows("SELECT * FROM b") }
    }

    @Test func aPreparedStatementFollowsPublication() throws {
        let (_, connection, catalog) = try Self.open()
        let released = Atomic<Int>(0)
        try catalog.publish([
            .put(schema: "public", name: "t", Self.numbers(0..<5)), .put(schema: "public", name: "u", Self.numbers(0..<5)),
        ])
        let statement = try connection.prepare("SELECT count(*), max(n) FROM t WHERE n >= $1")
        for size in Int64(10)..<20 {
            // An idle plan holds nothing: the snapshot before goes as soon as it is replaced.
            try catalog.publish([
                .put(schema: "public", name: "t", Self.numbers(0..<size) { released.add(1, ordering: .relaxed) })
            ])
            #expect(released.load(ordering: .relaxed) == Int(size) - 10)
            try statement.bind(0, .integer(1))
            var result = try statement.execute()
            #expect(try result.next()?.row(0) == [.integer(size - 1), .integer(size - 1)])
        }
        try catalog.publish([.drop(schema: "public", name: "t")])
        #expect(released.load(ordering: .relaxed) == 10)
        #expect(throws: LeibrixError.self) { _ = try statement.execute() }
    }

    @Test func aStreamingResultKeepsItsSnapshot() throws {
        let (_, connection, catalog) = try Self.open()
        let released = Atomic<Int>(0)
        let rows = try Self.numbers(0..<300_000) { released.add(1, ordering: .relaxed) }
        try catalog.publish([.put(schema: "public", name: "t", rows)])
        try withExtendedLifetime(rows) {
            var result = try connection.query("SELECT n FROM t", streaming: true)
            var sum: Int64 = 0
            var batches = 0
            while let batch = try result.next() {
                if batches == 0 { try catalog.publish([.drop(schema: "public", name: "t")]) }
                batches += 1
                let column = batch.columns[0]
                let values = column.values(as: Int64.self)
                for index in values.indices { sum += values[index] }
            }
            #expect(sum == 300_000 * 299_999 / 2)
        }
        #expect(released.load(ordering: .relaxed) <= 1)
    }

    @Test func aClosedInstanceReleasesItsSnapshots() throws {
        let released = Atomic<Int>(0)
        func useOne() throws {
            let (_, connection, catalog) = try Self.open()
            let snapshot = try Self.numbers(0..<5_000) { released.add(1, ordering: .relaxed) }
            try catalog.publish([.put(schema: "public", name: "t", snapshot)])
            #expect(try connection.rows("SELECT count(*) FROM t WHERE n > 10") == [[4_989]])
        }
        try useOne()
        #expect(released.load(ordering: .relaxed) == 1)
    }

    @Test func virtualRelationsMakeTheirRowsAtExecution() throws {
        let (_, connection, catalog) = try Self.open()
        let calls = Atomic<Int64>(0)
        catalog.addSchema("leibrix")
        try catalog.publish([
            .virtual(
                schema: "leibrix", name: "state",
                columns: [
                    .init("call", .bigInt), .init("name", .varchar), .init("tags", .list(.varchar)), .init("at", .timestampTZ),
                ]
            ) {
                let call = calls.add(1, ordering: .relaxed).newValue
                return [
                    [.integer(call), "a", .list(["x", .null]), .timestampTZ(0)], [.integer(call), .null, .null, .null],
                ]
            },
            .virtual(schema: "leibrix", name: "broken", columns: [.init("a", .integer)]) { () throws(LeibrixError) in
                throw LeibrixError(.notReady, "not today")
            },
            .virtual(schema: "leibrix", name: "none", columns: [.init("a", .integer)]) { [] },
        ])
        let sql = "SELECT call, name, tags FROM leibrix.state ORDER BY name NULLS LAST"
        #expect(try connection.rows(sql) == [[1, "a", .list(["x", .null])], [1, .null, .null]])
        #expect(try connection.rows("SELECT count(*), max(call) FROM leibrix.state WHERE name = 'a'") == [[1, 2]])
        #expect(try connection.rows("SELECT count(*), count(a) FROM leibrix.none") == [[0, 0]])
        let failed = #expect(throws: LeibrixError.self) { try connection.rows("SELECT * FROM leibrix.broken") }
        #expect(failed?.code == .notReady)
        #expect(failed?.message == "not today")
    }
}
