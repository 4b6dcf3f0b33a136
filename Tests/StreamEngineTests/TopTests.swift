internal import Base
internal import Columnar
internal import Foundation
internal import Platform
internal import StreamEngine
internal import Testing

/// The first rows of groups, over the whole stream and not of each batch.
@Suite struct TopTests {
    private static let perKey = "SELECT k, v, ts FROM numbers QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC, ts) <= 2"

    @Test(arguments: [1, 100]) func keepsTheFirstOfAll(_ batch: Int) throws {
        let harness = try Harness()
        try harness.stream("SELECT k, v, ts FROM numbers ORDER BY v DESC NULLS LAST, k LIMIT 3")
        try harness.push("numbers", [[1, 5, at(0)], [2, .null, at(0)], [3, 7, at(0)], [4, 6, at(0)], [5, 1, at(0)]], batch: batch)
        #expect(harness.out == [
            .init(weight: 1, values: [1, 5, time(0)]), .init(weight: 1, values: [2, .null, time(0)]), .init(weight: 1, values: [3, 7, time(0)]),
            .init(weight: -1, values: [2, .null, time(0)]), .init(weight: 1, values: [4, 6, time(0)]),
        ])
        #expect(harness.isConserved)
    }

    /// What is left after all +1 and -1.
    private func net(_ rows: [Harness.Row]) -> [[Value]] {
        var counts: [[Value]: Int] = [:]
        for row in rows { counts[row.values, default: 0] += row.weight }
        return counts.filter { $0.value != 0 }.map(\.key)
    }

    @Test func equalsTheSortedRows() throws {
        for seed in 0..<20 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let rows: [[Value]] = (0..<Int(generator.next() % 200)).map { index in
                [.integer(Int64(generator.next() % 4)), .integer(Int64(generator.next() % 50)), at(Int64(index))]
            }
            let harness = try Harness()
            try harness.stream(Self.perKey)
            try harness.push("numbers", rows, batch: Int(generator.next() % 30) + 1)
            let final = try Harness()
            try final.stream(Self.perKey, "out", StreamOptions(emit: .final))
            try final.push("numbers", rows, batch: 7)
            final.engine.finish()
            let expected = Dictionary(grouping: rows) { $0[0] }.values.flatMap { group in
                group.sorted { Self.isBefore($0, $1) }.prefix(2).map { [$0[0], $0[1], Self.timestamp($0[2])] }
            }
            #expect(net(harness.out).sortedRows == expected.sortedRows, "seed \(seed)")
            #expect(final.values().sortedRows == expected.sortedRows, "seed \(seed)")
            #expect(harness.isConserved && final.isConserved)
        }
    }

    private static func timestamp(_ value: Value) -> Value {
        if case .integer(let micros) = value { return .timestamp(micros) }
        return value
    }

    private static func isBefore(_ a: [Value], _ b: [Value]) -> Bool {
        guard case .integer(let x) = a[1], case .integer(let y) = b[1], case .integer(let first) = a[2], case .integer(let second) = b[2] else { return false }
        return x != y ? x > y : first < second
    }

    @Test func forgetsGroupsOfTimePast() throws {
        let harness = try Harness()
        try harness.stream(
            "SELECT * FROM (SELECT k, window_end AS e, count(*) AS n FROM numbers GROUP BY k, tumble(ts, INTERVAL '10 seconds')) QUALIFY row_number() OVER (PARTITION BY e ORDER BY n DESC, k) = 1")
        try harness.push("numbers", (0..<1_000).map { [.integer($0 % 3 == 0 ? 7 : 8), 1, at($0)] }, batch: 10)
        #expect(net(harness.out).count == 99)
        let top = try #require(harness.engine.operators.first { $0.kind == "top" })
        #expect(top.stateKeys <= 2 && top.isConserved)
    }

    @Test func stopsAfterALimitWithoutOrder() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, v FROM numbers LIMIT 3")
        try harness.push("numbers", (0..<10).map { [.integer($0), 1, at(0)] }, batch: 4)
        #expect(harness.out == (0..<3).map { .init(weight: 1, values: [.integer($0), 1]) })
    }
}
