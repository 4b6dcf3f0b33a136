// A `leibrix serve` of the benchmark's own.
internal import Base
internal import Foundation
internal import PostgresClient

final class BenchServer {
    let folder: String
    private let arguments: [String]
    private let executable: String
    private(set) var child: ChildProcess
    private(set) var port = 0

    init(_ context: BenchContext, folder: String, arguments: [String] = []) throws {
        self.folder = folder
        self.executable = context.executable
        self.arguments = ["serve", "--data", "\(folder)/data", "--pg", "127.0.0.1:0", "--http", "127.0.0.1:0", "--threads", "\(context.threads)", "--ready-file", "\(folder)/ready"] + arguments
        child = try BenchServer.launch(executable, self.arguments, folder)
        port = try BenchServer.waitForPort(folder, child)
    }

    private static func launch(_ executable: String, _ arguments: [String], _ folder: String) throws -> ChildProcess {
        try? FileManager.default.removeItem(atPath: "\(folder)/ready")
        return try ChildProcess(executable, arguments, log: "\(folder)/server.log")
    }

    /// Starts the process without waiting for anything but its port.
    func relaunch() throws {
        child = try BenchServer.launch(executable, arguments, folder)
        port = try BenchServer.waitForPort(folder, child)
    }

    private static func waitForPort(_ folder: String, _ child: ChildProcess) throws -> Int {
        while true {
            if let text = try? String(contentsOfFile: "\(folder)/ready", encoding: .utf8), let ready = try? JSON.parse(text) {
                let address = ready["pg"]?.string ?? ready["postgres"]?.string ?? ""
                if let port = address.split(separator: ":").last.flatMap({ Int($0) }) { return port }
            }
            guard child.process.isRunning else {
                let log = (try? String(contentsOfFile: "\(folder)/server.log", encoding: .utf8)) ?? ""
                throw LeibrixError(.internal, "the server ended while starting", detail: String(log.suffix(600)))
            }
            usleep(500)
        }
    }

    func connect() throws -> PostgresConnection {
        try PostgresConnection(host: "127.0.0.1", port: port, user: "admin", database: "leibrix")
    }

    func stop() { child.stop() }

    /// Datasets of a folder of Parquet files, and how long it took until the last was READY.
    func load(folder lake: String, tables: [String], _ connection: PostgresConnection) throws -> Double {
        _ = try connection.query("CREATE CATALOG bench WITH (type = 'parquet', uri = 'file://\(lake)')")
        return try Timing.seconds {
            for table in tables { _ = try connection.query("CREATE DATASET \(table) FROM bench.\(table)") }
            try waitUntilReady(connection, tables)
        }.seconds
    }

    func waitUntilReady(_ connection: PostgresConnection, _ tables: [String]) throws {
        while true {
            let rows = try connection.query("SELECT dataset, state, reason FROM leibrix.epochs")[0].textRows
            if let failed = rows.first(where: { $0[1] == "FAILED" }) {
                throw LeibrixError(.validationFailed, "\(failed[0] ?? "") FAILED: \(failed[2] ?? "")")
            }
            let isBusy = rows.contains { $0[1] == "LOADING" || $0[1] == "VALIDATING" }
            if !isBusy && tables.allSatisfy({ table in rows.contains { $0[0] == table && $0[1] == "READY" } }) { return }
            usleep(2_000)
        }
    }
}
