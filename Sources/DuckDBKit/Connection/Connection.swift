public import Base
package import CDuckDB
public import Columnar

/// One connection: used by one thread at a time, interrupted and watched from any.
///
/// Every call blocks; call it on a `BlockingPool`.
@safe
public final class Connection: @unchecked Sendable {
    package let handle: duckdb_connection
    private let database: Database

    package init(taking handle: duckdb_connection, of database: Database) {
        unsafe self.handle = unsafe handle
        self.database = database
    }

    deinit {
        var handle: duckdb_connection? = unsafe handle
        unsafe duckdb_disconnect(&handle)
    }

    /// Runs one or more statements for their effect.
    public func execute(_ sql: String) throws(LeibrixError) {
        var result = unsafe duckdb_result()
        let state = unsafe duckdb_query(handle, sql, &result)
        defer { unsafe duckdb_destroy_result(&result) }
        guard state == DuckDBSuccess else {
            throw .duckDB(unsafe String(cString: duckdb_result_error(&result)), sql: sql)
        }
    }

    /// Plans one statement. Throws for none and for several.
    public func prepare(_ sql: String) throws(LeibrixError) -> PreparedQuery {
        var statement: duckdb_prepared_statement?
        let state = unsafe duckdb_prepare(handle, sql, &statement)
        guard state == DuckDBSuccess, let made = unsafe statement else {
            defer { unsafe duckdb_destroy_prepare(&statement) }
            let message = unsafe duckdb_prepare_error(statement).map { unsafe String(cString: $0) }
            throw .duckDB(message ?? "the statement cannot be planned", sql: sql)
        }
        return unsafe PreparedQuery(taking: made, sql: sql)
    }

    /// Runs one statement. A streaming result is pulled from the running query and must be drained or dropped before the
    /// connection's next use; otherwise all rows are there when this returns.
    public func query(_ sql: String, _ parameters: [Value] = [], streaming: Bool = false) throws(LeibrixError) -> QueryResult {
        let statement = try prepare(sql)
        for (index, value) in parameters.enumerated() { try statement.bind(index, value) }
        return try statement.execute(streaming: streaming)
    }

    /// All rows of a small result.
    public func rows(_ sql: String, _ parameters: [Value] = []) throws(LeibrixError) -> [[Value]] {
        var result = try query(sql, parameters)
        var rows: [[Value]] = []
        while let batch = try result.next() {
            for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
        }
        return rows
    }

    /// Ends the running statement with an error. Any thread.
    public func interrupt() { unsafe duckdb_interrupt(handle) }

    /// How far the running statement is, 0 to 1, or nil when it cannot tell. Any thread.
    public var progress: (fraction: Double, rowsDone: UInt64, rowsTotal: UInt64)? {
        let progress = unsafe duckdb_query_progress(handle)
        guard progress.percentage >= 0 else { return nil }
        return (progress.percentage / 100, progress.rows_processed, progress.total_rows_to_process)
    }

    /// The relations a statement names, as written; qualified names keep their qualifiers and quotes.
    /// Throws for a statement whose relations must be known to be read (a JOIN .. USING over unknown ones).
    public func tableNames(of sql: String, qualified: Bool = true) throws(LeibrixError) -> [String] {
        guard var list = unsafe duckdb_get_table_names(handle, sql, qualified) else {
            throw LeibrixError(.syntax, "the statement cannot be parsed")
        }
        defer { unsafe destroy(&list) }
        return unsafe (0..<duckdb_get_list_size(list)).map { index in
            var item: duckdb_value? = unsafe duckdb_get_list_child(list, index)
            defer { unsafe duckdb_destroy_value(&item) }
            guard let text = unsafe duckdb_get_varchar(item) else { return "" }
            defer { unsafe duckdb_free(text) }
            return unsafe Self.withoutAlias(String(cString: text))
        }
    }

    /// DuckDB spells a relation as in a FROM clause: `name AS alias` where it has one. Quoted names may hold spaces.
    private static func withoutAlias(_ relation: String) -> String {
        var isQuoted = false
        for index in relation.indices {
            if relation[index] == "\"" { isQuoted.toggle() }
            if relation[index] == " ", !isQuoted { return String(relation[..<index]) }
        }
        return relation
    }

    /// Loads an extension file. Nothing is fetched.
    public func loadExtension(_ path: String) throws(LeibrixError) {
        try execute("LOAD \(Value.string(path).duckDBLiteral)")
    }

    private func destroy(_ value: inout duckdb_value) {
        var value: duckdb_value? = unsafe value
        unsafe duckdb_destroy_value(&value)
    }
}
