public import Catalog

/// A transaction that writes or locks, while it runs. Numbers come back after 17 thousand million.
public struct TransactionID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// PostgreSQL's levels; READ UNCOMMITTED is READ COMMITTED.
public enum TransactionIsolation: Sendable, Hashable {
    case readCommitted, repeatableRead, serializable
}

/// What became of a write or a lock.
public enum WriteOutcome: Sendable, Hashable {
    case done
    /// Nothing was done: wait for that transaction's end (`TableEngine.wait`), then try again.
    case blocked(by: TransactionID)
    /// Nothing was done: a row has changed since the statement's snapshot. The statement is to be rolled back to its mark
    /// and run again on a new one. Only READ COMMITTED; the others throw 40001.
    case changed
}

/// What became of an insert.
public enum InsertOutcome: Sendable, Hashable {
    /// Rows inserted; those of `skipped` were not, as `ConflictRule.skip` asked. Ascending numbers of the input's rows.
    case done(inserted: Int, skipped: [Int])
    /// Nothing was inserted: the input's row `row` has a key that a row of the table has, as `ConflictRule.report` asked.
    case duplicate(row: Int, index: TableID, existing: RowID)
    case blocked(by: TransactionID)
    /// The table was altered since the statement began; as `WriteOutcome.changed`.
    case changed
}
