// Datasets that cannot be loaded (the memory budget is too small) while their sources can be read: fallback = true answers,
// everything else names the state.
import DuckDBKit
import Foundation
import PostgresClient
import Testing

@Suite(.serialized) struct FallbackTests {
    /// Kept for all tests of the suite.
    struct Shared: Sendable {
        let folder = TemporaryFolder("fallback")
        let server: ServerProcess

        /// Datasets: big (fallback) and plain (none), both over the budget; small, which is READY.
        init() throws {
            try FileManager.default.createDirectory(atPath: folder.path + "/lake", withIntermediateDirectories: true)
            try Self.write(folder.path + "/lake", days: 40)
            server = try ServerProcess(dataDirectory: folder.path + "/data", arguments: ["--dataset-memory", "1MB"])
            let connection = try server.connect()
            try Datasets.createCatalog(connection, name: "lake", folder: folder.path + "/lake", type: "parquet")
            _ = try connection.query(
                """
                CREATE DATASET big FROM lake.big WITH (fallback = true, time_column = 'd', granularity = 'day', retain = '20 days');
                CREATE DATASET plain FROM lake.big WITH (fallback = false); CREATE DATASET small FROM lake.small WITH (fallback = true)
                """)
            try Datasets.wait(seconds: 600, connection) { epochs in
                ["big", "plain"].allSatisfy { name in epochs.contains { $0.dataset == name && $0.state == "FAILED" } }
                    && epochs.contains { $0.dataset == "small" && $0.state == "READY" }
            }
        }

        static func write(_ lake: String, days: Int) throws {
            try Database(DatabaseConfiguration(threads: 2)).connect().execute(
                """
                COPY (SELECT i AS id, 'row ' || hash(i) AS note, DATE '2024-01-01' + (i % \(days))::INTEGER AS d FROM range(200000) t(i)) TO '\(lake)/big.parquet';
                COPY (SELECT 1 AS id) TO '\(lake)/small.parquet'
                """)
        }

    }

    private static let shared = Result { try Shared() }

    struct Stage {
        let connection: PostgresConnection

        init() throws { connection = try FallbackTests.shared.get().server.connect() }

        func row(_ sql: String) throws -> [String?] { try connection.query(sql).last?.textRows.first ?? [] }

        func failure(_ sql: String) -> ServerError? {
            do throws(ClientError) {
                _ = try connection.query(sql)
                return nil
            } catch { return error.server }
        }
    }

    @Test func theSourceAnswersWhatTheDatasetWould() throws {
        let stage = try Stage()
        // 20 of 40 days are inside the window.
        let wanted: [String?] = ["100000", "2024-01-21", "2024-02-09"]
        #expect(try stage.row("SELECT count(*), min(d), max(d) FROM big") == wanted)
        #expect(try stage.row("SELECT count(*), min(b.d), max(b.d) FROM public.big AS b") == wanted)
        #expect(try stage.row("WITH c AS (SELECT * FROM big) SELECT count(*), min(d), max(d) FROM c") == wanted)
        #expect(try stage.row("SELECT (SELECT count(*) FROM small), count(*) FROM main.big JOIN range(1) r(i) ON true") == ["1", "100000"])
        #expect(try stage.connection.query("SELECT id FROM big ORDER BY id")[0].rows.count == 100_000)
        let prepared = try stage.connection.extended("SELECT count(*) FROM big WHERE id < $1", ["40"])
        #expect(prepared.textRows == [["20"]])
        #expect(try stage.row("BEGIN; DECLARE c CURSOR FOR SELECT id FROM big ORDER BY id; FETCH 1 FROM c; FETCH 2 FROM c") == ["21"])
        _ = try stage.connection.query("ROLLBACK")
        // The engine and the other datasets are untouched by it.
        #expect(try stage.row("SELECT count(*) FROM small") == ["1"])
    }

    @Test func theRouteIsTold() throws {
        let stage = try Stage()
        #expect(try stage.row("EXPLAIN ROUTE SELECT count(*) FROM big") == ["route", "source"])
        #expect(try stage.row("EXPLAIN ROUTE SELECT count(*) + 7 FROM small") == ["route", "local"])
        _ = try stage.row("SELECT count(*), 'told' FROM big")
        #expect(try stage.row("SELECT route, state FROM leibrix.queries WHERE query LIKE '%''told''%' AND query NOT LIKE '%leibrix%' ORDER BY query_id DESC LIMIT 1") == ["source", "finished"])
    }

    @Test(arguments: [
        ("SELECT count(*) FROM plain", "plain"), ("SELECT count(*) FROM big, plain", "plain"),
        ("SELECT count(*) FROM big, leibrix.datasets", "datasets"), ("SELECT count(*) FROM big, pg_class", "pg_class"),
        ("SELECT * FROM big, read_text('/etc/passwd')", "read_text"), ("SELECT * FROM big, '/etc/passwd'", "/etc/passwd"),
        ("SELECT * FROM big WHERE id IN (SELECT 1 FROM glob('/etc/*'))", "glob"),
        ("SELECT (WITH \"/etc/hosts.csv\" AS (SELECT 1) SELECT count(*) FROM big) FROM \"/etc/hosts.csv\"", "hosts"),
        ("SELECT * FROM big, duckdb_secrets()", "duckdb_secrets"), ("SELECT * FROM big, query('SELECT 1')", "query"),
        ("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM big", "transaction"),
    ])
    func whatMixesIsRefused(_ sql: String, _ word: String) throws {
        let stage = try Stage()
        let failure = try #require(stage.failure(sql))
        _ = try? stage.connection.query("ROLLBACK")
        // Some are refused by the engine, before the dataset's state is found.
        if ["42501", "42P01"].contains(failure.sqlState) { return }
        let text = "\(failure.message) \(failure.hint ?? "")"
        #expect(failure.sqlState == "55000" && text.contains(word), "\(failure.sqlState) \(text)")
    }
}
