internal import CDuckDB
package import Columnar

extension BoundValue {
    /// A `duckdb_value` of exactly `type` where the value has one, or else of the value's natural type.
    ///
    /// DuckDB plans a statement again when a parameter arrives in another type than it was planned for, so an INTEGER
    /// parameter should not be bound as BIGINT.
    package init(_ value: Value, as type: DataType) {
        unsafe self.init(taking: Self.make(value, type) ?? BoundValue.make(value))
    }

    private static func make(_ value: Value, _ type: DataType) -> duckdb_value? {
        switch (value, type.base) {
        case (.integer(let number), let base): unsafe make(number, base)
        case (.unsigned(let number), let base):
            unsafe Int64(exactly: number).flatMap { unsafe make($0, base) }
        case (.real(let number), .double): unsafe duckdb_create_double(Double(number))
        case (.decimal(let digits, _, let scale), .decimal(let width, let wanted)) where scale == wanted && digits.magnitude < power(width):
            unsafe duckdb_create_decimal(duckdb_decimal(width: width, scale: scale, value: duckdb_hugeint(digits)))
        default: nil
        }
    }

    private static func power(_ width: UInt8) -> UInt128 { (0..<width).reduce(1) { power, _ in power * 10 } }

    private static func make(_ number: Int64, _ type: DataType) -> duckdb_value? {
        switch type {
        case .tinyInt: unsafe Int8(exactly: number).map { unsafe duckdb_create_int8($0) }
        case .smallInt: unsafe Int16(exactly: number).map { unsafe duckdb_create_int16($0) }
        case .integer: unsafe Int32(exactly: number).map { unsafe duckdb_create_int32($0) }
        case .unsignedTinyInt: unsafe UInt8(exactly: number).map { unsafe duckdb_create_uint8($0) }
        case .unsignedSmallInt: unsafe UInt16(exactly: number).map { unsafe duckdb_create_uint16($0) }
        case .unsignedInteger: unsafe UInt32(exactly: number).map { unsafe duckdb_create_uint32($0) }
        case .unsignedBigInt: unsafe UInt64(exactly: number).map { unsafe duckdb_create_uint64($0) }
        case .hugeInt: unsafe duckdb_create_hugeint(duckdb_hugeint(Int128(number)))
        default: nil
        }
    }
}
