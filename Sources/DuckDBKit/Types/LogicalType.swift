// DuckDB's logical types as handles, and `DataType` made from and into them.
package import CDuckDB
package import Columnar

/// An owned `duckdb_logical_type`.
@safe
package struct LogicalType: ~Copyable {
    package let handle: duckdb_logical_type

    /// Takes the handle over.
    package init(taking handle: duckdb_logical_type) { unsafe self.handle = unsafe handle }

    deinit {
        var handle: duckdb_logical_type? = unsafe handle
        unsafe duckdb_destroy_logical_type(&handle)
    }

    /// The type as the product's own; nested types whole.
    package var dataType: DataType {
        let plain = unaliased
        guard let text = unsafe duckdb_logical_type_get_alias(handle) else { return plain }
        defer { unsafe duckdb_free(text) }
        let alias = unsafe String(cString: text)
        if case .enumeration = plain { return plain }
        return alias.isEmpty ? plain : .alias(alias, plain)
    }

    private var unaliased: DataType {
        let id = unsafe duckdb_get_type_id(handle)
        if let simple = Self.simple[id.rawValue] { return simple }
        switch id {
        case DUCKDB_TYPE_DECIMAL:
            return unsafe .decimal(width: duckdb_decimal_width(handle), scale: duckdb_decimal_scale(handle))
        case DUCKDB_TYPE_ENUM: return .enumeration(labels)
        case DUCKDB_TYPE_LIST: return unsafe .list(Self.made(duckdb_list_type_child_type(handle)))
        case DUCKDB_TYPE_ARRAY:
            return unsafe .array(Self.made(duckdb_array_type_child_type(handle)), size: Int(duckdb_array_type_array_size(handle)))
        case DUCKDB_TYPE_MAP:
            return unsafe .map(
                key: Self.made(duckdb_map_type_key_type(handle)), value: Self.made(duckdb_map_type_value_type(handle)))
        case DUCKDB_TYPE_STRUCT: return .structure(structFields)
        case DUCKDB_TYPE_UNION: return .union(unionMembers)
        case DUCKDB_TYPE_BIGNUM: return .other("BIGNUM")
        case DUCKDB_TYPE_GEOMETRY: return .other("GEOMETRY")
        case DUCKDB_TYPE_VARIANT: return .other("VARIANT")
        default: return .other("UNKNOWN")
        }
    }

    private var labels: [String] {
        unsafe (0..<duckdb_enum_dictionary_size(handle)).map { index in
            unsafe Self.taken(duckdb_enum_dictionary_value(handle, UInt64(index)))
        }
    }

    private var structFields: [DataType.Field] {
        unsafe (0..<duckdb_struct_type_child_count(handle)).map { index in
            unsafe DataType.Field(
                Self.taken(duckdb_struct_type_child_name(handle, index)), Self.made(duckdb_struct_type_child_type(handle, index)))
        }
    }

    private var unionMembers: [DataType.Field] {
        unsafe (0..<duckdb_union_type_member_count(handle)).map { index in
            unsafe DataType.Field(
                Self.taken(duckdb_union_type_member_name(handle, index)), Self.made(duckdb_union_type_member_type(handle, index)))
        }
    }

    private static func made(_ handle: duckdb_logical_type) -> DataType { unsafe LogicalType(taking: handle).dataType }

    /// A string DuckDB allocated, freed here.
    private static func taken(_ text: UnsafeMutablePointer<CChar>?) -> String {
        guard let text = unsafe text else { return "" }
        defer { unsafe duckdb_free(text) }
        return unsafe String(cString: text)
    }

    /// Types without parameters, both ways.
    private static let simple: [UInt32: DataType] = Dictionary(uniqueKeysWithValues: pairs.map { ($0.1.rawValue, $0.0) })
    fileprivate static let identifiers: [DataType: duckdb_type] = Dictionary(uniqueKeysWithValues: pairs)
    private static let pairs: [(DataType, duckdb_type)] = [
        (.null, DUCKDB_TYPE_SQLNULL), (.boolean, DUCKDB_TYPE_BOOLEAN), (.tinyInt, DUCKDB_TYPE_TINYINT),
        (.smallInt, DUCKDB_TYPE_SMALLINT), (.integer, DUCKDB_TYPE_INTEGER), (.bigInt, DUCKDB_TYPE_BIGINT),
        (.hugeInt, DUCKDB_TYPE_HUGEINT), (.unsignedTinyInt, DUCKDB_TYPE_UTINYINT), (.unsignedSmallInt, DUCKDB_TYPE_USMALLINT),
        (.unsignedInteger, DUCKDB_TYPE_UINTEGER), (.unsignedBigInt, DUCKDB_TYPE_UBIGINT),
        (.unsignedHugeInt, DUCKDB_TYPE_UHUGEINT), (.real, DUCKDB_TYPE_FLOAT), (.double, DUCKDB_TYPE_DOUBLE),
        (.varchar, DUCKDB_TYPE_VARCHAR), (.blob, DUCKDB_TYPE_BLOB), (.bit, DUCKDB_TYPE_BIT), (.date, DUCKDB_TYPE_DATE),
        (.time, DUCKDB_TYPE_TIME), (.timeNS, DUCKDB_TYPE_TIME_NS), (.timeTZ, DUCKDB_TYPE_TIME_TZ),
        (.timestamp, DUCKDB_TYPE_TIMESTAMP), (.timestampSeconds, DUCKDB_TYPE_TIMESTAMP_S),
        (.timestampMillis, DUCKDB_TYPE_TIMESTAMP_MS), (.timestampNanos, DUCKDB_TYPE_TIMESTAMP_NS),
        (.timestampTZ, DUCKDB_TYPE_TIMESTAMP_TZ), (.interval, DUCKDB_TYPE_INTERVAL), (.uuid, DUCKDB_TYPE_UUID),
    ]
}

