// All rows of lineitem over the wire, counted by the same client from ours and from PostgreSQL.
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import PostgresClient

enum FetchBench {
    private static let sql = "SELECT * FROM lineitem"

    static func run(_ context: BenchContext) throws -> BenchReport {
        let data = try TPCHData(context)
        var report = BenchReport(name: "fetch", settings: context.settings + [("query", sql), ("PostgreSQL", LocalPostgres.settings)])
        let folder = try context.temporaryFolder("fetch")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try BenchServer(context, folder: folder)
        defer { server.stop() }
        let ours = try server.connect()
        _ = try server.load(folder: data.folder, tables: ["lineitem"], ours)
        let mine = try measure(ours, context.rounds)
        var theirs: [Double?] = [nil, nil]
        if LocalPostgres.isInstalled {
            let postgres = try LocalPostgres(context)
            defer { postgres.stop() }
            let connection = try postgres.connect()
            context.progress("loading lineitem into PostgreSQL")
            try load(connection, data, postgres.folder)
            theirs = try measure(connection, context.rounds)
        }
        for (index, format) in ["text", "binary"].enumerated() {
            report.figures.append(BenchFigure("fetch as \(format)", unit: "rows/s", ours: mine[index], peer: theirs[index], peerName: "PostgreSQL 15", atLeast: theirs[index] == nil ? nil : 2))
        }
        return report
    }

    /// Rows a second as text, then as binary.
    private static func measure(_ connection: PostgresConnection, _ rounds: Int) throws -> [Double] {
        _ = try connection.prepare("fetch", sql)
        var best = [0.0, 0.0]
        for _ in 0..<rounds {
            let text = try Timing.seconds { try connection.count(sql) }
            let binary = try Timing.seconds { try connection.countExecution("fetch", [], binaryResults: true) }
            best[0] = max(best[0], Double(text.value.rows) / text.seconds)
            best[1] = max(best[1], Double(binary.value.rows) / binary.seconds)
        }
        return best
    }

    private static func load(_ connection: PostgresConnection, _ data: TPCHData, _ folder: String) throws {
        let path = "\(NSTemporaryDirectory())leibrix-bench-lineitem-\(getpid()).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let duckdb = try Database(DatabaseConfiguration()).connect()
        try duckdb.execute("COPY (SELECT * FROM read_parquet('\(data.folder)/lineitem.parquet')) TO '\(path)' (FORMAT csv, HEADER false)")
        _ = try connection.query("""
            CREATE TABLE lineitem (l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, l_linenumber BIGINT, l_quantity NUMERIC(15,2),
              l_extendedprice NUMERIC(15,2), l_discount NUMERIC(15,2), l_tax NUMERIC(15,2), l_returnflag VARCHAR, l_linestatus VARCHAR, l_shipdate DATE,
              l_commitdate DATE, l_receiptdate DATE, l_shipinstruct VARCHAR, l_shipmode VARCHAR, l_comment VARCHAR)
            """)
        _ = try connection.query("COPY lineitem FROM '\(path)' (FORMAT csv)")
        _ = try connection.query("VACUUM (FREEZE, ANALYZE) lineitem")
    }
}
