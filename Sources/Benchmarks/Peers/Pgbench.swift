// pgbench, PostgreSQL's own driver, against either server: both are asked by the same client with the same script.
internal import Base
internal import Foundation
internal import PostgresClient

struct Pgbench {
    static var path: String { "\(LocalPostgres.binaries)/pgbench" }

    let port: Int
    let database: String
    let folder: String

    /// Transactions a second of one run.
    func rate(_ arguments: [String], clients: Int, seconds: Int) throws -> Double {
        let output = try run(["-n", "-c", "\(clients)", "-j", "\(min(clients, 2))", "-T", "\(seconds)"] + arguments)
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }), let rate = Double(line.split(separator: " ")[2]) else {
            throw LeibrixError(.internal, "pgbench did not say its rate", detail: String(output.suffix(400)))
        }
        return rate
    }

    /// Through env: pgbench's clock is SIGALRM, which threads of ours may have blocked.
    func run(_ arguments: [String]) throws -> String {
        try ChildProcess.output(
            "/usr/bin/env", ["--default-signal=ALRM", Self.path, "-h", "127.0.0.1", "-p", "\(port)", "-U", "admin"] + arguments + [database],
            folder: folder)
    }

    static func requireInstalled() throws {
        guard LocalPostgres.isInstalled, FileManager.default.isExecutableFile(atPath: path) else {
            throw LeibrixError(.configuration, "pgbench and PostgreSQL 15 are not installed", hint: "scripts/setup --tests installs them.")
        }
    }
}

/// Both servers, with a driver each.
final class ServerPair {
    let ours: Pgbench
    let theirs: Pgbench
    let folder: String
    private let server: BenchServer
    private let postgres: LocalPostgres

    init(_ context: BenchContext, _ label: String) throws {
        try Pgbench.requireInstalled()
        folder = try context.temporaryFolder(label)
        server = try BenchServer(context, folder: folder, arguments: ["--extensions", context.extensions])
        postgres = try LocalPostgres(context, isDurable: true)
        ours = Pgbench(port: server.port, database: "leibrix", folder: folder)
        theirs = Pgbench(port: postgres.port, database: "postgres", folder: folder)
    }

    var both: [Pgbench] { [ours, theirs] }

    /// A statement on both.
    func execute(_ sql: String) throws {
        _ = try server.connect().query(sql)
        _ = try postgres.connect().query(sql)
    }

    func script(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name).sql"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// The best of `rounds` runs of each, one after the other.
    func figure(_ name: String, _ arguments: [String], clients: Int, seconds: Int, rounds: Int, atLeast: Double) throws -> BenchFigure {
        var (mine, peer) = (0.0, 0.0)
        for _ in 0..<max(rounds, 1) {
            mine = max(mine, try ours.rate(arguments, clients: clients, seconds: seconds))
            peer = max(peer, try theirs.rate(arguments, clients: clients, seconds: seconds))
        }
        return BenchFigure(name, unit: "tps", ours: mine, peer: peer, peerName: "PostgreSQL 15", atLeast: atLeast)
    }

    func stop() {
        server.stop()
        postgres.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
