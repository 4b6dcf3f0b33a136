// A server stopped and started again on the same data directory: from exec to the first right answer of a client that keeps trying.
internal import Base
internal import Foundation
internal import PostgresClient

enum RestartBench {
    private static let sql = "SELECT count(*), sum(l_extendedprice) FROM lineitem WHERE l_shipdate >= DATE '1998-01-01'"

    static func run(_ context: BenchContext) throws -> BenchReport {
        let data = try TPCHData(context)
        var report = BenchReport(name: "restart", settings: context.settings + [("query", sql)])
        let folder = try context.temporaryFolder("restart")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try BenchServer(context, folder: folder)
        defer { server.stop() }
        let connection = try server.connect()
        _ = try server.load(folder: data.folder, tables: TPCHData.tables, connection)
        let expected = try connection.query(sql)[0].textRows
        connection.close()
        var runs: [Double] = []
        for signal in [SIGTERM, SIGKILL, SIGTERM] {
            server.child.stop(signal: signal)
            runs.append(try Timing.seconds {
                try server.relaunch()
                let got = try server.connect().query(sql)[0].textRows
                guard got == expected else { throw LeibrixError(.internal, "a wrong answer after the restart: \(got) for \(expected)") }
            }.seconds * 1000)
        }
        report.figures.append(BenchFigure("exec to first right answer", unit: "ms", ours: Timing.quantile(runs, 0.5), atMost: 300))
        report.figures.append(BenchFigure("the slowest of three (one after kill -9)", unit: "ms", ours: runs.max() ?? 0))
        return report
    }
}
