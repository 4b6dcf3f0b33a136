public import Base
internal import CDuckDB
public import Columnar

/// A planned statement of one connection. DuckDB plans it again by itself when what it names has changed.
@safe
public struct PreparedQuery: ~Copyable {
    private let handle: duckdb_prepared_statement
    public let sql: String

    init(taking handle: duckdb_prepared_statement, sql: String) {
        unsafe self.handle = unsafe handle
        self.sql = sql
    }

    deinit {
        var handle: duckdb_prepared_statement? = unsafe handle
        unsafe duckdb_destroy_prepare(&handle)
    }

    /// One type a parameter, nil where the statement leaves it open.
    public var parameterTypes: [DataType?] {
        let count = unsafe duckdb_nparams(handle)
        return (0..<count).map { index in
            guard let type = unsafe duckdb_param_logical_type(handle, index + 1) else { return nil }
            let dataType = unsafe LogicalType(taking: type).dataType
            if case .other = dataType { return nil }
            return dataType == .null ? nil : dataType
        }
    }

    /// The parameters' names in the order of `parameterTypes` ("1", "2" for $1, $2).
    public var parameterNames: [String] {
        unsafe (0..<duckdb_nparams(handle)).map { index in
            guard let name = unsafe duckdb_parameter_name(handle, index + 1) else { return "" }
            defer { unsafe duckdb_free(UnsafeMutableRawPointer(mutating: name)) }
            return unsafe String(cString: name)
        }
    }

    /// The result's columns; nil when they depend on parameters whose types are open.
    public var columns: [DataType.Field]? {
        let count = unsafe duckdb_prepared_statement_column_count(handle)
        var fields: [DataType.Field] = []
        for index in 0..<count {
            guard let type = unsafe duckdb_prepared_statement_column_logical_type(handle, index),
                let name = unsafe duckdb_prepared_statement_column_name(handle, index)
            else { return nil }
            defer { unsafe duckdb_free(UnsafeMutableRawPointer(mutating: name)) }
            let dataType = unsafe LogicalType(taking: type).dataType
            if dataType == .other("UNKNOWN") { return nil }
            unsafe fields.append(DataType.Field(String(cString: name), dataType))
        }
        return fields
    }

    public var kind: StatementKind { unsafe StatementKind(duckdb_prepared_statement_type(handle)) }

    /// Binds the parameter at `index`, counted from 0 in the order of `parameterTypes`. `type` is what the statement was
    /// planned for, if known: bound in it, the statement need not be planned again.
    public func bind(_ index: Int, _ value: Value, as type: DataType? = nil) throws(LeibrixError) {
        let made = type.map { BoundValue(value, as: $0) } ?? BoundValue(value)
        guard unsafe duckdb_bind_value(handle, idx_t(index + 1), made.handle) == DuckDBSuccess else {
            let message = unsafe duckdb_prepare_error(handle).map { unsafe String(cString: $0) }
            if let message { throw .duckDB(message, sql: sql) }
            throw LeibrixError(
                .undefinedParameter, "there is no parameter $\(index + 1)",
                hint: "The statement has \(unsafe duckdb_nparams(handle)) parameters.")
        }
    }

    /// Runs the statement with what is bound.
    public func execute(streaming: Bool = false) throws(LeibrixError) -> QueryResult {
        var result = unsafe duckdb_result()
        let state =
            unsafe streaming ? duckdb_execute_prepared_streaming(handle, &result) : duckdb_execute_prepared(handle, &result)
        guard state == DuckDBSuccess else {
            defer { unsafe duckdb_destroy_result(&result) }
            let message = unsafe duckdb_result_error(&result).map { unsafe String(cString: $0) }
            throw .duckDB(message ?? "the statement failed", sql: sql)
        }
        return unsafe QueryResult(taking: result, sql: sql)
    }
}

/// What a statement does, as far as a caller acts on it.
public enum StatementKind: Sendable, Hashable {
    case select, explain, insert, update, delete, copy, transaction, set, other

    init(_ type: duckdb_statement_type) {
        self =
            switch type {
            case DUCKDB_STATEMENT_TYPE_SELECT: .select
            case DUCKDB_STATEMENT_TYPE_EXPLAIN: .explain
            case DUCKDB_STATEMENT_TYPE_INSERT: .insert
            case DUCKDB_STATEMENT_TYPE_UPDATE: .update
            case DUCKDB_STATEMENT_TYPE_DELETE: .delete
            case DUCKDB_STATEMENT_TYPE_COPY: .copy
            case DUCKDB_STATEMENT_TYPE_TRANSACTION: .transaction
            case DUCKDB_STATEMENT_TYPE_SET, DUCKDB_STATEMENT_TYPE_VARIABLE_SET: .set
            default: .other
            }
    }
}
