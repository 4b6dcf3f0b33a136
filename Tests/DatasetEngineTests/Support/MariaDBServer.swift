import Base
import Foundation
import Platform

/// A MariaDB of its own on a free loopback port, ended with the object.
final class MariaDBServer {
    private static let server = "/usr/sbin/mariadbd"
    static var isInstalled: Bool { Files.exists(server) }

    let port: Int
    private let folder: String
    private let process: Process

    init() throws {
        folder = "/tmp/leibrix-mariadb-\(Random.integer(UInt64.self))"
        port = Int.random(in: 20_000...59_000)
        try Files.createDirectory(folder)
        try Self.run(
            "/usr/bin/mariadb-install-db",
            ["--no-defaults", "--datadir=\(folder)/data", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=\(NSUserName())"])
        process = Process()
        process.executableURL = URL(filePath: Self.server)
        process.arguments = [
            "--no-defaults", "--user=\(NSUserName())", "--datadir=\(folder)/data", "--port=\(port)", "--bind-address=127.0.0.1",
            "--socket=\(folder)/socket", "--pid-file=\(folder)/pid", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        for attempt in 0..<6_000 {
            if (try? run("SELECT 1", database: "mysql")) != nil { break }
            guard attempt < 5_999, process.isRunning else { throw LeibrixError(.internal, "MariaDB does not start") }
            usleep(50_000)
        }
        try run("CREATE DATABASE shop", database: "mysql")
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        try? Files.removeTree(folder)
    }

    func run(_ sql: String, database: String = "shop") throws {
        try Self.run("/usr/bin/mariadb", ["--no-defaults", "-h", "127.0.0.1", "-P", "\(port)", "-u", "root", database, "-e", sql])
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
