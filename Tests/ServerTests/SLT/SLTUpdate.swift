// The update mode, LEIBRIX_SLT_UPDATE=1: DuckDB answers each query over the same files, and the files are rewritten with what it said.
import Foundation

enum SLTUpdate {
    static let isOn = ProcessInfo.processInfo.environment["LEIBRIX_SLT_UPDATE"] != nil

    /// Returns the queries that DuckDB itself refused.
    static func rewrite(_ file: SLTFile, oracle: Oracle) -> [SLTFailure] {
        var lines = file.lines
        var failures: [SLTFailure] = []
        var written: Set<Int> = []
        var edits: [(Range<Int>, [String])] = []
        for record in file.records where written.insert(record.line).inserted {
            let sql = SLTRunner.substituted(record)
            guard case .query(let types, let isSorted, let isManual, _) = record.kind else { continue }
            guard !isManual else { continue }
            do {
                let answer = try oracle.answer(sql)
                if answer.types.count != types.count { failures.append(SLTFailure(path: file.path, line: record.line, message: "\(answer.types.count) columns, \(types.count) letters")) }
                let rows = SLTRunner.format(answer.rows, types, isSorted: isSorted)
                edits.append((record.resultLines, record.hasSeparator ? rows : ["----"] + rows))
            } catch {
                failures.append(SLTFailure(path: file.path, line: record.line, message: "DuckDB: \(error)\n  \(sql)"))
            }
        }
        for (range, rows) in edits.reversed() { lines.replaceSubrange(range, with: rows) }
        try? (lines.joined(separator: "\n") + "\n").write(toFile: file.path, atomically: true, encoding: .utf8)
        return failures
    }
}
