// Whole tables, read back by DuckDB's own Iceberg reader.
import Base
import Columnar
import DuckDBKit
import Platform
import Testing

@testable import IcebergWriter

@Suite struct TableTests {
    private func connection() throws -> Connection {
        let connection = try Database().connect()
        for name in ["avro", "iceberg"] { try connection.loadExtension(".deps/duckdb/extensions/\(name).duckdb_extension") }
        return connection
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = "/tmp/leibrix-iceberg-\(Random.integer(UInt64.self))"
        defer { try? Files.removeTree(folder) }
        try body(folder)
    }

    static let rows = """
        SELECT i::BIGINT AS id, (i % 97)::INTEGER AS small, (i / 100.0)::DECIMAL(15,2) AS price,
            DATE '2024-01-15' + (i % 200)::INTEGER AS day, CASE WHEN i % 7 > 0 THEN 'name number ' || i END AS name,
            i / 3.0 AS ratio, TIMESTAMP '2024-01-01' + to_seconds(i) AS at, i % 2 = 0 AS even
        FROM range(10000) AS t(i)
        """

    @Test(arguments: [nil, "day"])
    func aTableIsReadBack(month: String?) throws {
        try withFolder { folder in
            let connection = try connection()
            let writer = IcebergTableWriter(location: folder + "/lake/ns/t", query: Self.rows, monthColumn: month)
            let written = try writer.write(connection, nowMS: 1_700_000_000_000)
            #expect(written.rows == 10_000)
            #expect(written.files == (month == nil ? 1 : 8))
            for path in [folder + "/lake/ns/t", written.metadataFile] {
                let scan = "iceberg_scan(\(Value.string(path).duckDBLiteral))"
                let differences = try connection.rows("SELECT count(*) FROM ((FROM \(scan) EXCEPT FROM (\(Self.rows))) UNION ALL (FROM (\(Self.rows)) EXCEPT FROM \(scan)))")
                #expect(differences == [[.integer(0)]])
            }
        }
    }

    @Test func theManifestCountsAndBounds() throws {
        try withFolder { folder in
            let connection = try connection()
            let writer = IcebergTableWriter(location: folder + "/t", query: Self.rows, monthColumn: "day")
            let written = try writer.write(connection, nowMS: 1_700_000_000_000)
            let file = Value.string(written.metadataFile).duckDBLiteral
            let counts = try connection.rows("SELECT sum(record_count)::BIGINT, count(*) FROM iceberg_metadata(\(file))")
            #expect(counts == [[.integer(10_000), .integer(8)]])
            let bounds = try connection.rows(
                "SELECT min(lower_bound::DATE)::VARCHAR, max(upper_bound::DATE)::VARCHAR FROM iceberg_column_stats(\(file)) WHERE column_name = 'day'")
            #expect(bounds == [["2024-01-15", "2024-08-01"]])
            let snapshots = try connection.rows("SELECT sequence_number FROM iceberg_snapshots(\(file))")
            #expect(snapshots.count == 1)
        }
    }

    @Test func monthsWithoutPartitionsHaveBoundsAFile() throws {
        try withFolder { folder in
            let connection = try connection()
            let writer = IcebergTableWriter(location: folder + "/t", query: Self.rows, monthColumn: "day", isPartitioned: false)
            let file = Value.string(try writer.write(connection, nowMS: 0).metadataFile).duckDBLiteral
            let wide = try connection.rows(
                """
                SELECT count(*) FROM iceberg_column_stats(\(file)) WHERE column_name = 'day'
                    AND date_trunc('month', TRY_CAST(lower_bound AS DATE)) <> date_trunc('month', TRY_CAST(upper_bound AS DATE))
                """)
            #expect(wide == [[.integer(0)]])
            #expect(try connection.rows("SELECT count(*) FROM iceberg_scan(\(file))") == [[.integer(10_000)]])
        }
    }

    @Test func aTypeWithoutAnIcebergTypeIsRefused() throws {
        try withFolder { folder in
            let connection = try connection()
            #expect(throws: LeibrixError.self) {
                try IcebergTableWriter(location: folder + "/t", query: "SELECT [1] AS list").write(connection, nowMS: 0)
            }
        }
    }
}
