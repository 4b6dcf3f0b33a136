// PostgreSQL, and MySQL with those that speak its protocol (StarRocks), attached read-only through DuckDB's scanners.
// Survey, counts and load share one transaction, which the scanners run as one repeatable-read snapshot.
//
// The cheap marker of a PostgreSQL table is its file node, size and the counters of rows inserted, updated and deleted;
// they arrive within a second of a commit and are reset by a crash of the server, so an explicit REFRESH reads anew. A
// MySQL or StarRocks table is marked by its row count, its largest time and its update time: an update in place that
// changes none of them is seen by REFRESH only.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

struct ServerAdapter: SourceAdapter {
    enum Dialect: Sendable { case postgres, mysql }

    let catalog: CatalogSpec
    let dialect: Dialect

    var extensions: [String] { [dialect == .postgres ? "postgres_scanner" : "mysql_scanner"] }
    var readsInTransaction: Bool { true }
    var mayChangeWhileReading: Bool { false }
    var marksAreExact: Bool { false }

    /// The attachment's name in the loader's instance.
    private var attached: String { "lbx_src_\(catalog.name)" }
    private var defaultSchema: String { dialect == .postgres ? "public" : catalog["database"] ?? "" }

    func setup(table: [String]) -> [String] {
        let type = dialect == .postgres ? "postgres" : "mysql"
        return [
            "ATTACH IF NOT EXISTS \(SQLText.literal(connectionText)) AS \(SQLText.name(attached)) (TYPE \(type), READ_ONLY)",
            // Columns that were added at the server are seen only after this.
            dialect == .postgres ? "CALL pg_clear_cache()" : "CALL mysql_clear_cache()",
        ]
    }

    private var connectionText: String {
        if let uri = catalog["uri"] { return uri }
        let names: [(option: String, word: String)] =
            dialect == .postgres
            ? [("host", "host"), ("port", "port"), ("user", "user"), ("password", "password"), ("database", "dbname"), ("sslmode", "sslmode")]
            : [("host", "host"), ("port", "port"), ("user", "user"), ("password", "passwd"), ("database", "database"), ("sslmode", "ssl_mode")]
        return names.compactMap { name in catalog[name.option].map { "\(name.word)=\(quoted($0))" } }.joined(separator: " ")
    }

    /// libpq reads single quotes, the MySQL scanner double ones; both escape by a backslash.
    private func quoted(_ text: String) -> String {
        let mark: Character = dialect == .postgres ? "'" : "\""
        return "\(mark)" + text.map { $0 == mark || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\(mark)"
    }

    private func parts(_ table: [String]) -> (schema: String, name: String) {
        table.count == 1 ? (defaultSchema, table[0]) : (table[table.count - 2], table[table.count - 1])
    }

    func tables(_ connection: Connection) throws(LeibrixError) -> [[String]] {
        let rows = try connection.rows(
            """
            SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = \(SQLText.literal(attached))
              AND schema_name NOT IN ('pg_catalog', 'information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1, 2
            """)
        return rows.compactMap { row in
            guard let schema = row[0].text, let name = row[1].text else { return nil }
            return schema == defaultSchema ? [name] : [schema, name]
        }
    }

    func poll(_ table: [String], pinned: String?, _ connection: Connection) throws(LeibrixError) -> SourcePoll {
        if pinned != nil {
            throw LeibrixError(
                .invalidOption, "a table of type \(catalog.type.rawValue) has no snapshots to stay at",
                hint: "Leave option \"snapshot\" out.")
        }
        let (schema, name) = parts(table)
        let rows = try remote(dialect == .postgres ? postgresMarker(schema, name) : mysqlMarker(schema, name), connection)
        guard let cells = rows.first else { throw try SourceAdapters.noTable(table, catalog, tables(connection)) }
        let mark = cells.map { cell in cell.text ?? cell.int64.map(String.init) ?? "" }.joined(separator: "/")
        return SourcePoll(mark: mark, snapshotID: MarkHash.of([mark]))
    }

    private func postgresMarker(_ schema: String, _ name: String) -> String {
        """
        SELECT concat_ws('/', pg_relation_filenode(c.oid), pg_relation_size(c.oid), s.n_tup_ins, s.n_tup_upd, s.n_tup_del)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
        WHERE n.nspname = \(SQLText.literal(schema)) AND c.relname = \(SQLText.literal(name)) AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
        """
    }

    private func mysqlMarker(_ schema: String, _ name: String) -> String {
        """
        SELECT concat_ws('/', t.TABLE_TYPE, t.UPDATE_TIME, t.CREATE_TIME) FROM information_schema.TABLES t
        WHERE t.TABLE_SCHEMA = \(SQLText.literal(schema)) AND t.TABLE_NAME = \(SQLText.literal(name))
        """
    }

    /// Runs SQL at the server itself.
    private func remote(_ sql: String, _ connection: Connection) throws(LeibrixError) -> [[Value]] {
        let function = dialect == .postgres ? "postgres_query" : "mysql_query"
        return try connection.rows("SELECT * FROM \(function)(\(SQLText.literal(attached)), \(SQLText.literal(sql)))")
    }

    func describe(
        _ table: [String], _ poll: SourcePoll, timeColumn: String?, _ connection: Connection
    ) throws(LeibrixError) -> SourceTable {
        let (schema, name) = parts(table)
        let relation = SQLText.names([attached, schema, name])
        let quote = dialect == .postgres ? "\"" : "`"
        let counted = try remote("SELECT count(*) AS n FROM \(quote)\(schema)\(quote).\(quote)\(name)\(quote)", connection)
        return SourceTable(
            snapshotID: poll.snapshotID, mark: poll.mark, relation: relation,
            columns: try SourceAdapters.columns(of: relation, connection), rowsTotal: counted.first?.first?.int64,
            rowsTotalOrigin: "count(*) at the server", sharedMark: poll.mark)
    }
}
