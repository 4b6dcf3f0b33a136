internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Testing

/// Window functions over a stream against DuckDB's over the same rows, by seeds; and whatever the cutting, the cores, and a checkpoint between.
@Suite struct OverOracleTests {
    private static var seeds: Int { ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] == nil ? 2 : 200 }

    /// Over rows whose times differ.
    private static let ordered = [
        "lag(v) OVER (PARTITION BY k ORDER BY ts) AS a, lag(s, 3) OVER (PARTITION BY k ORDER BY ts) AS b, lag(v, 2, -1) OVER (PARTITION BY k ORDER BY ts) AS c",
        "lead(v) OVER (PARTITION BY k ORDER BY ts) AS a, lead(s, 2) OVER (PARTITION BY k ORDER BY ts) AS b, lead(v, 3, k * 100) OVER (PARTITION BY k ORDER BY ts) AS c, row_number() OVER (PARTITION BY k ORDER BY ts) AS d",
        "row_number() OVER (PARTITION BY k ORDER BY ts) AS a, rank() OVER (PARTITION BY k ORDER BY ts) AS b, row_number() OVER (PARTITION BY k ORDER BY ts) % 3 AS c",
        "sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS a, min(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) AS b, max(s) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) AS c, count(*) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS d",
        "first_value(s) OVER (PARTITION BY k ORDER BY ts) AS a, last_value(v) OVER (PARTITION BY k ORDER BY ts) AS b, nth_value(v, 3) OVER (PARTITION BY k ORDER BY ts) AS c, first_value(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS d, nth_value(s, 2) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS e",
        "avg(d) OVER (PARTITION BY k, s ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS a, count(DISTINCT v) OVER (PARTITION BY k, s ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS b",
        "sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 2 PRECEDING AND 3 FOLLOWING) AS a, min(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING) AS b, last_value(s) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) AS c, nth_value(v, 2) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS d",
        "sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING) AS a, count(*) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 2 FOLLOWING) AS b, last_value(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS c, nth_value(s, 3) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING) AS d, max(s) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS e",
        "lag(v, -1) OVER (PARTITION BY k ORDER BY ts) AS a, lead(s, -2, 'none') OVER (PARTITION BY k ORDER BY ts) AS b, lag(v, 0) OVER (PARTITION BY k ORDER BY ts) AS c, nth_value(v, 2) OVER (PARTITION BY k ORDER BY ts) AS d",
        "lag(ts) OVER (ORDER BY ts) AS a, sum(v) OVER (ORDER BY ts) AS b, v - lag(v) OVER (ORDER BY ts) AS c",
    ]
    /// Over rows some of which have one time.
    private static let tied = [
        "rank() OVER (PARTITION BY k ORDER BY ts) AS a, dense_rank() OVER (PARTITION BY k ORDER BY ts) AS b",
        "sum(v) OVER (PARTITION BY k ORDER BY ts) AS a, count(*) OVER (PARTITION BY k ORDER BY ts) AS b, max(v) OVER (PARTITION BY k ORDER BY ts) AS c, stddev_pop(v) OVER (PARTITION BY k ORDER BY ts) AS d",
        "sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '2 seconds' PRECEDING AND CURRENT ROW) AS a, min(d) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '2 seconds' PRECEDING AND CURRENT ROW) AS b, count(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1 second' PRECEDING AND CURRENT ROW) AS c",
        "sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '2 seconds' PRECEDING AND INTERVAL '3 seconds' FOLLOWING) AS a, max(d) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1 second' FOLLOWING AND INTERVAL '4 seconds' FOLLOWING) AS b, count(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '2 seconds' FOLLOWING) AS c, sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '5 seconds' PRECEDING AND INTERVAL '2 seconds' PRECEDING) AS d",
        "sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN CURRENT ROW AND INTERVAL '1 second' FOLLOWING) AS a, rank() OVER (PARTITION BY k ORDER BY ts) AS b, sum(v) OVER (PARTITION BY k ORDER BY ts) AS c",
        "sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN CURRENT ROW AND CURRENT ROW) AS a, median(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '3 seconds' PRECEDING AND CURRENT ROW) AS b",
    ]
    private static let lists = ordered.map { ($0, "events") } + tied.map { ($0, "ties") }
    private static let fields: [DataType.Field] = [.init("k", .bigInt), .init("v", .bigInt), .init("d", .double), .init("s", .varchar), .init("ts", .timestamp)]

    private func table(_ seed: Int) throws -> Connection {
        let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        let random = { (salt: Int, modulus: Int) in "(hash(n * 64 + \(salt) + \(seed) * 7919) % \(modulus))::BIGINT" }
        try connection.execute(
            """
            CREATE TABLE events AS SELECT CASE WHEN \(random(1, 20)) = 0 THEN NULL ELSE \(random(2, 5)) END AS k,
              CASE WHEN \(random(3, 9)) = 0 THEN NULL ELSE \(random(4, 30)) - 10 END AS v,
              CASE WHEN \(random(5, 9)) = 0 THEN NULL ELSE (\(random(6, 64)) - 32) / 8 END AS d,
              CASE \(random(7, 5)) WHEN 0 THEN NULL WHEN 1 THEN 'x' WHEN 2 THEN 'Abc' ELSE 'a text of more than twelve bytes' END AS s,
              TIMESTAMP '2026-02-27 23:59:00' + to_microseconds(n * 100000 - \(random(8, 25)) * 100000 + n) AS ts FROM range(600) t(n);
            CREATE TABLE ties AS SELECT * REPLACE (date_trunc('second', ts) AS ts) FROM events
            """)
        return connection
    }

    private final class Rows {
        var rows: [[Value]] = []
    }

    private static func text(_ row: [Value]) -> String {
        row.map { if case .double(let number) = $0 { String(format: "%.8g", abs(number) < 1e-9 ? 0 : number) } else { "\($0)" } }.joined(separator: "|")
    }

    private func make(_ query: Query, _ cores: Int) throws -> (StreamEngine, Rows) {
        let engine = StreamEngine(clock: .system, cores: cores)
        for name in ["events", "ties"] {
            try engine.createSource(SourceDefinition(name, Self.fields, eventTime: .init("ts", delayMicros: 4_000_000)))
        }
        try engine.createStream("out", query)
        let out = Rows()
        _ = try engine.subscribe("out") { chunk in
            for row in 0..<chunk.count { out.rows.append((0..<chunk.columnCount).map { chunk.value($0, row) }) }
        }
        return (engine, out)
    }

    @Test(arguments: lists.indices) func equalsTheBatch(_ number: Int) throws {
        let (list, table) = Self.lists[number]
        let sql = "SELECT k, v, s, ts, \(list) FROM \(table)"
        for seed in 0..<Self.seeds {
            let connection = try self.table(seed)
            var parsed = try connection.query("SELECT json_serialize_sql('\(sql.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'::VARCHAR)")
            let tree = try #require(try parsed.next())
            let query = try Query.decode(serialized: tree.columns[0].text(at: 0))[0]
            var expected: [String] = []
            var result = try connection.query(sql)
            while let batch = try result.next() {
                for row in 0..<batch.rowCount { expected.append(Self.text(batch.columns.map { $0.value(at: row) })) }
            }
            var generator = SeededGenerator(seed: UInt64(seed * 100 + number))
            for cores in [1, 1, 3] {
                var (engine, out) = try make(query, cores)
                var rows = try connection.query("SELECT k, v, d, s, ts FROM \(table)")
                let folder = NSTemporaryDirectory() + "leibrix-over-\(Random.integer(UInt64.self))"
                defer { try? Files.removeTree(folder) }
                while let batch = try rows.next() {
                    var start = 0
                    while start < batch.rowCount {
                        let end = min(start + 1 + Int(generator.next() % 90), batch.rowCount)
                        try engine.source(table).push(batch.slice(start..<end))
                        start = end
                        if generator.next() % 8 == 0 {
                            let store = try CheckpointStore(directory: folder)
                            _ = try engine.checkpoint(store)
                            let old = out.rows
                            (engine, out) = try make(query, 1 + Int(generator.next() % 3))
                            out.rows = old
                            _ = try engine.restore(store)
                        }
                        let isConserved = engine.operators.allSatisfy(\.isConserved)
                        #expect(isConserved, "\(engine.operators)")
                    }
                }
                engine.finish()
                let actual = out.rows.map(Self.text).sorted()
                let isSame = actual == expected.sorted()
                let first = zip(actual, expected.sorted()).first { $0 != $1 }
                #expect(isSame, "seed \(seed), \(cores) cores: \(sql)\n\(actual.count) and \(expected.count) rows, first \(first.map { "\($0)" } ?? "")")
                let isSound = engine.operators.allSatisfy { $0.isConserved && $0.late == 0 && $0.failed == 0 && $0.buffered == 0 }
                #expect(isSound, "\(engine.operators)")
            }
        }
    }
}
