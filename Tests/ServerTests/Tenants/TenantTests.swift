// Tenants of one server: each sees its own, is bounded as CREATE TENANT says, and is there again after a restart.
import DuckDBKit
import Foundation
import PostgresClient
import Testing

@Suite(.serialized) struct TenantTests {
    private static let contract = """
        CREATE TENANT acme WITH (memory = '2GB', cpu = 1, concurrency = 8, queue = 64, statement_timeout = '60s', \
        max_scan_rows = 500000000, max_result_rows = 10000000, max_datasets = 20, max_epochs = 500)
        """

    struct Stage {
        let folder = TemporaryFolder("tenants")
        let server: ServerProcess
        let admin: PostgresConnection

        /// Two lakes with a table t each: 5,000 rows for the default tenant, 7,000 for acme, in 10 days.
        init() throws {
            for (name, rows) in [("one", 5_000), ("two", 7_000)] {
                try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
                try Database(DatabaseConfiguration(threads: 2)).connect().execute(
                    "COPY (SELECT i AS id, DATE '2024-01-01' + (i % 10)::INTEGER AS d FROM range(\(rows)) r(i)) TO '\(folder.path)/\(name)/t.parquet'")
            }
            server = try ServerProcess(dataDirectory: folder.path + "/data")
            admin = try server.connect()
            try Datasets.createCatalog(admin, name: "lake", folder: folder.path + "/one")
            _ = try admin.query("CREATE DATASET t FROM lake.t; REFRESH DATASET t")
            _ = try admin.query("\(TenantTests.contract); CREATE USER ana PASSWORD 'a' TENANT acme; GRANT admin TO ana; CREATE USER bo PASSWORD 'b' TENANT acme")
        }

        func connect(_ user: String, _ password: String) throws -> PostgresConnection {
            try PostgresConnection(host: "127.0.0.1", port: server.pgPort, user: user, database: "leibrix", password: password)
        }

        func fill(_ ana: PostgresConnection) throws {
            try Datasets.createCatalog(ana, name: "lake", folder: folder.path + "/two")
            _ = try ana.query("CREATE DATASET t FROM lake.t WITH (time_column = 'd', granularity = 'day'); REFRESH DATASET t")
        }
    }

    private func value(_ connection: PostgresConnection, _ sql: String) throws -> String? { try connection.query(sql).last?.textRows.first?[0] }

    private func state(_ connection: PostgresConnection, _ sql: String) -> String? {
        do throws(ClientError) {
            _ = try connection.query(sql)
            return nil
        } catch { return error.server?.sqlState }
    }

