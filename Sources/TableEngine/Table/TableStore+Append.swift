// Rows into the hot group, checked against the table's shape. Under the table's lock but for `check`.
internal import Base
internal import Catalog
internal import Columnar
internal import Synchronization

extension TableStore {
    /// Throws `typeMismatch` for rows of another shape and 23502 for NULL where there may be none. O(columns), and rows where a
    /// NOT NULL column has NULLs.
    func check(_ rows: RowSource, definition: TableDefinition?) throws(LeibrixError) {
        let isNotNull = notNull.withLock { $0 }
        switch rows {
        case .batch(let batch):
            guard batch.columns.count == types.count, zip(batch.columns, types).allSatisfy({ $0.type.fits($1) }) else {
                throw LeibrixError(
                    .typeMismatch,
                    "rows of \(batch.columns.map(\.type)) cannot be stored in a table of \(types)")
            }
            for (place, column) in batch.columns.enumerated() where isNotNull[place] && column.hasNulls {
                if let row = (0..<batch.rowCount).first(where: { !column.isValid($0) }) {
                    throw notNull(place, definition, row: batch.columns.map { $0.isValid(row) })
                }
            }
        case .values(let rows):
            for row in rows {
                guard row.count == types.count else {
                    throw LeibrixError(.typeMismatch, "a row of \(row.count) values cannot be stored in \(types.count) columns")
                }
                if let place = row.indices.first(where: { isNotNull[$0] && row[$0].isNull }) {
                    throw notNull(place, definition, row: [])
                }
            }
        }
    }

    private func notNull(_ place: Int, _ definition: TableDefinition?, row: [Bool]) -> LeibrixError {
        let column = definition?.columns[place].name ?? String(place + 1)
        return LeibrixError(
            .constraint, "null value in column \"\(column)\" of relation \"\(definition?.name ?? "")\" violates not-null constraint",
            sqlState: "23502"
        ).about(.init(schema: definition?.schema ?? "", table: definition?.name ?? "", column: column))
    }

    /// Appends rows from `first` on, unpublished: as many as fit, at most `most`. Throws `limitExceeded` for a row that fits nowhere.
    func append(_ state: TableState, _ rows: RowSource, _ first: Int, most: Int, stamp: Stamp) throws(LeibrixError) -> RowGroupStore {
        var group = try hotGroup(state)
        var isFresh = group.rows == 0
        while true {
            if try append(group, rows, first, most, stamp) { return group }
            guard !isFresh else {
                throw LeibrixError(
                    .limitExceeded, "a row is larger than a table's row can be",
                    detail: "Text and blobs hold up to \(TableEngineLimits.heapBytesMax) bytes, lists \(TableEngineLimits.listElementsMax) elements.")
            }
            group = try addGroup(state)
            isFresh = true
        }
    }

    private func append(
        _ group: RowGroupStore, _ rows: RowSource, _ first: Int, _ most: Int, _ stamp: Stamp
    ) throws(LeibrixError) -> Bool {
        switch rows {
        case .batch(let batch):
            return group.append(batch, first..<min(batch.rowCount, first + most), stamp: stamp) > 0
        case .values(let rows):
            let start = group.rows
            for row in rows[first..<min(rows.count, first + most)] {
                do throws(LeibrixError) {
                    guard try group.append(row, stamp: stamp) else { break }
                } catch {
                    group.truncate(to: start)
                    throw error
                }
            }
            return group.rows > start
        }
    }

    /// Takes back the unpublished rows from `start` on, those below `entered` out of the indexes, too.
    func withdraw(_ state: TableState, _ group: RowGroupStore, from start: Int, entered: Int) {
        for slot in (start..<entered).reversed() { leaveKeys(state, RowID(group: group.number, slot: slot)) }
        group.truncate(to: start)
    }

    /// 23505 as PostgreSQL words it.
    func duplicate(_ index: TableIndex, _ rows: RowSource, _ row: Int, _ catalog: TableCatalog) -> LeibrixError {
        let table = catalog.table(id)
        let names = index.columns.map { table?.columns[$0].name ?? String($0 + 1) }
        let values: [String] =
            switch rows {
            case .batch(let batch): index.columns.map { ColumnText.text(batch.columns[$0], row) }
            case .values(let rows): index.columns.map { ColumnText.text(rows[row][$0]) }
            }
        return LeibrixError(
            .constraint, "duplicate key value violates unique constraint \"\(index.definition.name)\"",
            detail: "Key (\(names.joined(separator: ", ")))=(\(values.joined(separator: ", "))) already exists.", hint: "Use another key, or ON CONFLICT.",
            sqlState: "23505"
        ).about(.init(schema: table?.schema ?? "", table: table?.name ?? "", constraint: index.definition.name))
    }
}

extension DataType {
    /// Whether values of this type lie as those of `other` do and mean the same.
    func fits(_ other: DataType) -> Bool {
        if base == other.base { return true }
        switch (base, other.base) {
        case (.list(let a), .list(let b)): return a.fits(b)
        case (.array(let a, let m), .array(let b, let n)): return m == n && a.fits(b)
        case (.map(let a, let b), .map(let c, let d)): return a.fits(c) && b.fits(d)
        case (.structure(let a), .structure(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.type.fits($1.type) }
        default: return false
        }
    }
}

// MARK: New versions

extension TableStore {
    /// As `check`, for some of the columns.
    func check(_ rows: RowSource, columns: [Int], definition: TableDefinition?) throws(LeibrixError) {
        precondition(zip(columns, columns.dropFirst()).allSatisfy(<), "columns ascend")
        let isNotNull = notNull.withLock { $0 }
        switch rows {
        case .batch(let batch):
            guard batch.columns.count == columns.count, zip(batch.columns, columns).allSatisfy({ $0.type.fits(types[$1]) }) else {
                throw LeibrixError(.typeMismatch, "values of \(batch.columns.map(\.type)) do not fit the columns \(columns)")
            }
            for (column, place) in zip(batch.columns, columns) where isNotNull[place] && column.hasNulls {
                if (0..<batch.rowCount).contains(where: { !column.isValid($0) }) { throw notNull(place, definition, row: []) }
            }
        case .values(let rows):
            for row in rows {
                guard row.count == columns.count else { throw LeibrixError(.typeMismatch, "\(row.count) values for \(columns.count) columns") }
                for (value, place) in zip(row, columns) where value.isNull && isNotNull[place] { throw notNull(place, definition, row: []) }
            }
        }
    }

    /// Whether a change of these columns may change what others reference.
    func touchesKeys(_ columns: [Int]) -> Bool {
        locked { state in state.indexes.contains { index in index.isUnique && index.columns.contains { columns.contains($0) } } }
    }

    /// 23505 for a new version's key, read where it lies.
    func duplicate(_ conflict: KeyConflict, _ group: RowGroupStore, _ slot: Int, _ catalog: TableCatalog) -> LeibrixError {
        guard case .taken(let index, _) = conflict else { return LeibrixError(.internal, "a key is not taken") }
        let cells = unsafe group.access.pointee.columns
        let row = types.indices.map { unsafe cells[$0].value(slot, types[$0]) }
        return duplicate(index, .values([row]), 0, catalog)
    }
}
