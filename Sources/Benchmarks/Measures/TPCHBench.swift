// TPC-H's 22 queries in-process and over the wire, beside the same DuckDB on its own in-memory tables. The answers must be equal.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import PostgresClient

enum TPCHBench {
    /// All 22 in-process. Nothing but the engine: no server is started.
    static func runInProcess(_ context: BenchContext) throws -> BenchReport {
        let data = try TPCHData(context)
        var report = BenchReport(name: "engine-\(BenchReport.short(context.scale))", settings: context.settings)
        let folder = try context.temporaryFolder("engine")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let native = try TPCHData.database(context).connect()
        let peerLoad = try Timing.seconds { try data.createTables(native) }.seconds
        let ours = try SegmentTables(context, folder: folder)
        let ourLoad = try Timing.seconds { try ours.load(data) }.seconds
        report.figures.append(BenchFigure("Parquet to mapped segments, time", unit: "s", ours: ourLoad, peer: peerLoad, peerName: "CREATE TABLE AS", atMost: 1.25))
        var ratios: [Double] = []
        for (index, sql) in try TPCHData.queries(native).enumerated() {
            let (mine, peer) = try alternate(context, sql, { try drain(native, $0) }, { try drain(ours.connection, $0) })
            try expectEqual(index + 1, try rows(ours.connection, sql), try rows(native, sql))
            ratios.append(mine / peer)
            report.figures.append(BenchFigure("Q\(index + 1) in-process", unit: "ms", ours: mine * 1000, peer: peer * 1000, peerName: "DuckDB in memory"))
        }
        report.figures.append(BenchFigure("geometric mean, in-process", unit: "", ours: geometricMean(ratios), atMost: 0.85))
        return report
    }

    /// All 22 over the wire, from a server of its own.
    static func runOverTheWire(_ context: BenchContext) throws -> BenchReport {
        let data = try TPCHData(context)
        var report = BenchReport(name: "tpch-\(BenchReport.short(context.scale))", settings: context.settings)
        let folder = try context.temporaryFolder("tpch")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let native = try TPCHData.database(context).connect()
        try data.createTables(native)
        let server = try BenchServer(context, folder: folder)
        defer { server.stop() }
        let wire = try server.connect()
        _ = try server.load(folder: data.folder, tables: TPCHData.tables, wire)
        var ratios: [Double] = []
        for (index, sql) in try TPCHData.queries(native).enumerated() {
            let (mine, peer) = try alternate(context, sql, { try drain(native, $0) }, { _ = try wire.count($0) })
            try expectEqual(index + 1, try wire.query(sql)[0].textRows, try rows(native, sql))
            ratios.append(mine / peer)
            report.figures.append(BenchFigure("Q\(index + 1) over the wire", unit: "ms", ours: mine * 1000, peer: peer * 1000, peerName: "DuckDB in memory"))
        }
        report.figures.append(BenchFigure("geometric mean, over the wire", unit: "", ours: geometricMean(ratios), atMost: 0.95))
        return report
    }

    static func geometricMean(_ values: [Double]) -> Double {
        exp(values.reduce(0) { $0 + log($1) } / Double(max(values.count, 1)))
    }

    /// Best of some rounds a side, one after the other. The limit changes with the round, so that none comes from a result cache.
    static func alternate(
        _ context: BenchContext, _ sql: String, _ theirs: (String) throws -> Void, _ mine: (String) throws -> Void
    ) throws -> (mine: Double, peer: Double) {
        var best = (mine: Double.infinity, peer: Double.infinity)
        for round in 0...context.rounds {
            let text = "SELECT * FROM (\(sql)) AS q LIMIT \(1_000_000 + round)"
            best.peer = min(best.peer, try Timing.seconds { try theirs(text) }.seconds)
            best.mine = min(best.mine, try Timing.seconds { try mine(text) }.seconds)
        }
        return best
    }

    static func drain(_ connection: Connection, _ sql: String) throws {
        var result = try connection.query(sql, streaming: true)
        while try result.next() != nil {}
    }

    static func rows(_ connection: Connection, _ sql: String) throws -> [[String?]] {
        try connection.rows("SELECT COLUMNS(*)::VARCHAR FROM (\(sql))").map { row in
            row.map { if case .string(let text) = $0 { text } else { nil } }
        }
    }

    /// Row counts, every numeric cell within rounding, texts by their bytes.
    static func expectEqual(_ number: Int, _ got: [[String?]], _ want: [[String?]]) throws {
        guard got.count == want.count else { throw LeibrixError(.internal, "Q\(number): \(got.count) rows for \(want.count)") }
        for (mine, theirs) in zip(got, want) {
            for (cell, text) in zip(mine, theirs) where cell != text && !close(cell, text) {
                throw LeibrixError(.internal, "Q\(number): \(cell ?? "NULL") for \(text ?? "NULL")")
            }
        }
    }

    private static func close(_ one: String?, _ two: String?) -> Bool {
        guard let one, let two, let a = Double(one), let b = Double(two) else { return false }
        return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1)
    }
}
