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

    @Test func rest() throws {
        let server = try SharedServer.get().server
        try expectAll(BuiltExecutable.python("venv-clients"), ["\(Self.folder)/rest_client.py", "\(server.httpPort)"])
    }

    @Test func psql() throws { try expectAll("/bin/bash", ["\(Self.folder)/psql_meta.sh", try port()]) }

    @Test func jdbc() throws {
        try expectAll("/usr/bin/java", ["-cp", "/usr/share/java/postgresql.jar", "\(Self.folder)/JdbcClient.java", try port()])
    }

    /// The shell's own client, by every sslmode.
    private func expectShell(_ server: ServerProcess, _ roots: String) throws {
        func shell(_ host: String, _ options: String) throws -> CommandResult {
            try CommandResult.run(
                BuiltExecutable.leibrix, ["sql", "postgresql://admin@\(host):\(server.pgPort)/leibrix?\(options)", "-c", "SELECT 'in' || 'side'"])
        }
        for (host, options) in [
            ("127.0.0.1", "sslmode=disable"), ("127.0.0.1", "sslmode=prefer"), ("127.0.0.1", "sslmode=require"),
            ("localhost", "sslmode=verify-full&sslrootcert=\(roots)"), ("127.0.0.1", "sslmode=verify-full&sslrootcert=\(roots)"),
        ] {
            let result = try shell(host, options)
            #expect(result.status == 0 && result.output.contains("inside"), "\(options): \(result.output)")
        }
        // Nobody known has signed it.
        #expect(try shell("localhost", "sslmode=verify-full").status != 0)
        #expect(try shell("localhost", "sslmode=perhaps").status != 0)
    }

    /// A server of its own: users and passwords would disturb the others.
    @Test func security() throws {
        let folder = TemporaryFolder("security")
        let made = try CommandResult.run("/usr/bin/openssl", [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "\(folder.path)/key.pem", "-out", "\(folder.path)/cert.pem",
        ])
        try #require(made.status == 0, "\(made.output)")
        let server = try ServerProcess(
            dataDirectory: folder.path + "/data", arguments: ["--tls-cert", "\(folder.path)/cert.pem", "--tls-key", "\(folder.path)/key.pem"])
        try expectShell(server, folder.path + "/cert.pem")
        try expectAll(BuiltExecutable.python("venv-clients"), ["\(Self.folder)/security_client.py", "\(server.pgPort)", "plaintext"])
        #expect(server.stop() == 0)
    }
}
