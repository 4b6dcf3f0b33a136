// Resident bytes of a server that holds TPC-H, beside a process that holds it in DuckDB's own tables; and after 50 full refreshes.
internal import Base
internal import DuckDBKit
internal import Foundation
internal import PostgresClient

enum MemoryBench {
    static func run(_ context: BenchContext) throws -> BenchReport {
        let data = try TPCHData(context)
        let refreshes = context.scale < 0.1 ? 3 : 50
        var report = BenchReport(name: "memory", settings: context.settings + [("refreshes", "\(refreshes) of all eight tables")])
        let folder = try context.temporaryFolder("memory")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let peer = try duckdbResident(context, folder)
        let server = try BenchServer(context, folder: folder)
        defer { server.stop() }
        let connection = try server.connect()
        _ = try server.load(folder: data.folder, tables: TPCHData.tables, connection)
        try touch(connection)
        let loaded = Double(server.child.residentBytes) / 1e6
        report.figures.append(BenchFigure("resident, all columns read", unit: "MB", ours: loaded, peer: peer, peerName: "DuckDB in memory", atMost: 0.7))
        var first = loaded
        for number in 1...refreshes {
            for table in TPCHData.tables { _ = try connection.query("REFRESH DATASET \(table)") }
            try server.waitUntilReady(connection, TPCHData.tables)
            try touch(connection)
            if number == 1 { first = Double(server.child.residentBytes) / 1e6 }
        }
        let last = Double(server.child.residentBytes) / 1e6
        report.figures.append(BenchFigure("resident after \(refreshes) refreshes", unit: "MB", ours: last, peer: first, peerName: "after the first", atMost: 1.1))
        return report
    }

    /// Reads every column of every row, so that what is mapped is resident.
    private static func touch(_ connection: PostgresConnection) throws {
        for table in TPCHData.tables { _ = try connection.query("SELECT count(*) FROM (SELECT hash(COLUMNS(*)) FROM \(table)) WHERE false OR true") }
        for table in TPCHData.tables { _ = try connection.query("SELECT max(hash(t)) FROM \(table) t") }
    }

    private static func duckdbResident(_ context: BenchContext, _ folder: String) throws -> Double {
        let text = try ChildProcess.output(
            context.executable, ["bench", "duckdb-resident", "--scale", "\(context.scale)", "--threads", "\(context.threads)", "--cache", context.cache], folder: folder)
        guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix("resident ") }), let bytes = Double(line.dropFirst(9)) else {
            throw LeibrixError(.internal, "duckdb-resident said nothing", detail: text)
        }
        return bytes / 1e6
    }

    /// The peer's side, in a process of its own: loads, reads everything once, and says what is resident.
    static func residentWithDuckDB(_ context: BenchContext) throws -> Int {
        let data = try TPCHData(context)
        let connection = try Database(DatabaseConfiguration(threads: context.threads)).connect()
        try data.createTables(connection)
        for table in TPCHData.tables { _ = try connection.rows("SELECT max(hash(t)) FROM \(table) t") }
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
    }
}
