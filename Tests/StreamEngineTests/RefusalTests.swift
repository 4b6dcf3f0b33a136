internal import Base
internal import Columnar
internal import StreamEngine
internal import Testing

/// What the engine cannot do within bounds is refused when it is asked for, with a code and a hint.
@Suite struct RefusalTests {
    @Test(arguments: [
        ("SELECT k FROM numbers ORDER BY k", ErrorCode.streamNotSupported),
        ("SELECT k, v, ts FROM numbers QUALIFY rank() OVER (PARTITION BY k ORDER BY v) <= 2", .streamNotSupported),
        ("SELECT k, first(n) AS f FROM (SELECT k, count(*) AS n FROM numbers GROUP BY k) GROUP BY k", .streamOverChanges),
        ("SELECT a.k FROM numbers a JOIN others b ON a.k = b.k", .streamUnboundedJoin),
        ("SELECT a.k FROM numbers a JOIN others b ON a.k = b.k AND b.ts > a.ts", .streamUnboundedJoin),
        ("SELECT a.k FROM numbers a JOIN others b ON b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts", .streamJoin),
        ("SELECT a.k FROM numbers a JOIN others b USING (k)", .streamUnboundedJoin),
        ("SELECT k, v FROM numbers GROUP BY k", .grouping),
        ("SELECT nothing FROM numbers", .undefinedColumn),
        ("SELECT k FROM missing", .streamUndefined),
        ("SELECT k, count(*) FROM numbers GROUP BY k, tumble(v, INTERVAL '10 seconds')", .streamNoEventTime),
        ("SELECT k, list(v) FROM numbers GROUP BY k", .streamNotSupported),
        ("SELECT k, sum(v) OVER (PARTITION BY k ORDER BY v) AS s FROM numbers", .streamNotSupported),
        ("SELECT k, sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) AS s FROM numbers", .streamNotSupported),
        ("SELECT k, sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) AS s FROM numbers", .streamNotSupported),
        ("SELECT k, sum(v) OVER (PARTITION BY k ORDER BY ts GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM numbers", .streamNotSupported),
        ("SELECT k, ntile(3) OVER (PARTITION BY k ORDER BY ts) AS s FROM numbers", .streamNotSupported),
    ])
    func refuses(_ sql: String, _ code: ErrorCode) throws {
        let harness = try Harness()
        let query = try Queries.tree(sql)
        let error = #expect(throws: LeibrixError.self) { try harness.engine.createStream("s", query) }
        #expect(error?.code == code, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.hint != nil)
        // Nothing is left behind.
        try harness.engine.createStream("s", try Queries.tree("SELECT * FROM trades"))
    }

    @Test func refusesEmitModesThatDoNothing() throws {
        let harness = try Harness()
        let cases: [(String, StreamOptions)] = [
            ("SELECT * FROM trades", StreamOptions(emit: .onWindowClose)),
            ("SELECT * FROM trades", StreamOptions(latenessMicros: 5)),
            ("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", StreamOptions(emit: .onWindowClose)),
        ]
        for (sql, options) in cases {
            let query = try Queries.tree(sql)
            let error = #expect(throws: LeibrixError.self) { try harness.engine.createStream("s", query, options) }
            #expect(error?.code == .streamEmitMode)
        }
    }

    @Test func refusesAggregatesOverRowsThatReplaceEachOther() throws {
        let harness = try Harness()
        let running = try Queries.tree("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k")
        try harness.engine.createStream("changes", running)
        try harness.engine.createSource(SourceDefinition("x", [.init("k", .bigInt)]))
        let query = try Queries.tree("SELECT k, max(v) AS high FROM changes GROUP BY k")
        let error = #expect(throws: LeibrixError.self) { try harness.engine.createStream("s", query) }
        #expect(error?.code == .streamOverChanges)
    }

    @Test func dropsOnlyWhatNobodyReads() throws {
        let harness = try Harness()
        try harness.stream("SELECT DISTINCT k FROM numbers")
        let error = #expect(throws: LeibrixError.self) { try harness.engine.drop("numbers") }
        #expect(error?.code == .streamInUse)
        try harness.engine.drop("numbers", cascade: true)
        #expect(throws: LeibrixError.self) { try harness.engine.source("numbers") }
        #expect(throws: LeibrixError.self) { try harness.engine.drop("out") }
    }

    @Test func refusesBatchesOfAnotherShape() throws {
        let harness = try Harness()
        let handle = try harness.engine.source("numbers")
        let error = #expect(throws: LeibrixError.self) {
            try handle.push(Batch.rows([[1, 2]], [.init("k", .bigInt), .init("v", .bigInt)]))
        }
        #expect(error?.code == .streamSchema)
    }
}
