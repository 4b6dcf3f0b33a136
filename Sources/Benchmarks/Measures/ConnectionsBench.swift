// 64 connections at work at once: no error, and shares that are fair. 2,000 that sit idle: what each costs the server.
internal import Base
internal import Foundation
internal import PostgresClient
internal import Synchronization

enum ConnectionsBench {
    static func run(_ context: BenchContext) throws -> BenchReport {
        let isSmall = context.scale < 0.1
        let (busy, idle, seconds) = isSmall ? (16, 100, 0.5) : (64, 2_000, 8.0)
        let small = BenchContext(
            scale: min(context.scale, 0.1), threads: context.threads, rounds: 1, cache: context.cache, executable: context.executable,
            extensions: context.extensions, progress: context.progress)
        let data = try TPCHData(small)
        let folder = try context.temporaryFolder("connections")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try BenchServer(context, folder: folder, arguments: ["--max-connections", "4000"])
        defer { server.stop() }
        let connection = try server.connect()
        _ = try server.load(folder: data.folder, tables: TPCHData.tables, connection)
        var report = BenchReport(name: "connections", settings: context.settings + [("busy", "\(busy) for \(seconds) s"), ("idle", "\(idle)")])
        report.figures += try idleCost(server, idle)
        report.figures += try shares(server, busy, seconds)
        return report
    }

    private static func idleCost(_ server: BenchServer, _ count: Int) throws -> [BenchFigure] {
        var limit = rlimit(rlim_cur: 20_000, rlim_max: 20_000)
        _ = unsafe setrlimit(__rlimit_resource_t(7), &limit)
        for _ in 0..<8 { _ = try server.connect().query("SELECT 1") }
        let before = server.child.residentBytes
        var connections: [PostgresConnection] = []
        for _ in 0..<count {
            let made = try server.connect()
            _ = try made.query("SELECT 1")
            connections.append(made)
        }
        let after = server.child.residentBytes
        for connection in connections { connection.close() }
        return [BenchFigure("idle connection", unit: "KB", ours: Double(max(0, after - before)) / Double(count) / 1024, atMost: 32)]
    }

    private static func shares(_ server: BenchServer, _ count: Int, _ seconds: Double) throws -> [BenchFigure] {
        let done = Mutex<[Int]>([])
        let failures = Mutex<[String]>([])
        let group = DispatchGroup()
        let stop = Date().addingTimeInterval(seconds)
        let port = server.port
        for number in 0..<count {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                var answered = 0
                do {
                    let connection = try PostgresConnection(host: "127.0.0.1", port: port, user: "admin", database: "leibrix")
                    while Date() < stop {
                        _ = try connection.query("SELECT sum(l_extendedprice * l_discount), \(number) + \(answered) FROM lineitem WHERE l_quantity < 24")
                        answered += 1
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
                done.withLock { $0.append(answered) }
            }
        }
        group.wait()
        let counts = done.withLock { $0 }.sorted()
        if let failure = failures.withLock({ $0.first }) { throw LeibrixError(.internal, "a busy connection failed: \(failure)") }
        let mean = Double(counts.reduce(0, +)) / Double(counts.count)
        return [
            BenchFigure("busy connections, errors", unit: "", ours: 0, atMost: 0),
            BenchFigure("statements a second, all together", unit: "/s", ours: Double(counts.reduce(0, +)) / seconds),
            BenchFigure("smallest share, of the mean", unit: "", ours: Double(counts.first ?? 0) / max(mean, 1), atLeast: 0.7),
            BenchFigure("largest share, of the mean", unit: "", ours: Double(counts.last ?? 0) / max(mean, 1), atMost: 1.5),
        ]
    }
}