extension LogicalType {
    /// The handle for a type. `other` types become VARCHAR: nothing of ours makes values of them.
    package init(_ type: DataType) {
        if let id = Self.identifiers[type] {
            unsafe self.init(taking: duckdb_create_logical_type(id))
            return
        }
        switch type {
        case .decimal(let width, let scale): unsafe self.init(taking: duckdb_create_decimal_type(width, scale))
        case .enumeration(let labels): unsafe self.init(taking: Self.makeEnum(labels))
        case .list(let element):
            let child = LogicalType(element)
            unsafe self.init(taking: duckdb_create_list_type(child.handle))
        case .array(let element, let size):
            let child = LogicalType(element)
            unsafe self.init(taking: duckdb_create_array_type(child.handle, UInt64(size)))
        case .map(let key, let value):
            let keyType = LogicalType(key)
            let valueType = LogicalType(value)
            unsafe self.init(taking: duckdb_create_map_type(keyType.handle, valueType.handle))
        case .structure(let fields): unsafe self.init(taking: Self.makeMembers(fields, duckdb_create_struct_type))
        case .union(let fields): unsafe self.init(taking: Self.makeMembers(fields, duckdb_create_union_type))
        case .alias(let name, let base):
            self.init(base)
            unsafe duckdb_logical_type_set_alias(handle, name)
        default: unsafe self.init(taking: duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR))
        }
    }

    private static func makeEnum(_ labels: [String]) -> duckdb_logical_type {
        unsafe withCStrings(labels) { names in unsafe duckdb_create_enum_type(names, UInt64(labels.count)) }
    }

    private static func makeMembers(
        _ fields: [DataType.Field],
        _ make: (
            UnsafeMutablePointer<duckdb_logical_type?>?, UnsafeMutablePointer<UnsafePointer<CChar>?>?, idx_t
        ) -> duckdb_logical_type?
    ) -> duckdb_logical_type {
        var types: [duckdb_logical_type?] = unsafe fields.map { field in
            let child = LogicalType(field.type)
            return unsafe child.leak()
        }
        defer { for index in unsafe types.indices { unsafe duckdb_destroy_logical_type(&types[index]) } }
        return unsafe withCStrings(fields.map(\.name)) { names in
            unsafe types.withUnsafeMutableBufferPointer { buffer in
                unsafe make(buffer.baseAddress, names, UInt64(fields.count))!
            }
        }
    }

    /// Gives the handle away.
    package consuming func leak() -> duckdb_logical_type {
        let given = unsafe handle
        discard self
        return unsafe given
    }
}

/// Calls `body` with an array of C strings that live for the call.
package func withCStrings<R>(_ strings: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> R) -> R {
    var bytes: [CChar] = []
    var starts: [Int] = []
    for string in strings {
        starts.append(bytes.count)
        bytes.append(contentsOf: string.utf8.map { CChar(bitPattern: $0) })
        bytes.append(0)
    }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
        var pointers: [UnsafePointer<CChar>?] = unsafe starts.map { start in unsafe buffer.baseAddress! + start }
        if unsafe pointers.isEmpty { unsafe pointers.append(nil) }
        return unsafe pointers.withUnsafeMutableBufferPointer { pointers in unsafe body(pointers.baseAddress!) }
    }
}
