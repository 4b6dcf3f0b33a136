internal import Base
internal import CDuckDB
internal import Columnar

/// Writes values into a flat vector of DuckDB's, for the types that functions of ours return.
@safe
struct VectorWriter {
    private let vector: duckdb_vector
    private let type: DataType

    init(_ vector: duckdb_vector, _ type: DataType) {
        unsafe self.vector = unsafe vector
        self.type = type.base
    }

    func write(_ value: Value, at row: Int) throws(LeibrixError) {
        switch (type, value) {
        case (_, .null): setNull(row)
        case (.boolean, .boolean(let value)): put(value ? 1 as UInt8 : 0, row)
        case (.smallInt, .integer(let value)): put(Int16(truncatingIfNeeded: value), row)
        case (.integer, .integer(let value)): put(Int32(truncatingIfNeeded: value), row)
        case (.bigInt, .integer(let value)): put(value, row)
        case (.unsignedInteger, .integer(let value)): put(UInt32(truncatingIfNeeded: value), row)
        case (.unsignedInteger, .unsigned(let value)): put(UInt32(truncatingIfNeeded: value), row)
        case (.unsignedBigInt, .unsigned(let value)): put(value, row)
        case (.double, .double(let value)): put(value, row)
        case (.timestamp, .timestamp(let micros)): put(micros, row)
        case (.timestampTZ, .timestampTZ(let micros)): put(micros, row)
        case (.interval, .interval(let months, let days, let micros)):
            put(duckdb_interval(months: months, days: days, micros: micros), row)
        case (.varchar, .string(let text)):
            unsafe duckdb_vector_assign_string_element_len(vector, idx_t(row), text, idx_t(text.utf8.count))
        case (.list(let element), .list(let items)): try writeList(items, element, row)
        default: throw LeibrixError(.internal, "a function of type \(type) returned \(value.duckDBLiteral)")
        }
    }

    private func writeList(_ items: [Value], _ element: DataType, _ row: Int) throws(LeibrixError) {
        let start = unsafe duckdb_list_vector_get_size(vector)
        let end = start + idx_t(items.count)
        unsafe duckdb_list_vector_reserve(vector, end)
        unsafe duckdb_list_vector_set_size(vector, end)
        let child = unsafe VectorWriter(duckdb_list_vector_get_child(vector), element)
        for (index, item) in items.enumerated() { try child.write(item, at: Int(start) + index) }
        put(duckdb_list_entry(offset: start, length: idx_t(items.count)), row)
    }

    private func put<T: BitwiseCopyable>(_ value: T, _ row: Int) {
        unsafe duckdb_vector_get_data(vector)!.storeBytes(of: value, toByteOffset: row * MemoryLayout<T>.stride, as: T.self)
    }

    private func setNull(_ row: Int) {
        unsafe duckdb_vector_ensure_validity_writable(vector)
        unsafe duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), idx_t(row))
    }
}
