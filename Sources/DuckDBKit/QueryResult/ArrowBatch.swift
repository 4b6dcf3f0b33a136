// Results as Arrow, by the C data interface: what Flight and embedders take without another copy.
public import Base
internal import CDuckDB
internal import Columnar

/// Rows as one Arrow struct array with its schema. Released when it goes, unless a consumer has moved the structs out
/// (the interface's rule: `release` is then NULL).
@safe
public struct ArrowBatch: ~Copyable {
    private let schema: UnsafeMutablePointer<ArrowSchema>
    private let array: UnsafeMutablePointer<ArrowArray>

    fileprivate init(_ chunk: duckdb_data_chunk, _ columns: [DataType.Field], _ options: duckdb_arrow_options?) throws(LeibrixError) {
        unsafe schema = .allocate(capacity: 1)
        unsafe array = .allocate(capacity: 1)
        unsafe schema.initialize(to: ArrowSchema())
        unsafe array.initialize(to: ArrowArray())
        try unsafe Self.describe(columns, options, schema)
        try unsafe Self.check(duckdb_data_chunk_to_arrow(options, chunk, array))
    }

    deinit {
        if let release = unsafe array.pointee.release { unsafe release(array) }
        if let release = unsafe schema.pointee.release { unsafe release(schema) }
        unsafe array.deallocate()
        unsafe schema.deallocate()
    }

    public var rowCount: Int { unsafe Int(array.pointee.length) }

    /// Each column's format string ("l", "u", "tdD" ..), in order.
    public var formats: [String] {
        unsafe (0..<Int(schema.pointee.n_children)).map { index in
            unsafe String(cString: schema.pointee.children[index]!.pointee.format)
        }
    }

    /// Addresses of the ArrowSchema and the ArrowArray for a consumer, valid for the call.
    @unsafe public func withCData<R>(_ body: (_ schema: UnsafeMutableRawPointer, _ array: UnsafeMutableRawPointer) -> R) -> R {
        unsafe body(schema, array)
    }

    private static func describe(
        _ columns: [DataType.Field], _ options: duckdb_arrow_options?, _ schema: UnsafeMutablePointer<ArrowSchema>
    ) throws(LeibrixError) {
        var types: [duckdb_logical_type?] = unsafe columns.map { column in
            let type = LogicalType(column.type)
            return unsafe type.leak()
        }
        defer { for index in columns.indices { unsafe duckdb_destroy_logical_type(&types[index]) } }
        let error = unsafe withCStrings(columns.map(\.name)) { names in
            unsafe types.withUnsafeMutableBufferPointer { types in
                unsafe duckdb_to_arrow_schema(options, types.baseAddress, names, idx_t(columns.count), schema)
            }
        }
        try unsafe check(error)
    }

    private static func check(_ error: duckdb_error_data?) throws(LeibrixError) {
        guard var error = unsafe error as duckdb_error_data?? else { return }
        defer { unsafe duckdb_destroy_error_data(&error) }
        guard unsafe duckdb_error_data_has_error(error) else { return }
        throw .duckDB(unsafe String(cString: duckdb_error_data_message(error)))
    }
}

extension QueryResult {
    /// The next rows as Arrow, or nil at the end. Do not mix with `next` on one result unless each batch may be either.
    public mutating func nextArrow() throws(LeibrixError) -> ArrowBatch? {
        guard let chunk = try nextChunk() else { return nil }
        var options: duckdb_arrow_options? = unsafe withResult { unsafe duckdb_result_get_arrow_options($0) }
        defer { unsafe duckdb_destroy_arrow_options(&options) }
        return try unsafe chunk.withHandle { handle throws(LeibrixError) in try unsafe ArrowBatch(handle, columns, options) }
    }
}
