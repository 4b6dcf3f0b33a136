internal import Base
internal import Leibrix
internal import Platform
internal import Testing

/// The test kit itself: what it says holds, and what does not hold it says.
@Suite(.serialized) struct KitTests {
    private struct Reading: Codable, Sendable {
        var sensor: Int
        var v: Int
        var ts: Timestamp
    }
    private struct Sum: Codable, Hashable, Sendable {
        var sensor: Int
        var n: Int
        var total: Int
    }

    private static func rows(_ count: Int) -> [Reading] {
        (0..<count).map { Reading(sensor: $0 % 3, v: $0 % 7, ts: Timestamp(seconds: Int64($0 / 2))) }
    }

    /// What windows of ten seconds have, up to the last that is closed.
    private static func expected(_ rows: [Reading], before second: Int64) -> [Sum] {
        var sums: [Int64: [Int: Sum]] = [:]
        for row in rows {
            let window = row.ts.micros / 10_000_000
            var sum = sums[window]?[row.sensor] ?? Sum(sensor: row.sensor, n: 0, total: 0)
            sum.n += 1
            sum.total += row.v
            sums[window, default: [:]][row.sensor] = sum
        }
        return sums.filter { ($0.key + 1) * 10 <= second }.flatMap { $0.value.values }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func windowsSurviveCrashes(_ seed: UInt64) async throws {
        let kit = try await StreamTestKit(seed: seed)
        _ = try await kit.db.createSource("readings", of: Reading.self, eventTime: "ts", delay: .seconds(5))
        try await kit.db.execute(
            "CREATE STREAM sums AS SELECT sensor, count(*) AS n, sum(v)::BIGINT AS total FROM readings GROUP BY sensor, tumble(ts, INTERVAL '10 seconds') EMIT ON WINDOW CLOSE")
        let sums = try kit.follow("sums", as: Sum.self)
        let rows = Self.rows(400)
        let pushed = kit.disordered(rows, places: 8)
        var start = 0
        while start < pushed.count {
            let end = min(pushed.count, start + 1 + kit.chance(below: 90))
            try await kit.push(Array(pushed[start..<end]), into: "readings")
            start = end
            switch kit.chance(below: 4) {
            case 0: try await kit.crash()
            case 1: try await kit.crash(at: StreamTestKit.steps[kit.chance(below: StreamTestKit.steps.count)])
            case 2: try await kit.restart()
            default: _ = try sums.changes()
            }
        }
        let latest = rows.map(\.ts.micros).max()! / 1_000_000
        try sums.expect(Self.expected(rows, before: latest - 5))
        #expect(throws: LeibrixError.self) { try sums.expect(Self.expected(rows, before: latest - 20)) }
        await kit.end()
    }

    @Test func timePassesWhenTold() async throws {
        let kit = try await StreamTestKit(seed: 4)
        try await kit.db.execute(
            """
            CREATE SOURCE readings (sensor BIGINT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts) WITH (idle_timeout = '30 seconds');
            CREATE STREAM sums AS SELECT sensor, count(*) AS n, sum(v)::BIGINT AS total FROM readings GROUP BY sensor, tumble(ts, INTERVAL '10 seconds') EMIT ON WINDOW CLOSE
            """)
        let sums = try kit.follow("sums", as: Sum.self)
        try await kit.push(Self.rows(6), into: "readings")
        try sums.expect([])
        try await kit.advance(by: .seconds(10))
        try sums.expect([])
        try await kit.advance(by: .seconds(60))
        try sums.expect((0..<3).map { Sum(sensor: $0, n: 2, total: $0 + $0 + 3) })
        await kit.end()
    }
}
