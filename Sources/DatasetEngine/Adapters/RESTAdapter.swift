// Iceberg tables of a REST catalog, through the extension's own attachment.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

struct RESTAdapter: SourceAdapter {
    let catalog: CatalogSpec

    var extensions: [String] { ["avro", "httpfs", "iceberg"] }
    var readsInTransaction: Bool { true }
    var mayChangeWhileReading: Bool { false }
    var marksAreExact: Bool { true }

    private var attached: String { "lbx_src_\(catalog.name)" }

    func setup(table: [String]) -> [String] {
        var options = ["TYPE iceberg", "ENDPOINT \(SQLText.literal(catalog["uri"] ?? ""))", "READ_ONLY"]
        var statements = ObjectStore.setup(catalog)
        if let id = catalog["client_id"], let secret = catalog["client_secret"] {
            let server = catalog["oauth2_server_uri"].map { ", OAUTH2_SERVER_URI \(SQLText.literal($0))" } ?? ""
            let name = SQLText.name(attached)
            statements.append(
                "CREATE OR REPLACE TEMPORARY SECRET \(name) (TYPE iceberg, CLIENT_ID \(SQLText.literal(id)), CLIENT_SECRET \(SQLText.literal(secret))\(server))")
            options.append("SECRET \(name)")
        } else if let token = catalog["token"] {
            options.append("TOKEN \(SQLText.literal(token))")
        } else {
            options.append("AUTHORIZATION_TYPE 'none'")
        }
        let warehouse = SQLText.literal(catalog["warehouse"] ?? "")
        return statements + ["ATTACH IF NOT EXISTS \(warehouse) AS \(SQLText.name(attached)) (\(options.joined(separator: ", ")))"]
    }

    func tables(_ connection: Connection) throws(LeibrixError) -> [[String]] {
        let rows = try connection.rows(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = \(SQLText.literal(attached)) ORDER BY 1, 2")
        return rows.compactMap { row in
            guard let schema = row[0].text, let name = row[1].text else { return nil }
            return schema.split(separator: ".").map(String.init) + [name]
        }
    }

    private func qualified(_ table: [String]) -> String {
        SQLText.names([attached, table.dropLast().joined(separator: "."), table[table.count - 1]])
    }

    func poll(_ table: [String], pinned: String?, _ connection: Connection) throws(LeibrixError) -> SourcePoll {
        let rows: [[Value]]
        do throws(LeibrixError) {
            rows = try connection.rows(
                "SELECT snapshot_id::VARCHAR FROM iceberg_snapshots(\(SQLText.literal(qualified(table)))) ORDER BY sequence_number DESC, timestamp_ms DESC")
        } catch {
            let known = try tables(connection)
            throw known.contains(table) ? SourceAdapters.unavailable(catalog, error.message) : SourceAdapters.noTable(table, catalog, known)
        }
        let ids = rows.compactMap { $0[0].text }
        if let pinned, !ids.contains(pinned) {
            throw LeibrixError(
                .undefinedSourceTable, "the table has no snapshot \(pinned)", hint: "Its current snapshot is \(ids.first ?? "none").")
        }
        let snapshot = pinned ?? ids.first
        return SourcePoll(mark: "snapshot \(snapshot ?? "none")", snapshotID: snapshot, location: qualified(table))
    }

    func describe(
        _ table: [String], _ poll: SourcePoll, timeColumn: String?, _ connection: Connection
    ) throws(LeibrixError) -> SourceTable {
        let manifests = IcebergManifests(location: poll.location, snapshot: poll.snapshotID, isPinned: poll.snapshotID != nil)
        var found = try manifests.table(mark: poll.mark, timeColumn: timeColumn, connection)
        let version = poll.snapshotID.map { " AT (VERSION => \($0))" } ?? ""
        found.relation = qualified(table) + version
        found.columns = try SourceAdapters.columns(of: found.relation, connection)
        return found
    }
}
