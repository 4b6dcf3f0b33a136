internal import Base
internal import Columnar
internal import DuckDBKit

/// What the server learns of its engine when it starts, and the locks it puts on it.
struct EngineFacts {
    let zones: TimeZoneNames
    /// Functions, in lower case, whose answer may change while nothing else does.
    let volatileNames: Set<String>

    /// What stays open of the engine's settings: what executors apply, and a tenant's bounds. Statements of clients reach none.
    private static let open = [
        "search_path", "schema", "TimeZone", "memory_limit", "threads", "enable_progress_bar", "enable_progress_bar_print", "progress_bar_time",
    ]

    init(_ database: Database) throws(LeibrixError) {
        let connection = try database.connect()
        zones = TimeZoneNames(try connection.rows("SELECT name FROM pg_timezone_names()").compactMap(\.first?.text))
        let functions = try connection.rows(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability IS DISTINCT FROM 'CONSISTENT' AND function_type = 'scalar'")
        volatileNames = Set(functions.compactMap(\.first?.text).map { $0.lowercased() }).union(Self.knownVolatile)
        try Self.lock(connection)
    }

    /// Words that are volatile without being functions, and functions that read the system's state.
    private static let knownVolatile: Set<String> = [
        "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "now", "today", "random", "uuid",
        "gen_random_uuid", "nextval", "currval", "regclass", "regtype", "regproc", "regprocedure", "regnamespace", "regrole",
        "regoper", "regoperator", "format_type", "obj_description", "col_description", "shobj_description", "to_regclass",
        "to_regtype", "to_regnamespace", "to_regproc", "to_regrole", "age", "query", "query_table", "getvariable", "tablesample",
        "sample", "using",
    ]

    /// Idempotent: an instance that is locked already stays so.
    private static func lock(_ connection: Connection) throws(LeibrixError) {
        let locked = try connection.rows("SELECT value FROM duckdb_settings() WHERE name = 'lock_configuration'")
        guard locked.first?.first?.text != "true" else { return }
        try connection.execute("SET allowed_configs = [\(open.map { Value.string($0).duckDBLiteral }.joined(separator: ", "))]")
        try connection.execute("SET enable_external_access = false")
        try connection.execute("SET lock_configuration = true")
    }
}

extension Value {
    /// The text of a string value.
    var text: String? { if case .string(let text) = self { text } else { nil } }
}
