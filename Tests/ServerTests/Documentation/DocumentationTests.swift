// The statements of docs/sql, run as they stand: every block marked sql works, every block marked sql refused is refused with a hint.
import Foundation
import PostgresClient
import Testing

@Suite struct DocumentationTests {
    struct Block {
        var line: Int
        var isRefused: Bool
        var text: String
    }

    static let folder = BuiltExecutable.root + "/docs/sql"

    @Test(arguments: ["README", "datasets", "tables", "streams", "tenants"])
    func statementsWork(page: String) throws {
        let files = TemporaryFolder("docs-\(page)")
        let lake = files.path + "/lake"
        try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
        if page == "datasets" { _ = try FixtureLake(folder: lake) }
        let server = try ServerProcess(dataDirectory: files.path + "/data")
        let connection = try server.connect()
        let blocks = try Self.blocks("\(Self.folder)/\(page).md")
        #expect(!blocks.isEmpty)
        for block in blocks {
            let text = block.text.split(separator: "/data/lake", omittingEmptySubsequences: false).joined(separator: lake)
            do {
                // As psql sends them: each statement, which ends with its line, by itself.
                for statement in text.components(separatedBy: ";\n") { _ = try connection.query(statement) }
                #expect(!block.isRefused, "\(page).md:\(block.line) is not refused")
            } catch ClientError.server(let error) {
                #expect(block.isRefused, "\(page).md:\(block.line): \(error)")
                #expect(error.hint != nil || error.detail != nil, "\(page).md:\(block.line): no hint: \(error)")
            }
            if page == "datasets", text.contains("CREATE DATASET") { try Datasets.waitUntilReady(connection, ["nums", "orders"]) }
        }
    }

    private static func blocks(_ path: String) throws -> [Block] {
        var blocks: [Block] = []
        var open: Block?
        for (index, line) in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else if line == "```sql" || line == "```sql refused" {
                    open = Block(line: index + 1, isRefused: line.hasSuffix("refused"), text: "")
                }
            } else {
                open?.text += line + "\n"
            }
        }
        return blocks
    }
}
