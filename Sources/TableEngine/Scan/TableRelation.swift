// A table as DuckDB sees it: facts for the planner, and for each statement the rows that its transaction sees.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

final class TableRelation: LiveRelation {
    private let store: TableStore
    private unowned let engine: TableEngine

    init(_ store: TableStore, _ engine: TableEngine) {
        self.store = store
        self.engine = engine
    }

    func facts() -> RelationFacts {
        store.locked { state in
            RelationFacts(
                rows: max(state.liveRows, 0),
                columns: store.types.indices.map { place in
                    var statistics = state.bounds.statistics(place, store.types[place])
                    statistics.distinct = state.distinct.estimate(place, rows: state.liveRows)
                    return statistics
                },
                version: state.bounds.version)
        }
    }

    /// Token 0 is whatever is committed now: a transaction for the time of looking, because versions are collected as soon as no
    /// transaction may see them.
    func snapshot(token: UInt64) throws(LeibrixError) -> RelationSnapshot {
        if let transaction = engine.transaction(token) { return try snapshot(transaction) }
        guard token == 0 else { throw LeibrixError(.internal, "a statement reads for a transaction that has ended") }
        let transaction = try engine.begin(.repeatableRead, readOnly: true)
        defer { transaction.rollback() }
        return try snapshot(transaction)
    }

    /// The transaction's own idea of the table: one that was altered since is another store, which it must not see.
    private func snapshot(_ transaction: TableTransaction) throws(LeibrixError) -> RelationSnapshot {
        guard let seen = transaction.current.stores[store.id], let table = transaction.catalog.table(store.id) else {
            throw LeibrixError(.undefinedRelation, "a table of the statement was dropped while it was planned")
        }
        guard seen.types == store.types else {
            throw LeibrixError(
                .serializationFailure, "could not serialize access due to concurrent update", detail: "Table \"\(table.name)\" was altered.")
        }
        transaction.reads?.add(seen)
        return try seen.snapshot(
            transaction.view, columns: TableRelation.columns(table), horizon: engine.snapshots.horizon(newest: engine.snapshot))
    }

    static func columns(_ table: TableDefinition) -> [RelationColumn] {
        table.columns.map { RelationColumn($0.name, $0.type, notNull: $0.isNotNull) }
    }
}

extension TableBounds {
    /// What a plan may rely on.
    func statistics(_ place: Int, _ type: DataType) -> ColumnStatistics {
        let known = columns[place]
        var result = ColumnStatistics(nullCount: !known.hasNulls ? 0 : ColumnStatistics.nullsUnknown)
        if !known.isOpen, let range = known.integer, let kind = type.integerKind {
            result.min = .integer(Int128(range.lowerBound.clamped(to: kind)))
            result.max = .integer(Int128(range.upperBound.clamped(to: kind)))
        }
        if !known.isOpen, let range = known.double {
            result.min = .double(range.lowerBound)
            result.max = .double(range.upperBound)
        }
        if type.base == .varchar || type.base == .blob { result.lengthMax = known.lengthMax }
        return result
    }
}
