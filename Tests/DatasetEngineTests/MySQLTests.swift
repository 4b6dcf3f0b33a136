import Base
import Catalog
import Columnar
import DuckDBKit
import Testing

@testable import DatasetEngine

/// MySQL's protocol, by MariaDB. Catalogs of type starrocks go the same way.
@Suite(.enabled(if: MariaDBServer.isInstalled, "needs MariaDB")) struct MySQLTests {
    private static let password = "it's a \"x\\ y"

    private func options(_ server: MariaDBServer, password: String = Self.password) -> [SpecOption] {
        [
            SpecOption("host", "127.0.0.1"), SpecOption("port", .integer(Int64(server.port))), SpecOption("user", "lake"),
            SpecOption("password", .string(password)), SpecOption("database", "shop"),
        ]
    }

    @Test func aTableIsServedAndFollowed() async throws {
        let server = try MariaDBServer()
        try server.run(
            """
            CREATE TABLE t AS SELECT CAST(seq AS SIGNED) id, DATE '2024-01-01' + INTERVAL (seq % 60) DAY d, concat('n', seq % 5) name,
                CAST(seq % 100 AS DECIMAL(9,2)) price, TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq SECOND ts, NULLIF(seq % 3, 0) part FROM seq_1_to_5000;
            CREATE USER lake@'127.0.0.1' IDENTIFIED BY 'it''s a "x\\\\ y'; GRANT SELECT ON shop.* TO lake@'127.0.0.1'
            """)
        let bench = try await Bench(Folder())
        try await bench.createCatalog("mysql", options(server))
        #expect(try await bench.engine.tables(tenant: "default", catalog: "lake") == [["t"]])
        try await bench.create("t", from: ["t"], ["time_column": "d", "granularity": "month"])
        #expect(
            try bench.rows("SELECT count(*), sum(id)::BIGINT, count(DISTINCT name), sum(price)::DECIMAL(12,2), count(part), max(ts)::VARCHAR FROM t")
                == [[5_000, 12_502_500, 5, .decimal(24_750_000, width: 12, scale: 2), 3_334, "2024-01-01 01:23:20"]])
        #expect(try bench.epochs("t").count == 2)
        try server.run("UPDATE t SET price = 7 WHERE id = 1; DELETE FROM t WHERE id > 4990; ALTER TABLE t ADD COLUMN more INT DEFAULT 3")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), max(id), min(more) FROM t") == [[4_990, 4_990, 3]])
        #expect(try bench.rows("SELECT price FROM t WHERE id = 1") == [[.decimal(700, width: 9, scale: 2)]])
        let error = await failure { try await bench.create("u", from: ["nothing"]) }
        #expect(error?.code == .undefinedSourceTable)
        let refused = await failure {
            try await bench.engine.createCatalog(
                tenant: "default", name: "other", options: [SpecOption("type", "mysql")] + self.options(server, password: "wrong"))
        }
        #expect(refused?.code == .sourceUnavailable || refused?.code == .io, "\(String(describing: refused))")
        try await bench.engine.createCatalog(tenant: "default", name: "rocks", options: [SpecOption("type", "starrocks")] + options(server))
        try await bench.engine.createDataset(tenant: "default", name: "s", source: ["rocks", "t"], options: [], wait: true)
        #expect(try bench.rows("SELECT count(*) FROM s") == [[4_990]])
    }
}
