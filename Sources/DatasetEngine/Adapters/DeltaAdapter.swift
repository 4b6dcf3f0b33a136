// Delta Lake tables of a folder or bucket. A snapshot is a version of the log; `delta_scan(version := N)` reads exactly
// it. Row counts and bounds come from the log's add actions, replayed from the last checkpoint on.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import Platform

struct DeltaAdapter: SourceAdapter {
    let catalog: CatalogSpec
    private var root: String { SourceAdapters.path(catalog["uri"] ?? "") }

    var extensions: [String] { ObjectStore.extensions(root) + ["delta"] }
    var readsInTransaction: Bool { false }
    var mayChangeWhileReading: Bool { false }
    var marksAreExact: Bool { true }

    func setup(table: [String]) -> [String] { ObjectStore.setup(catalog) }

    func tables(_ connection: Connection) throws(LeibrixError) -> [[String]] {
        guard SourceAdapters.isLocal(root) else {
            let rows = try connection.rows("SELECT DISTINCT file FROM glob(\(SQLText.literal(root + "/**/_delta_log/*.json")))")
            let paths = rows.compactMap { $0[0].text?.dropFirst(root.count + 1).split(separator: "/").dropLast(2).map(String.init) }
            return Set(paths).sorted { $0.joined() < $1.joined() }
        }
        guard Files.status(root)?.isDirectory == true else { throw SourceAdapters.unavailable(catalog, "there is no folder \(root)") }
        return try Self.tableFolders(root, [])
    }

    private static func tableFolders(_ folder: String, _ path: [String]) throws(LeibrixError) -> [[String]] {
        if Files.status(folder + "/_delta_log")?.isDirectory == true { return [path] }
        guard path.count < 6 else { return [] }
        var found: [[String]] = []
        for entry in try Files.list(folder) where entry.isDirectory {
            found += try tableFolders(folder + "/" + entry.name, path + [entry.name])
        }
        return found
    }

    func poll(_ table: [String], pinned: String?, _ connection: Connection) throws(LeibrixError) -> SourcePoll {
        if SourceAdapters.isLocal(root), Files.status(root)?.isDirectory != true {
            throw SourceAdapters.unavailable(catalog, "there is no folder \(root)")
        }
        let folder = ([root] + table).joined(separator: "/")
        let versions = try SourceFiles.names(in: folder + "/_delta_log", suffix: ".json", connection).compactMap(Self.version)
        guard let newest = versions.max() else { throw try SourceAdapters.noTable(table, catalog, tables(connection)) }
        let version = try pinned.map { text throws(LeibrixError) in try Self.pinned(text, newest) } ?? newest
        return SourcePoll(mark: "version \(version)", snapshotID: String(version), location: folder)
    }

    private static func pinned(_ text: String, _ newest: Int64) throws(LeibrixError) -> Int64 {
        guard let version = Int64(text), version >= 0, version <= newest else {
            throw LeibrixError(.undefinedSourceTable, "the table has no version \(text)", hint: "Its newest version is \(newest).")
        }
        return version
    }

    private static func version(_ name: String) -> Int64? {
        let digits = name.dropLast(5)
        return digits.count == 20 ? Int64(digits) : nil
    }

    func describe(
        _ table: [String], _ poll: SourcePoll, timeColumn: String?, _ connection: Connection
    ) throws(LeibrixError) -> SourceTable {
        let version = Int64(poll.snapshotID ?? "0") ?? 0
        let relation = "delta_scan(\(SQLText.literal(poll.location)), version := \(version))"
        var log = DeltaLog(folder: poll.location + "/_delta_log", timeColumn: timeColumn)
        try log.replay(to: version, connection)
        let files = log.files.values.sorted { $0.uri < $1.uri }
        let total = files.reduce(Int64?.some(0)) { sum, file in sum.flatMap { sum in file.rows.map { sum + $0 } } }
        return SourceTable(
            snapshotID: poll.snapshotID, mark: poll.mark, relation: relation,
            columns: try SourceAdapters.columns(of: relation, connection), files: files, rowsTotal: log.hasDeletes ? nil : total,
            rowsTotalOrigin: "the table's log")
    }
}

/// The live files of one version, from the log.
struct DeltaLog {
    let folder: String
    let timeColumn: String?
    private(set) var files: [String: SourceFile] = [:]
    /// Deletion vectors: the add actions' counts are of the files, not of what is left of them.
    private(set) var hasDeletes = false

    init(folder: String, timeColumn: String?) {
        self.folder = folder
        self.timeColumn = timeColumn
    }

    mutating func replay(to version: Int64, _ connection: Connection) throws(LeibrixError) {
        var first: Int64 = 0
        if let checkpoint = try newestCheckpoint(atMost: version, connection) {
            try load(checkpoint, connection)
            first = checkpoint + 1
        }
        guard first <= version else { return }
        for number in first...version {
            let text = try SourceFiles.read("\(folder)/\(Self.name(number)).json", connection)
            for line in text.split(separator: "\n") { try apply(JSON.parse(String(line))) }
        }
    }

    private static func name(_ version: Int64) -> String { padded(Int(version), 20) }

    private func newestCheckpoint(atMost version: Int64, _ connection: Connection) throws(LeibrixError) -> Int64? {
        let names = try SourceFiles.names(in: folder, suffix: ".checkpoint.parquet", connection)
        return names.compactMap { Int64($0.prefix(20)) }.filter { $0 <= version }.max()
    }

    private mutating func load(_ version: Int64, _ connection: Connection) throws(LeibrixError) {
        let path = SQLText.literal("\(folder)/\(Self.name(version)).checkpoint.parquet")
        let rows = try connection.rows("SELECT to_json(add)::VARCHAR FROM read_parquet(\(path)) WHERE add IS NOT NULL")
        for row in rows {
            guard let text = row[0].text else { continue }
            try apply(["add": JSON.parse(text)])
        }
    }

    private mutating func apply(_ action: JSON) throws(LeibrixError) {
        if let path = action["remove"]?["path"]?.string { files[path] = nil }
        guard let add = action["add"], let path = add["path"]?.string else { return }
        let vector = add["deletionVector"].flatMap { $0.isNull ? nil : $0 }
        if vector != nil { hasDeletes = true }
        var file = SourceFile(uri: path, bytes: add["size"]?.integer, mark: "\(path)|\(vector?.text() ?? "")")
        if let stats = add["stats"]?.string, let parsed = try? JSON.parse(stats) {
            file.rows = parsed["numRecords"]?.integer
            if let timeColumn, let low = Self.instant(parsed["minValues"]?[timeColumn]), let high = Self.instant(parsed["maxValues"]?[timeColumn]) {
                file.timeBounds = TimeBounds(minMS: low - 1, maxMS: high + 1)
                file.mayHaveNullTimes = parsed["nullCount"]?[timeColumn]?.integer != 0
            }
        }
        files[path] = file
    }

    private static func instant(_ json: JSON?) -> Int64? { json?.string.flatMap { Instant.parse($0) } }
}
