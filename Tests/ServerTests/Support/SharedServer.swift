// One server and one fixture lake for all tests that only read: made on first use, killed when the test process ends.
import Foundation
import PostgresClient

struct SharedServer: Sendable {
    let server: ServerProcess
    let lake: FixtureLake
    private let folder: TemporaryFolder

    private static let made = Result { try SharedServer() }
    static func get() throws -> SharedServer { try made.get() }

    private init() throws {
        folder = TemporaryFolder("shared")
        let lakeFolder = folder.path + "/lake"
        try FileManager.default.createDirectory(atPath: lakeFolder, withIntermediateDirectories: true)
        lake = try FixtureLake(folder: lakeFolder)
        server = try ServerProcess(dataDirectory: folder.path + "/data")
        let connection = try server.connect()
        try Datasets.createCatalog(connection, name: "lake", folder: lakeFolder)
        for (name, options) in FixtureLake.datasets { _ = try connection.query("CREATE DATASET \(name) FROM lake.\(name)\(options)") }
        try Datasets.waitUntilReady(connection, FixtureLake.datasets.map(\.name))
    }
}

/// Statements about datasets that several tests need.
enum Datasets {
    static func createCatalog(_ connection: PostgresConnection, name: String, folder: String, type: String = "parquet") throws {
        _ = try connection.query("CREATE CATALOG \(name) WITH (type = '\(type)', uri = 'file://\(folder)')")
    }

    struct EpochRow: Equatable {
        var dataset: String
        var state: String
        var rows: Int
        var reason: String?
    }

    static func epochs(_ connection: PostgresConnection) throws -> [EpochRow] {
        let result = try connection.query("SELECT dataset, state, rows, reason FROM leibrix.epochs ORDER BY dataset, epoch_id")[0]
        return result.textRows.map { EpochRow(dataset: $0[0] ?? "", state: $0[1] ?? "", rows: Int($0[2] ?? "0") ?? 0, reason: $0[3]) }
    }

    /// Until each named dataset has a READY epoch and none under way; FAILED ends the wait with its reason.
    static func waitUntilReady(_ connection: PostgresConnection, _ names: [String], seconds: Double = 600) throws {
        try wait(seconds: seconds, connection) { epochs in
            if let failed = epochs.first(where: { names.contains($0.dataset) && $0.state == "FAILED" }) {
                throw HarnessError("\(failed.dataset) FAILED: \(failed.reason ?? "no reason")")
            }
            let busy = epochs.contains { names.contains($0.dataset) && ($0.state == "LOADING" || $0.state == "VALIDATING") }
            return !busy && names.allSatisfy { name in epochs.contains { $0.dataset == name && $0.state == "READY" } }
        }
    }

    static func wait(seconds: Double = 600, _ connection: PostgresConnection, until done: ([EpochRow]) throws -> Bool) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while true {
            let rows = try epochs(connection)
            if try done(rows) { return }
            guard Date() < deadline else { throw HarnessError("epochs after \(seconds) s: \(rows)") }
            usleep(20_000)
        }
    }
}
