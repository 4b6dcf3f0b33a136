// A folder or bucket of Parquet files. Table NAME is NAME.parquet, or the files under NAME/ (hive partitions included).
//
// A snapshot is the list of files with size, modification time and inode (object stores: size and time). Files may be
// replaced under their names, so the list is taken again after reading. Row counts and bounds come from the footers.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import Platform

struct ParquetAdapter: SourceAdapter {
    let catalog: CatalogSpec
    private var root: String { SourceAdapters.path(catalog["uri"] ?? "") }

    var extensions: [String] { ObjectStore.extensions(root) }
    var readsInTransaction: Bool { false }
    var mayChangeWhileReading: Bool { true }
    var marksAreExact: Bool { true }

    func setup(table: [String]) -> [String] { ObjectStore.setup(catalog) }

    func tables(_ connection: Connection) throws(LeibrixError) -> [[String]] {
        guard SourceAdapters.isLocal(root) else { return try remoteTables(connection) }
        guard Files.status(root)?.isDirectory == true else { throw SourceAdapters.unavailable(catalog, "there is no folder \(root)") }
        var names: [[String]] = []
        for entry in try Files.list(root) where !entry.name.hasPrefix(".") {
            if entry.isDirectory {
                let hasFiles = try SourceFiles.walk(root + "/" + entry.name).contains { $0.path.hasSuffix(".parquet") }
                if hasFiles { names.append([entry.name]) }
            } else if entry.name.hasSuffix(".parquet") {
                names.append([String(entry.name.dropLast(8))])
            }
        }
        return names
    }

    private func remoteTables(_ connection: Connection) throws(LeibrixError) -> [[String]] {
        let rows = try connection.rows("SELECT file FROM glob(\(SQLText.literal(root + "/**/*.parquet"))) ORDER BY file")
        var names: Set<String> = []
        for row in rows {
            guard let path = row[0].text?.dropFirst(root.count + 1) else { continue }
            let parts = path.split(separator: "/")
            names.insert(parts.count == 1 ? String(parts[0].dropLast(8)) : String(parts[0]))
        }
        return names.sorted().map { [$0] }
    }

    func poll(_ table: [String], pinned: String?, _ connection: Connection) throws(LeibrixError) -> SourcePoll {
        let files = SourceAdapters.isLocal(root) ? try localFiles(table) : try remoteFiles(table, connection)
        guard !files.isEmpty else { throw try SourceAdapters.noTable(table, catalog, tables(connection)) }
        let mark = MarkHash.of(files.map(\.mark))
        return SourcePoll(mark: mark, snapshotID: mark, files: files)
    }

    private func localFiles(_ table: [String]) throws(LeibrixError) -> [SourceFile] {
        guard Files.status(root)?.isDirectory == true else { throw SourceAdapters.unavailable(catalog, "there is no folder \(root)") }
        let base = ([root] + table).joined(separator: "/")
        var found: [(path: String, status: Files.Status)] = []
        if let status = Files.status(base + ".parquet"), !status.isDirectory { found.append((base + ".parquet", status)) }
        if found.isEmpty, Files.status(base)?.isDirectory == true {
            found = try SourceFiles.walk(base).filter { $0.path.hasSuffix(".parquet") }
        }
        return found.map { path, status in
            SourceFile(
                uri: path, bytes: Int64(status.size), mark: "\(path)|\(status.size)|\(status.modifiedNanos)|\(status.inode)")
        }
    }

    private func remoteFiles(_ table: [String], _ connection: Connection) throws(LeibrixError) -> [SourceFile] {
        let base = ([root] + table).joined(separator: "/")
        // A set of one character makes DuckDB list; a plain path it takes for there.
        for pattern in [base + ".parque[t]", base + "/**/*.parquet"] {
            let found = try connection.rows("SELECT file FROM glob(\(SQLText.literal(pattern))) ORDER BY file").compactMap { $0[0].text }
            if found.isEmpty { continue }
            let rows = try connection.rows(
                "SELECT filename, size, epoch_us(last_modified) FROM read_blob(\(SQLText.list(found))) ORDER BY filename")
            return rows.compactMap { row in
                guard let uri = row[0].text, let size = row[1].int64 else { return nil }
                return SourceFile(uri: uri, bytes: size, mark: "\(uri)|\(size)|\(row[2].int64 ?? 0)")
            }
        }
        return []
    }

