// TPC-H's 22 queries over the wire on tables instead of datasets: after their load, with a twentieth of the rows changed, and with a
// writer beside; and reads by key beside the queries. Changes write what is there already, so that the answers stay those of DuckDB.
internal import Base
internal import DuckDBKit
internal import Foundation
internal import PostgresClient
internal import Synchronization

enum TPCHTablesBench {
    private static let keys = [
        ("customer", "c_custkey"), ("nation", "n_nationkey"), ("orders", "o_orderkey"), ("part", "p_partkey"), ("region", "r_regionkey"),
        ("supplier", "s_suppkey"), ("partsupp", "ps_partkey, ps_suppkey"), ("lineitem", "l_orderkey, l_linenumber"),
    ]

    /// Of each table every twentieth row.
    private static let changes = [
        "UPDATE lineitem SET l_comment = l_comment WHERE l_orderkey % 20 = 0", "UPDATE orders SET o_comment = o_comment WHERE o_orderkey % 20 = 0",
        "UPDATE customer SET c_comment = c_comment WHERE c_custkey % 20 = 0", "UPDATE part SET p_comment = p_comment WHERE p_partkey % 20 = 0",
        "UPDATE partsupp SET ps_comment = ps_comment WHERE ps_partkey % 20 = 0",
    ]

    static func run(_ context: BenchContext) throws -> BenchReport {
        let data = try TPCHData(context)
        var report = BenchReport(name: "tpch-tables-\(BenchReport.short(context.scale))", settings: context.settings)
        let folder = try context.temporaryFolder("tpch-tables")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let native = try TPCHData.database(context).connect()
        try data.createTables(native)
        let server = try BenchServer(context, folder: folder, arguments: ["--extensions", context.extensions])
        defer { server.stop() }
        let wire = try server.connect()
        let load = try Timing.seconds { try self.load(data, server, wire) }.seconds
        report.figures.append(BenchFigure("tables from datasets, with their keys", unit: "s", ours: load))
        report.figures += try measure(context, native, wire, "after the load", atMost: 0.9)
        for sql in changes { _ = try wire.query(sql) }
        report.figures += try measure(context, native, wire, "5% of the rows changed", atMost: 1)
        let orders = max(1, Int(try wire.query("SELECT max(o_orderkey) FROM orders")[0].text(0, 0) ?? "") ?? 1)
        let writer = try Companion(server) { connection, number in
            _ = try connection.execute("write", [String((number * 7_919) % orders + 1)])
            usleep(1_000)
        } prepare: { _ = try $0.prepare("write", "UPDATE orders SET o_comment = o_comment WHERE o_orderkey = $1") }
        let beside = try measure(context, native, wire, "beside a writer", atMost: 1.25)
        let written = try writer.stop()
        report.figures += beside + [BenchFigure("transactions of that writer", unit: "/s", ours: Double(written.count) / written.seconds)]
        report.figures += try pointReads(context, native, server, orders)
        return report
    }

    private static func load(_ data: TPCHData, _ server: BenchServer, _ wire: PostgresConnection) throws {
        _ = try wire.query("CREATE CATALOG bench WITH (type = 'parquet', uri = 'file://\(data.folder)')")
        for table in TPCHData.tables { _ = try wire.query("CREATE DATASET ds_\(table) FROM bench.\(table)") }
        try server.waitUntilReady(wire, TPCHData.tables.map { "ds_" + $0 })
        for table in TPCHData.tables { _ = try wire.query("CREATE TABLE \(table) AS SELECT * FROM ds_\(table)") }
        for (table, key) in keys { _ = try wire.query("ALTER TABLE \(table) ADD PRIMARY KEY (\(key))") }
    }

    private static func measure(
        _ context: BenchContext, _ native: Connection, _ wire: PostgresConnection, _ label: String, atMost: Double
    ) throws -> [BenchFigure] {
        context.progress("tpch on tables, \(label)")
        var ratios: [Double] = []
        var figures: [BenchFigure] = []
        for (index, sql) in try TPCHData.queries(native).enumerated() {
            let (mine, peer) = try TPCHBench.alternate(context, sql, { try TPCHBench.drain(native, $0) }, { _ = try wire.count($0) })
            try TPCHBench.expectEqual(index + 1, try wire.query(sql)[0].textRows, try TPCHBench.rows(native, sql))
            ratios.append(mine / peer)
            figures.append(BenchFigure("Q\(index + 1), \(label)", unit: "ms", ours: mine * 1000, peer: peer * 1000, peerName: "DuckDB in memory"))
        }
        return figures + [BenchFigure("geometric mean, \(label)", unit: "", ours: TPCHBench.geometricMean(ratios), atMost: atMost)]
    }

    private static func pointReads(
        _ context: BenchContext, _ native: Connection, _ server: BenchServer, _ orders: Int
    ) throws -> [BenchFigure] {
        let connection = try server.connect()
        _ = try connection.prepare("read", "SELECT o_totalprice FROM orders WHERE o_orderkey = $1")
        let count = context.scale < 0.1 ? 500 : 20_000
        func p99() throws -> Double {
            var times: [Double] = []
            for number in 0..<count {
                times.append(try Timing.seconds { _ = try connection.execute("read", [String((number * 104_729) % orders + 1)]) }.seconds * 1e6)
            }
            return Timing.quantile(times, 0.99)
        }
        let alone = try p99()
        let queries = try TPCHData.queries(native)
        let analyst = try Companion(server) { connection, number in _ = try connection.count(queries[number % queries.count]) } prepare: { _ in }
        let beside = try p99()
        _ = try analyst.stop()
        return [BenchFigure("read by key beside TPC-H, 99th", unit: "us", ours: beside, peer: alone, peerName: "alone", atMost: 2)]
    }
}

/// A connection that does the same again and again on a thread of its own, until it is stopped.
private final class Companion: Sendable {
    private let isStopping = Atomic<Bool>(false)
    private let outcome = Mutex<(count: Int, seconds: Double, failure: String?)>((0, 0, nil))
    private let group = DispatchGroup()

    init(
        _ server: BenchServer, _ body: @escaping @Sendable (PostgresConnection, Int) throws -> Void,
        prepare: (PostgresConnection) throws -> Void
    ) throws {
        let handed = Handed(try server.connect())
        try prepare(handed.connection)
        group.enter()
        Thread.detachNewThread { [self] in
            defer { group.leave() }
            var count = 0
            var failure: String?
            let seconds = Timing.seconds {
                do {
                    while !isStopping.load(ordering: .relaxed) {
                        try body(handed.connection, count)
                        count += 1
                    }
                } catch { failure = "\(error)" }
            }.seconds
            handed.connection.close()
            let (done, failed) = (count, failure)
            outcome.withLock { $0 = (done, seconds, failed) }
        }
    }

    func stop() throws -> (count: Int, seconds: Double) {
        isStopping.store(true, ordering: .relaxed)
        group.wait()
        let (count, seconds, failure) = outcome.withLock { $0 }
        if let failure { throw LeibrixError(.internal, "a connection beside the queries failed: \(failure)") }
        return (count, seconds)
    }

    private final class Handed: @unchecked Sendable {
        let connection: PostgresConnection
        init(_ connection: PostgresConnection) { self.connection = connection }
    }
}
