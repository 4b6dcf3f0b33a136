import Base
import Columnar
import DuckDBKit
import Platform
import SQLPlanning

/// A table of random rows in DuckDB, the same rows here, and both ways to evaluate an expression over them.
struct Oracle {
    static let columns: [(name: String, type: String)] = [
        ("s", "SMALLINT"), ("i", "INTEGER"), ("j", "INTEGER"), ("l", "BIGINT"), ("d", "DECIMAL(10,2)"), ("e", "DECIMAL(6,3)"),
        ("r", "FLOAT"), ("f", "DOUBLE"), ("g", "DOUBLE"), ("b", "BOOLEAN"), ("c", "BOOLEAN"), ("v", "VARCHAR"), ("w", "VARCHAR"),
        ("y", "DATE"), ("z", "DATE"), ("t", "TIMESTAMP"), ("u", "TIMESTAMP"), ("n", "INTERVAL"),
    ]
    let connection: Connection
    let rows: [[Scalar]]
    let scope: ScalarScope

    init(seed: UInt64, rows count: Int) throws {
        connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        var generator = SeededGenerator(seed: seed)
        let definition = Self.columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
        try connection.execute("CREATE TABLE rows (\(definition))")
        let values = (0..<count).map { _ in
            "(" + Self.columns.map { Self.literal($0.type, &generator) }.joined(separator: ", ") + ")"
        }
        try connection.execute("INSERT INTO rows VALUES \(values.joined(separator: ", "))")
        var result = try connection.query("SELECT * FROM rows")
        let types = result.columns.map(\.type)
        scope = ScalarScope(
            columns: zip(Self.columns, types).map { ScalarScope.Column($0.name, $1) }, qualifiers: [["rows"]])
        var rows: [[Scalar]] = []
        while let batch = try result.next() {
            for row in 0..<batch.rowCount { rows.append(types.indices.map { Scalar(batch.value(row: row, column: $0)) }) }
        }
        self.rows = rows
    }

    /// Small numbers mostly, so that operands meet; edges sometimes; NULL one time in eight.
    private static func literal(_ type: String, _ generator: inout SeededGenerator) -> String {
        if Int.random(in: 0..<8, using: &generator) == 0 { return "NULL" }
        let isEdge = Int.random(in: 0..<10, using: &generator) == 0
        let small = Int.random(in: -9...9, using: &generator)
        switch type {
        case "SMALLINT": return isEdge ? ["-32768", "32767", "0"].randomElement(using: &generator)! : "\(small)"
        case "INTEGER": return isEdge ? ["-2147483648", "2147483647", "65536"].randomElement(using: &generator)! : "\(small)"
        case "BIGINT": return isEdge ? ["-9223372036854775808", "9223372036854775807", "4294967296"].randomElement(using: &generator)! : "\(small)"
        case "DECIMAL(10,2)": return isEdge ? ["99999999.99", "-99999999.99", "0.01"].randomElement(using: &generator)! : "\(small).\(abs(small))5"
        case "DECIMAL(6,3)": return isEdge ? ["999.999", "-0.005", "0.500"].randomElement(using: &generator)! : "\(small).\(abs(small))25"
        case "FLOAT": return isEdge ? ["'nan'", "'-inf'", "3e38"].randomElement(using: &generator)! : "\(Double(small) / 4)"
        case "DOUBLE": return isEdge ? ["'nan'", "'inf'", "1e300", "-0.0", "2147483646.5"].randomElement(using: &generator)! : "\(Double(small) / 2)"
        case "BOOLEAN": return small > 0 ? "true" : "false"
        case "VARCHAR": return ["''", "'a'", "'B'", "'ab'", "'aB%'", "' ü x '", "'straße'", "'日本語'", "'%_'", "'abcabc'", "'Ünî'"].randomElement(using: &generator)!
        case "DATE": return isEdge ? ["DATE '2024-02-29'", "DATE '1969-12-31'", "DATE '0001-01-01'"].randomElement(using: &generator)! : "DATE '2026-01-31' + \(small * 10)"
        case "TIMESTAMP":
            return isEdge ? ["TIMESTAMP '2024-02-29 23:59:59.999999'", "TIMESTAMP '1969-12-31 12:00:00'"].randomElement(using: &generator)! : "TIMESTAMP '2026-03-31 10:30:00.5' + INTERVAL (\(small)) HOUR"
        default: return "INTERVAL '\(small) months \(-small) days \(small * 1000) seconds'"
        }
    }

    /// DuckDB's values; what raises in a row is NULL there.
    func expected(_ sql: String) throws -> (type: DataType, values: [Value]) {
        var result = try connection.query("SELECT TRY(\(sql)) FROM rows")
        var values: [Value] = []
        while let batch = try result.next() { for row in 0..<batch.rowCount { values.append(batch.value(row: row, column: 0)) } }
        return (result.columns[0].type, values)
    }

    func program(_ sql: String) throws -> ScalarProgram? {
        let text = sql.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        var result = try connection.query("SELECT json_serialize_sql('SELECT \(text)')")
        guard case .string(let tree)? = try result.next()?.value(row: 0, column: 0), let expression = try Query.decode(serialized: tree).first?.select?.list.first
        else { return nil }
        return ScalarProgram.bind(expression, in: scope)
    }

    /// Descriptions of the rows in which the two differ.
    func differences(_ sql: String, _ program: ScalarProgram) throws -> [String] {
        let (type, values) = try expected(sql)
        if type != program.type { return ["type \(program.type), DuckDB's is \(type)"] }
        var frame = ScalarFrame()
        var differences: [String] = []
        for (row, wanted) in zip(rows, values) {
            let got: Value
            do {
                got = try program.evaluate(ScalarArrayRow(row), ScalarContext(), &frame).value(type)
            } catch where error.code == .divisionByZero {
                if !Self.isUndefined(wanted) { differences.append("division by zero, DuckDB has \(wanted)") }
                continue
            } catch {
                got = .null
            }
            if !Self.isSame(got, wanted) { differences.append("\(got), DuckDB has \(wanted), in \(row)") }
        }
        return differences
    }

    private static func isUndefined(_ value: Value) -> Bool {
        switch value {
        case .null: true
        case .double(let number): !number.isFinite
        case .real(let number): !number.isFinite
        default: false
        }
    }

    private static func isSame(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.double(let x), .double(let y)): x == y || x.isNaN && y.isNaN
        case (.real(let x), .real(let y)): x == y || x.isNaN && y.isNaN
        case (.string(let x), .string(let y)): x.utf8.elementsEqual(y.utf8)
        default: a == b
        }
    }
}
