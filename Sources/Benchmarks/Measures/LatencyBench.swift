// One client, one tiny statement at a time: what the wire and the session add to DuckDB, and where PostgreSQL stands beside it.
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import PostgresClient

enum LatencyBench {
    static let warmUp = 200

    static func run(_ context: BenchContext) throws -> BenchReport {
        let small = BenchContext(
            scale: min(context.scale, 0.01), threads: context.threads, rounds: context.rounds, cache: context.cache, executable: context.executable,
            extensions: context.extensions, progress: context.progress)
        let data = try TPCHData(small)
        let count = context.scale < 0.1 ? 200 : 4_000
        var report = BenchReport(name: "latency", settings: context.settings + [("runs", "\(count), median"), ("PostgreSQL", LocalPostgres.settings)])
        let folder = try context.temporaryFolder("latency")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try BenchServer(context, folder: folder)
        defer { server.stop() }
        let ours = try server.connect()
        _ = try server.load(folder: data.folder, tables: TPCHData.tables, ours)
        report.figures += try beside(duckdb: context, data, ours, count)
        guard LocalPostgres.isInstalled else { return report }
        let postgres = try LocalPostgres(context)
        defer { postgres.stop() }
        report.figures += try beside(postgres: postgres, ours, count)
        return report
    }

    /// The parameter never repeats, so that no result comes from a cache.
    private static let tiny = "SELECT count(*) FROM nation WHERE n_nationkey + $1 > 3"

    private static func beside(duckdb context: BenchContext, _ data: TPCHData, _ ours: PostgresConnection, _ count: Int) throws -> [BenchFigure] {
        let connection = try Database(DatabaseConfiguration(threads: context.threads)).connect()
        try data.createTables(connection)
        let prepared = try connection.prepare(tiny.replacingOccurrences(of: "$1", with: "$1::INTEGER"))
        var next: Int64 = 0
        func direct() throws {
            next += 1
            try prepared.bind(0, .integer(next), as: .integer)
            var result = try prepared.execute(streaming: true)
            while try result.next() != nil {}
        }
        _ = try ours.prepare("tiny", tiny.replacingOccurrences(of: "$1", with: "$1::INTEGER"))
        func wired() throws {
            next += 1
            _ = try ours.countExecution("tiny", ["\(next)"], binaryResults: true)
        }
        for _ in 0..<min(warmUp, count) { try direct(); try wired() }
        let inProcess = try Timing.medianMicros(count, direct)
        let overWire = try Timing.medianMicros(count, wired)
        return [
            BenchFigure("prepared, tiny scan", unit: "us", ours: overWire, peer: inProcess, peerName: "DuckDB in-process"),
            BenchFigure("prepared, tiny scan, above DuckDB", unit: "us", ours: overWire - inProcess, atMost: 150),
        ]
    }

    private static func beside(postgres: LocalPostgres, _ ours: PostgresConnection, _ count: Int) throws -> [BenchFigure] {
        let theirs = try postgres.connect()
        let nations = try ours.query("SELECT n_nationkey, n_name FROM nation ORDER BY 1")[0].textRows
        _ = try theirs.query("CREATE TABLE nation (n_nationkey INTEGER PRIMARY KEY, n_name VARCHAR(25)); ")
        for row in nations { _ = try theirs.query("INSERT INTO nation VALUES (\(row[0] ?? "0"), '\(row[1] ?? "")')") }
        _ = try theirs.query("ANALYZE nation")
        var figures = [try pair("SELECT 1, simple", ours, theirs, count) { _ = try $0.query("SELECT 1") }]
        for connection in [ours, theirs] {
            _ = try connection.prepare("one", "SELECT 1")
            _ = try connection.prepare("nation", "SELECT n_name FROM nation WHERE n_nationkey = $1::INTEGER")
        }
        figures.append(try pair("SELECT 1, prepared", ours, theirs, count) { _ = try $0.countExecution("one", [], binaryResults: true) })
        var key = 0
        figures.append(try pair("cached plan, one row by key", ours, theirs, count) {
            key = (key + 1) % 25
            _ = try $0.countExecution("nation", ["\(key)"], binaryResults: true)
        })
        return figures
    }

    private static func pair(_ name: String, _ ours: PostgresConnection, _ theirs: PostgresConnection, _ count: Int, _ body: (PostgresConnection) throws -> Void) throws -> BenchFigure {
        for _ in 0..<min(warmUp, count) { try body(ours); try body(theirs) }
        let mine = try Timing.medianMicros(count) { try body(ours) }
        let peer = try Timing.medianMicros(count) { try body(theirs) }
        return BenchFigure(name, unit: "us", ours: mine, peer: peer, peerName: "PostgreSQL 15", atMost: 1)
    }
}
