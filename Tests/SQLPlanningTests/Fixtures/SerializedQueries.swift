import Base
import Columnar
import Platform
import SQLPlanning
import Testing

/// Statements beside what DuckDB 1.5.5's json_serialize_sql answered for them, one JSON object a line.
enum SerializedQueries {
    static let trees: [(sql: String, tree: String)] = {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        guard let bytes = try? Files.read("/\(folder)/queries.jsonl") else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let entry = try? JSON.parse(utf8: Array(line)), let sql = entry["sql"]?.string, let tree = entry["tree"]?.string
            else { return nil }
            return (sql, tree)
        }
    }()

    /// The first statement that starts so.
    static func query(_ prefix: String) throws -> Query {
        let entry = try #require(trees.first { $0.sql.hasPrefix(prefix) })
        return try #require(try Query.decode(serialized: entry.tree).first)
    }
}
