internal import Catalog
internal import Columnar

/// The types of system columns, as DuckDB holds them: the plain ones its own, all others aliases that carry PostgreSQL's
/// name, so that a door can send the right type and casts of ours apply.
enum SystemType {
    /// Object numbers: four bytes without a sign, held in eight with one. DuckDB's own `oid` is a BIGINT, which its sorting
    /// takes any type called oid for; and -1 may be compared with a number.
    static let numbers = [
        "oid", "regclass", "regtype", "regproc", "regprocedure", "regoper", "regoperator", "regnamespace", "regrole", "regcollation",
        "regconfig", "regdictionary", "xid", "cid",
    ]
    static let texts = [
        "name", "char", "pg_node_tree", "aclitem", "tid", "inet", "cidr", "macaddr", "macaddr8", "xml", "pg_lsn", "anyarray",
        "pg_ndistinct", "pg_dependencies", "pg_mcv_list", "refcursor", "tsvector", "tsquery", "txid_snapshot", "pg_snapshot",
    ]
    static let oid = DataType.alias("oid", .bigInt)
    static let name = DataType.alias("name", .varchar)
    static let int2vector = DataType.alias("int2vector", .list(.smallInt))
    static let oidvector = DataType.alias("oidvector", .list(oid))

    static func number(_ name: String) -> DataType { .alias(name, .bigInt) }

    /// By pg_type.typname. What is not known is text.
    static func named(_ name: String) -> DataType {
        if let plain = plain[name] { return plain }
        if name.hasPrefix("_") { return .list(named(String(name.dropFirst()))) }
        if numbers.contains(name) { return number(name) }
        return texts.contains(name) ? .alias(name, .varchar) : .varchar
    }

    private static let plain: [String: DataType] = [
        "bool": .boolean, "int2": .smallInt, "int4": .integer, "int8": .bigInt, "float4": .real, "float8": .double, "text": .varchar,
        "varchar": .varchar, "timestamptz": .timestampTZ, "interval": .interval, "bytea": .blob, "numeric": .decimal(width: 38, scale: 0),
        "int2vector": int2vector, "oidvector": oidvector,
    ]
}
