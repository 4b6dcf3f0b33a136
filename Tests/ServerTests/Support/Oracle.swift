// DuckDB by itself, reading the same files: what answers are held against.
import Base
import Columnar
import DuckDBKit

final class Oracle {
    private let database: Database
    let connection: Connection

    init(_ lake: FixtureLake?, settings: [String: String] = [:]) throws {
        database = try Database(DatabaseConfiguration(threads: 1, settings: settings))
        connection = try database.connect()
        try connection.execute("SET TimeZone = 'UTC'")
        try lake?.attach(to: connection)
    }

    struct Answer {
        var types: [DataType]
        var rows: [[String?]]
    }

    /// Rows in PostgreSQL's text forms.
    func answer(_ sql: String) throws -> Answer {
        var result = try connection.query(sql)
        let types = result.columns.map(\.type)
        var rows: [[String?]] = []
        while let batch = try result.next() {
            for row in 0..<batch.rowCount {
                rows.append(types.indices.map { PostgresText.text(batch.value(row: row, column: $0), types[$0]) })
            }
        }
        return Answer(types: types, rows: rows)
    }
}

/// How two cells are held against each other: floating-point columns by value, everything else by text.
enum Comparison {
    static func isFloat(_ type: DataType) -> Bool { [.real, .double].contains(type.base) }

    /// Twelve significant digits: sums of doubles depend on the order in which threads add.
    static func normal(_ text: String?, isFloat: Bool) -> String {
        guard let text else { return "NULL" }
        guard isFloat, let number = Double(text), number.isFinite else { return text.isEmpty ? "(empty)" : text }
        return number == 0 ? "0" : significant(number)
    }

    static func significant(_ number: Double, digits: Int = 11) -> String {
        var exponent = 0
        var mantissa = number.magnitude
        if mantissa >= 1e16 || mantissa < 1e-4 {
            while mantissa >= 10 { mantissa /= 10; exponent += 1 }
            while mantissa < 1 { mantissa *= 10; exponent -= 1 }
        }
        var scale = 1.0
        var whole = mantissa
        var places = digits - 1
        while whole >= 10 { whole /= 10; places -= 1 }
        for _ in 0..<max(places, 0) { scale *= 10 }
        var text = "\((mantissa * scale).rounded() / scale)"
        if text.hasSuffix(".0") { text.removeLast(2) }
        return (number < 0 ? "-" : "") + text + (exponent == 0 ? "" : "e\(exponent)")
    }
}
