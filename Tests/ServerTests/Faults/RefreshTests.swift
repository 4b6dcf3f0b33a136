// Refresh after refresh while readers ask: every answer is one snapshot's, whole. `make soak` runs a thousand.
import Base
import Columnar
import DuckDBKit
import Foundation
import PostgresClient
import Testing

@Suite struct RefreshTests {
    static let count = ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] == nil ? 60 : 1_000

    /// Version k of the table: 200 + k % 7 rows that all say k.
    private func write(_ version: Int, to folder: String, _ connection: Connection) throws {
        let path = "\(folder)/versions.parquet"
        try connection.execute("COPY (SELECT \(version)::INTEGER AS version, i::INTEGER AS i, 'v\(version)' AS name FROM range(\(200 + version % 7)) r(i)) TO '\(path).new' (FORMAT parquet)")
        guard unsafe rename(path + ".new", path) == 0 else { throw HarnessError("rename: \(errno)") }
    }

    @Test func noAnswerIsWrongPartialOrFailed() throws {
        let folder = TemporaryFolder("refresh")
        let lake = folder.path + "/lake"
        try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
        let writer = try Database(DatabaseConfiguration(threads: 1)).connect()
        try write(0, to: lake, writer)
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let connection = try server.connect()
        try Datasets.createCatalog(connection, name: "lake", folder: lake)
        _ = try connection.query("CREATE DATASET versions FROM lake.versions")
        try Datasets.waitUntilReady(connection, ["versions"])
        let sql = "SELECT count(*), min(version), max(version), count(DISTINCT name), sum(i) FROM versions"
        let load = try QueryLoad(port: server.pgPort, readers: 4, sql: sql) { row in
            guard let rows = Int(row[0] ?? ""), let version = Int(row[1] ?? ""), let sum = Int(row[4] ?? "") else { return "no answer: \(row)" }
            let isWhole = row[2] == row[1] && row[3] == "1" && rows == 200 + version % 7 && sum == rows * (rows - 1) / 2
            return isWhole ? nil : "not one snapshot: \(row)"
        }
        for version in 1...Self.count {
            try write(version, to: lake, writer)
            _ = try connection.query("REFRESH DATASET versions")
            let seen = try connection.query("SELECT max(version) FROM versions")[0].text(0, 0)
            guard seen == "\(version)" else {
                try Datasets.wait(seconds: 600, connection) { _ in try connection.query("SELECT max(version) FROM versions")[0].text(0, 0) == "\(version)" }
                continue
            }
        }
        let (answered, failures) = load.finish()
        #expect(failures.isEmpty, "\(failures.count) of \(answered): \(failures.prefix(5))")
        #expect(answered > Self.count)
        let epochs = try Datasets.epochs(connection)
        #expect(epochs.filter { $0.state == "READY" }.count == 1)
        #expect(epochs.count < 20, "retired epochs go: \(epochs.count)")
        #expect(server.stop() == 0)
    }

    /// kill -9 at many moments of loading; after each start the answer is a whole version, or comes once the source was asked.
    @Test func killedAtAnyMoment() throws {
        let folder = TemporaryFolder("kill")
        let lake = folder.path + "/lake"
        try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
        let writer = try Database(DatabaseConfiguration(threads: 1)).connect()
        try write(0, to: lake, writer)
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let first = try server.connect()
        try Datasets.createCatalog(first, name: "lake", folder: lake)
        _ = try first.query("CREATE DATASET versions FROM lake.versions")
        try Datasets.waitUntilReady(first, ["versions"])
        for round in 1...(Self.count / 6) {
            try write(round, to: lake, writer)
            let connection = try server.connect()
            try connection.sendRaw(Self.simpleQuery("REFRESH DATASET versions"))
            usleep(UInt32(round * 700 % 23_000))
            server.kill()
            try server.start()
            let again = try server.connect()
            try Datasets.wait(seconds: 600, again) { epochs in epochs.contains { $0.state == "READY" } }
            let row = try again.query("SELECT count(*), min(version), max(version), sum(i) FROM versions")[0].textRows[0]
            let version = Int(row[1] ?? "") ?? -1
            #expect(row[2] == row[1] && (version == round || version == round - 1) && row[0] == "\(200 + version % 7)", "round \(round): \(row)")
            _ = try again.query("REFRESH DATASET versions")
            try Datasets.wait(seconds: 600, again) { _ in try again.query("SELECT max(version) FROM versions")[0].text(0, 0) == "\(round)" }
        }
    }

    private static func simpleQuery(_ sql: String) -> [UInt8] {
        let length = UInt32(sql.utf8.count + 5)
        return [UInt8(ascii: "Q")] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + Array(sql.utf8) + [0]
    }
}
