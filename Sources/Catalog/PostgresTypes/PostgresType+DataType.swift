// Which PostgreSQL type stands for which of ours, both ways. Integers that PostgreSQL lacks go to the next wider type;
// what has no counterpart goes as text.
public import Columnar

extension DataType {
    /// pg_type's number and pg_attribute.atttypmod (-1 where the type has none).
    public var postgres: (oid: UInt32, modifier: Int32) {
        switch self {
        case .null, .varchar, .enumeration, .union, .other: (25, -1)
        case .boolean: (16, -1)
        case .tinyInt, .smallInt, .unsignedTinyInt: (21, -1)
        case .integer, .unsignedSmallInt: (23, -1)
        case .bigInt, .unsignedInteger: (20, -1)
        case .hugeInt, .unsignedHugeInt, .unsignedBigInt: (1700, -1)
        case .real: (700, -1)
        case .double: (701, -1)
        case .decimal(let width, let scale): (1700, (Int32(width) << 16 | Int32(scale)) + 4)
        case .blob: (17, -1)
        case .bit: (1562, -1)
        case .date: (1082, -1)
        case .time, .timeNS: (1083, -1)
        case .timeTZ: (1266, -1)
        case .timestamp, .timestampSeconds, .timestampMillis, .timestampNanos: (1114, -1)
        case .timestampTZ: (1184, -1)
        case .interval: (1186, -1)
        case .uuid: (2950, -1)
        case .list(let element), .array(let element, _): (element.postgresArrayOID, element.postgres.modifier)
        case .structure: (2249, -1)
        case .map: (114, -1)
        case .alias(let name, let type): type.postgresAlias(name)
        }
    }

    /// The number of the array of this type. Lists of lists are PostgreSQL's arrays of more dimensions: one type.
    public var postgresArrayOID: UInt32 {
        switch base {
        case .list, .array: postgres.oid
        default: PostgresType[postgres.oid].map { $0.arrayOID == 0 ? 1009 : $0.arrayOID } ?? 1009
        }
    }

    /// An alias named as a PostgreSQL type is that type, in any case; any other is what it stands for.
    private func postgresAlias(_ name: String) -> (oid: UInt32, modifier: Int32) {
        if let type = PostgresType[name.lowercased()], type.kind != .pseudo { return (type.oid, -1) }
        return postgres
    }
}

extension PostgresType {
    /// The type a client means by a parameter's OID; nil for 0, `unknown`, and those left to the server.
    public var dataType: DataType? {
        switch oid {
        case 16: .boolean
        case 21: .smallInt
        case 23: .integer
        case 20: .bigInt
        case 700: .real
        case 701: .double
        case 1700: .decimal(width: 38, scale: 10)
        case 25, 1042, 1043: .varchar
        case 17: .blob
        case 1560, 1562: .bit
        case 1082: .date
        case 1083: .time
        case 1266: .timeTZ
        case 1114: .timestamp
        case 1184: .timestampTZ
        case 1186: .interval
        case 2950: .uuid
        case 114: .json
        default: composedType
        }
    }

    private var composedType: DataType? {
        if isArray { return PostgresType[elementOID]?.dataType.map { .list($0) } }
        switch name {
        case "oid", "xid", "cid", "regclass", "regtype", "regproc", "regprocedure", "regoper", "regoperator", "regrole", "regnamespace",
            "regconfig", "regdictionary", "regcollation":
            return .alias(name, .unsignedInteger)
        case "xid8": return .alias(name, .unsignedBigInt)
        case "int2vector": return .alias(name, .list(.smallInt))
        case "oidvector": return .alias(name, .list(.unsignedInteger))
        case _ where kind == .pseudo: return nil
        default: return .alias(name, .varchar)
        }
    }
}
