// Functions of PostgreSQL that are expressions of DuckDB's.
internal import Columnar

enum CatalogMacros {
    /// CREATE MACRO statements; several bodies of one name are overloads.
    static func statements(_ catalog: String) -> [String] {
        expressions.map { "CREATE MACRO \($0)" } + [
            "CREATE MACRO pg_get_keywords() AS TABLE SELECT * FROM \(catalog).pg_catalog.keywords",
            """
            CREATE MACRO setting_of(which) AS
                (SELECT setting_row.setting FROM \(catalog).pg_catalog.pg_settings setting_row WHERE setting_row.name = which)
            """,
            "CREATE MACRO pg_show_all_settings() AS TABLE SELECT * FROM \(catalog).pg_catalog.pg_settings",
            "CREATE MACRO pg_lock_status() AS TABLE SELECT * FROM \(catalog).pg_catalog.pg_locks",
        ]
    }

    private static let expressions = [
        "pg_is_in_recovery() AS false",
        "pg_is_wal_replay_paused() AS false",
        "getdatabaseencoding() AS 'UTF8'",
        "pg_client_encoding() AS 'UTF8'",
        "pg_my_temp_schema() AS 0::oid",
        "pg_is_other_temp_schema(schema_id) AS false",
        "pg_export_snapshot() AS NULL::VARCHAR",
        "pg_current_logfile() AS NULL::VARCHAR",
        "txid_current_if_assigned() AS NULL::BIGINT",
        "pg_jit_available() AS false",
        // No function takes an advisory lock, so a session holds none.
        "pg_advisory_unlock_all() AS ''",
        "pg_typeof(x) AS lower(typeof(x))",
        "array_upper(a, d) AS CASE WHEN d = 1 AND len(a) > 0 THEN len(a)::INTEGER END",
        "array_lower(a, d) AS CASE WHEN d = 1 AND len(a) > 0 THEN 1 END",
        "array_ndims(a) AS CASE WHEN len(a) > 0 THEN 1 END",
        "array_remove(a, e) AS list_filter(a, lambda x: x IS DISTINCT FROM e)",
        """
        array_to_string(a, s) AS CASE WHEN len(a) = 0 THEN '' ELSE coalesce(list_aggregate(a::VARCHAR[], 'string_agg', s), '') END,
          (a, s, n) AS CASE WHEN len(a) = 0 THEN ''
            ELSE list_aggregate(list_transform(a::VARCHAR[], lambda x: coalesce(x, n)), 'string_agg', s) END
        """,
        "_pg_expandarray(a) AS unnest(list_transform(generate_series(1, len(a)), lambda i: {'x': list_extract(a, i), 'n': i::INTEGER}))",
        """
        aclexplode(acl) AS unnest(list_filter(
          [{'grantor': 0::oid, 'grantee': 0::oid, 'privilege_type': '', 'is_grantable': false}], lambda x: false))
        """,
        "acldefault(kind, owner) AS NULL::aclitem[]",
    ]

    /// Views that do not read a relation of the same name.
    static let views = [
        "pg_catalog.pg_timezone_names": "SELECT name, abbrev, utc_offset, is_dst FROM pg_timezone_names()"
    ]
}

enum Keywords {
    private static let categories = [
        "U": "unreserved", "C": "unreserved (cannot be function or type name)", "T": "reserved (can be function or type name)",
        "R": "reserved",
    ]

    static let rows: [[Value]] = SystemFacts.keywords.map { cells in
        let category = String(cells[1].prefix(1))
        let isBare = cells[1].hasSuffix("1")
        return [
            .string(String(cells[0])), .string(category), .optional(categories[category]), .boolean(isBare),
            .string(isBare ? "can be bare label" : "requires AS"),
        ]
    }
}
