internal import Base
internal import Columnar
internal import Foundation
internal import Platform
internal import StreamEngine
internal import Testing

/// Joins of two streams against the same join written out over all rows.
@Suite struct JoinTests {
    private static let bound = "b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts + INTERVAL '5 seconds' AND a.v <> b.v"
    static let queries = [
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a JOIN others b ON a.k = b.k AND \(bound)",
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a LEFT JOIN others b ON a.k = b.k AND \(bound)",
        "SELECT a.k, a.v AS x, b.v AS y, b.k AS l FROM numbers a FULL JOIN others b ON a.k = b.k AND \(bound)",
        "SELECT k, v, ts FROM numbers a SEMI JOIN others b ON a.k = b.k AND \(bound)",
        "SELECT k, v, ts FROM numbers a ANTI JOIN others b ON a.k = b.k AND b.ts >= a.ts - INTERVAL '3 seconds' AND b.ts <= a.ts + INTERVAL '5 seconds' AND a.v <> b.v",
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF JOIN others b ON a.k = b.k AND a.ts >= b.ts",
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND a.ts >= b.ts",
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND a.ts >= b.ts AND b.ts >= a.ts - INTERVAL '4 seconds'",
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '4 seconds'",
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '7 seconds' AND a.ts + INTERVAL '4 seconds'",
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND b.ts <= a.ts - INTERVAL '5 seconds'",
        "SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a LEFT JOIN others AS b AT (TIMESTAMP => a.ts) ON a.k = b.k",
    ]

    /// Of the ASOF queries: bounds of the partner's time less the row's, and whether the last within them is taken, the first (1) or the nearest (2).
    private static let asof: [Int: (lower: Int64, upper: Int64, takes: Int)] = [
        5: (.min, 0, 0), 6: (.min, 0, 0), 7: (-4, 0, 0), 8: (0, 4, 1), 9: (-7, 4, 2), 10: (.min, -5, 0), 11: (.min, 0, 0),
    ]

    private func partner(_ query: Int, _ a: Event, _ right: [Event]) -> Event? {
        guard let (lower, upper, takes) = Self.asof[query], a.k != nil else { return nil }
        let candidates = right.filter { $0.k == a.k && $0.ts - a.ts >= lower && $0.ts - a.ts <= upper }
        switch takes {
        case 0: return candidates.max { $0.ts < $1.ts }
        case 1: return candidates.min { $0.ts < $1.ts }
        default: return candidates.min { (abs($0.ts - a.ts), $0.ts) < (abs($1.ts - a.ts), $1.ts) }
        }
    }

    struct Event: Hashable {
        var isLeft: Bool
        var k: Int64?
        var v: Int64?
        /// Seconds; each is another within a side, so that ASOF has one answer.
        var ts: Int64

        var row: [Value] { [.optional(k), .optional(v), at(ts)] }
    }

    private static func events(_ generator: inout SeededGenerator) -> [Event] {
        var left: Int64 = 0
        var right: Int64 = 0
        var events: [Event] = []
        for _ in 0..<Int(generator.next() % 300) {
            let isLeft = generator.next() % 2 == 0
            if isLeft { left += 1 } else { right += 1 }
            let base = isLeft ? left : right
            // Pairs exchange their places: out of order by one second.
            let time = base % 2 == 0 ? base - 2 : base
            events.append(Event(
                isLeft: isLeft, k: generator.next() % 12 == 0 ? nil : Int64(generator.next() % 4), v: generator.next() % 9 == 0 ? nil : Int64(generator.next() % 3),
                ts: time * 2 + (isLeft ? 0 : 1)))
        }
        return events
    }

    private func isPair(_ a: Event, _ b: Event) -> Bool {
        guard let k = a.k, k == b.k, let x = a.v, let y = b.v else { return false }
        return x != y && b.ts >= a.ts - 3 && b.ts <= a.ts + 5
    }

