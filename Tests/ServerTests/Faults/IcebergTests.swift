// A real Iceberg table, written by pyiceberg, that grows, shrinks, changes its columns and breaks while it is served.
import Foundation
import PostgresClient
import Testing

@Suite(.serialized) struct IcebergTests {
    /// A server with the table as dataset `events`, refreshed every second unless told otherwise.
    struct Stage {
        let folder = TemporaryFolder("iceberg")
        let writer: LakeWriter
        let server: ServerProcess
        let connection: PostgresConnection
        var table: LakeWriter.Table

        init(rows: Int = 300, refresh: String? = "1s") throws {
            let lake = folder.path + "/lake"
            try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
            writer = LakeWriter(folder: lake)
            table = try writer.run("iceberg-create", rows)
            server = try ServerProcess(dataDirectory: folder.path + "/data")
            connection = try server.connect()
            try Datasets.createCatalog(connection, name: "ice", folder: lake + "/warehouse", type: "iceberg")
            let options = refresh.map { " WITH (refresh = '\($0)')" } ?? ""
            _ = try connection.query("CREATE DATASET events FROM ice.db.events\(options)")
            try Datasets.waitUntilReady(connection, ["events"])
        }

        func served() throws -> LakeWriter.Table {
            let row = try connection.query("SELECT count(*), sum(id) FROM events")[0].textRows[0]
            return LakeWriter.Table(rows: Int(row[0] ?? "") ?? -1, sum: Int(row[1] ?? "0") ?? -1)
        }

        func waitUntilServed(_ wanted: LakeWriter.Table, seconds: Double = 600) throws {
            let deadline = Date().addingTimeInterval(seconds)
            while try served() != wanted {
                guard Date() < deadline else { throw HarnessError("served \(try served()), not \(wanted): \(try Datasets.epochs(connection))") }
                usleep(20_000)
            }
        }

        func waitForFailure(seconds: Double = 600) throws -> String {
            var reason = ""
            try Datasets.wait(seconds: seconds, connection) { epochs in
                reason = epochs.last { $0.state == "FAILED" }?.reason ?? ""
                return epochs.contains { $0.state == "FAILED" }
            }
            return reason
        }
    }

    @Test func anAppendIsServedWhileQueriesRun() throws {
        let stage = try Stage()
        #expect(try stage.served() == stage.table)
        let load = try QueryLoad(port: stage.server.pgPort, readers: 2, sql: "SELECT count(*), sum(id), max(id) FROM events") { row in
            // Ids are 0..<n: a mixture of two snapshots gives another sum.
            guard let count = Int(row[0] ?? ""), let sum = Int(row[1] ?? ""), let last = Int(row[2] ?? "") else { return "no answer: \(row)" }
            return sum == count * (count - 1) / 2 && last == count - 1 ? nil : "a mixture: \(row)"
        }
        for _ in 0..<3 { try stage.waitUntilServed(try stage.writer.run("iceberg-append", 50)) }
        let (answered, failures) = load.finish()
        #expect(failures.isEmpty, "\(failures.prefix(3))")
        #expect(answered > 10)
    }

    @Test func deletedRowsGo() throws {
        let stage = try Stage()
        try stage.waitUntilServed(try stage.writer.run("iceberg-delete", 100))
    }

    @Test func aColumnMoreIsServed() throws {
        let stage = try Stage()
        try stage.waitUntilServed(try stage.writer.run("iceberg-add-column"))
        let row = try stage.connection.query("SELECT count(note), count(*) FROM events")[0].textRows[0]
        #expect(row == ["10", "310"])
    }

    @Test func anIncompatibleColumnIsRefusedAndTheOldRowsServed() throws {
        let stage = try Stage()
        _ = try stage.writer.run("iceberg-retype")
        let reason = try stage.waitForFailure()
        #expect(reason.contains("amount"), "\(reason)")
        #expect(try stage.served() == stage.table)
    }

    @Test func aRowCountThatLiesFails() throws {
        let stage = try Stage()
        _ = try stage.writer.run("iceberg-lie", 40)
        let reason = try stage.waitForFailure()
        #expect(reason.contains("40") || reason.contains("345") || reason.contains("row"), "\(reason)")
        #expect(try stage.served() == stage.table)
    }

    @Test func aTruncatedDataFileFails() throws {
        let stage = try Stage(refresh: nil)
        _ = try stage.writer.run("iceberg-append", 5_000)
        let newest = try #require(stage.writer.dataFiles().last)
        let file = try #require(FileHandle(forWritingAtPath: newest))
        try file.truncate(atOffset: try file.seekToEnd() / 2)
        try file.close()
        try expectRefreshFails(stage)
    }

    @Test func aWarehouseMovedAwayFailsAndComesBack() throws {
        let stage = try Stage(refresh: nil)
        let warehouse = stage.writer.folder + "/warehouse"
        try FileManager.default.moveItem(atPath: warehouse, toPath: warehouse + ".away")
        try expectRefreshFails(stage)
        try FileManager.default.moveItem(atPath: warehouse + ".away", toPath: warehouse)
        let grown = try stage.writer.run("iceberg-append", 1)
        _ = try stage.connection.query("REFRESH DATASET events")
        try stage.waitUntilServed(grown)
    }

    /// REFRESH reports the failure, or the epochs table does; what was READY answers as before.
    private func expectRefreshFails(_ stage: Stage) throws {
        do {
            _ = try stage.connection.query("REFRESH DATASET events")
            #expect(!(try stage.waitForFailure()).isEmpty)
        } catch ClientError.server(let error) {
            #expect(!error.message.isEmpty)
            let failed = try Datasets.epochs(stage.connection).filter { $0.state == "FAILED" }
            #expect(failed.allSatisfy { !($0.reason ?? "").isEmpty })
        }
        #expect(try stage.served() == stage.table)
    }
}
