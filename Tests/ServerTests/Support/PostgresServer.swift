import Foundation
import PostgresClient

/// A real PostgreSQL 15 of its own on a free loopback port, ended with the object: the oracle for tables.
final class PostgresServer {
    static let binaries = "/usr/lib/postgresql/15/bin"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: binaries + "/initdb") }

    let port: Int
    private let folder: String
    private let server = Process()

    init() throws {
        folder = "/tmp/leibrix-postgres-\(UInt64.random(in: 0 ... .max))"
        port = Int.random(in: 20_000...59_000)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let prefix = getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        if getuid() == 0 { _ = try CommandResult.run("/bin/chown", ["postgres", folder]) }
        let make = prefix + [Self.binaries + "/initdb", "-D", folder + "/data", "-A", "trust", "-U", "admin", "--no-sync", "-E", "UTF8", "--locale=C"]
        let made = try CommandResult.run(make[0], Array(make.dropFirst()))
        guard made.status == 0 else { throw HarnessError("initdb failed: \(made.output)") }
        let command =
            prefix + [Self.binaries + "/postgres", "-D", folder + "/data", "-p", "\(port)", "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"]
        server.executableURL = URL(filePath: command[0])
        server.arguments = Array(command.dropFirst())
        server.standardError = FileHandle.nullDevice
        server.standardOutput = FileHandle.nullDevice
        try server.run()
        for _ in 0..<6_000 where server.isRunning {
            if let connection = try? PostgresConnection(host: "127.0.0.1", port: port, user: "admin", database: "postgres") {
                _ = try connection.query("CREATE DATABASE leibrix")
                return
            }
            usleep(50_000)
        }
        throw HarnessError("PostgreSQL does not start")
    }

    deinit {
        server.interrupt()
        server.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func connect() throws -> PostgresConnection {
        try PostgresConnection(host: "127.0.0.1", port: port, user: "admin", database: "leibrix")
    }
}
