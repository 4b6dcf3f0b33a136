package import CDuckDB
public import Columnar

/// An owned `duckdb_value` made from a `Value`.
@safe
package struct BoundValue: ~Copyable {
    package let handle: duckdb_value

    package init(_ value: Value) { unsafe handle = Self.make(value) }

    init(taking handle: duckdb_value) { unsafe self.handle = unsafe handle }

    deinit {
        var handle: duckdb_value? = unsafe handle
        unsafe duckdb_destroy_value(&handle)
    }

    static func make(_ value: Value) -> duckdb_value {
        switch value {
        case .null: unsafe duckdb_create_null_value()
        case .boolean(let value): unsafe duckdb_create_bool(value)
        case .integer(let value): unsafe duckdb_create_int64(value)
        case .unsigned(let value): unsafe duckdb_create_uint64(value)
        case .hugeInt(let value): unsafe duckdb_create_hugeint(duckdb_hugeint(value))
        case .unsignedHugeInt(let value): unsafe duckdb_create_uhugeint(duckdb_uhugeint(value))
        case .real(let value): unsafe duckdb_create_float(value)
        case .double(let value): unsafe duckdb_create_double(value)
        case .decimal(let digits, let width, let scale):
            unsafe duckdb_create_decimal(duckdb_decimal(width: width, scale: scale, value: duckdb_hugeint(digits)))
        case .string(let text): unsafe duckdb_create_varchar_length(text, idx_t(text.utf8.count))
        case .blob(let bytes): unsafe duckdb_create_blob(bytes, idx_t(bytes.count))
        case .date(let days): unsafe duckdb_create_date(duckdb_date(days: days))
        case .time(let micros): unsafe duckdb_create_time(duckdb_time(micros: micros))
        case .timeTZ(let micros, let offset): unsafe duckdb_create_time_tz_value(duckdb_create_time_tz(micros, offset))
        case .timestamp(let micros): unsafe duckdb_create_timestamp(duckdb_timestamp(micros: micros))
        case .timestampTZ(let micros): unsafe duckdb_create_timestamp_tz(duckdb_timestamp(micros: micros))
        case .timestampNanos(let nanos): unsafe duckdb_create_timestamp_ns(duckdb_timestamp_ns(nanos: nanos))
        case .interval(let months, let days, let micros):
            unsafe duckdb_create_interval(duckdb_interval(months: months, days: days, micros: micros))
        case .uuid(let bits): unsafe duckdb_create_uuid(duckdb_uhugeint(bits))
        case .list(let items): unsafe makeList(items)
        case .structure(let fields): unsafe makeStruct(fields)
        case .map(let entries): unsafe makeMap(entries)
        }
    }

    private static func makeList(_ items: [Value]) -> duckdb_value {
        let element = LogicalType(Value.elementType(items))
        return unsafe withHandles(items) { handles in
            unsafe duckdb_create_list_value(element.handle, handles, idx_t(items.count))
        }
    }

    private static func makeStruct(_ fields: [Value.Field]) -> duckdb_value {
        let type = LogicalType(Value.structure(fields).naturalType)
        return unsafe withHandles(fields.map(\.value)) { handles in unsafe duckdb_create_struct_value(type.handle, handles) }
    }

    private static func makeMap(_ entries: [Value.Entry]) -> duckdb_value {
        let type = LogicalType(Value.map(entries).naturalType)
        return unsafe withHandles(entries.map(\.key)) { keys in
            unsafe withHandles(entries.map(\.value)) { values in
                unsafe duckdb_create_map_value(type.handle, keys, values, idx_t(entries.count))
            }
        }
    }

    private static func withHandles(
        _ values: [Value], _ body: (UnsafeMutablePointer<duckdb_value?>) -> duckdb_value?
    ) -> duckdb_value {
        var handles: [duckdb_value?] = unsafe values.map { unsafe make($0) }
        unsafe handles.append(nil)
        defer { for index in values.indices { unsafe duckdb_destroy_value(&handles[index]) } }
        return unsafe handles.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!)! }
    }
}

extension duckdb_hugeint {
    init(_ value: Int128) { self.init(lower: UInt64(truncatingIfNeeded: value), upper: Int64(truncatingIfNeeded: value >> 64)) }
}

extension duckdb_uhugeint {
    init(_ value: UInt128) { self.init(lower: UInt64(truncatingIfNeeded: value), upper: UInt64(truncatingIfNeeded: value >> 64)) }
}

extension Value {
    /// The type DuckDB gives a value made from this one.
    public var naturalType: DataType {
        switch self {
        case .null: .null
        case .boolean: .boolean
        case .integer: .bigInt
        case .unsigned: .unsignedBigInt
        case .hugeInt: .hugeInt
        case .unsignedHugeInt: .unsignedHugeInt
        case .real: .real
        case .double: .double
        case .decimal(_, let width, let scale): .decimal(width: width, scale: scale)
        case .string: .varchar
        case .blob: .blob
        case .date: .date
        case .time: .time
        case .timeTZ: .timeTZ
        case .timestamp: .timestamp
        case .timestampTZ: .timestampTZ
        case .timestampNanos: .timestampNanos
        case .interval: .interval
        case .uuid: .uuid
        case .list(let items): .list(Self.elementType(items))
        case .structure(let fields): .structure(fields.map { .init($0.name, $0.value.naturalType) })
        case .map(let entries):
            .map(
                key: entries.first?.key.naturalType ?? .varchar,
                value: entries.first { !$0.value.isNull }?.value.naturalType ?? .varchar)
        }
    }

    /// The type that holds every item: a NULL, also one inside a structure, takes the type of the others there.
    fileprivate static func elementType(_ items: [Value]) -> DataType {
        let type = items.reduce(DataType.null) { $0.filled(by: $1.naturalType) }
        return type == .null ? .varchar : type
    }
}

extension DataType {
    /// The type with what is NULL in it taken from the other.
    fileprivate func filled(by other: DataType) -> DataType {
        switch (self, other) {
        case (.null, _): other
        case (.list(let a), .list(let b)): .list(a.filled(by: b))
        case (.structure(let a), .structure(let b)) where a.map(\.name) == b.map(\.name):
            .structure(zip(a, b).map { .init($0.name, $0.type.filled(by: $1.type)) })
        default: self
        }
    }
}
