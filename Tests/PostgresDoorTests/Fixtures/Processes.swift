// Real clients as processes.
import Base
import Foundation
import Platform

struct Outcome: Sendable {
    var status: Int32
    /// Standard output and error together.
    var output: String
}

/// psql against a port of this machine, with a limit of time.
func psql(_ port: UInt16, _ arguments: [String], password: String = "", options: String = "") async throws -> Outcome {
    try await run("/usr/bin/env", ["psql", "-X", "host=127.0.0.1 port=\(port) user=ana dbname=leibrix connect_timeout=600 \(options)"] + arguments, ["PGPASSWORD": password])
}

func run(_ program: String, _ arguments: [String], _ environment: [String: String]) async throws -> Outcome {
    try await clientThreads.run { () throws(LeibrixError) in
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { throw LeibrixError(.io, "\(program): \(error)") }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
    }
}

func temporaryFolder() throws -> String {
    let folder = NSTemporaryDirectory() + "/leibrix-door-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
}
