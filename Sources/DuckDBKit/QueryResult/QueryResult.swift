public import Base
internal import CDuckDB
public import Columnar

/// The rows of a statement, a batch at a time. Dropping it ends a streaming statement.
@safe
public struct QueryResult: ~Copyable, @unchecked Sendable {
    private var result: duckdb_result
    private let sql: String
    public let columns: [DataType.Field]

    init(taking result: duckdb_result, sql: String) {
        unsafe self.result = unsafe result
        self.sql = sql
        var copy = unsafe result
        self.columns = unsafe (0..<duckdb_column_count(&copy)).map { index in
            unsafe DataType.Field(
                String(cString: duckdb_column_name(&copy, index)),
                LogicalType(taking: duckdb_column_logical_type(&copy, index)).dataType)
        }
    }

    deinit {
        var result = unsafe result
        unsafe duckdb_destroy_result(&result)
    }

    /// The next rows, at most DuckDB's vector size (2,048), or nil at the end. A batch outlives the result.
    public mutating func next() throws(LeibrixError) -> Batch? {
        try nextChunk()?.batch(columns)
    }

    mutating func nextChunk() throws(LeibrixError) -> DataChunk? {
        while true {
            guard let chunk = unsafe duckdb_fetch_chunk(result) else {
                if let message = unsafe duckdb_result_error(&result) {
                    let text = unsafe String(cString: message)
                    if !text.isEmpty { throw .duckDB(text, sql: sql) }
                }
                return nil
            }
            let owner = unsafe DataChunk(taking: chunk)
            if owner.count > 0 { return owner }
        }
    }

    mutating func withResult<R>(_ body: (UnsafeMutablePointer<duckdb_result>) -> R) -> R { unsafe body(&result) }

    /// Rows an INSERT, UPDATE or DELETE changed.
    public var rowsChanged: Int {
        var copy = unsafe result
        return unsafe Int(duckdb_rows_changed(&copy))
    }
}
