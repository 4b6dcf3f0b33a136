// Where this build put the server's executable, and the package's root.
import Foundation

enum BuiltExecutable {
    static let root: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(4)
        return parts.joined(separator: "/")
    }()

    /// Beside the test bundle: the same configuration as the tests. `LEIBRIX_EXECUTABLE` names another one.
    static let leibrix: String = {
        if let named = ProcessInfo.processInfo.environment["LEIBRIX_EXECUTABLE"] { return named }
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        let folder = bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let candidates = [folder, "\(root)/.build/debug"].flatMap { ["\($0)/leibrix", "\($0)/leibrix-cli"] }
        // A build of this test target alone makes `leibrix-cli` beside an older `leibrix`: the newest is meant.
        let built = candidates.filter { FileManager.default.isExecutableFile(atPath: $0) }
        return built.max { modified($0) < modified($1) } ?? candidates[0]
    }()

    private static func modified(_ path: String) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.modificationDate] as? Date ?? .distantPast
    }

    static func python(_ environment: String) -> String { "\(root)/.deps/\(environment)/bin/python" }
    static var extensions: String { "\(root)/.deps/duckdb/extensions" }
}

/// A folder that goes away with the process that made it.
final class TemporaryFolder: Sendable {
    let path: String

    init(_ label: String) {
        path = NSTemporaryDirectory() + "leibrix-\(label)-\(UUID().uuidString.prefix(8))"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
    deinit { remove() }
}

struct HarnessError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
