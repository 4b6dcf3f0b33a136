// Tests/clients/lake_writer.py: real Iceberg and Delta tables, and the faults that are put into them.
import Foundation

struct LakeWriter {
    let folder: String
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: BuiltExecutable.python("venv-lake")) }

    struct Table: Equatable {
        var rows: Int
        var sum: Int
    }

    @discardableResult
    func run(_ command: String, _ argument: Int = 0) throws -> Table {
        let script = BuiltExecutable.root + "/Tests/clients/lake_writer.py"
        let result = try CommandResult.run(BuiltExecutable.python("venv-lake"), [script, command, folder, "\(argument)"], environment: ["PYTHONDONTWRITEBYTECODE": "1"])
        let words = result.output.split(whereSeparator: \.isWhitespace).map(String.init)
        guard result.status == 0, let at = words.lastIndex(of: "rows"), at + 3 < words.count, let rows = Int(words[at + 1]), let sum = Int(words[at + 3]) else {
            throw HarnessError("lake_writer.py \(command): \(result.output.suffix(600))")
        }
        return Table(rows: rows, sum: sum)
    }

    /// Data files of the Iceberg table, oldest first.
    func dataFiles() throws -> [String] {
        let data = "\(folder)/warehouse/db/events/data"
        let names = try FileManager.default.contentsOfDirectory(atPath: data)
        return try names.map { "\(data)/\($0)" }.sorted { try Self.modified($0) < Self.modified($1) }
    }

    private static func modified(_ path: String) throws -> Date {
        try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date ?? .distantPast
    }
}
