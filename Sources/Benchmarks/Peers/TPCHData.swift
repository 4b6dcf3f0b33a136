// TPC-H as Parquet files, made once a scale by DuckDB's own generator and kept in the cache.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation

struct TPCHData {
    let folder: String
    static let tables = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]

    init(_ context: BenchContext) throws {
        folder = "\(context.cache)/tpch-\(BenchReport.short(context.scale))"
        guard !FileManager.default.fileExists(atPath: "\(folder)/done") else { return }
        context.progress("making TPC-H at scale \(BenchReport.short(context.scale))")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let connection = try TPCHData.database(context).connect()
        try connection.execute("CALL dbgen(sf = \(context.scale))")
        for table in TPCHData.tables { try connection.execute("COPY \(table) TO '\(folder)/\(table).parquet' (FORMAT parquet)") }
        _ = FileManager.default.createFile(atPath: "\(folder)/done", contents: nil)
    }

    /// A DuckDB of the same settings as the server's, with the TPC-H extension loaded.
    static func database(_ context: BenchContext) throws -> Database {
        let database = try Database(DatabaseConfiguration(threads: context.threads, settings: ["allow_unsigned_extensions": "true"]))
        try database.connect().loadExtension("\(context.extensions)/tpch.duckdb_extension")
        return database
    }

    func createTables(_ connection: Connection) throws {
        for table in TPCHData.tables {
            try connection.execute("CREATE TABLE \(table) AS SELECT * FROM read_parquet('\(folder)/\(table).parquet')")
        }
    }

    static func queries(_ connection: Connection) throws -> [String] {
        try connection.rows("SELECT query FROM tpch_queries() ORDER BY query_nr").map { row in
            guard case .string(let sql) = row[0] else { return "" }
            return String(sql.reversed().drop { $0 == ";" || $0.isWhitespace }.reversed())
        }
    }
}
