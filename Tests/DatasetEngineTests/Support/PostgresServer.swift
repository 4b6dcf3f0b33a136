import Base
import Foundation
import Platform

/// A PostgreSQL of its own on a free loopback port, ended with the object.
final class PostgresServer {
    static let binaries = "/usr/lib/postgresql/15/bin"
    static var isInstalled: Bool { Files.exists(binaries + "/initdb") }

    let port: Int
    private let folder: String
    private let server: Process

    init() throws {
        folder = "/tmp/leibrix-postgres-\(Random.integer(UInt64.self))"
        port = Int.random(in: 20_000...59_000)
        try Files.createDirectory(folder)
        try Self.run("/bin/chown", ["postgres", folder])
        try Self.asPostgres([Self.binaries + "/initdb", "-D", folder + "/data", "-A", "trust", "-U", "admin", "--no-sync"])
        server = Process()
        server.executableURL = URL(filePath: "/usr/bin/setpriv")
        server.arguments =
            ["--reuid=postgres", "--regid=postgres", "--clear-groups", Self.binaries + "/postgres", "-D", folder + "/data", "-p", "\(port)"]
            + ["-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"]
        server.standardError = FileHandle.nullDevice
        server.standardOutput = FileHandle.nullDevice
        try server.run()
        for attempt in 0..<6_000 {
            if (try? psql("SELECT 1")) != nil { return }
            guard attempt < 5_999, server.isRunning else { throw LeibrixError(.internal, "PostgreSQL does not start") }
            usleep(50_000)
        }
    }

    deinit {
        server.interrupt()
        server.waitUntilExit()
        try? Files.removeTree(folder)
    }

    func psql(_ sql: String) throws {
        try Self.run(
            Self.binaries + "/psql", ["-h", "127.0.0.1", "-p", "\(port)", "-U", "admin", "-v", "ON_ERROR_STOP=1", "-q", "-c", sql, "postgres"])
    }

    private static func asPostgres(_ arguments: [String]) throws {
        try run("/usr/bin/setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups"] + arguments)
    }

    private static func run(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw LeibrixError(.internal, "\(path) failed") }
    }
}
