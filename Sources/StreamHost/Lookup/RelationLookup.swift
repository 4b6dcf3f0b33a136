internal import Base
internal import Columnar
internal import DuckDBKit
internal import StreamEngine
internal import Synchronization

/// Rows by key of a relation in DuckDB's catalog, a table or a dataset, as last committed. A chunk's keys are one query.
final class RelationLookup: LookupSource {
    private let database: Database
    private let relation: String
    private let columns: [DataType.Field]
    /// Connections that nobody uses.
    private let idle = Mutex<[Connection]>([])

    init(_ database: Database, _ input: LookupInput) {
        self.database = database
        relation = "lbx.\(Self.quoted(input.schema)).\(Self.quoted(input.name))"
        columns = input.columns
    }

    static func quoted(_ name: String) -> String { "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" }

    func lookUp(_ keys: Batch, columns wanted: [Int]) throws(LeibrixError) -> LookupAnswer {
        let free = idle.withLock { $0.popLast() }
        let connection: Connection
        if let free { connection = free } else { connection = try database.connect() }
        var unnested = ["unnest(range(\(keys.rowCount))) AS i"]
        var conditions: [String] = []
        var parameters: [Value] = []
        for (place, column) in wanted.enumerated() {
            unnested.append("unnest(CAST($\(place + 1) AS \(columns[column].type)[])) AS k\(place)")
            conditions.append("r.\(Self.quoted(columns[column].name)) = k.k\(place)")
            parameters.append(.list((0..<keys.rowCount).map { keys.value(row: $0, column: place) }))
        }
        let list = columns.map { "r.\(Self.quoted($0.name))" }.joined(separator: ", ")
        let rows = try connection.rows(
            "SELECT k.i, \(list) FROM (SELECT \(unnested.joined(separator: ", "))) k JOIN \(relation) r ON \(conditions.joined(separator: " AND ")) ORDER BY ALL",
            parameters)
        idle.withLock { $0.append(connection) }
        let keyRows = rows.map { row -> Int32 in
            guard case .integer(let key)? = row.first else { return 0 }
            return Int32(truncatingIfNeeded: key)
        }
        return LookupAnswer(rows: Batch.rows(rows.map { Array($0.dropFirst()) }, columns), keyRows: keyRows)
    }
}
