internal import Base
internal import Columnar
internal import Foundation
internal import Platform
internal import StreamEngine
internal import Testing

/// The same rows, cut into batches in any way, give the same rows out: each key's in the same order.
@Suite struct PropertyTests {
    private static let queries: [(String, StreamOptions)] = [
        ("SELECT k, v + 1 AS w FROM numbers WHERE v > 5", StreamOptions()),
        ("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", StreamOptions()),
        ("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", StreamOptions(emit: .changes)),
        ("SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w", StreamOptions()),
        ("SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n FROM numbers GROUP BY 1, 2 HAVING count(*) > 1", StreamOptions(emit: .onWatermark, latenessMicros: 4_000_000)),
        ("SELECT k, window_start AS w, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, hop(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')", StreamOptions(emit: .final, latenessMicros: 2_000_000)),
        ("SELECT k, window_start AS w, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, hop(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')", StreamOptions(emit: .changes)),
        ("SELECT k, window_start AS w, window_end AS e, count(*) AS n FROM numbers GROUP BY k, cumulate(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')", StreamOptions()),
        ("SELECT k, window_start AS w, window_end AS e, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, session(ts, INTERVAL '5 seconds')", StreamOptions(latenessMicros: 1_000_000)),
        ("SELECT k, count(DISTINCT v) AS d, count(*) AS n FROM numbers GROUP BY k", StreamOptions(emit: .final)),
    ]

    private static var seeds: Int { ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] == nil ? 6 : 300 }

    private func run(_ query: Int, _ rows: [[Value]], _ cuts: () -> Int, cores: Int = 1) throws -> (rows: [Harness.Row], late: Int) {
        let harness = try Harness(delaySeconds: 3, cores: cores)
        try harness.stream(Self.queries[query].0, "out", Self.queries[query].1)
        var start = 0
        while start < rows.count {
            let end = min(start + cuts(), rows.count)
            try harness.push("numbers", Array(rows[start..<end]), batch: end - start)
            #expect(harness.isConserved, "\(harness.engine.operators)")
            start = end
        }
        harness.engine.finish()
        let operators = harness.engine.operators
        let isEmpty = operators.allSatisfy { $0.isConserved && $0.buffered == 0 }
        #expect(isEmpty, "\(operators)")
        return (harness.out, operators.reduce(0) { $0 + $1.late })
    }

    private func byKey(_ rows: [Harness.Row]) -> [Value: [Harness.Row]] { Dictionary(grouping: rows) { $0.values[0] } }

    private static func rows(_ generator: inout SeededGenerator) -> [[Value]] {
        (0..<Int(generator.next() % 1_500)).map { index in
            let value = generator.next() % 8 == 0 ? Value.null : .integer(Int64(generator.next() % 20))
            let key = generator.next() % 11 == 0 ? Value.null : .integer(Int64(generator.next() % 6))
            let seconds = Int64(index / 8) - Int64(generator.next() % 3) * Int64(generator.next() % 4)
            return [key, value, generator.next() % 40 == 0 ? .null : at(seconds)]
        }
    }

    @Test(arguments: queries.indices)
    func cutsDoNotMatter(_ query: Int) throws {
        for seed in 0..<UInt64(Self.seeds) {
            var generator = SeededGenerator(seed: seed &* 31 &+ UInt64(query))
            let rows = Self.rows(&generator)
            let single = try run(query, rows) { 1 }
            let cut = try run(query, rows) { Int(generator.next() % 40) + 1 }
            let whole = try run(query, rows) { 5_000 }
            #expect(single.late == cut.late && single.late == whole.late, "seed \(seed)")
            #expect(byKey(single.rows) == byKey(cut.rows), "seed \(seed)")
            #expect(byKey(single.rows) == byKey(whole.rows), "seed \(seed)")
        }
    }

    /// On several cores each key's rows are the same, in the same order.
    @Test(arguments: queries.indices)
    func coresDoNotMatter(_ query: Int) throws {
        for seed in 0..<UInt64(max(Self.seeds / 3, 1)) {
            var generator = SeededGenerator(seed: seed &* 37 &+ UInt64(query))
            let rows = Self.rows(&generator)
            let one = try run(query, rows) { 64 }
            for cores in 2...4 {
                let several = try run(query, rows, { Int(generator.next() % 2_000) + 1 }, cores: cores)
                #expect(one.late == several.late, "seed \(seed)")
                #expect(byKey(one.rows) == byKey(several.rows), "seed \(seed), \(cores) cores")
            }
        }
    }
}
