public import Catalog
public import Columnar
internal import DuckDBKit

/// What one commit did to the tables of a feed: first what went, then what came. Rows that the transaction made and ended itself are
/// not there, and neither is a row that only moved.
public struct ChangeSet: Sendable {
    public enum Change: Sendable {
        /// The table begins empty: TRUNCATE, or a rewrite whose rows follow.
        case emptied(TableID)
        /// Whole rows as they were.
        case deleted(TableID, Batch)
        case inserted(TableID, Batch)
    }

    /// One row, as the key pairs what went with what came.
    public enum Row: Sendable, Hashable {
        case insert([Value])
        case update(old: [Value], new: [Value])
        case delete([Value])
    }

    public var commit: UInt64
    /// Behind the commit: a feed from here on continues with the next.
    public var position: ChangePosition
    /// When it was made, microseconds since 1970.
    public var micros: Int64
    public var changes: [Change]

    /// The rows of one table, paired by the columns at `key`: an update is a row that went and one that came with equal keys. Deletes
    /// first, then updates and inserts in the order they came. O(rows).
    public func rows(of table: TableID, key: [Int]) -> [Row] {
        var gone: [[Value]: [[Value]]] = [:]
        var order: [[Value]] = []
        var came: [[Value]] = []
        for change in changes {
            switch change {
            case .deleted(let id, let batch) where id == table:
                for row in Self.values(batch) {
                    let name = key.map { row[$0] }
                    gone[name, default: []].append(row)
                    order.append(name)
                }
            case .inserted(let id, let batch) where id == table: came += Self.values(batch)
            default: break
            }
        }
        let rest = came.map { row -> Row in
            let name = key.map { row[$0] }
            guard var old = gone[name], !old.isEmpty else { return .insert(row) }
            defer { gone[name] = old }
            return .update(old: old.removeFirst(), new: row)
        }
        var deletes: [Row] = []
        for name in order {
            guard var old = gone[name], !old.isEmpty else { continue }
            deletes.append(.delete(old.removeFirst()))
            gone[name] = old
        }
        return deletes + rest
    }

    private static func values(_ batch: Batch) -> [[Value]] {
        (0..<batch.rowCount).map { row in batch.columns.indices.map { batch.value(row: row, column: $0) } }
    }
}
