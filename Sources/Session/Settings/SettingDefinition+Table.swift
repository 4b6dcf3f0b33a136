extension SettingDefinition {
    /// Every setting, by name in lower case.
    static let table: [String: SettingDefinition] = Dictionary(uniqueKeysWithValues: all.map { ($0.name.lowercased(), $0) })

    static let all: [SettingDefinition] = client + statement + transaction + presets

    private static let client: [SettingDefinition] = [
        .init("application_name", .text, "", reported: true, "Reporting", "Name shown in leibrix.sessions."),
        .init("client_encoding", .choice(["utf8", "utf-8", "unicode"]), "UTF8", reported: true, "Client", "Encoding of texts: UTF8 only."),
        .init("client_min_messages", .choice(["debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "notice", "warning", "error"]), "notice", "Client", "The least severe notices to send."),
        .init("datestyle", .dateStyle, "ISO, MDY", reported: true, "Client", "How dates are written: ISO."),
        .init("intervalstyle", .choice(["postgres"]), "postgres", reported: true, "Client", "How intervals are written."),
        .init("timezone", .timeZone, "UTC", reported: true, "Client", "Zone in which timestamps with time zone are computed and shown."),
        .init("extra_float_digits", .integer(1...3, unit: ""), "1", "Client", "Floating-point numbers are written with the digits they need."),
        .init("bytea_output", .choice(["hex"]), "hex", "Client", "How binary strings are written."),
        .init("xmloption", .choice(["content"]), "content", "Client", "There are no XML values."),
        .init("search_path", .list, "\"$user\", public", "Client", "Schemas in which unqualified names are looked up."),
        .init("standard_conforming_strings", .choice(["on"]), "on", reported: true, "Client", "Backslashes in '…' are ordinary."),
        .init("escape_string_warning", .boolean, "on", "Client", "Plain strings never treat backslashes as escapes, so nothing is warned of."),
        .init("backslash_quote", .choice(["safe_encoding"]), "safe_encoding", "Client", "\\' is accepted in E'…' strings."),
        .init("lc_messages", .choice(["c", "en_us.utf-8"]), "C", "Client", "Language of messages."),
        .init("lc_monetary", .choice(["c"]), "C", "Client", "Format of money."),
        .init("lc_numeric", .choice(["c"]), "C", "Client", "Format of numbers."),
        .init("lc_time", .choice(["c"]), "C", "Client", "Format of dates."),
    ]

    private static let longest = 2_147_483_647

    private static let statement: [SettingDefinition] = [
        .init("statement_timeout", .integer(0...longest, unit: "ms"), "0", "Statements", "Ends a statement that takes longer; 0 is never."),
        .init("lock_timeout", .integer(0...longest, unit: "ms"), "0", "Statements", "Ends a statement that waits longer for another transaction; 0 is never."),
        .init("idle_in_transaction_session_timeout", .integer(0...longest, unit: "ms"), "0", "Statements", "Ends a session idle inside a transaction."),
        .init("idle_session_timeout", .integer(0...longest, unit: "ms"), "0", "Statements", "Ends an idle session."),
        .init("synchronous_commit", .choice(["on", "off", "local", "remote_write", "remote_apply"]), "on", "Transactions", "Whether a commit waits until it is durable: off does not."),
        .init("jit", .choice(["off"]), "off", "Statements", "Plans are vectorised, not compiled."),
        .init("row_security", .choice(["on", "off"]), "on", "Statements", "There are no row policies."),
        .init("array_nulls", .choice(["on"]), "on", "Statements", "NULL is read in arrays."),
        .init("transform_null_equals", .choice(["off"]), "off", "Statements", "x = NULL is NULL."),
    ]

    private static let levels = ["read committed", "repeatable read", "serializable", "read uncommitted"]

    private static let transaction: [SettingDefinition] = [
        .init("default_transaction_isolation", .choice(levels), "read committed", "Transactions", "Isolation of new transactions."),
        .init("default_transaction_read_only", .boolean, "off", reported: true, "Transactions", "Whether new transactions are read-only."),
        .init("default_transaction_deferrable", .boolean, "off", "Transactions", "Snapshots never wait, so deferring changes nothing."),
        .init("transaction_isolation", .choice(levels), "read committed", "Transactions", "Isolation of this transaction."),
        .init("transaction_read_only", .boolean, "off", "Transactions", "Whether this transaction is read-only."),
        .init("transaction_deferrable", .boolean, "off", "Transactions", "Whether this transaction is deferrable."),
    ]

    /// Values the server fills in at the start: see `SettingsDefaults`.
    private static let presets: [SettingDefinition] = [
        .init("server_version", .fixed, "", reported: true, "Server", "PostgreSQL's version spoken, and this product's."),
        .init("server_version_num", .fixed, "", "Server", "PostgreSQL's version spoken, as a number."),
        .init("server_encoding", .fixed, "UTF8", reported: true, "Server", "Encoding of stored texts."),
        .init("integer_datetimes", .fixed, "on", reported: true, "Server", "Timestamps are 64-bit integers."),
        .init("in_hot_standby", .fixed, "off", reported: true, "Server", "This is no standby."),
        .init("is_superuser", .fixed, "off", reported: true, "Server", "Whether the user is an administrator."),
        .init("session_authorization", .fixed, "", reported: true, "Server", "The session's user."),
        .init("role", .fixed, "none", "Server", "Roles are not switched."),
        .init("max_connections", .fixed, "", "Server", "Sessions at a time."),
        .init("max_identifier_length", .fixed, "255", "Server", "Bytes of a name."),
        .init("max_index_keys", .fixed, "32", "Server", "Columns of an index."),
        .init("block_size", .fixed, "8192", "Server", "Bytes of a page, as clients compute with it."),
        .init("wal_level", .fixed, "minimal", "Server", "There is no replication."),
        .init("lc_collate", .fixed, "C", "Server", "Order of texts: by bytes."),
        .init("lc_ctype", .fixed, "C.UTF-8", "Server", "Classes of characters."),
        .init("default_tablespace", .fixed, "", "Server", "There are no tablespaces."),
        .init("default_table_access_method", .fixed, "columnar", "Server", "How relations are stored."),
        .init("data_checksums", .fixed, "on", "Server", "Segment files carry checksums."),
        .init("ssl", .fixed, "off", "Server", "Whether TLS is offered."),
    ]
}