    private func expected(_ query: Int, _ events: [Event]) -> [[Value]] {
        let left = events.filter(\.isLeft)
        let right = events.filter { !$0.isLeft }
        var out: [[Value]] = []
        for a in left {
            let partners = right.filter { isPair(a, $0) }
            let head: [Value] = [.optional(a.k), .optional(a.v)]
            switch query {
            case 0, 1, 2:
                out += partners.map { head + [.optional($0.v), query == 2 ? .optional($0.k) : time(a.ts)] }
                if partners.isEmpty && query > 0 { out.append(head + [.null, query == 2 ? .null : time(a.ts)]) }
            case 3: if !partners.isEmpty { out.append(head + [time(a.ts)]) }
            case 4: if partners.isEmpty { out.append(head + [time(a.ts)]) }
            default:
                let last = partner(query, a, right)
                if let last { out.append(head + [.optional(last.v), time(a.ts)]) } else if query >= 6 { out.append(head + [.null, time(a.ts)]) }
            }
        }
        if query == 2 {
            for b in right where !left.contains(where: { isPair($0, b) }) { out.append([.null, .null, .optional(b.v), .optional(b.k)]) }
        }
        return out
    }

    /// Pushes the events in their order, runs of one side cut as `cuts` says.
    private func run(_ sql: String, _ events: [Event], _ cuts: () -> Int) throws -> [Harness.Row] {
        let harness = try Harness(delaySeconds: 6)
        try harness.stream(sql)
        var start = 0
        while start < events.count {
            var end = start + 1
            let most = start + cuts()
            while end < min(most, events.count) && events[end].isLeft == events[start].isLeft { end += 1 }
            try harness.push(events[start].isLeft ? "numbers" : "others", events[start..<end].map(\.row), batch: end - start)
            #expect(harness.isConserved, "\(harness.engine.operators)")
            start = end
        }
        harness.engine.finish()
        let isEmpty = harness.engine.operators.allSatisfy { $0.isConserved && $0.buffered == 0 || $0.kind == "asof join" && $0.isConserved }
        #expect(isEmpty, "\(harness.engine.operators)")
        return harness.out
    }

