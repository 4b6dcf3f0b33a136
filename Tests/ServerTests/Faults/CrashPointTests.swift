// The process ends by itself, as kill -9 would, at each named point of a refresh; the next start serves a whole version, and the
// refresh after it the newest. LEIBRIX_FAULT names the point; release builds do not read it.
import Base
import Columnar
import DuckDBKit
import Foundation
import PostgresClient
import Testing

@Suite(.serialized) struct CrashPointTests {
    static let points = [
        "after-planning", "while-loading", "after-loading", "while-validating", "before-flip", "after-flip", "before-deleting", "after-deleting",
    ]

    private func write(_ version: Int, to folder: String) throws {
        let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        let path = "\(folder)/versions.parquet"
        try connection.execute("COPY (SELECT \(version)::INTEGER AS version, i::INTEGER AS i FROM range(\(1000 + version)) r(i)) TO '\(path).new' (FORMAT parquet)")
        guard unsafe rename(path + ".new", path) == 0 else { throw HarnessError("rename: \(errno)") }
    }

    private func versions(_ connection: PostgresConnection) throws -> [String?] {
        try connection.query("SELECT count(*), min(version), max(version), sum(i) FROM versions")[0].textRows[0]
    }

    private func whole(_ version: Int) -> [String?] {
        let rows = 1000 + version
        return ["\(rows)", "\(version)", "\(version)", "\(rows * (rows - 1) / 2)"]
    }

    @Test(arguments: points)
    func crashAt(_ point: String) throws {
        let folder = TemporaryFolder("crash")
        let lake = folder.path + "/lake"
        try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
        try write(1, to: lake)
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let first = try server.connect()
        try Datasets.createCatalog(first, name: "lake", folder: lake)
        _ = try first.query("CREATE DATASET versions FROM lake.versions")
        try Datasets.waitUntilReady(first, ["versions"])
        #expect(server.stop() == 0)

        try server.start(environment: ["LEIBRIX_FAULT": point])
        try write(2, to: lake)
        let doomed = try server.connect()
        let outcome = Result { try doomed.query("REFRESH DATASET versions") }
        let deadline = Date().addingTimeInterval(600)
        while server.isRunning && Date() < deadline { usleep(10_000) }
        #expect(!server.isRunning, "\(point) was not reached: \(outcome)")
        server.kill()

        try server.start()
        let again = try server.connect()
        try Datasets.wait(again) { $0.contains { $0.state == "READY" } }
        let served = try versions(again)
        #expect(served == whole(1) || served == whole(2), "\(point): \(served)")
        _ = try again.query("REFRESH DATASET versions")
        try Datasets.wait(again) { _ in try versions(again) == whole(2) }
        try Datasets.wait(again) { $0.count { $0.state == "READY" } == 1 && $0.count < 4 }
        #expect(server.stop() == 0)
    }
}
