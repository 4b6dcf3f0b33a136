/// A column's SQL type, in DuckDB's terms: what every engine, door and catalog of the product speaks.
public indirect enum DataType: Hashable, Sendable {
    case null
    case boolean
    case tinyInt, smallInt, integer, bigInt, hugeInt
    case unsignedTinyInt, unsignedSmallInt, unsignedInteger, unsignedBigInt, unsignedHugeInt
    case real, double
    /// 1 to 38 digits, stored as the smallest of 16, 32, 64 and 128 bits that holds `width` digits.
    case decimal(width: UInt8, scale: UInt8)
    case varchar, blob, bit
    case date, time, timeNS, timeTZ
    case timestamp, timestampSeconds, timestampMillis, timestampNanos, timestampTZ
    case interval, uuid
    case enumeration([String])
    case list(DataType)
    case array(DataType, size: Int)
    case structure([Field])
    case map(key: DataType, value: DataType)
    case union([Field])
    /// A type with a name of its own over another's representation (JSON, regclass, oid ..).
    case alias(String, DataType)
    /// A type that DuckDB knows and this product has no representation for (BIGNUM, VARIANT, GEOMETRY).
    case other(String)

    public struct Field: Hashable, Sendable {
        public var name: String
        public var type: DataType
        public init(_ name: String, _ type: DataType) {
            self.name = name
            self.type = type
        }
    }

    public static let json = DataType.alias("JSON", .varchar)

    /// The type without its alias.
    public var base: DataType {
        if case .alias(_, let type) = self { return type.base }
        return self
    }
}

extension DataType {
    /// How one value lies in a vector: bytes for fixed widths, 16 for strings and lists' entries, 0 for nested by children.
    public var physicalWidth: Int {
        switch self {
        case .null, .boolean, .tinyInt, .unsignedTinyInt: 1
        case .smallInt, .unsignedSmallInt: 2
        case .integer, .unsignedInteger, .real, .date: 4
        case .bigInt, .unsignedBigInt, .double, .time, .timeNS, .timeTZ: 8
        case .timestamp, .timestampSeconds, .timestampMillis, .timestampNanos, .timestampTZ: 8
        case .hugeInt, .unsignedHugeInt, .interval, .uuid, .varchar, .blob, .bit, .list, .map: 16
        case .decimal(let width, _): width <= 4 ? 2 : width <= 9 ? 4 : width <= 18 ? 8 : 16
        case .enumeration(let labels): labels.count <= 256 ? 1 : labels.count <= 65_536 ? 2 : 4
        case .structure, .union, .array, .other: 0
        case .alias(_, let type): type.physicalWidth
        }
    }
}

extension DataType: CustomStringConvertible {
    /// The type as DuckDB's SQL spells it.
    public var description: String {
        switch self {
        case .null: "\"NULL\""
        case .boolean: "BOOLEAN"
        case .tinyInt: "TINYINT"
        case .smallInt: "SMALLINT"
        case .integer: "INTEGER"
        case .bigInt: "BIGINT"
        case .hugeInt: "HUGEINT"
        case .unsignedTinyInt: "UTINYINT"
        case .unsignedSmallInt: "USMALLINT"
        case .unsignedInteger: "UINTEGER"
        case .unsignedBigInt: "UBIGINT"
        case .unsignedHugeInt: "UHUGEINT"
        case .real: "FLOAT"
        case .double: "DOUBLE"
        case .decimal(let width, let scale): "DECIMAL(\(width),\(scale))"
        case .varchar: "VARCHAR"
        case .blob: "BLOB"
        case .bit: "BIT"
        case .date: "DATE"
        case .time: "TIME"
        case .timeNS: "TIME_NS"
        case .timeTZ: "TIME WITH TIME ZONE"
        case .timestamp: "TIMESTAMP"
        case .timestampSeconds: "TIMESTAMP_S"
        case .timestampMillis: "TIMESTAMP_MS"
        case .timestampNanos: "TIMESTAMP_NS"
        case .timestampTZ: "TIMESTAMP WITH TIME ZONE"
        case .interval: "INTERVAL"
        case .uuid: "UUID"
        case .enumeration(let labels): "ENUM(\(labels.map(Self.quoted).joined(separator: ", ")))"
        case .list(let element): "\(element)[]"
        case .array(let element, let size): "\(element)[\(size)]"
        case .structure(let fields): "STRUCT(\(Self.list(fields)))"
        case .map(let key, let value): "MAP(\(key), \(value))"
        case .union(let fields): "UNION(\(Self.list(fields)))"
        case .alias(let name, _): name
        case .other(let name): name
        }
    }

    private static func quoted(_ label: String) -> String {
        "'" + label.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    private static func list(_ fields: [Field]) -> String {
        fields.map { field in
            let name = field.name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            return "\"\(name)\" \(field.type)"
        }.joined(separator: ", ")
    }
}
