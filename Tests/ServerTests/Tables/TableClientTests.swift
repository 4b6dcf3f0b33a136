// Real drivers that write: each script against a server of its own, and pgbench with the sums of TPC-B checked.
import Foundation
import PostgresClient
import Testing

@Suite struct TableClientTests {
    private func serve() throws -> (server: ServerProcess, folder: TemporaryFolder) {
        let folder = TemporaryFolder("writers")
        return (try ServerProcess(dataDirectory: folder.path + "/data"), folder)
    }

    @Test(arguments: [
        ("venv-clients", "tables_psycopg3.py"), ("venv-clients", "tables_asyncpg.py"), ("venv-clients", "tables_pg8000.py"),
        ("venv-clients", "tables_sqlalchemy.py"), ("venv-sa14", "tables_sqlalchemy.py"),
    ])
    func python(environment: String, script: String) throws {
        let (server, folder) = try serve()
        defer { withExtendedLifetime(folder) {} }
        let result = try CommandResult.run(
            BuiltExecutable.python(environment), ["\(ClientTests.folder)/\(script)", "\(server.pgPort)"], environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 240)
        let failed = result.output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
        #expect(result.status == 0 && result.output.contains(" passed, 0 failed"), "\(script) ended with \(result.status):\n\(failed)")
        #expect(server.stop() == 0)
    }

    @Test func jdbc() throws {
        let (server, folder) = try serve()
        defer { withExtendedLifetime(folder) {} }
        let result = try CommandResult.run(
            "/usr/bin/java", ["-cp", "/usr/share/java/postgresql.jar", "\(ClientTests.folder)/TablesJdbc.java", "\(server.pgPort)"], seconds: 240)
        #expect(result.status == 0 && result.output.contains(" passed, 0 failed"), "\(result.output)")
    }

    private func pgbench(_ server: ServerProcess, _ arguments: [String]) throws -> String {
        let result = try CommandResult.run(
            "/usr/bin/pgbench", ["-h", "127.0.0.1", "-p", "\(server.pgPort)", "-U", "admin"] + arguments + ["leibrix"], seconds: 300)
        #expect(result.status == 0, "pgbench \(arguments.joined(separator: " ")):\n\(result.output)")
        return result.output
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/pgbench"), "pgbench is not installed")) func pgbenchRunsUnchanged() throws {
        let (server, folder) = try serve()
        defer { withExtendedLifetime(folder) {} }
        _ = try pgbench(server, ["-i", "-s", "1", "-q", "--foreign-keys"])
        var transactions = 0
        for mode in ["simple", "extended", "prepared"] {
            for script in ["tpcb-like", "simple-update", "select-only"] {
                let output = try pgbench(server, ["-n", "-c", "4", "-j", "2", "-t", "25", "-M", mode, "-b", script])
                #expect(output.contains("number of transactions actually processed: 100/100"), "\(mode) \(script):\n\(output)")
                #expect(output.contains("number of failed transactions: 0 (0.000%)"), "\(mode) \(script):\n\(output)")
                if script != "select-only" { transactions += 100 }
            }
        }
        let connection = try server.connect()
        let sums = try connection.query(
            """
            SELECT (SELECT sum(abalance) FROM pgbench_accounts)::bigint, (SELECT sum(delta) FROM pgbench_history)::bigint, (SELECT count(*) FROM pgbench_history), \
            (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(bbalance) FROM pgbench_branches)
            """)[0].textRows[0]
        #expect(sums[0] == sums[1] && sums[2] == "\(transactions)" && sums[3] == "t", "\(sums)")
    }
}
