// The checkout as the rules see it: files with their text, paths relative to the package's root.
internal import Foundation

struct SourceFile {
    /// Relative to the root, with slashes.
    let path: String
    let text: [UInt8]

    init(path: String, text: String) {
        self.path = path
        self.text = Array(text.utf8)
    }

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.text = bytes
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isC: Bool { [".c", ".cpp", ".h", ".hpp"].contains { path.hasSuffix($0) } }
    /// `Sources/Session/Door/DoorService.swift` is in room `Session`.
    var room: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }
    var isTest: Bool { path.hasPrefix("Tests/") }
    var lineCount: Int { lines.count }
    var lines: [String] { Self.lines(of: text) }

    static func lines(of text: [UInt8]) -> [String] {
        var pieces = text.split(separator: 10, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        if pieces.last == "" { pieces.removeLast() }
        return pieces
    }
}

/// One breach of one rule, printed as compilers print theirs.
struct Violation: CustomStringConvertible, Hashable {
    let path: String
    let line: Int
    let message: String
    var description: String { "\(path):\(line): \(message)" }
}

struct SourceTree {
    let files: [SourceFile]

    static let root: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(4)
        return parts.joined(separator: "/")
    }()

    /// Every text file of the checkout, hidden folders (.git, .build, .deps) and what is generated left out.
    static let checkout = SourceTree(files: collect())

    private static let folders = ["Sources", "Tests", "docs", "scripts", "Fuzz", "Benchmarks", ".ci", "examples"]

    private static func collect() -> [SourceFile] {
        let manager = FileManager.default
        var paths = ((try? manager.contentsOfDirectory(atPath: root)) ?? []).filter { !$0.hasPrefix(".") }
        paths = paths.filter { !isFolder($0) }
        for folder in folders {
            let inside = (try? manager.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
            paths += inside.map { "\(folder)/\($0)" }.filter { !isFolder($0) && !$0.contains("__pycache__") }
        }
        return paths.sorted().compactMap { path in
            guard let data = manager.contents(atPath: "\(root)/\(path)"), !data.contains(0) else { return nil }
            return SourceFile(path: path, bytes: Array(data))
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var folder: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &folder) && folder.boolValue
    }

    func file(_ path: String) -> SourceFile? { files.first { $0.path == path } }
    var swift: [SourceFile] { files.filter(\.isSwift) }
    var code: [SourceFile] { files.filter { $0.isSwift || $0.isC } }
}
