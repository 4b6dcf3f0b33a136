// Splits the rows of one pass over the source among the epochs they belong to. Each batch ends with the key column; its
// rows are gathered by key and handed to the lane of that epoch's writer, so that a source whose files span all epochs is
// read once.
internal import Base
internal import Columnar
internal import ColumnStore
internal import DuckDBKit
internal import Synchronization

final class EpochRouter: RowSink {
    private let writers: [Int64: SegmentWriter]
    private let columnCount: Int
    private let onRows: @Sendable (Int) -> Void

    /// `writers` by key. `onRows` hears the rows of every batch, on DuckDB's threads.
    init(writers: [Int64: SegmentWriter], columnCount: Int, onRows: @escaping @Sendable (Int) -> Void) {
        self.writers = writers
        self.columnCount = columnCount
        self.onRows = onRows
    }

    func makeLane() throws(LeibrixError) -> EpochRouterLane {
        EpochRouterLane(writers: writers, columnCount: columnCount, onRows: onRows)
    }
}

final class EpochRouterLane: RowSinkLane {
    private let writers: [Int64: SegmentWriter]
    private let columnCount: Int
    private let onRows: @Sendable (Int) -> Void
    private var lanes: [Int64: SegmentLane] = [:]

    init(writers: [Int64: SegmentWriter], columnCount: Int, onRows: @escaping @Sendable (Int) -> Void) {
        self.writers = writers
        self.columnCount = columnCount
        self.onRows = onRows
    }

    func consume(_ batch: Batch) throws(LeibrixError) {
        guard batch.rowCount > 0 else { return }
        onRows(batch.rowCount)
        let keys = batch.columns[columnCount]
        if let only = Self.onlyKey(keys) {
            return try lane(only)?.consume(batch.prefix(columnCount: columnCount)) ?? ()
        }
        for (key, rows) in Self.rowsByKey(keys) {
            guard let lane = try lane(key) else { continue }
            try lane.consume(batch.gathered(rows, columnCount: columnCount))
        }
    }

    func finish() throws(LeibrixError) {
        for lane in lanes.values { try lane.finish() }
    }

    func abandon() { for lane in lanes.values { lane.abandon() } }

    /// nil for a key of an epoch that this pass does not load.
    private func lane(_ key: Int64) throws(LeibrixError) -> SegmentLane? {
        if let lane = lanes[key] { return lane }
        guard let lane = try writers[key]?.makeLane() else { return nil }
        lanes[key] = lane
        return lane
    }

    private static func onlyKey(_ keys: Column) -> Int64? {
        let values = keys.values(as: Int64.self)
        guard !keys.hasNulls else { return nil }
        let first = values[0]
        for row in 1..<max(keys.count, 1) where values[row] != first { return nil }
        return first
    }

    private static func rowsByKey(_ keys: Column) -> [Int64: [Int32]] {
        let values = keys.values(as: Int64.self)
        var rows: [Int64: [Int32]] = [:]
        for row in 0..<keys.count where keys.isValid(row) { rows[values[row], default: []].append(Int32(row)) }
        return rows
    }
}
