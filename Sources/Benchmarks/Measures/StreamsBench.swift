// Streams through SQL and the library: CREATE STREAM by execute, rows in by a port, rows out at a listener.
//
// Latency is open loop: row n is due at a fixed time, and its latency counts from there, so that a pause is seen by all rows that were due in it
// (no coordinated omission). Throughput is batches of 1,024 rows; the answers are held against DuckDB's over the same rows.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import Leibrix
internal import Platform

enum StreamsBench {
    static let queries: [(name: String, ours: String, theirs: String)] = [
        ("filter and project", "SELECT k, v + 1 AS w FROM numbers WHERE v > 5", "SELECT k, v + 1 AS w FROM numbers WHERE v > 5"),
        ("running COUNT and SUM by key", "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", ""),
    ]
    static let tumbling =
        "SELECT k, window_start AS w, count(*) AS n, sum(v) AS total, avg(v) AS mean FROM numbers GROUP BY k, tumble(ts, INTERVAL '10 seconds') EMIT ON WINDOW CLOSE"

    static func run(_ context: BenchContext) throws -> BenchReport {
        let folder = try context.temporaryFolder("streams")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var report = BenchReport(name: "streams", settings: context.settings)
        let laminar = PythonPeer(context, module: "laminardb", folder: folder)
        for query in queries { report.figures += try latency(context, query, laminar) }
        for keys in [1_000, 1_000_000] { report.figures += try throughput(context, keys: keys, laminar, folder) }
        report.figures += try checkpoints(context, folder)
        report.figures += try capture(context, folder)
        return report
    }

    // MARK: latency

    /// Where a listener writes down how long rows took. Used by one thread at a time.
    private final class Samples: @unchecked Sendable {
        var nanos: [UInt64] = []
        var due: UInt64 = 0
        private let clock = Clock.system

        init(_ count: Int) { nanos.reserveCapacity(count * 2) }

