// What every kind of source does for the planner and the loader: list tables, tell cheaply whether one changed, and
// describe one snapshot with the SQL that reads exactly that snapshot and the counts that its own metadata gives.
internal import Base
internal import Catalog
internal import DuckDBKit

/// One catalog, as a type of source. Calls block and use the given connection of the loader's instance.
protocol SourceAdapter: Sendable {
    var catalog: CatalogSpec { get }
    /// Extension files to load before anything else, in order.
    var extensions: [String] { get }
    /// Statements that make secrets and attachments; idempotent.
    func setup(table: [String]) -> [String]
    /// Tables by their path below the catalog.
    func tables(_ connection: Connection) throws(LeibrixError) -> [[String]]
    /// What the source says now, as cheaply as it can. Throws `undefinedSourceTable`, `sourceUnavailable`.
    func poll(_ table: [String], pinned: String?, _ connection: Connection) throws(LeibrixError) -> SourcePoll
    /// One snapshot in full.
    func describe(
        _ table: [String], _ poll: SourcePoll, timeColumn: String?, _ connection: Connection
    ) throws(LeibrixError) -> SourceTable
    /// Survey and load must share one transaction to see one snapshot.
    var readsInTransaction: Bool { get }
    /// Files may be replaced under their names: poll again after reading, and discard what was read if they were.
    var mayChangeWhileReading: Bool { get }
    /// An equal mark proves that nothing changed. Otherwise an explicit REFRESH reads everything again.
    var marksAreExact: Bool { get }
}

struct SourcePoll: Sendable, Equatable {
    /// Equal marks: nothing to load (as far as `marksAreExact` goes).
    var mark: String
    /// The snapshot as the source names it, for leibrix.epochs.
    var snapshotID: String?
    /// What the adapter needs to describe this very snapshot: a metadata file, a version, a file list.
    var location: String = ""
    var files: [SourceFile] = []
}

/// One data file of a snapshot.
struct SourceFile: Sendable, Equatable {
    var uri: String
    var format: String = "parquet"
    var bytes: Int64?
    /// As the source's metadata says.
    var rows: Int64?
    /// Of the time column; nil when unknown, and then the file may touch any epoch.
    var timeBounds: TimeBounds?
    /// Whether rows without a time may be in it.
    var mayHaveNullTimes = true
    /// Changes when the file's content does.
    var mark: String
}

/// One table at one snapshot.
struct SourceTable: Sendable {
    var snapshotID: String?
    var mark: String
    /// A FROM clause's item that reads exactly this snapshot.
    var relation: String
    var columns: [ColumnDefinition]
    /// Empty when the source has no files to speak of.
    var files: [SourceFile] = []
    /// Rows of the snapshot by the source's own metadata; nil where it cannot tell exactly.
    var rowsTotal: Int64?
    /// Where `rowsTotal` comes from, as the reason of a failed validation says it.
    var rowsTotalOrigin = "the source's metadata"
    /// What touches every epoch: delete files, a table-wide marker.
    var sharedMark = ""
}

extension SourceTable {
    /// What of the source the rows of `range` come from; nil for the rows without a time.
    func mark(of range: TimeRange?, isWhole: Bool) -> String {
        guard !files.isEmpty else { return MarkHash.of([sharedMark]) }
        let touching = files.filter { file in
            if isWhole { return true }
            guard let range else { return file.mayHaveNullTimes }
            return file.timeBounds?.overlaps(range) ?? true
        }
        return MarkHash.of([sharedMark] + touching.map(\.mark).sorted())
    }
}