    @Test func oneNeverSeesAnothers() throws {
        let stage = try Stage()
        let ana = try stage.connect("ana", "a")
        let nothing = ["leibrix.datasets", "leibrix.catalogs", "leibrix.epochs", "leibrix.loads", "pg_class WHERE relname = 't'", "information_schema.tables WHERE table_name = 't'"]
        for relation in nothing { #expect(try value(ana, "SELECT count(*) FROM \(relation)") == "0", "\(relation)") }
        #expect(state(ana, "SELECT * FROM t") == "42P01")
        #expect(state(ana, "DROP DATASET t") == "42P01")
        #expect(state(ana, "CREATE DATASET u FROM lake.t") == "3D000")
        for sql in ["CREATE TENANT other", "CREATE USER eve PASSWORD 'x'", "ALTER TENANT acme SET (max_datasets = 100)", "DROP TENANT acme"] {
            #expect(state(ana, sql) == "42501", "\(sql)")
        }
        try stage.fill(ana)
        #expect(try value(ana, "SELECT count(*) FROM t") == "7000")
        #expect(try value(stage.admin, "SELECT count(*) FROM t") == "5000")
        #expect(try value(try stage.connect("bo", "b"), "SELECT count(*) FROM t") == "7000")
        #expect(try value(ana, "SELECT string_agg(name, ',') FROM leibrix.tenants") == "acme")
        #expect(try stage.admin.query("SHOW EPOCHS FROM t")[0].rows.count == 1)
        let route = try ana.query("EXPLAIN ROUTE SELECT count(*) + 3 FROM t x WHERE x.d >= '2024-01-03' AND d < DATE '2024-01-05' AND id > 7")[0]
        #expect(route.textRows.contains(["epochs", "t: 2 of 10 epochs, 1400 rows"]), "\(route.textRows)")
        #expect(try value(ana, "SELECT string_agg(name, ',' ORDER BY name) FROM leibrix.users") == "ana,bo")
        #expect(try value(ana, "SELECT count(*) FROM leibrix.queries WHERE tenant <> 'acme'") == "0")
        #expect(try value(ana, "SELECT count(*) FROM leibrix.sessions WHERE tenant <> 'acme'") == "0")
        #expect(try value(stage.admin, "SELECT count(DISTINCT tenant) FROM leibrix.datasets") == "2")
        // Tables of one name are two tables, each with its own rows, sequences and point plans.
        for (connection, first) in [(stage.admin, 1), (ana, 2)] {
            _ = try connection.query("CREATE TABLE own (id int PRIMARY KEY, n serial, word text); INSERT INTO own (id, word) VALUES (\(first), 'of \(first)')")
            #expect(try value(connection, "SELECT word FROM own WHERE id = \(first)") == "of \(first)")
            #expect(try value(connection, "SELECT count(*) FROM own WHERE id = \(3 - first)") == "0")
            #expect(try value(connection, "SELECT n FROM own") == "1")
        }
        #expect(state(try stage.connect("bo", "b"), "SELECT word FROM own") == "42501")
        #expect(try value(ana, "SELECT count(*) FROM leibrix.tables") == "1")
        // A restart finds both again.
        #expect(stage.server.stop() == 0)
        try stage.server.start()
        #expect(try value(try stage.connect("ana", "a"), "SELECT count(*) FROM t") == "7000")
        #expect(try value(try stage.server.connect(), "SELECT count(*) FROM t") == "5000")
        #expect(try value(try stage.connect("ana", "a"), "SELECT word FROM own WHERE id = 2") == "of 2")
        #expect(try value(try stage.server.connect(), "SELECT word FROM own WHERE id = 1") == "of 1")
        #expect(stage.server.stop() == 0)
    }

    @Test func boundsBind() throws {
        let stage = try Stage()
        let ana = try stage.connect("ana", "a")
        try stage.fill(ana)
        func settings(_ connection: PostgresConnection) throws -> String? {
            try value(connection, "SELECT string_agg(value, ',' ORDER BY name) FROM duckdb_settings() WHERE name IN ('memory_limit', 'threads')")
        }
        #expect(try settings(ana) == "2.0 GiB,1")
        let own = try settings(stage.admin)
        _ = try stage.admin.query("ALTER TENANT acme SET (memory = '64MB', cpu = 2, max_scan_rows = 6000, max_datasets = 1, max_epochs = 11)")
        #expect(try settings(ana) == "64.0 MiB,2")
        #expect(try settings(stage.admin) == own)
        // 7,000 rows in 10 epochs of 700: the whole is too much, a day is not, and other tenants are not bounded.
        #expect(state(ana, "SELECT sum(id) FROM t") == "54000")
        #expect(state(ana, "SELECT sum(a.id) FROM t a JOIN t b USING (id)") == "54000")
        #expect(try value(ana, "SELECT count(id) FROM t WHERE d < '2024-01-03' AND id >= 0") == "1400")
        #expect(try value(stage.admin, "SELECT sum(id) FROM t") == "12497500")
        #expect(state(ana, "CREATE DATASET more FROM lake.t") == "54000")
        _ = try stage.admin.query("ALTER TENANT acme SET (max_datasets = 2)")
        _ = try ana.query("CREATE DATASET more FROM lake.t WITH (time_column = 'd', granularity = 'day', fallback = false)")
        try Datasets.wait(ana) { epochs in epochs.contains { $0.dataset == "more" && $0.state == "FAILED" } }
        #expect(try value(ana, "SELECT any_value(reason) FROM leibrix.epochs WHERE dataset = 'more'")?.contains("max_epochs") == true)
        #expect(state(stage.admin, "ALTER TENANT default SET (memory = '1GB')") == "0A000")
        _ = try stage.admin.query("ALTER TENANT acme SET (max_scan_rows = NULL)")
        #expect(try value(ana, "SELECT count(id) FROM t WHERE id >= 0") == "7000")
        // What it has must go before it does.
        #expect(state(stage.admin, "DROP TENANT acme") != nil)
        _ = try ana.query("CREATE TABLE own (id int PRIMARY KEY); INSERT INTO own SELECT range FROM range(5000)")
        _ = try stage.admin.query("ALTER TENANT acme SET (max_scan_rows = 4000)")
        #expect(state(ana, "SELECT sum(id) FROM own") == "54000")
        #expect(try value(ana, "SELECT id FROM own WHERE id = 4711") == "4711")
        _ = try stage.admin.query("ALTER TENANT acme SET (max_scan_rows = NULL)")
        _ = try ana.query("DROP DATASET more; DROP DATASET t; DROP CATALOG lake")
        #expect(state(stage.admin, "DROP TENANT acme") == "55006")
        _ = try ana.query("DROP TABLE own")
        _ = try stage.admin.query("DROP USER ana; DROP USER bo; DROP TENANT acme")
        #expect(try value(stage.admin, "SELECT count(*) FROM t") == "5000")
        #expect(stage.server.stop() == 0)
    }
}
