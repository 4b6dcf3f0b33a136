// PostgreSQL 15 beside it: a cluster in a temporary folder, loopback only, trust, enough shared buffers to hold the data.
internal import Base
internal import Foundation
internal import PostgresClient

final class LocalPostgres {
    static let binaries = "/usr/lib/postgresql/15/bin"
    static let settings = "shared_buffers 1GB, work_mem 64MB, fsync off, max_connections 200, jit default"
    static let durableSettings = "shared_buffers 1GB, work_mem 64MB, fsync on, max_connections 200, jit default"
    private let child: ChildProcess
    let port: Int
    let folder: String

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: "\(binaries)/postgres") }

    /// `isDurable`: with fsync, as PostgreSQL comes.
    init(_ context: BenchContext, isDurable: Bool = false) throws {
        folder = try context.temporaryFolder("postgres")
        port = 20_000 + Int(getpid()) % 20_000
        let asPostgres = getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        if getuid() == 0 { _ = try ChildProcess.output("/bin/chown", ["postgres", folder], folder: NSTemporaryDirectory()) }
        func command(_ words: [String]) -> (String, [String]) {
            let all = asPostgres + words
            return (all[0], Array(all.dropFirst()))
        }
        let make = command(["\(LocalPostgres.binaries)/initdb", "-D", "\(folder)/pg", "-A", "trust", "-U", "admin", "-E", "UTF8", "--locale=C", "--no-sync"])
        _ = try ChildProcess.output(make.0, make.1, folder: NSTemporaryDirectory())
        let serve = command([
            "\(LocalPostgres.binaries)/postgres", "-D", "\(folder)/pg", "-p", "\(port)", "-h", "127.0.0.1", "-k", folder, "-c", "shared_buffers=1GB",
            "-c", "work_mem=64MB", "-c", "fsync=\(isDurable ? "on" : "off")", "-c", "max_connections=200", "-c", "max_wal_size=8GB",
        ])
        child = try ChildProcess(serve.0, serve.1, log: NSTemporaryDirectory() + "leibrix-bench-postgres.log")
        let deadline = Date().addingTimeInterval(30)
        while (try? connect()) == nil {
            guard Date() < deadline, child.process.isRunning else { throw LeibrixError(.sourceUnavailable, "PostgreSQL does not start", detail: folder) }
            usleep(50_000)
        }
    }

    func connect() throws -> PostgresConnection { try PostgresConnection(host: "127.0.0.1", port: port, user: "admin", database: "postgres") }

    func stop() {
        child.stop(signal: SIGINT)
        try? FileManager.default.removeItem(atPath: folder)
    }

    deinit { stop() }
}
