import Base
import Columnar
import Platform
import SQLPlanning
import Testing

/// Statements beside what DuckDB 1.5.5's json_serialize_sql answered for them, one JSON object a line.
enum SerializedQueries {
    static let trees = read("queries.jsonl")
    /// Statements for point plans.
    static let points = read("points.jsonl")

    private static func read(_ file: String) -> [(sql: String, tree: String)] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        guard let bytes = try? Files.read("/\(folder)/\(file)") else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let entry = try? JSON.parse(utf8: Array(line)), let sql = entry["sql"]?.string, let tree = entry["tree"]?.string
            else { return nil }
            return (sql, tree)
        }
    }

    /// The statement of the points.
    static func point(_ sql: String) throws -> Query {
        let entry = try #require(points.first { $0.sql == sql }, "\(sql) is not in points.jsonl")
        return try #require(try Query.decode(serialized: entry.tree).first)
    }

    /// The first statement that starts so.
    static func query(_ prefix: String) throws -> Query {
        let entry = try #require(trees.first { $0.sql.hasPrefix(prefix) })
        return try #require(try Query.decode(serialized: entry.tree).first)
    }
}
