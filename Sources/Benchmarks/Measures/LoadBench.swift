// Parquet on disk to READY, validation and segment files included, beside DuckDB's CREATE TABLE AS into its own memory.
internal import Columnar
internal import DuckDBKit
internal import Foundation

enum LoadBench {
    static func run(_ context: BenchContext) throws -> BenchReport {
        let data = try TPCHData(context)
        var report = BenchReport(name: "load", settings: context.settings + [("data", "TPC-H as Parquet, 8 tables, warm page cache")])
        let rows = try rowCount(data)
        var (ours, peer) = (Double.infinity, Double.infinity)
        for _ in 0..<context.rounds {
            peer = min(peer, try duckdb(context, data))
            ours = min(ours, try leibrix(context, data))
        }
        report.figures.append(BenchFigure("load, rows a second", unit: "rows/s", ours: rows / ours, peer: rows / peer, peerName: "CREATE TABLE AS", atLeast: 0.8))
        report.figures.append(BenchFigure("load, seconds", unit: "s", ours: ours, peer: peer, peerName: "CREATE TABLE AS"))
        return report
    }

    private static func rowCount(_ data: TPCHData) throws -> Double {
        let connection = try Database(DatabaseConfiguration()).connect()
        return try TPCHData.tables.reduce(0) { total, table in
            guard case .integer(let count) = try connection.rows("SELECT count(*) FROM read_parquet('\(data.folder)/\(table).parquet')")[0][0] else { return total }
            return total + Double(count)
        }
    }

    private static func duckdb(_ context: BenchContext, _ data: TPCHData) throws -> Double {
        let connection = try Database(DatabaseConfiguration(threads: context.threads)).connect()
        return try Timing.seconds { try data.createTables(connection) }.seconds
    }

    private static func leibrix(_ context: BenchContext, _ data: TPCHData) throws -> Double {
        let folder = try context.temporaryFolder("load")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try BenchServer(context, folder: folder)
        defer { server.stop() }
        return try server.load(folder: data.folder, tables: TPCHData.tables, try server.connect())
    }
}