    @Test(arguments: queries.indices) func joins(_ query: Int) throws {
        let seeds = ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] == nil ? 20 : 1_000
        for seed in 0..<UInt64(seeds) {
            var generator = SeededGenerator(seed: seed &* 41 &+ UInt64(query))
            let events = Self.events(&generator)
            let single = try run(Self.queries[query], events) { 1 }
            #expect(single.map(\.values).sortedRows == expected(query, events).sortedRows, "seed \(seed)")
            let cut = try run(Self.queries[query], events) { 50 }
            let byKey = { (rows: [Harness.Row]) in Dictionary(grouping: rows) { $0.values[0] } }
            #expect(byKey(single) == byKey(cut), "seed \(seed)")
        }
    }

    @Test(arguments: queries.indices) func survivesACheckpoint(_ query: Int) throws {
        let folder = NSTemporaryDirectory() + "leibrix-join-\(Random.integer(UInt64.self))"
        defer { try? Files.removeTree(folder) }
        let store = try CheckpointStore(directory: folder)
        var generator = SeededGenerator(seed: UInt64(query) &+ 5)
        var events = Self.events(&generator)
        while events.count < 100 { events = Self.events(&generator) }
        var out: [[Value]] = []
        for half in [events[..<50], events[50...]] {
            let harness = try Harness(delaySeconds: 6)
            try harness.stream(Self.queries[query])
            _ = try harness.engine.restore(store)
            for event in half { try harness.push(event.isLeft ? "numbers" : "others", [event.row]) }
            if half.startIndex == 0 { _ = try harness.engine.checkpoint(store) } else { harness.engine.finish() }
            #expect(harness.isConserved)
            out += harness.values()
        }
        #expect(out.sortedRows == expected(query, events).sortedRows)
    }

    @Test func windowsFollowAJoin() throws {
        let harness = try Harness()
        try harness.stream(
            "SELECT a.k, tumble(a.ts, INTERVAL '10 seconds') AS w, count(*) AS n, sum(b.v) AS total FROM numbers a JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts GROUP BY a.k, tumble(a.ts, INTERVAL '10 seconds')")
        try harness.push("others", [[1, 5, at(1)], [1, 7, at(8)], [1, 9, at(30)]])
        try harness.push("numbers", [[1, 0, at(2)], [1, 0, at(9)], [1, 0, at(11)], [1, 0, at(40)]])
        #expect(harness.values() == [[1, time(0), 2, .hugeInt(12)], [1, time(10), 1, .hugeInt(7)]])
    }

    @Test func lateRowsMeetNobody() throws {
        let harness = try Harness()
        try harness.stream(Self.queries[0])
        try harness.push("others", [[1, 5, at(10)], [1, 6, at(20)]])
        try harness.push("numbers", [[1, 0, at(10)], [1, 0, at(20)], [1, 0, at(10)]])
        #expect(harness.values() == [[1, 0, 5, time(10)], [1, 0, 6, time(20)]])
        #expect(harness.engine.operators.contains { $0.late == 1 })
    }

    @Test func joinsManyWays() throws {
        let harness = try Harness()
        try harness.stream(
            "SELECT k, a.v AS x, b.v AS y, c.v AS z FROM numbers a JOIN others b USING (k) JOIN others c USING (k) WHERE b.ts BETWEEN a.ts AND a.ts + INTERVAL '2 seconds' AND c.ts BETWEEN a.ts - INTERVAL '2 seconds' AND a.ts AND a.v > 3 AND c.v < 9")
        try harness.push("others", [[1, 5, at(1)], [1, 6, at(3)], [2, 1, at(3)]])
        try harness.push("numbers", [[1, 4, at(3)], [1, 2, at(3)], [2, 4, at(3)]])
        try harness.push("others", [[1, 7, at(5)], [1, 8, at(6)]])
        harness.engine.finish()
        let expected: [[Value]] = [[1, 4, 6, 5], [1, 4, 6, 6], [1, 4, 7, 5], [1, 4, 7, 6], [2, 4, 1, 1]]
        #expect(harness.values().sortedRows == expected.sortedRows)
        #expect(harness.isConserved)
    }

    // MARK: lookups

    /// Rows by key, kept in a dictionary.
    private final class Names: LookupSource {
        static let fields: [DataType.Field] = [.init("id", .bigInt), .init("name", .varchar), .init("rank", .bigInt)]
        let rows: [Int64: [[Value]]] = [
            1: [[1, "one", 10]], 2: [[2, "a name that is longer than twelve bytes", 20], [2, "two", 21]], 3: [[3, .null, 30]],
        ]

        func lookUp(_ keys: Batch, columns: [Int]) throws(LeibrixError) -> LookupAnswer {
            var found: [[Value]] = []
            var places: [Int32] = []
            for row in 0..<keys.rowCount {
                let key = keys.columns[0].load(row, as: Int64.self)
                if key == 7 { throw LeibrixError(.io, "gone") }
                for answer in rows[key] ?? [] {
                    found.append(answer)
                    places.append(Int32(row))
                }
            }
            return LookupAnswer(rows: Batch.rows(found, Self.fields), keyRows: places)
        }
    }

    @Test(arguments: [1, 3, 100]) func looksUp(_ batch: Int) throws {
        let harness = try Harness()
        try harness.engine.createLookup("names", Names.fields, Names())
        let left = "SELECT a.k, a.v, n.name, n.rank FROM numbers a LEFT JOIN names n ON a.k = n.id AND n.rank > a.v"
        let inner = "SELECT a.k, name FROM numbers a JOIN names ON a.k = names.id WHERE v < 100"
        try harness.stream(left, "outer")
        try harness.stream(inner, "inner")
        try harness.push("numbers", [[1, 1, at(0)], [2, 20, at(1)], [.null, 0, at(2)], [9, 0, at(3)], [3, 0, at(4)], [1, 100, at(5)]], batch: batch)
        let expected: [[Value]] = [
            [1, 1, "one", 10], [2, 20, "two", 21], [.null, 0, .null, .null], [9, 0, .null, .null], [3, 0, .null, 30], [1, 100, .null, .null],
        ]
        #expect(harness.values("outer") == expected)
        #expect(harness.values("inner") == [[1, "one"], [2, "a name that is longer than twelve bytes"], [2, "two"], [3, .null]])
        #expect(harness.isConserved)
        try harness.push("numbers", [[7, 1, at(6)]])
        let failed = harness.engine.operators.filter { $0.kind == "lookup join" }.map(\.failed)
        #expect(failed == [1, 1] && harness.isConserved)
        #expect(harness.engine.operators.contains { $0.lastError == "LDB-9008" })
    }

    @Test func refusesLookupsElsewhere() throws {
        let harness = try Harness()
        try harness.engine.createLookup("names", Names.fields, Names())
        for sql in ["SELECT id FROM names", "SELECT a.k FROM numbers a JOIN names n ON a.k > n.id", "SELECT a.k FROM numbers a FULL JOIN names n ON a.k = n.id"] {
            let query = try Queries.tree(sql)
            let error = #expect(throws: LeibrixError.self) { try harness.engine.createStream("s", query) }
            #expect(error?.code == .streamJoin && error?.hint != nil)
        }
    }
}
