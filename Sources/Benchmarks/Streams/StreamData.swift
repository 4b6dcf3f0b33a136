// Rows (k, v, ts) by one generator for everybody: a table of DuckDB's, the batches that are pushed, and a Parquet file for peers.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation

struct StreamData {
    /// The first row's time, in microseconds.
    static let start: Int64 = 1_767_225_600_000_000
    /// Rows in a window of ten seconds.
    static let windowRows = 4_000_000

    let rows: Int
    let keys: Int
    let connection: Connection
    let batches: [Batch]
    private let folder: String

    /// `windows` is how many windows of ten seconds the rows fill, about.
    init(_ context: BenchContext, rows: Int, keys: Int, windows: Int, folder: String) throws {
        (self.rows, self.keys, self.folder) = (rows, keys, folder)
        connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        let step = max(1, windows * 10_000_000 / rows)
        try connection.execute(
            """
            CREATE TABLE numbers AS SELECT (hash(n) % \(keys))::BIGINT AS k, (hash(n + 7) % 1000)::BIGINT AS v,
              make_timestamp(\(Self.start) + n * \(step)) AS ts FROM range(\(rows)) t(n)
            """)
        var made: [Batch] = []
        var result = try connection.query("SELECT k, v, ts FROM numbers")
        while let batch = try result.next() {
            for first in stride(from: 0, to: batch.rowCount, by: 1_024) {
                made.append(batch.slice(first..<min(first + 1_024, batch.rowCount)).compacted().batch)
            }
        }
        batches = made
    }

    /// The rows as a file, written when somebody asks.
    func parquet(rows count: Int) throws -> String {
        let path = "\(folder)/numbers-\(keys)-\(count).parquet"
        if !FileManager.default.fileExists(atPath: path) {
            try connection.execute("COPY (SELECT k, v, ts FROM numbers LIMIT \(count)) TO '\(path)' (FORMAT parquet)")
        }
        return path
    }
}
