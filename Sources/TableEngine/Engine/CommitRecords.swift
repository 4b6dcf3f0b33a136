public import Catalog
internal import Synchronization

/// What a transaction did, in order, as its log records are made from it. Valid for the call of `CommitLog.encode`.
public struct CommitRecords: ~Copyable {
    public enum Change: Sendable {
        /// Rows `first`, and those behind it in its group, `count` in all; those that the transaction ended again, too.
        case insert(table: TableID, generation: UInt64, first: RowID, count: Int)
        case delete(table: TableID, generation: UInt64, RowID)
    }

    let transaction: TableTransaction

    /// The catalog that the commit publishes; nil when it leaves the catalog alone.
    public var catalog: TableCatalog? { transaction.ownCatalog?.catalog }

    /// Sequences that the transaction drew from or set, where they stand.
    public var sequences: [(id: TableID, state: SequencePosition)] { transaction.sequencePositions }

    /// Calls `body` for each change. Rolled back ones are not among them.
    public func forEach(_ body: (Change) -> Void) {
        for entry in transaction.writes {
            let store = transaction.touched[Int(entry.store)]
            switch entry.kind {
            case .insert:
                body(.insert(table: store.id, generation: store.generation, first: entry.row, count: Int(entry.count)))
            case .delete: body(.delete(table: store.id, generation: store.generation, entry.row))
            }
        }
    }

    /// A row's values where they lie.
    public func withRow<T>(_ table: TableID, _ row: RowID, _ body: (borrowing RowView) -> T) -> T? {
        guard let store = transaction.touched.first(where: { $0.id == table }) else { return nil }
        return store.withRow(row, body)
    }
}
