internal import CAllocations
internal import Base
internal import Columnar
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Testing

/// In the steady state nothing is allocated: not by one operator, not once.
@Suite struct AllocationTests {
    static let scenarios: [(String, String, StreamOptions)] = [
        ("filter and project", "SELECT k, v + 1 AS w FROM numbers WHERE v > 5", StreamOptions()),
        ("running group", "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", StreamOptions()),
        ("changes", "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", StreamOptions(emit: .changes)),
        ("distinct", "SELECT k, count(DISTINCT v) AS d, count(*) AS n FROM numbers GROUP BY k", StreamOptions()),
        (
            "tumble", "SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w",
            StreamOptions()
        ),
        (
            "hop", "SELECT k, window_start AS w, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, hop(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')",
            StreamOptions()
        ),
        (
            "session", "SELECT k, window_start AS w, window_end AS e, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, session(ts, INTERVAL '5 seconds')",
            StreamOptions()
        ),
        ("interval join", JoinTests.queries[1], StreamOptions()),
        ("asof join", JoinTests.queries[6], StreamOptions()),
        (
            "over", "SELECT k, v, lag(v) OVER (PARTITION BY k ORDER BY ts) AS a, sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS b, row_number() OVER (PARTITION BY k ORDER BY ts) AS c FROM numbers",
            StreamOptions()
        ),
        ("lead", "SELECT k, v, lead(v) OVER (PARTITION BY k ORDER BY ts) AS a FROM numbers", StreamOptions()),
        ("frames ahead", "SELECT k, v, sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '2 seconds' PRECEDING AND INTERVAL '3 seconds' FOLLOWING) AS a, max(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS b FROM numbers", StreamOptions()),
        ("asof nearest", JoinTests.queries[9], StreamOptions()),
        ("union", "SELECT k, ts, v FROM numbers WHERE v < 3 UNION ALL SELECT k, ts, v FROM others", StreamOptions()),
    ]

    /// Over a table's changes: (what it is, the query).
    static let ofChanges: [(String, String)] = [
        ("group of changes", "SELECT k, count(*) AS n, min(v) AS low, max(v) AS high, count(DISTINCT v) AS d FROM a GROUP BY k"),
        ("quantiles", "SELECT k, median(v) AS m FROM a GROUP BY k"),
        ("join of changes", "SELECT a.k, a.v, b.v AS other FROM a LEFT JOIN b ON a.k = b.k AND a.v < b.v"),
        ("top of changes", "SELECT k, v FROM a QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC) <= 2"),
    ]

    @Test(arguments: ofChanges.indices)
    func allocatesNothingForChanges(_ index: Int) throws {
        let (name, sql) = Self.ofChanges[index]
        let engine = StreamEngine(clock: Clock(monotonicNanos: { 0 }, wallMicros: { 0 }))
        for table in ["a", "b"] {
            var definition = SourceDefinition(table, Array(Harness.numbers[..<2]))
            definition.isChanges = true
            try engine.createSource(definition)
        }
        let query = try Queries.tree(sql)
        if (try? engine.createStream("out", query, StreamOptions(emit: .changes))) == nil { try engine.createStream("out", query) }
        let count = Count()
        _ = try engine.subscribe("out") { count.rows += $0.count }
        let rows = { (salt: Int64) in Batch.rows((0..<100).map { [.integer($0 % 9), .integer($0 * salt % 23)] }, Array(Harness.numbers[..<2])) }
        let (batch, others) = (rows(7), rows(11))
        let gone = [Int8](repeating: -1, count: 100)
        let (a, b) = (try engine.source("a"), try engine.source("b"))
        let push = { () throws in
            try a.push(batch)
            try b.push(others)
            try a.push(batch, weights: gone)
            try b.push(others, weights: gone)
        }
        for _ in 0..<5 { try push() }
        lbx_count_allocations()
        try push()
        try push()
        let allocations = lbx_counted_allocations()
        #expect(allocations == 0, "\(name): \(allocations) allocations")
        #expect(count.rows > 0)
        let isSound = engine.operators.allSatisfy { $0.isConserved && $0.failed == 0 }
        #expect(isSound)
    }

    private final class Count {
        var rows = 0
    }

    @Test(arguments: scenarios.indices)
    func allocatesNothing(_ index: Int) throws {
        let (name, sql, options) = Self.scenarios[index]
        let engine = StreamEngine(clock: Clock(monotonicNanos: { 0 }, wallMicros: { 0 }))
        let time = SourceDefinition.EventTime("ts")
        try engine.createSource(SourceDefinition("numbers", Harness.numbers, eventTime: time))
        try engine.createSource(SourceDefinition("others", Harness.numbers, eventTime: time))
        try engine.createStream("out", try Queries.tree(sql), options)
        let count = Count()
        _ = try engine.subscribe("out") { count.rows += $0.count }
        let source = try engine.source("numbers")
        let other = try engine.source("others")
        let push = { (range: Range<Int64>) in
            // Ranges of Int64 have iterators that allocate in debug builds.
            var number = range.lowerBound
            while number < range.upperBound {
                source.pushRow { row in
                    row.set(0, number % 10)
                    row.set(1, number % 7)
                    row.set(2, number * 1_000_000)
                }
                other.pushRow { row in
                    row.set(0, number % 10)
                    row.set(1, number % 5)
                    row.set(2, number * 1_000_000)
                }
                number += 1
            }
        }
        push(0..<2_000)
        lbx_count_allocations()
        push(2_000..<4_000)
        let allocations = lbx_counted_allocations()
        #expect(allocations == 0, "\(name): \(allocations) allocations in 2,000 rows")
        #expect(count.rows > 0)
    }

    @Test func allocatesNothingForBatches() throws {
        let engine = StreamEngine(clock: Clock(monotonicNanos: { 0 }, wallMicros: { 0 }))
        try engine.createSource(SourceDefinition("numbers", Harness.numbers, eventTime: .init("ts")))
        try engine.createStream("out", try Queries.tree(Self.scenarios[4].1))
        let source = try engine.source("numbers")
        let batches = (0..<20).map { batch in
            Batch.rows((0..<1_000).map { [.integer($0 % 50), .integer($0), at(Int64(batch) * 10 + $0 / 100)] }, Harness.numbers)
        }
        for batch in batches[..<10] { try source.push(batch) }
        lbx_count_allocations()
        for index in 10..<20 { try source.push(batches[index]) }
        let allocations = lbx_counted_allocations()
        #expect(allocations == 0, "\(allocations) allocations in 10 batches")
    }

    @Test func countsAtAll() {
        lbx_count_allocations()
        let array = [Int](repeating: 1, count: 1_000)
        let allocations = lbx_counted_allocations()
        #expect(array.count == 1_000 && allocations > 0)
    }
}
