// Reading and listing at a source: local files by Platform, object stores through DuckDB's file systems.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import Platform

enum SourceFiles {
    /// A small document, whole.
    static func read(_ path: String, _ connection: Connection) throws(LeibrixError) -> String {
        if SourceAdapters.isLocal(path) {
            guard let status = Files.status(path) else { throw missing(path) }
            guard status.size <= DatasetLimits.metadataBytesMax else {
                throw LeibrixError(.limitExceeded, "\(path) has \(status.size) bytes, more than a metadata document may have")
            }
            return String(decoding: try Files.read(path), as: UTF8.self)
        }
        let rows = try connection.rows("SELECT content FROM read_text(\(SQLText.literal(path)))")
        guard case .string(let text)? = rows.first?.first else { throw missing(path) }
        return text
    }

    static func missing(_ path: String) -> LeibrixError {
        LeibrixError(.sourceUnavailable, "\(path) is not there", hint: "Was the table or the warehouse moved?")
    }

    static func exists(_ path: String, _ connection: Connection) throws(LeibrixError) -> Bool {
        if SourceAdapters.isLocal(path) { return Files.exists(path) }
        // A pattern makes DuckDB list; a plain path is taken for there. The last character as a set matches itself alone.
        let pattern = path.dropLast() + "[" + path.suffix(1) + "]"
        return try !connection.rows("SELECT 1 FROM glob(\(SQLText.literal(String(pattern)))) LIMIT 1").isEmpty
    }

    /// Names directly below a folder that match the suffix.
    static func names(in folder: String, suffix: String, _ connection: Connection) throws(LeibrixError) -> [String] {
        if SourceAdapters.isLocal(folder) {
            guard Files.status(folder)?.isDirectory == true else { return [] }
            return try Files.list(folder).filter { !$0.isDirectory && $0.name.hasSuffix(suffix) }.map(\.name)
        }
        let rows = try connection.rows("SELECT file FROM glob(\(SQLText.literal("\(folder)/*\(suffix)"))) ORDER BY file")
        return rows.compactMap { row in
            if case .string(let path) = row[0] { return path.split(separator: "/").last.map(String.init) }
            return nil
        }
    }

    /// Every file below a local folder, in order of path.
    static func walk(_ folder: String, depth: Int = 0) throws(LeibrixError) -> [(path: String, status: Files.Status)] {
        guard depth < 32 else { return [] }
        var found: [(path: String, status: Files.Status)] = []
        for entry in try Files.list(folder) where !entry.name.hasPrefix(".") && !entry.name.hasPrefix("_") {
            let path = folder + "/" + entry.name
            if entry.isDirectory {
                found += try walk(path, depth: depth + 1)
            } else if let status = Files.status(path) {
                found.append((path, status))
            }
        }
        return found
    }
}

extension Value {
    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }
    var int64: Int64? {
        switch self {
        case .integer(let number): number
        case .unsigned(let number): Int64(exactly: number)
        case .hugeInt(let number): Int64(exactly: number)
        case .unsignedHugeInt(let number): Int64(exactly: number)
        case .decimal(let digits, _, 0): Int64(exactly: digits)
        default: nil
        }
    }
}
