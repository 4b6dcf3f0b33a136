internal import Base
internal import Columnar

extension QueryDecoder {
    static func dataType(_ json: JSON?) -> DataType {
        let info = json?["type_info"]
        switch json?["id"]?.string {
        case "DECIMAL":
            return .decimal(width: small(info?["width"]) ?? 18, scale: small(info?["scale"]) ?? 3)
        case "LIST": return .list(dataType(info?["child_type"]))
        case "ARRAY": return .array(dataType(info?["child_type"]), size: Int(info?["size"]?.integer ?? 0))
        case "STRUCT": return .structure(fields(info))
        case "UNION": return .union(Array(fields(info).dropFirst()))
        case "MAP":
            guard case .structure(let fields) = dataType(info?["child_type"]), fields.count == 2 else { return .other("MAP") }
            return .map(key: fields[0].type, value: fields[1].type)
        case "ENUM": return .enumeration(strings(info?["values"]))
        case "UNBOUND": return unbound(info)
        case let id?: return simple[id] ?? .other(id)
        case nil: return .other("type")
        }
    }

    private static func small(_ json: JSON?) -> UInt8? { json?.integer.flatMap { UInt8(exactly: $0) } }

    private static func fields(_ info: JSON?) -> [DataType.Field] {
        (info?["child_types"]?.array ?? []).map { DataType.Field($0["first"]?.string ?? "", dataType($0["second"])) }
    }

    /// A type by name that the parser leaves to the catalog.
    private static func unbound(_ info: JSON?) -> DataType {
        let text = info?["name"]?.string ?? ""
        let modifiers = info?["user_type_modifiers"]?.array ?? []
        if let schema = name(info?["schema"]) { return .other("\(schema).\(text)") }
        if text.lowercased() == "json" { return .json }
        if text.lowercased() == "enum" { return .enumeration(modifiers.compactMap { $0["value"]?.string }) }
        return .other(text)
    }

    private static let simple: [String: DataType] = [
        "NULL": .null, "BOOLEAN": .boolean, "TINYINT": .tinyInt, "SMALLINT": .smallInt, "INTEGER": .integer, "BIGINT": .bigInt,
        "HUGEINT": .hugeInt, "UTINYINT": .unsignedTinyInt, "USMALLINT": .unsignedSmallInt, "UINTEGER": .unsignedInteger,
        "UBIGINT": .unsignedBigInt, "UHUGEINT": .unsignedHugeInt, "FLOAT": .real, "DOUBLE": .double, "VARCHAR": .varchar,
        "BLOB": .blob, "BIT": .bit, "DATE": .date, "TIME": .time, "TIME_NS": .timeNS, "TIME WITH TIME ZONE": .timeTZ,
        "TIMESTAMP": .timestamp, "TIMESTAMP_S": .timestampSeconds, "TIMESTAMP_MS": .timestampMillis,
        "TIMESTAMP_NS": .timestampNanos, "TIMESTAMP WITH TIME ZONE": .timestampTZ, "INTERVAL": .interval, "UUID": .uuid,
    ]

    /// A constant as DuckDB's parser makes them: numbers, texts, booleans. nil for anything else.
    static func value(_ json: JSON?, _ type: DataType) -> Value? {
        switch type {
        case .boolean: json?.bool.map { .boolean($0) }
        case .tinyInt, .smallInt, .integer, .bigInt: integer(json).map { .integer($0) }
        case .hugeInt: hugeInt(json).map { .hugeInt($0) }
        case .double: json?.double.map { .double($0) }
        case .varchar: json?.string.map { .string($0) }
        case .decimal(let width, let scale): hugeInt(json).map { .decimal($0, width: width, scale: scale) }
        default: nil
        }
    }

    private static func integer(_ json: JSON?) -> Int64? {
        if case .integer(let number)? = json { return number }
        return nil
    }

    /// A plain number, or 128 bits as two halves. A lower half that does not fit the JSON parser's integers is nil.
    private static func hugeInt(_ json: JSON?) -> Int128? {
        if let number = integer(json) { return Int128(number) }
        guard let upper = integer(json?["upper"]), let lower = integer(json?["lower"]), lower >= 0 else { return nil }
        return Int128(upper) << 64 | Int128(lower)
    }
}
