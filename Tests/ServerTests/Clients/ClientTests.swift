// Real drivers against the shared server: each script runs its named checks, prints them, and exits 0 when all held.
import Foundation
import Testing

@Suite struct ClientTests {
    static let folder = BuiltExecutable.root + "/Tests/clients"

    private func expectAll(_ executable: String, _ arguments: [String], seconds: Double = 240) throws {
        try #require(FileManager.default.isExecutableFile(atPath: executable), "\(executable) is missing: run scripts/setup --tests")
        let result = try CommandResult.run(executable, arguments, environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: seconds)
        let failed = result.output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
        #expect(result.status == 0, "\(arguments.first ?? executable) ended with \(result.status):\n\(failed)")
        #expect(result.output.contains(" passed, 0 failed"), "\(failed)")
    }

    private func port() throws -> String { String(try SharedServer.get().server.pgPort) }

    @Test(arguments: [
        ("venv-clients", "psycopg3_client.py"), ("venv-clients", "asyncpg_client.py"), ("venv-clients", "pg8000_client.py"),
        ("venv-clients", "sqlalchemy_client.py"), ("venv-sa14", "sqlalchemy_client.py"), ("venv-clients", "adbc_client.py"),
    ])
    func python(environment: String, script: String) throws {
        try expectAll(BuiltExecutable.python(environment), ["\(Self.folder)/\(script)", try port()])
    }

    @Test func psql() throws { try expectAll("/bin/bash", ["\(Self.folder)/psql_meta.sh", try port()]) }

    @Test func jdbc() throws {
        try expectAll("/usr/bin/java", ["-cp", "/usr/share/java/postgresql.jar", "\(Self.folder)/JdbcClient.java", try port()])
    }
}
