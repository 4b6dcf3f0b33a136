// Iceberg tables of a warehouse folder or bucket. The current metadata.json is found by a SQLite catalog in the
// warehouse (pyiceberg's SqlCatalog), by version-hint.text, or as the newest metadata file; it names the snapshot, so
// reading through it reads exactly that snapshot. Row counts and bounds come from the manifests.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import Platform

struct IcebergAdapter: SourceAdapter {
    let catalog: CatalogSpec

    var extensions: [String] { ["avro"] + ObjectStore.extensions(catalog["uri"] ?? "") + ["iceberg"] }
    var readsInTransaction: Bool { false }
    var mayChangeWhileReading: Bool { false }
    var marksAreExact: Bool { true }

    func setup(table: [String]) -> [String] { ObjectStore.setup(catalog) }

    func tables(_ connection: Connection) throws(LeibrixError) -> [[String]] {
        try IcebergWarehouse(catalog: catalog).tables(connection)
    }

    func poll(_ table: [String], pinned: String?, _ connection: Connection) throws(LeibrixError) -> SourcePoll {
        let location = try IcebergWarehouse(catalog: catalog).metadataLocation(table, connection)
        guard try SourceFiles.exists(location, connection) else { throw SourceFiles.missing(location) }
        return SourcePoll(mark: location + (pinned.map { "@\($0)" } ?? ""), snapshotID: pinned, location: location)
    }

    func describe(
        _ table: [String], _ poll: SourcePoll, timeColumn: String?, _ connection: Connection
    ) throws(LeibrixError) -> SourceTable {
        let metadata = try JSON.parse(SourceFiles.read(poll.location, connection))
        let snapshots = metadata["snapshots"]?.array ?? []
        let current = metadata["current-snapshot-id"]?.integer.flatMap { $0 < 0 ? nil : String($0) }
        let snapshot = poll.snapshotID ?? current
        if let pinned = poll.snapshotID, !snapshots.contains(where: { $0["snapshot-id"]?.integer.map(String.init) == pinned }) {
            throw LeibrixError(
                .undefinedSourceTable, "the table has no snapshot \(pinned)", hint: "Its current snapshot is \(current ?? "none").")
        }
        return try IcebergManifests(location: poll.location, snapshot: snapshot, isPinned: poll.snapshotID != nil)
            .table(mark: poll.mark, timeColumn: timeColumn, connection)
    }
}

/// What the manifests of one snapshot say.
struct IcebergManifests {
    /// A metadata.json, or a table of an attached REST catalog.
    let location: String
    let snapshot: String?
    let isPinned: Bool

    private var arguments: String {
        SQLText.literal(location) + (isPinned ? ", snapshot_from_id = \(snapshot ?? "0")" : "")
    }

    func table(mark: String, timeColumn: String?, _ connection: Connection) throws(LeibrixError) -> SourceTable {
        let relation = "iceberg_scan(\(arguments))"
        var table = SourceTable(
            snapshotID: snapshot, mark: mark, relation: relation,
            columns: try SourceAdapters.columns(of: relation, connection), rowsTotalOrigin: "the snapshot's manifests")
        let (data, deletes) = try files(connection)
        table.files = data
        if let timeColumn { try fillBounds(&table.files, timeColumn, connection) }
        let recorded = data.reduce(Int64(0)) { $0 + ($1.rows ?? 0) }
        if deletes.isEmpty {
            table.rowsTotal = recorded
        } else {
            table.sharedMark = MarkHash.of(deletes.sorted())
            try checkFooters(data, recorded, connection)
        }
        return table
    }

    /// Live data files, and a mark for every live delete file.
    private func files(_ connection: Connection) throws(LeibrixError) -> (data: [SourceFile], deletes: [String]) {
        let rows = try connection.rows(
            """
            SELECT manifest_content, file_path, file_format, record_count FROM iceberg_metadata(\(arguments))
            WHERE status <> 'DELETED'
            """)
        var data: [SourceFile] = []
        var deletes: [String] = []
        for row in rows {
            guard let content = row[0].text, let path = row[1].text, let count = row[3].int64 else { continue }
            if content == "DATA" {
                let format = row[2].text?.lowercased() ?? "parquet"
                data.append(SourceFile(uri: path, format: format, rows: count, mark: "\(path)|\(count)"))
            } else {
                deletes.append("\(path)|\(count)")
            }
        }
        return (data, deletes)
    }

    private func fillBounds(_ files: inout [SourceFile], _ column: String, _ connection: Connection) throws(LeibrixError) {
        let rows = try connection.rows(
            """
            SELECT file_path, epoch_ms(TRY_CAST(lower_bound AS TIMESTAMP)), epoch_ms(TRY_CAST(upper_bound AS TIMESTAMP)),
              coalesce(null_value_count, 1) > 0
            FROM iceberg_column_stats(\(arguments)) WHERE status <> 'DELETED' AND column_name = \(SQLText.literal(column))
            """)
        var bounds: [String: (TimeBounds, Bool)] = [:]
        for row in rows {
            guard let path = row[0].text, let low = row[1].int64, let high = row[2].int64 else { continue }
            bounds[path] = (TimeBounds(minMS: low - 1, maxMS: high + 1), row[3] != .boolean(false))
        }
        for index in files.indices {
            guard let found = bounds[files[index].uri] else { continue }
            files[index].timeBounds = found.0
            files[index].mayHaveNullTimes = found.1
        }
    }

    /// With delete files the manifests do not tell how many rows are left; the data files' own footers must still agree
    /// with what the manifests say of them.
    private func checkFooters(_ data: [SourceFile], _ recorded: Int64, _ connection: Connection) throws(LeibrixError) {
        guard data.allSatisfy({ $0.format == "parquet" }) else { return }
        let counted = try Footers.rows(data.map { SourceAdapters.path($0.uri) }, connection)
        guard counted == recorded else {
            throw LeibrixError(
                .validationFailed, "the manifests count \(recorded) rows in the data files, the files' footers \(counted)",
                hint: "The table's metadata is wrong: rewrite its manifests at the source.")
        }
    }
}
