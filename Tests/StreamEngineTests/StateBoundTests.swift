internal import Base
internal import Columnar
internal import StreamEngine
internal import Testing

/// What EXPLAIN STATE says holds: bytes for each key, how many there may be, and when they go.
@Suite struct StateBoundTests {
    private func harness(_ sql: String, _ options: StreamOptions = StreamOptions()) throws -> (Harness, [StateBound]) {
        let harness = try Harness()
        try harness.stream(sql, "out", options)
        let bounds = try harness.engine.stateBounds(of: "out")
        let explained = try harness.engine.explain(try Queries.tree(sql), options)
        #expect(explained.bounds.map(\.bytes) == bounds.map(\.bytes))
        return (harness, bounds)
    }

    @Test func boundsGroups() throws {
        let (harness, bounds) = try harness("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", StreamOptions(keysMax: 5_000))
        #expect(bounds.count == 1 && bounds[0].unit == "key" && bounds[0].countMax == 5_000 && bounds[0].timeToLiveMicros == nil)
        try harness.push("numbers", (0..<6_000).map { [.integer(Int64($0)), 1, at(0)] }, batch: 1_000)
        let group = harness.engine.operators[0]
        #expect(group.stateKeys == 5_000 && group.failed == 1_000 && group.isConserved)
        // Pages are whole: 256 records.
        #expect(group.stateBytes <= bounds[0].bytes * (5_000 + 256))
    }

    @Test func boundsWindows() throws {
        let (_, bounds) = try harness(
            "SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w",
            StreamOptions(latenessMicros: 3_000_000))
        #expect(bounds.count == 1 && bounds[0].unit == "key and window" && bounds[0].timeToLiveMicros == 13_000_000)
    }

    @Test func boundsJoins() throws {
        let (_, interval) = try harness(JoinTests.queries[0])
        #expect(interval.map(\.timeToLiveMicros) == [5_000_000, 3_000_000])
        let (_, asof) = try harness(JoinTests.queries[8])
        #expect(asof.map(\.timeToLiveMicros) == [4_000_000, nil])
    }

    @Test func tellsWhatReadsWhat() throws {
        let harness = try Harness()
        try harness.stream("SELECT DISTINCT k FROM numbers")
        try harness.stream(JoinTests.queries[0], "joined")
        let nodes = harness.engine.topology
        #expect(nodes.filter { $0.kind == .source }.map(\.name) == ["named", "numbers", "others", "trades"])
        #expect(nodes.filter { $0.kind == .stream }.map(\.inputs) == [["numbers"], ["numbers", "others"]])
        let explained = try harness.engine.explain(try Queries.tree("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k"))
        #expect(explained.operators == ["group", "project"] || explained.operators == ["group"])
        #expect(explained.replaces && !explained.retracts && explained.isPartitioned)
        #expect(explained.columns.map(\.name) == ["k", "n", "total"])
    }
}
