// A view at an earlier commit. What statements see is one moment of tables and views alike: a view waits until it has come to the
// statement's snapshot, and what it was told of later commits is left out again.
//
// The rows told last are kept with their commits. Added up they say how often each row was there less, or more often, at the
// snapshot: rows that were not there are left out of their segments, rows that were are laid out beside them.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Synchronization
internal import TableEngine

/// Where a view's statements get their snapshots from.
struct ViewVersions: Sendable {
    let clock: CommitClock
    let tables: TableEngine
    /// Returns when the view has every commit up to the number.
    let wait: @Sendable (UInt64) throws(LeibrixError) -> Void
}

/// What a view was told last, by commit.
struct ViewHistory {
    private var entries: [(commit: UInt64, entry: OutputEntry)] = []
    private var rows = 0
    /// Snapshots from here on can be read.
    private(set) var oldest: UInt64 = 0

    mutating func add(_ entry: OutputEntry, _ commit: UInt64) {
        entries.append((commit, entry))
        rows += entry.batch.rowCount
        var gone = 0
        while rows > StreamHostLimits.viewHistoryRowsMax, gone < entries.count {
            rows -= entries[gone].entry.batch.rowCount
            oldest = max(oldest, entries[gone].commit)
            gone += 1
        }
        entries.removeFirst(gone)
    }

    /// No snapshot before `oldest` is asked for any more.
    mutating func trim(oldest: UInt64) {
        var gone = 0
        while gone < entries.count, entries[gone].commit <= oldest {
            rows -= entries[gone].entry.batch.rowCount
            gone += 1
        }
        entries.removeFirst(gone)
    }

    /// The view begins at a commit: it never was anything else.
    mutating func begin(at commit: UInt64) {
        (entries, rows) = ([], 0)
        oldest = max(oldest, commit)
    }

    func behind(_ commit: UInt64) -> ArraySlice<(commit: UInt64, entry: OutputEntry)> {
        let first = entries.firstIndex { $0.commit > commit } ?? entries.count
        return entries[first...]
    }
}

extension StreamView {
    /// The view begins at a commit of its tables.
    func begin(at commit: UInt64) { state.withLock { $0.history.begin(at: commit) } }

    /// The rows as of a commit that the view has come to. O(rows told since), and the segments that they lie in.
    func snapshot(at commit: UInt64, _ state: inout State) throws(LeibrixError) -> RelationSnapshot {
        guard commit >= state.history.oldest else {
            throw LeibrixError(
                .streamSnapshotTooOld, "snapshot too old: the materialized view no longer has its rows of that moment",
                detail: "The last \(StreamHostLimits.viewHistoryRowsMax) changes are kept for transactions that began before them.",
                hint: "End the transaction and begin a new one.")
        }
        let later = state.history.behind(commit)
        if later.isEmpty { return try newest(&state) }
        if state.isFull { throw Self.tooLarge }
        let (hidden, missing) = Self.difference(later, state)
        if hidden.isEmpty, missing.isEmpty { return try newest(&state) }
        let types = columns.map(\.type)
        var groups: [RowGroup] = []
        for index in state.segments.indices {
            guard let without = hidden[index] else {
                groups += try self.groups(index, &state)
                continue
            }
            let rows = state.segments[index].rows.enumerated().filter { !without.contains($0.offset) }.map(\.element)
            if !rows.isEmpty { groups += try RowGroup.groups(of: rows, types: types) }
        }
        if !missing.isEmpty { groups += try RowGroup.groups(of: missing, types: types) }
        return try RelationSnapshot(columns: relationColumns, rowGroups: groups, statisticsVersion: 1)
    }

    /// Rows that are there but were not, by segment and place, and rows that were.
    private static func difference(
        _ later: ArraySlice<(commit: UInt64, entry: OutputEntry)>, _ state: State
    ) -> (hidden: [Int: Set<Int>], missing: [[Value]]) {
        var net: [Key: (count: Int, row: [Value])] = [:]
        for (_, entry) in later {
            for row in 0..<entry.batch.rowCount {
                let values = entry.batch.columns.map { $0.value(at: row) }
                net[key(values), default: (0, values)].count += entry.weight(row)
            }
        }
        var hidden: [Int: Set<Int>] = [:]
        var missing: [[Value]] = []
        for (key, (count, row)) in net where count != 0 {
            let places = state.places[key] ?? []
            let wanted = max(0, places.count - (state.debts[key] ?? 0) - count)
            if wanted > places.count { missing += Array(repeating: row, count: wanted - places.count) }
            for place in places.dropFirst(wanted) {
                hidden[place / StreamHostLimits.viewSegmentRows, default: []].insert(place % StreamHostLimits.viewSegmentRows)
            }
        }
        return (hidden, missing)
    }
}
