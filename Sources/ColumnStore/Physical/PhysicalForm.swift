package import Base
package import Columnar

/// An integer as it lies in memory.
package enum IntegerKind: UInt8, Sendable, CaseIterable {
    case int8, int16, int32, int64, int128
    case uint8, uint16, uint32, uint64, uint128

    package var width: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32: 4
        case .int64, .uint64: 8
        case .int128, .uint128: 16
        }
    }

    package func contains(_ value: Int64) -> Bool {
        switch self {
        case .int8: Int8(exactly: value) != nil
        case .int16: Int16(exactly: value) != nil
        case .int32: Int32(exactly: value) != nil
        case .int64, .int128: true
        case .uint8: UInt8(exactly: value) != nil
        case .uint16: UInt16(exactly: value) != nil
        case .uint32: UInt32(exactly: value) != nil
        case .uint64, .uint128: value >= 0
        }
    }
}

/// How a column's values lie in memory, whatever they mean.
package enum PhysicalForm: Sendable, Equatable {
    case integer(IntegerKind)
    case real
    case double
    /// Sixteen bytes without an order of their own.
    case interval
    /// Strings, blobs and bit strings.
    case bytes
    /// Lists and maps: one child.
    case list
    /// Structures and unions: one child a field, a union's tag first.
    case structure
    /// So many values of the one child a row.
    case array(Int)
    /// The type of a bare NULL: no row has a value.
    case null

    /// Bytes of one stored value, 0 where values live elsewhere.
    package var width: Int {
        switch self {
        case .integer(let kind): kind.width
        case .real: 4
        case .double: 8
        case .interval: 16
        case .bytes, .list, .structure, .array, .null: 0
        }
    }
}

extension DataType {
    /// nil for the types that have no representation here.
    package var physicalForm: PhysicalForm? {
        switch self {
        case .null: .null
        case .boolean, .unsignedTinyInt: .integer(.uint8)
        case .tinyInt: .integer(.int8)
        case .smallInt: .integer(.int16)
        case .unsignedSmallInt: .integer(.uint16)
        case .integer, .date: .integer(.int32)
        case .unsignedInteger: .integer(.uint32)
        case .bigInt, .time, .timeNS, .timeTZ: .integer(.int64)
        case .timestamp, .timestampSeconds, .timestampMillis, .timestampNanos, .timestampTZ: .integer(.int64)
        case .unsignedBigInt: .integer(.uint64)
        case .hugeInt, .uuid: .integer(.int128)
        case .unsignedHugeInt: .integer(.uint128)
        case .decimal(let width, _):
            .integer(width <= 4 ? .int16 : width <= 9 ? .int32 : width <= 18 ? .int64 : .int128)
        case .enumeration(let labels):
            .integer(labels.count <= 256 ? .uint8 : labels.count <= 65_536 ? .uint16 : .uint32)
        case .real: .real
        case .double: .double
        case .interval: .interval
        case .varchar, .blob, .bit: .bytes
        case .list, .map: .list
        case .structure, .union: .structure
        case .array(_, let size): .array(size)
        case .alias(_, let type): type.physicalForm
        case .other: nil
        }
    }

    /// Whether comparing the stored integers compares the values: not so for a time with a zone, whose order is by instant, and
    /// for UUIDs, where a zone map has nothing to tell.
    package var hasIntegerOrder: Bool {
        switch base {
        case .timeTZ, .uuid: false
        default: true
        }
    }

    var isText: Bool { base == .varchar }

    /// The types of a column's children, in the order `Column.children` has them.
    package var childTypes: [DataType] {
        switch self {
        case .list(let element): [element]
        case .array(let element, _): [element]
        case .map(let key, let value): [.structure([Field("key", key), Field("value", value)])]
        case .structure(let fields): fields.map(\.type)
        case .union(let members): [.unsignedTinyInt] + members.map(\.type)
        case .alias(_, let type): type.childTypes
        default: []
        }
    }

    /// The form, or why there is none.
    package func requiredForm() throws(LeibrixError) -> PhysicalForm {
        guard let form = physicalForm else {
            throw LeibrixError(
                .notSupported, "values of type \(self) cannot be stored",
                hint: "Cast the column to a type that row groups hold, such as VARCHAR or BLOB.")
        }
        if case .array(let size) = form, size < 1 {
            throw LeibrixError(.notSupported, "an array needs a size of at least 1, not \(size)")
        }
        return form
    }
}
