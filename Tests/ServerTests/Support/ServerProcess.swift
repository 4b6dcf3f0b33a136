// A real `leibrix serve` in a process of its own, on ports the system picks, ended with the test that holds it.
import Foundation
import PostgresClient
import Synchronization

final class ServerProcess: @unchecked Sendable {
    let dataDirectory: String
    let arguments: [String]
    private(set) var pgPort = 0
    private(set) var httpPort = 0
    private var process = Process()
    private let log: String
    var processID: Int32 { process.processIdentifier }

    init(dataDirectory: String, arguments: [String] = [], environment: [String: String] = [:], waitSeconds: Double = 600) throws {
        self.dataDirectory = dataDirectory
        self.arguments = arguments
        log = dataDirectory + ".log"
        try start(environment: environment, waitSeconds: waitSeconds)
    }

    deinit { kill() }

    func start(environment: [String: String] = [:], waitSeconds: Double = 600) throws {
        let ready = dataDirectory + ".ready"
        try? FileManager.default.removeItem(atPath: ready)
        process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltExecutable.leibrix)
        process.arguments = ["serve", "--data", dataDirectory, "--pg", "127.0.0.1:0", "--http", "127.0.0.1:0", "--ready-file", ready] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        if !FileManager.default.fileExists(atPath: log) { _ = FileManager.default.createFile(atPath: log, contents: nil) }
        let handle = FileHandle(forWritingAtPath: log)
        _ = try handle?.seekToEnd()
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        ChildProcesses.add(process.processIdentifier)
        let deadline = Date().addingTimeInterval(waitSeconds)
        while !FileManager.default.fileExists(atPath: ready) {
            guard process.isRunning else { throw HarnessError("the server ended at once (status \(process.terminationStatus)):\n\(logTail())") }
            guard Date() < deadline else { throw HarnessError("no ready file after \(waitSeconds) s:\n\(logTail())") }
            usleep(5_000)
        }
        try readPorts(ready)
    }

    /// `{"pg": "127.0.0.1:54321", "http": ..}`.
    private func readPorts(_ path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for piece in text.split(whereSeparator: { $0.isNewline || "{},".contains($0) }) {
            let plain = piece.filter { $0 != "\"" && $0 != " " }
            guard let port = Int(String(plain.reversed().prefix { $0.isNumber }.reversed())) else { continue }
            if plain.hasPrefix("pg") || plain.hasPrefix("postgres") { pgPort = port }
            if plain.hasPrefix("http") { httpPort = port }
        }
        guard pgPort > 0 else { throw HarnessError("no pg port in the ready file:\n\(text)") }
    }

    func logTail(_ lines: Int = 30) -> String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }

    func connect(user: String = "admin", settings: [String: String] = [:]) throws -> PostgresConnection {
        let connection = try PostgresConnection(host: "127.0.0.1", port: pgPort, user: user, database: "leibrix", settings: settings)
        connection.setReceiveTimeout(seconds: 600)
        return connection
    }

    var isRunning: Bool { process.isRunning }

    /// SIGTERM, and the exit status.
    @discardableResult func stop() -> Int32 {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// kill -9.
    func kill() {
        guard process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func waitUntilExit() { process.waitUntilExit() }
}

/// Children still there when the test process ends are killed by id.
enum ChildProcesses {
    private static let started = Mutex<[Int32]>([])
    private static let atExit: Void = { _ = atexit { ChildProcesses.killAll() } }()

    static func add(_ id: Int32) {
        _ = atExit
        started.withLock { $0.append(id) }
    }

    private static func killAll() {
        for id in started.withLock({ $0 }) where id > 0 { _ = Foundation.kill(id, SIGKILL) }
    }
}

/// A command, its exit status and its output, bounded in time.
struct CommandResult {
    let status: Int32
    let output: String

    static func run(_ executable: String, _ arguments: [String], environment: [String: String] = [:], seconds: Double = 600) throws -> CommandResult {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let folder = TemporaryFolder("command")
        let path = folder.path + "/output"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let handle = FileHandle(forWritingAtPath: path)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        ChildProcesses.add(process.processIdentifier)
        let deadline = Date().addingTimeInterval(seconds)
        while process.isRunning && Date() < deadline { usleep(5_000) }
        let timedOut = process.isRunning
        if timedOut { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return CommandResult(status: timedOut ? 124 : process.terminationStatus, output: text)
    }
}
