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
    private var targets: [Int64: Target] = [:]

    /// An epoch's lane, and its rows until they are worth a batch; nested columns are not staged.
    private struct Target {
        let lane: SegmentLane
        let stage: BatchStage?
    }

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
            return try target(only, batch)?.lane.consume(batch.prefix(columnCount: columnCount)) ?? ()
        }
        for (key, rows) in Self.rowsByKey(keys) {
            guard let target = try target(key, batch) else { continue }
            guard let stage = target.stage else {
                try target.lane.consume(batch.gathered(rows, columnCount: columnCount))
                continue
            }
            var left = rows[...]
            while !left.isEmpty {
                let part = left.prefix(stage.room)
                stage.append(batch, rows: part)
                left = left.dropFirst(part.count)
                if stage.room == 0 { try flush(target) }
            }
        }
    }

    func finish() throws(LeibrixError) {
        for target in targets.values {
            try flush(target)
            try target.lane.finish()
        }
    }

    func abandon() { for target in targets.values { target.lane.abandon() } }

    private func flush(_ target: Target) throws(LeibrixError) {
        guard let stage = target.stage, stage.rowCount > 0 else { return }
        try target.lane.consume(stage.batch())
        stage.reset()
    }

    /// nil for a key of an epoch that this pass does not load.
    private func target(_ key: Int64, _ batch: Batch) throws(LeibrixError) -> Target? {
        if let target = targets[key] { return target }
        guard let lane = try writers[key]?.makeLane() else { return nil }
        let types = batch.columns[..<columnCount].map(\.type)
        let target = Target(lane: lane, stage: BatchStage(types: types, capacity: DatasetLimits.stageRows))
        targets[key] = target
        return target
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
