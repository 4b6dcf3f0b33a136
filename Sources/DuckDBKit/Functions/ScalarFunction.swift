// Functions and casts written in Swift, called by DuckDB a vector at a time and done here a value at a time: for the
// system's own functions over small relations, not for hot paths.
public import Base
internal import CDuckDB
public import Columnar
internal import Glibc

/// A scalar function in schema main of DuckDB's system catalog. NULL arguments reach `body`.
public struct ScalarFunction: Sendable {
    public var name: String
    public var parameters: [DataType]
    /// Whether arguments of any number and type may follow.
    public var isVariadic: Bool
    public var returns: DataType
    /// Evaluated anew for each row, never folded at plan time: for what reads the state of the server.
    public var isVolatile: Bool
    public var body: @Sendable ([Value]) throws(LeibrixError) -> Value

    public init(
        _ name: String, _ parameters: [DataType], isVariadic: Bool = false, returns: DataType, isVolatile: Bool = false,
        body: @escaping @Sendable ([Value]) throws(LeibrixError) -> Value
    ) {
        self.name = name
        self.parameters = parameters
        self.isVariadic = isVariadic
        self.returns = returns
        self.isVolatile = isVolatile
        self.body = body
    }
}

/// A cast between types of which at least one has a name of its own. NULL stays NULL without a call.
public struct CastFunction: Sendable {
    public var source: DataType
    public var target: DataType
    /// Below 0: only when the cast is written.
    public var implicitCost: Int64
    public var body: @Sendable (Value) throws(LeibrixError) -> Value

    public init(
        from source: DataType, to target: DataType, implicitCost: Int64 = -1,
        body: @escaping @Sendable (Value) throws(LeibrixError) -> Value
    ) {
        self.source = source
        self.target = target
        self.implicitCost = implicitCost
        self.body = body
    }
}

extension Connection {
    /// Adds a function to the instance, beside others of its name with other parameters.
    public func register(_ function: ScalarFunction) throws(LeibrixError) {
        var made: duckdb_scalar_function? = unsafe duckdb_create_scalar_function()
        defer { unsafe duckdb_destroy_scalar_function(&made) }
        unsafe duckdb_scalar_function_set_name(made, function.name)
        for parameter in function.parameters {
            let type = LogicalType(parameter)
            unsafe duckdb_scalar_function_add_parameter(made, type.handle)
        }
        if function.isVariadic {
            let type = unsafe LogicalType(taking: duckdb_create_logical_type(DUCKDB_TYPE_ANY))
            unsafe duckdb_scalar_function_set_varargs(made, type.handle)
        }
        let returns = LogicalType(function.returns)
        unsafe duckdb_scalar_function_set_return_type(made, returns.handle)
        unsafe duckdb_scalar_function_set_special_handling(made)
        if function.isVolatile { unsafe duckdb_scalar_function_set_volatile(made) }
        let context = unsafe Unmanaged.passRetained(FunctionContext(function))
        unsafe duckdb_scalar_function_set_extra_info(made, context.toOpaque()) { context in
            unsafe Unmanaged<FunctionContext>.fromOpaque(context!).release()
        }
        unsafe duckdb_scalar_function_set_function(made) { info, chunk, output in
            let context = unsafe Unmanaged<FunctionContext>.fromOpaque(duckdb_scalar_function_get_extra_info(info)!)
            unsafe context.takeUnretainedValue().run(info, chunk!, output!)
        }
        guard unsafe duckdb_register_scalar_function(handle, made) == DuckDBSuccess else {
            throw LeibrixError(.internal, "function \(function.name) cannot be registered")
        }
    }

    /// Adds a cast to the instance. It stands before DuckDB's own.
    public func register(_ cast: CastFunction) throws(LeibrixError) {
        var made: duckdb_cast_function? = unsafe duckdb_create_cast_function()
        defer { unsafe duckdb_destroy_cast_function(&made) }
        let source = LogicalType(cast.source)
        let target = LogicalType(cast.target)
        unsafe duckdb_cast_function_set_source_type(made, source.handle)
        unsafe duckdb_cast_function_set_target_type(made, target.handle)
        unsafe duckdb_cast_function_set_implicit_cast_cost(made, cast.implicitCost)
        let context = unsafe Unmanaged.passRetained(CastContext(cast))
        unsafe duckdb_cast_function_set_extra_info(made, context.toOpaque()) { context in
            unsafe Unmanaged<CastContext>.fromOpaque(context!).release()
        }
        unsafe duckdb_cast_function_set_function(made) { info, count, input, output in
            let context = unsafe Unmanaged<CastContext>.fromOpaque(duckdb_cast_function_get_extra_info(info)!)
            return unsafe context.takeUnretainedValue().run(info, Int(count), input!, output!)
        }
        guard unsafe duckdb_register_cast_function(handle, made) == DuckDBSuccess else {
            throw LeibrixError(.internal, "the cast from \(cast.source) to \(cast.target) cannot be registered")
        }
    }
}

private final class FunctionContext: Sendable {
    fileprivate let function: ScalarFunction
    init(_ function: ScalarFunction) { self.function = function }

    func run(_ info: duckdb_function_info?, _ chunk: duckdb_data_chunk, _ output: duckdb_vector) {
        let columns = unsafe (0..<Int(duckdb_data_chunk_get_column_count(chunk))).map { index in
            if index < function.parameters.count { return DataType.Field("", function.parameters[index]) }
            let vector = unsafe duckdb_data_chunk_get_vector(chunk, idx_t(index))
            let type = unsafe LogicalType(taking: duckdb_vector_get_column_type(vector))
            return DataType.Field("", type.dataType)
        }
        let batch = unsafe DataChunk.batch(over: chunk, columns, owner: nil)
        let writer = unsafe VectorWriter(output, function.returns)
        do {
            for row in 0..<batch.rowCount { try writer.write(function.body(arguments(batch, row)), at: row) }
        } catch {
            unsafe duckdb_scalar_function_set_error(info, error.codedText)
        }
    }
}

extension FunctionContext {
    /// Values that are JSON already are told from texts: they come as a structure of one field called json.
    private func arguments(_ batch: Batch, _ row: Int) -> [Value] {
        guard function.isVariadic else { return batch.row(row) }
        return batch.columns.map { column in
            let value = column.value(at: row)
            return column.type == .json && !value.isNull ? .structure([.init("json", value)]) : value
        }
    }
}

private final class CastContext: Sendable {
    private let cast: CastFunction
    init(_ cast: CastFunction) { self.cast = cast }

    /// In TRY_CAST a value that cannot be cast becomes NULL, and the others go on.
    func run(_ info: duckdb_function_info?, _ count: Int, _ input: duckdb_vector, _ output: duckdb_vector) -> Bool {
        let column = unsafe DataChunk.column(input, cast.source, count)
        let writer = unsafe VectorWriter(output, cast.target)
        let isTry = unsafe duckdb_cast_function_get_cast_mode(info) == DUCKDB_CAST_TRY
        var succeeded = true
        for row in 0..<count {
            let value = column.value(at: row)
            do {
                try writer.write(value.isNull ? .null : cast.body(value), at: row)
            } catch {
                succeeded = false
                unsafe duckdb_cast_function_set_row_error(info, error.codedText, idx_t(row), output)
                if !isTry { return false }
            }
        }
        return succeeded
    }
}
