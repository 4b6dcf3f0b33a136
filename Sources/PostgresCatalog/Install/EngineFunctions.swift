// The engine's own functions for pg_proc: those whose parameters and result have types of PostgreSQL's.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

enum EngineFunctions {
    private static let query = """
        SELECT DISTINCT function_name, function_type, return_type, array_to_string(parameter_types, '|'),
          coalesce(stability, '') = 'VOLATILE'
        FROM duckdb_functions()
        WHERE function_type IN ('scalar', 'aggregate') AND schema_name = 'main' AND return_type IS NOT NULL
          AND regexp_full_match(function_name, '[a-z_][a-z0-9_]*') AND varargs IS NULL AND NOT starts_with(function_name, '__')
        ORDER BY ALL
        """

    static func read(_ connection: Connection) throws(LeibrixError) -> [DescribedFunction] {
        var allocator = OIDAllocator()
        var seen: Set<String> = Set(SupportFunctions.all.map { signature($0.name, $0.arguments) })
        var functions: [DescribedFunction] = []
        for row in try connection.rows(query) {
            let names = row[3].text.split(separator: "|").map(String.init)
            let arguments = names.compactMap(typeOID)
            guard let result = typeOID(row[2].text), arguments.count == names.count else { continue }
            let name = row[0].text
            guard seen.insert(signature(name, arguments)).inserted else { continue }
            let oid = allocator.take(SystemOID.derived("function", signature(name, arguments)))
            functions.append(
                DescribedFunction(
                    oid: oid, name: name, kind: row[1].text == "aggregate" ? "a" : "f", isStrict: true, returnsSet: false,
                    volatility: row[4] == true ? "v" : "i", result: result, arguments: arguments))
        }
        return functions
    }

    private static func signature(_ name: String, _ arguments: [UInt32]) -> String {
        "\(name)(\(arguments.map(String.init).joined(separator: ",")))"
    }

    /// PostgreSQL's type for the name of one of DuckDB's.
    private static func typeOID(_ name: String) -> UInt32? {
        if let known = oids[name] { return known }
        if name.hasSuffix("[]") {
            return typeOID(String(name.dropLast(2))).flatMap { PostgresType[$0] }.map(\.arrayOID).flatMap { $0 == 0 ? nil : $0 }
        }
        if name.hasPrefix("DECIMAL") { return 1700 }
        return PostgresType[name.lowercased()]?.oid
    }

    private static let oids: [String: UInt32] = {
        let types: [String: DataType] = [
            "BOOLEAN": .boolean, "TINYINT": .tinyInt, "SMALLINT": .smallInt, "INTEGER": .integer, "BIGINT": .bigInt, "HUGEINT": .hugeInt,
            "UTINYINT": .unsignedTinyInt, "USMALLINT": .unsignedSmallInt, "UINTEGER": .unsignedInteger, "UBIGINT": .unsignedBigInt,
            "FLOAT": .real, "DOUBLE": .double, "VARCHAR": .varchar, "BLOB": .blob, "BIT": .bit, "DATE": .date, "TIME": .time,
            "TIMESTAMP": .timestamp, "TIMESTAMP WITH TIME ZONE": .timestampTZ, "INTERVAL": .interval, "UUID": .uuid, "JSON": .json,
            "TIME WITH TIME ZONE": .timeTZ,
        ]
        return types.mapValues(\.postgres.oid)
    }()
}