    func describe(
        _ table: [String], _ poll: SourcePoll, timeColumn: String?, _ connection: Connection
    ) throws(LeibrixError) -> SourceTable {
        let paths = poll.files.map(\.uri)
        var files = poll.files
        try Footers.fill(&files, timeColumn: timeColumn, connection)
        let isHive = paths.contains { $0.dropFirst(root.count).contains("=") }
        let byName = paths.count > 1 ? ", union_by_name = true" : ""
        let relation = "read_parquet(\(SQLText.list(paths))\(byName), hive_partitioning = \(isHive))"
        return SourceTable(
            snapshotID: poll.snapshotID, mark: poll.mark, relation: relation,
            columns: try SourceAdapters.columns(of: relation, connection), files: files,
            rowsTotal: files.reduce(Int64?.some(0)) { sum, file in sum.flatMap { sum in file.rows.map { sum + $0 } } },
            rowsTotalOrigin: "the files' footers")
    }
}

/// Row counts and time bounds out of Parquet footers.
enum Footers {
    static func fill(_ files: inout [SourceFile], timeColumn: String?, _ connection: Connection) throws(LeibrixError) {
        let paths = SQLText.list(files.map(\.uri))
        var rows: [String: Int64] = [:]
        for row in try connection.rows("SELECT file_name, num_rows FROM parquet_file_metadata(\(paths))") {
            if let name = row[0].text { rows[name] = row[1].int64 }
        }
        let bounds = try timeColumn.map { column throws(LeibrixError) in try self.bounds(paths, column, connection) } ?? [:]
        for index in files.indices {
            files[index].rows = rows[files[index].uri]
            guard let found = bounds[files[index].uri] else { continue }
            files[index].timeBounds = found.bounds
            files[index].mayHaveNullTimes = found.nulls
        }
    }

    /// A file whose row groups do not all have statistics has none.
    private static func bounds(
        _ paths: String, _ column: String, _ connection: Connection
    ) throws(LeibrixError) -> [String: (bounds: TimeBounds, nulls: Bool)] {
        let sql = """
            SELECT file_name, min(epoch_ms(TRY_CAST(stats_min_value AS TIMESTAMP))), max(epoch_ms(TRY_CAST(stats_max_value AS TIMESTAMP))),
              count(*) = count(TRY_CAST(stats_min_value AS TIMESTAMP)) AND count(*) = count(TRY_CAST(stats_max_value AS TIMESTAMP)),
              coalesce(sum(coalesce(stats_null_count, 1)), 1) > 0
            FROM parquet_metadata(\(paths)) WHERE path_in_schema = \(SQLText.literal(column)) GROUP BY file_name
            """
        var found: [String: (bounds: TimeBounds, nulls: Bool)] = [:]
        for row in try connection.rows(sql) {
            guard let name = row[0].text, let low = row[1].int64, let high = row[2].int64, row[3] == .boolean(true) else { continue }
            found[name] = (TimeBounds(minMS: low - 1, maxMS: high + 1), row[4] != .boolean(false))
        }
        return found
    }

    /// The sum of the footers' row counts.
    static func rows(_ paths: [String], _ connection: Connection) throws(LeibrixError) -> Int64 {
        guard !paths.isEmpty else { return 0 }
        let rows = try connection.rows("SELECT sum(num_rows) FROM parquet_file_metadata(\(SQLText.list(paths)))")
        return rows.first?.first?.int64 ?? 0
    }
}
