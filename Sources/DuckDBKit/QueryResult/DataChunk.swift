internal import Base
package import CDuckDB
package import Columnar

/// An owned `duckdb_data_chunk`; batches made from it keep it alive.
@safe
package final class DataChunk: @unchecked Sendable {
    private var handle: duckdb_data_chunk?

    package init(taking handle: duckdb_data_chunk) { unsafe self.handle = unsafe handle }

    deinit { unsafe duckdb_destroy_data_chunk(&handle) }

    package var count: Int { unsafe Int(duckdb_data_chunk_get_size(handle)) }

    package func batch(_ columns: [DataType.Field]) -> Batch {
        unsafe DataChunk.batch(over: handle!, columns, owner: self)
    }

    func withHandle<R: ~Copyable>(_ body: (duckdb_data_chunk) throws(LeibrixError) -> R) throws(LeibrixError) -> R {
        try unsafe body(handle!)
    }

    /// A view of a flat chunk that somebody else owns.
    package static func batch(over chunk: duckdb_data_chunk, _ columns: [DataType.Field], owner: AnyObject?) -> Batch {
        let count = unsafe Int(duckdb_data_chunk_get_size(chunk))
        let views = columns.indices.map { index in
            unsafe column(duckdb_data_chunk_get_vector(chunk, idx_t(index)), columns[index].type, count)
        }
        return Batch(rowCount: count, columns: views, owner: owner)
    }

    package static func column(_ vector: duckdb_vector, _ type: DataType, _ count: Int) -> Column {
        let children: [Column] =
            switch type.base {
            case .list(let element):
                unsafe [column(duckdb_list_vector_get_child(vector), element, Int(duckdb_list_vector_get_size(vector)))]
            case .map(let key, let value):
                unsafe [
                    column(
                        duckdb_list_vector_get_child(vector), .structure([.init("key", key), .init("value", value)]),
                        Int(duckdb_list_vector_get_size(vector)))
                ]
            case .array(let element, let size):
                unsafe [column(duckdb_array_vector_get_child(vector), element, count * size)]
            case .structure(let fields): unsafe members(vector, fields.map(\.type), count)
            case .union(let fields): unsafe members(vector, [.unsignedTinyInt] + fields.map(\.type), count)
            default: []
            }
        return unsafe Column(
            type: type, count: count, validity: duckdb_vector_get_validity(vector).map { unsafe UnsafePointer($0) },
            data: UnsafeRawPointer(duckdb_vector_get_data(vector)), children: children)
    }

    private static func members(_ vector: duckdb_vector, _ types: [DataType], _ count: Int) -> [Column] {
        types.indices.map { index in
            unsafe column(duckdb_struct_vector_get_child(vector, idx_t(index)), types[index], count)
        }
    }
}
