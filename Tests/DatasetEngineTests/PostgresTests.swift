import Base
import Catalog
import Columnar
import DuckDBKit
import Testing

@testable import DatasetEngine

@Suite(.enabled(if: PostgresServer.isInstalled, "needs PostgreSQL 15")) struct PostgresTests {
    @Test func aTableIsServedAndFollowed() async throws {
        let server = try PostgresServer()
        try server.psql(
            "CREATE TABLE t AS SELECT i::bigint AS id, date '2024-01-01' + i % 60 AS d, 'n' || i % 5 AS name, (i % 100)::numeric(9,2) AS price FROM generate_series(1, 5000) i")
        let bench = try await Bench(Folder())
        try await bench.createCatalog(
            "postgres",
            [
                SpecOption("host", "127.0.0.1"), SpecOption("port", .integer(Int64(server.port))), SpecOption("user", "admin"),
                SpecOption("database", "postgres"),
            ])
        #expect(try await bench.engine.tables(tenant: "default", catalog: "lake") == [["t"]])
        try await bench.create("t", from: ["public", "t"], ["time_column": "d", "granularity": "month"])
        #expect(
            try bench.rows("SELECT count(*), sum(id), count(DISTINCT name), sum(price) FROM t")
                == [[5_000, .hugeInt(12_502_500), 5, .decimal(24_750_000, width: 38, scale: 2)]])
        #expect(try bench.epochs("t").count == 2)
        try server.psql("UPDATE t SET price = 7 WHERE id = 1; DELETE FROM t WHERE id > 4990")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), max(id) FROM t") == [[4_990, 4_990]])
        #expect(try bench.rows("SELECT price FROM t WHERE id = 1") == [[.decimal(700, width: 9, scale: 2)]])
        let error = await failure { try await bench.create("u", from: ["nothing"]) }
        #expect(error?.code == .undefinedSourceTable)
    }
}
