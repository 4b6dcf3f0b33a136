// PostgreSQL's names of types, and DuckDB's, as columns are stored. Where DuckDB has less than PostgreSQL says (numeric
// without a precision), the widest that it has is taken.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

/// The type of a column as it was declared.
struct ColumnType: Sendable {
    var type: DataType
    var modifier: TypeModifier?
    /// smallserial, serial, bigserial
    var isSerial = false
}

extension ColumnType {
    /// nil for a name that is not PostgreSQL's: the engine may know it (STRUCT(…), MAP(…)).
    init?(_ name: TypeName) throws(LeibrixError) {
        guard let element = try Self.element(name) else { return nil }
        self = element
        guard name.dimensions > 0 else { return }
        guard !isSerial else {
            throw LeibrixError(.notSupported, "array of serial is not implemented", hint: "Use an array of integer.", position: name.position)
        }
        for _ in 0..<name.dimensions { type = .list(type) }
    }

    private static let plain: [String: DataType] = [
        "smallint": .smallInt, "int2": .smallInt, "integer": .integer, "int": .integer, "int4": .integer, "bigint": .bigInt, "int8": .bigInt,
        "real": .real, "float4": .real, "double precision": .double, "float8": .double, "double": .double, "boolean": .boolean, "bool": .boolean,
        "text": .varchar, "string": .varchar, "name": .varchar, "bytea": .blob, "blob": .blob, "date": .date, "uuid": .uuid, "json": .json,
        "jsonb": .json, "oid": .bigInt, "tinyint": .tinyInt, "hugeint": .hugeInt, "uhugeint": .unsignedHugeInt, "utinyint": .unsignedTinyInt,
        "usmallint": .unsignedSmallInt, "uinteger": .unsignedInteger, "ubigint": .unsignedBigInt, "timestamp_s": .timestampSeconds,
        "timestamp_ms": .timestampMillis, "timestamp_ns": .timestampNanos,
    ]
    private static let serials: [String: DataType] = [
        "serial": .integer, "serial4": .integer, "bigserial": .bigInt, "serial8": .bigInt, "smallserial": .smallInt, "serial2": .smallInt,
    ]
    private static let refused: Set<String> = [
        "money", "inet", "cidr", "macaddr", "macaddr8", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "tsvector", "tsquery",
        "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "pg_lsn", "hstore", "citext",
    ]

    private static func element(_ name: TypeName) throws(LeibrixError) -> ColumnType? {
        if let type = serials[name.name] { return ColumnType(type: type, modifier: nil, isSerial: true) }
        if let type = plain[name.name] {
            guard name.modifiers.isEmpty else { throw noModifier(name) }
            return ColumnType(type: type, modifier: nil)
        }
        switch name.name {
        case "numeric", "decimal", "dec": return ColumnType(type: try decimal(name), modifier: nil)
        case "float":
            let digits = name.modifiers.first ?? 53
            guard (1...53).contains(digits) else { throw outOfRange("precision for type float must be between 1 and 53 bits", name) }
            return ColumnType(type: digits <= 24 ? .real : .double, modifier: nil)
        case "character varying", "varchar", "nvarchar": return ColumnType(type: .varchar, modifier: try length(name).map(TypeModifier.length))
        case "character", "char", "bpchar", "nchar":
            let count = try length(name) ?? (name.name == "bpchar" ? nil : 1)
            return ColumnType(type: .varchar, modifier: count.map(TypeModifier.fixedLength))
        case "bit": return ColumnType(type: .bit, modifier: .fixedLength(try length(name) ?? 1))
        case "bit varying", "varbit": return ColumnType(type: .bit, modifier: try length(name).map(TypeModifier.length))
        default: return try temporal(name)
        }
    }

    private static func temporal(_ name: TypeName) throws(LeibrixError) -> ColumnType? {
        let type: DataType
        switch name.name {
        case "timestamp", "datetime": type = .timestamp
        case "timestamp with time zone", "timestamptz": type = .timestampTZ
        case "time", "time with time zone", "timetz", "interval":
            guard (name.modifiers.first ?? 6) == 6 else {
                throw LeibrixError(
                    .notSupported, "\(name.name)(\(name.modifiers[0])) is not supported", hint: "Leave the precision out: all six digits are kept.",
                    position: name.position)
            }
            return ColumnType(type: name.name == "interval" ? .interval : name.name == "time" ? .time : .timeTZ, modifier: nil)
        case let other where refused.contains(other):
            throw LeibrixError(
                .notSupported, "type \"\(other)\" is not supported", hint: "Use text, numeric or another type that the engine has.", position: name.position)
        default: return nil
        }
        guard let precision = name.modifiers.first else { return ColumnType(type: type, modifier: nil) }
        guard (0...6).contains(precision) else { throw outOfRange("\(name.name)(\(precision)) precision must be between 0 and 6", name) }
        return ColumnType(type: type, modifier: precision == 6 ? nil : .precision(precision))
    }

    private static func decimal(_ name: TypeName) throws(LeibrixError) -> DataType {
        guard let width = name.modifiers.first else { return .decimal(width: 38, scale: 10) }
        let scale = name.modifiers.count > 1 ? name.modifiers[1] : 0
        guard (1...38).contains(width) else {
            throw outOfRange("NUMERIC precision \(width) must be between 1 and 38", name)
        }
        guard (0...width).contains(scale) else { throw outOfRange("NUMERIC scale \(scale) must be between 0 and precision \(width)", name) }
        return .decimal(width: UInt8(width), scale: UInt8(scale))
    }

    private static func length(_ name: TypeName) throws(LeibrixError) -> Int? {
        guard let length = name.modifiers.first else { return nil }
        guard (1...10_485_760).contains(length) else { throw outOfRange("length for type \(name.name) must be between 1 and 10485760", name) }
        return length
    }

    private static func outOfRange(_ message: String, _ name: TypeName) -> LeibrixError {
        LeibrixError(.invalidOption, message, hint: "Change the number in brackets.", position: name.position)
    }

    private static func noModifier(_ name: TypeName) -> LeibrixError {
        LeibrixError(
            .syntax, "type modifier is not allowed for type \"\(name.name)\"", hint: "Leave the brackets out.", position: name.position)
    }
}

extension TableColumn {
    /// The column's type as PostgreSQL writes it, for messages.
    var declaredType: String {
        switch (type.base, modifier) {
        case (.varchar, .length(let length)?): "character varying(\(length))"
        case (.varchar, .fixedLength(let length)?): "character(\(length))"
        case (.bit, .length(let length)?): "bit varying(\(length))"
        case (.bit, .fixedLength(let length)?): "bit(\(length))"
        default: type.postgresName
        }
    }
}

extension DataType {
    /// The type as PostgreSQL names it in messages.
    var postgresName: String {
        switch base {
        case .boolean: "boolean"
        case .smallInt, .tinyInt, .unsignedTinyInt: "smallint"
        case .integer, .unsignedSmallInt: "integer"
        case .bigInt, .unsignedInteger: "bigint"
        case .real: "real"
        case .double: "double precision"
        case .decimal(let width, let scale): "numeric(\(width),\(scale))"
        case .varchar: self == .json ? "json" : "text"
        case .blob: "bytea"
        case .date: "date"
        case .time: "time without time zone"
        case .timeTZ: "time with time zone"
        case .timestamp: "timestamp without time zone"
        case .timestampTZ: "timestamp with time zone"
        case .interval: "interval"
        case .uuid: "uuid"
        case .list(let element): element.postgresName + "[]"
        default: description
        }
    }
}
