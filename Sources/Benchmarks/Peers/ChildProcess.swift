// A process of the benchmark's own, ended with it, and what Linux says about its memory.
internal import Base
internal import Foundation

final class ChildProcess {
    let process = Process()
    var id: Int32 { process.processIdentifier }

    init(_ executable: String, _ arguments: [String], log: String) throws {
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let handle = FileHandle(forWritingAtPath: log)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    deinit { stop() }

    func stop(signal: Int32 = SIGTERM) {
        guard process.isRunning else { return }
        _ = Foundation.kill(id, signal)
        process.waitUntilExit()
    }

    /// Resident bytes, mapped files included.
    var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else { return 0 }
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
    }

    /// Runs to its end and gives its output.
    static func output(_ executable: String, _ arguments: [String], folder: String) throws -> String {
        let log = "\(folder)/\(UUID().uuidString).out"
        let child = try ChildProcess(executable, arguments, log: log)
        child.process.waitUntilExit()
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        guard child.process.terminationStatus == 0 else {
            throw LeibrixError(.internal, "\(executable) \(arguments.joined(separator: " ")) ended with \(child.process.terminationStatus)", detail: String(text.suffix(400)))
        }
        return text
    }
}
