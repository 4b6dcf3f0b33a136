internal import Base
internal import Foundation
internal import SQLPlanning
internal import Testing

/// Query trees of the texts in queries.sql, as DuckDB serialized them (update.py).
enum Queries {
    private static let trees: [String: String] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let text = (try? String(contentsOf: folder.appendingPathComponent("queries.jsonl"), encoding: .utf8)) ?? ""
        var trees: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let entry = try? JSON.parse(String(line)), let sql = entry["sql"]?.string else { continue }
            trees[sql] = entry["tree"]?.string
        }
        return trees
    }()

    static func tree(_ sql: String) throws -> Query {
        let tree = try #require(trees[sql], "not in queries.sql: \(sql)")
        return try Query.decode(serialized: tree)[0]
    }
}