        func add() { nanos.append(clock.monotonicNanos() &- due) }
        func at(_ fraction: Double) -> Double {
            let sorted = nanos.sorted()
            return sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))])
        }
    }

    private static func latency(
        _ context: BenchContext, _ query: (name: String, ours: String, theirs: String), _ laminar: PythonPeer?
    ) throws -> [BenchFigure] {
        context.progress("latency: \(query.name)")
        let rows = max(5_000, Int(1_000_000 * context.scale))
        let run = try StreamRun("\(StreamRun.source); CREATE STREAM out AS \(query.ours)", checkpoints: .seconds(1))
        defer { run.close() }
        let samples = Samples(rows)
        let listener = try run.db.listen("out") { _ in samples.add() }
        defer { listener.cancel() }
        let (clock, port) = (Clock.system, run.port)
        // Rows before the count: pages and tables have their size then.
        let warm = max(2_000, rows / 5)
        let interval: UInt64 = 10_000
        let start = clock.monotonicNanos()
        for number in 0..<warm + rows {
            if number == warm { samples.nanos.removeAll(keepingCapacity: true) }
            let due = start &+ UInt64(number) &* interval
            while clock.monotonicNanos() < due {}
            samples.due = due
            try port.push { row in
                row.set(0, Int64(number % 1_000))
                row.set(1, Int64(number + 6))
                row.set(2, StreamData.start + Int64(number) * 1_000)
            }
        }
        guard samples.nanos.count == rows else { throw LeibrixError(.internal, "\(samples.nanos.count) results of \(rows) rows") }
        var theirs: [String: Double]?
        if let laminar, !query.theirs.isEmpty {
            theirs = try laminar.run(LaminarScripts.latency, [query.theirs, "100", "\(max(50, Int(1_000 * min(context.scale, 1))))"])
        }
        let label = "push to callback, \(query.name), 100,000 rows/s"
        return [("median", 0.5, 1.0, "median"), ("p99", 0.99, 5.0, "p99"), ("p99.9", 0.999, nil as Double?, "p999")].flatMap { part in
            let ours = samples.at(part.1) / 1_000
            let own = BenchFigure("\(label): \(part.0)", unit: "us", ours: ours, atMost: part.2)
            guard let peer = theirs?[part.3], (theirs?["seen"] ?? 0) > 0 else { return [own] }
            return [own, BenchFigure("\(label): \(part.0)", unit: "us", ours: ours, peer: peer / 1_000, peerName: "laminardb, 100 rows/s")]
        }
    }

    // MARK: throughput

    private static func throughput(_ context: BenchContext, keys: Int, _ laminar: PythonPeer?, _ folder: String) throws -> [BenchFigure] {
        context.progress("tumbling windows of \(keys) keys")
        let rows = max(20_000, Int(8_000_000 * context.scale))
        let data = try StreamData(context, rows: rows, keys: keys, windows: 2, folder: folder)
        let batch = "SELECT k, time_bucket(INTERVAL '10 seconds', ts) AS w, count(*) AS n, sum(v) AS total, avg(v) AS mean FROM numbers GROUP BY ALL"
        let expected = try data.connection.rows("SELECT count(*)::BIGINT, sum(n)::BIGINT FROM (\(batch))")[0]
        var theirs = 0.0
        var ours: [Int: Double] = [:]
        for _ in 0..<max(context.rounds, 1) {
            theirs = max(theirs, Double(rows) / (try Timing.seconds { try drain(data.connection, batch) }.seconds))
            for cores in [1, 2] { ours[cores] = max(ours[cores] ?? 0, try tumble(data, cores: cores, expected)) }
        }
        let label = "tumbling COUNT, SUM, AVG, \(BenchReport.short(Double(keys))) keys"
        let one = ours[1] ?? 0
        var figures = [
            BenchFigure(
                "\(label), batches of 1,024", unit: "rows/s", ours: one, peer: theirs, peerName: "DuckDB GROUP BY, one thread", atLeast: keys > 100_000 ? 1.0 / 3 : 0.5),
            BenchFigure("\(label), two cores", unit: "rows/s", ours: ours[2] ?? 0, peer: one, peerName: "one core", atLeast: context.threads > 1 ? 1.7 : nil),
        ]
        if let laminar {
            let part = max(20_000, rows / 16)
            let sql = "SELECT k, count(*) AS n, sum(v) AS total, avg(v) AS mean FROM numbers GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND) EMIT ON WINDOW CLOSE"
            let answer = try laminar.run(LaminarScripts.throughput, [sql, try data.parquet(rows: part)])
            guard (answer["results"] ?? 0) > 0 else {
                context.progress("LEFT OUT: laminardb took \(part) rows and gave no result")
                return figures
            }
            figures.append(
                BenchFigure("\(label), batches of 1,024", unit: "rows/s", ours: one, peer: answer["rate"], peerName: "laminardb", atLeast: keys > 100_000 ? nil : 20))
        }
        return figures
    }

    private static func drain(_ connection: Connection, _ sql: String) throws {
        var result = try connection.query(sql)
        while try result.next() != nil {}
    }

    private static func tumble(_ data: StreamData, cores: Int, _ expected: [Value]) throws -> Double {
        let run = try StreamRun("\(StreamRun.source); CREATE STREAM out AS \(tumbling)", cores: cores)
        defer { run.close() }
        let seen = SeenRows(sumOf: 2)
        let listener = try run.db.listen("out") { seen.add($0) }
        defer { listener.cancel() }
        let seconds = try Timing.seconds {
            for batch in data.batches { try run.port.push(batch) }
            try run.end()
        }.seconds
        guard [.integer(Int64(seen.rows)), .integer(seen.sum)] == expected else {
            throw LeibrixError(.internal, "\(seen.rows) windows of \(seen.sum) rows, and DuckDB has \(expected)")
        }
        return Double(data.rows) / seconds
    }
}
