// Rows in a table, the server killed, and the server started again: from exec to the first right answer beside the time of the load.
internal import Base
internal import Foundation
internal import PostgresClient

enum TableRestartBench {
    static func run(_ context: BenchContext) throws -> BenchReport {
        let rows = max(10_000, Int(10_000_000 * context.scale))
        let part = min(rows, 250_000)
        var report = BenchReport(name: "tables", settings: context.settings + [("rows", "\(rows)"), ("rows a statement", "\(part)")])
        let folder = try context.temporaryFolder("tables")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try BenchServer(context, folder: folder, arguments: ["--extensions", context.extensions])
        defer { server.stop() }
        let connection = try server.connect()
        _ = try connection.query("CREATE TABLE t (id BIGINT PRIMARY KEY, n INTEGER NOT NULL, s VARCHAR)")
        let load = try Timing.seconds {
            for first in stride(from: 0, to: rows, by: part) {
                _ = try connection.query(
                    "INSERT INTO t SELECT i, (i * 7919) % 100000, 'value ' || (i % 5000) FROM range(\(first), \(min(rows, first + part))) r(i)")
            }
        }.seconds
        let answer = "SELECT count(*), sum(n), max(s) FROM t"
        let point = "SELECT n FROM t WHERE id = \(rows - 1)"
        let expected = try [answer, point].map { try connection.query($0)[0].textRows }
        let resident = server.child.residentBytes
        connection.close()
        var runs: [Double] = []
        for signal in [SIGKILL, SIGTERM, SIGKILL] {
            server.child.stop(signal: signal)
            runs.append(try Timing.seconds {
                try server.relaunch()
                let got = try server.connect().query(point)[0].textRows
                guard got == expected[1] else { throw LeibrixError(.internal, "a wrong row after the restart: \(got)") }
            }.seconds)
            let again = try server.connect()
            let got = try again.query(answer)[0].textRows
            again.close()
            guard got == expected[0] else { throw LeibrixError(.internal, "a wrong answer after the restart: \(got) for \(expected[0])") }
        }
        report.figures.append(BenchFigure("load", unit: "rows/s", ours: Double(rows) / load))
        report.figures.append(BenchFigure("restart after kill -9 behind the load", unit: "s", ours: runs[0], peer: load, peerName: "the load", atMost: 0.1))
        report.figures.append(BenchFigure("restart after a stop", unit: "s", ours: runs[1], peer: load, peerName: "the load", atMost: 0.1))
        report.figures.append(BenchFigure("restart after kill -9 of a server that wrote nothing", unit: "s", ours: runs[2], peer: load, peerName: "the load", atMost: 0.1))
        report.figures.append(BenchFigure("resident after the load", unit: "MiB", ours: Double(resident) / 1_048_576))
        report.figures.append(BenchFigure("resident after the restart", unit: "MiB", ours: Double(server.child.residentBytes) / 1_048_576))
        return report
    }
}
