// TPC-H's 22 queries over the wire, beside the same DuckDB on its own in-memory tables. The answers must be equal.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import PostgresClient

enum TPCHBench {
    static func run(_ context: BenchContext) throws -> BenchReport {
        let data = try TPCHData(context)
        var report = BenchReport(name: "tpch-\(BenchReport.short(context.scale))", settings: context.settings)
        let folder = try context.temporaryFolder("tpch")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let native = try TPCHData.database(context).connect()
        try data.createTables(native)
        let queries = try TPCHData.queries(native)
        let server = try BenchServer(context, folder: folder)
        defer { server.stop() }
        let wire = try server.connect()
        _ = try server.load(folder: data.folder, tables: TPCHData.tables, wire)
        var ratios: [Double] = []
        for (index, sql) in queries.enumerated() {
            var (ours, peer) = (Double.infinity, Double.infinity)
            // The limit changes with the round, so that none is answered from a result cache.
            for round in 0...context.rounds {
                let text = "SELECT * FROM (\(sql)) AS q LIMIT \(1_000_000 + round)"
                peer = min(peer, try Timing.seconds { try drain(native, text) }.seconds)
                ours = min(ours, try Timing.seconds { try wire.count(text) }.seconds)
            }
            try expectEqual(index + 1, sql, native, wire)
            ratios.append(ours / peer)
            report.figures.append(BenchFigure("Q\(index + 1) over the wire", unit: "ms", ours: ours * 1000, peer: peer * 1000, peerName: "DuckDB in memory"))
        }
        report.figures.append(BenchFigure("geometric mean, over the wire", unit: "", ours: geometricMean(ratios), atMost: 0.95))
        return report
    }

    static func geometricMean(_ values: [Double]) -> Double {
        exp(values.reduce(0) { $0 + log($1) } / Double(max(values.count, 1)))
    }

    private static func drain(_ connection: Connection, _ sql: String) throws {
        var result = try connection.query(sql, streaming: true)
        while try result.next() != nil {}
    }

    /// Row counts and every numeric cell; texts by their bytes.
    private static func expectEqual(_ number: Int, _ sql: String, _ native: Connection, _ wire: PostgresConnection) throws {
        let got = try wire.query(sql)[0].textRows
        let want = try native.rows("SELECT COLUMNS(*)::VARCHAR FROM (\(sql))")
        guard got.count == want.count else { throw LeibrixError(.internal, "Q\(number): \(got.count) rows for \(want.count)") }
        for (mine, theirs) in zip(got, want) {
            for (cell, value) in zip(mine, theirs) {
                let text: String? = if case .string(let string) = value { string } else { nil }
                guard cell == text || close(cell, text) else { throw LeibrixError(.internal, "Q\(number): \(cell ?? "NULL") for \(text ?? "NULL")") }
            }
        }
    }

    private static func close(_ one: String?, _ two: String?) -> Bool {
        guard let one, let two, let a = Double(one), let b = Double(two) else { return false }
        return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1)
    }
}
