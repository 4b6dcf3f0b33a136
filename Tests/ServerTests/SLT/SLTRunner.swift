// Runs a file's records against a server: each statement as a simple query, each query once more through the extended protocol with
// binary results. Lists every record that differs.
import PostgresClient

struct SLTFailure: CustomStringConvertible {
    let path: String
    let line: Int
    let message: String
    var description: String { "\(path):\(line): \(message)" }
}

struct SLTRunner {
    let file: SLTFile
    let connect: () throws -> PostgresConnection
    private var connections: [String: PostgresConnection] = [:]
    private(set) var failures: [SLTFailure] = []

    init(file: SLTFile, connect: @escaping () throws -> PostgresConnection) {
        self.file = file
        self.connect = connect
    }

    mutating func run() -> [SLTFailure] {
        for record in file.records {
            do {
                let connection = try connection(record.connection)
                if let message = try run(record, SLTRunner.substituted(record), connection) { fail(record, message) }
            } catch {
                fail(record, "\(error)")
                connections[record.connection] = nil
            }
        }
        for connection in connections.values { connection.close() }
        return failures
    }

    static func substituted(_ record: SLTRecord) -> String {
        record.variables.reduce(record.sql) { sql, pair in sql.split(separator: "${\(pair.key)}", omittingEmptySubsequences: false).joined(separator: pair.value) }
    }

    private mutating func connection(_ name: String) throws -> PostgresConnection {
        if let open = connections[name] { return open }
        let made = try connect()
        connections[name] = made
        return made
    }

    private mutating func fail(_ record: SLTRecord, _ message: String) {
        let variables = record.variables.isEmpty ? "" : " \(record.variables)"
        failures.append(SLTFailure(path: file.path, line: record.line, message: "\(message)\(variables)\n  \(record.sql)"))
    }

    private func run(_ record: SLTRecord, _ sql: String, _ connection: PostgresConnection) throws -> String? {
        switch record.kind {
        case .ok:
            _ = try connection.query(sql)
            return nil
        case .error(let state, let wantsHint, let words):
            return error(sql, state, wantsHint, words, connection)
        case .query(let types, let isSorted, _, let rows):
            let simple = try connection.query(sql).last ?? StatementResult()
            if let message = SLTRunner.difference(simple.textRows, types, isSorted, rows, simple.fields.count) { return "text: " + message }
            guard !record.isSimpleOnly else { return nil }
            let binary = try connection.extended(sql, binaryResults: true)
            guard let decoded = SLTRunner.decode(binary) else { return nil }
            return SLTRunner.difference(decoded, types, isSorted, rows, binary.fields.count).map { "binary: " + $0 }
        }
    }

    private func error(_ sql: String, _ state: String?, _ wantsHint: Bool, _ words: [String], _ connection: PostgresConnection) -> String? {
        do {
            let results = try connection.query(sql)
            return "expected an error, got \(results.map(\.tag))"
        } catch ClientError.server(let error) {
            if let state, error.sqlState != state { return "expected SQLSTATE \(state), got \(error)" }
            if let word = words.first(where: { !error.description.lowercased().split(separator: "\n").joined(separator: " ").contains($0.lowercased()) }) {
                return "expected `\(word)` in: \(error)"
            }
            if wantsHint && (error.hint ?? "").isEmpty { return "no hint: \(error)" }
            return nil
        } catch {
            return "the connection was lost: \(error)"
        }
    }

    /// Nil when a column's binary form is not decoded by the harness.
    static func decode(_ result: StatementResult) -> [[String?]]? {
        var rows: [[String?]] = []
        for row in result.rows {
            var cells: [String?] = []
            for (cell, field) in zip(row, result.fields) {
                guard let cell else { cells.append(nil); continue }
                guard field.isBinary else { cells.append(String(decoding: cell, as: UTF8.self)); continue }
                guard let text = BinaryDecoding.text(cell, field.typeOID) else { return nil }
                cells.append(text)
            }
            rows.append(cells)
        }
        return rows
    }

    static func format(_ rows: [[String?]], _ types: [Character], isSorted: Bool) -> [String] {
        let lines = rows.map { row in
            row.enumerated().map { index, cell in
                let type = index < types.count ? types[index] : "T"
                return type == "X" ? "(any)" : escaped(Comparison.normal(cell, isFloat: type == "R"))
            }.joined(separator: "\t")
        }
        return isSorted ? lines.sorted() : lines
    }

    private static func escaped(_ cell: String) -> String {
        cell.reduce(into: "") { $0 += $1 == "\n" ? "\\n" : $1 == "\t" ? "\\t" : $1 == "\r" ? "\\r" : String($1) }
    }

    private static func difference(_ rows: [[String?]], _ types: [Character], _ isSorted: Bool, _ expected: [String], _ width: Int) -> String? {
        if width != types.count { return "expected \(types.count) columns, got \(width)" }
        let lines = format(rows, types, isSorted: isSorted)
        if lines == expected { return nil }
        let at = zip(lines, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(lines.count, expected.count)
        let want = at < expected.count ? expected[at] : "the end"
        let got = at < lines.count ? lines[at] : "the end"
        return "\(lines.count) rows for \(expected.count); row \(at + 1): expected [\(want)], got [\(got)]"
    }
}
