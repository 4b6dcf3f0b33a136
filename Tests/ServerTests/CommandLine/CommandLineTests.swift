// The executable as its users meet it: exit codes, help, refusals, start and stop.
import Foundation
import FoundationNetworking
import Testing

@Suite struct CommandLineTests {
    private func run(_ arguments: String...) throws -> CommandResult { try CommandResult.run(BuiltExecutable.leibrix, arguments, seconds: 600) }

    @Test(arguments: ["serve", "demo", "sql", "status", "bench", "check-config", "backup", "verify", "restore", "version"])
    func everyCommandHelps(name: String) throws {
        let result = try run(name, "--help")
        #expect(result.status == 0)
        #expect(result.output.contains("Usage: leibrix \(name)"))
        #expect(try run("--help").output.contains("  \(name) "))
    }

    @Test(arguments: [
        (["serv"], "Did you mean \"serve\"?"), (["serve"], "needs a data directory"), (["serve", "--data"], "needs a value"),
        (["serve", "--dta", "x"], "Did you mean \"--data\"?"), (["check-config", "--mysql", "127.0.0.1:1"], "not supported yet"),
        (["worker"], "not supported yet"), (["backup"], "the backup's directory is missing"), (["restore", "x"], "--data is missing"), (["check-config", "--threads", "0"], "1 to 1024"),
        (["check-config", "extra"], "what is 'extra'?"), (["sql", "--format", "xml"], "Choose table, csv or json."), ([], "Usage:"),
    ])
    func mistakesEndWithTwo(arguments: [String], text: String) throws {
        let result = try CommandResult.run(BuiltExecutable.leibrix, arguments, seconds: 600)
        #expect(result.status == 2)
        #expect(result.output.contains(text), "\(result.output)")
    }

    @Test func checkConfigShowsOrigins() throws {
        let result = try CommandResult.run(
            BuiltExecutable.leibrix, ["check-config", "--threads=7", "--pg", "127.0.0.1:0"], environment: ["LEIBRIX_MEMORY": "2GB"], seconds: 600)
        #expect(result.status == 0)
        #expect(result.output.contains("7  (--threads)") && result.output.contains("2GB  (LEIBRIX_MEMORY)") && result.output.contains("(default)"))
    }

    @Test func aServerStartsAnswersAndDrains() throws {
        let folder = TemporaryFolder("server")
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let uri = "postgresql://admin@127.0.0.1:\(server.pgPort)/leibrix"
        let answer = try run("sql", uri, "--format", "csv", "-c", "SELECT 1 AS one; SELECT 'a' AS b")
        #expect(answer.status == 0)
        #expect(answer.output == "one\n1\nb\na\n")
        let refused = try run("sql", uri, "-c", "SELECT nothing")
        #expect(refused.status == 1 && refused.output.contains("^") && refused.output.contains("42703"))
        #expect(try run("status", uri).output.contains("resident_bytes"))
        let second = try run("serve", "--data", folder.path + "/data", "--pg", "127.0.0.1:0", "--http", "127.0.0.1:0")
        #expect(second.status == 1 && second.output.contains("LBX-6002"))
        #expect(server.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: server.dataDirectory + ".ready"))
    }

    @Test func everyMetricIsDocumented() throws {
        let folder = TemporaryFolder("metrics")
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let text = try String(contentsOf: try #require(URL(string: "http://127.0.0.1:\(server.httpPort)/metrics")), encoding: .utf8)
        let page = try String(contentsOfFile: BuiltExecutable.root + "/docs/operating/metrics.md", encoding: .utf8)
        let names = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ") }
        #expect(names.count > 10)
        for name in names { #expect(page.contains("| `\(name[2])` | \(name[3]) |"), "\(name[2]) has no row") }
        #expect(try String(contentsOf: try #require(URL(string: "http://127.0.0.1:\(server.httpPort)/ready")), encoding: .utf8) == "ready\n")
    }

    @Test func passwordsAreProvedByTheShell() throws {
        let folder = TemporaryFolder("password")
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let address = "127.0.0.1:\(server.pgPort)/leibrix"
        #expect(try run("sql", "postgresql://admin@\(address)", "-c", "CREATE USER ana PASSWORD 'open sesame'").status == 0)
        #expect(try run("sql", "postgresql://ana:open%20sesame@\(address)", "--format", "csv", "-c", "SELECT current_user AS u").output == "u\nana\n")
        let wrong = try run("sql", "postgresql://ana:open@\(address)", "-c", "SELECT 1")
        #expect(wrong.status == 1 && wrong.output.contains("28P01"))
    }

    @Test func aBackupOfARunningServerHasUsersAndTables() throws {
        let folder = TemporaryFolder("backup")
        let (data, full, more, restored) = (folder.path + "/data", folder.path + "/full", folder.path + "/more", folder.path + "/restored")
        let server = try ServerProcess(dataDirectory: data)
        let uri = "postgresql://admin@127.0.0.1:\(server.pgPort)/leibrix"
        #expect(try run("sql", uri, "-c", "CREATE TABLE t (id INTEGER PRIMARY KEY, s VARCHAR); INSERT INTO t VALUES (1, 'one'), (2, 'two')").status == 0)
        #expect(try run("sql", uri, "-c", "CREATE USER ana PASSWORD 'open sesame'").status == 0)
        let made = try run("backup", full, "--data", data)
        #expect(made.status == 0 && made.output.contains("default tenant"), "\(made.output)")
        #expect(try run("sql", uri, "-c", "INSERT INTO t VALUES (3, 'three')").status == 0)
        #expect(try run("backup", more, "--data", data, "--incremental", full).status == 0)
        #expect(try run("backup", more, "--data", data).output.contains("LBX-1006"))
        #expect(try run("verify", full).status == 0)
        #expect(server.stop() == 0)
        #expect(try run("restore", more, "--data", restored).status == 0)
        let nobody = try run("restore", more, "--data", folder.path + "/other", "--tenant", "nobody")
        #expect(nobody.status != 0 && nobody.output.contains("no tables of tenant nobody"), "\(nobody.output)")
        #expect(try run("restore", more, "--data", folder.path + "/default", "--tenant", "default").status == 0)
        let again = try ServerProcess(dataDirectory: restored)
        let address = "127.0.0.1:\(again.pgPort)/leibrix"
        #expect(try run("sql", "postgresql://admin@\(address)", "--format", "csv", "-c", "SELECT count(*) AS n, max(s) AS s FROM t").output == "n,s\n3,two\n")
        #expect(try run("sql", "postgresql://ana:open%20sesame@\(address)", "--format", "csv", "-c", "SELECT current_user AS u").output == "u\nana\n")
        #expect(again.stop() == 0)
        try FileManager.default.removeItem(atPath: full + "/CONTENTS")
        #expect(try run("verify", full).status == 1)
    }

    @Test func aListenerForStrangersIsRefused() throws {
        let folder = TemporaryFolder("open")
        let result = try run("serve", "--data", folder.path + "/data", "--pg", "0.0.0.0:0", "--http", "127.0.0.1:0")
        #expect(result.status == 2 && result.output.contains("has no password"))
    }
}
