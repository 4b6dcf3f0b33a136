// What the rows of a change's queries do to the table.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import TableEngine

/// What a change has done so far.
struct ChangeResult: Sendable {
    var rows = 0
    /// What RETURNING wants, by query or by row.
    var returned: [Batch] = []
    /// Whole rows as they are now, where RETURNING is computed afterwards.
    var finalRows: [[Value]] = []
    /// For foreign keys: keys that must exist in other tables, and keys that others may reference and are gone.
    var keys = ForeignKeyWork()
}

/// Applies one query's rows to its table. No waiting, no engine: it may run on any one thread.
struct ChangeRun: Sendable {
    let table: TableDefinition
    let tables: TableTransaction
    /// Whether foreign keys reference the table: then old keys are noted.
    let isReferenced: Bool

    // MARK: INSERT

    func insert(
        _ step: ChangeStep, _ batches: [Batch], _ conflicts: ConflictRule, _ result: inout ChangeResult, skipped: inout [[Value]]
    ) throws(LeibrixError) -> WriteOutcome {
        for batch in batches where batch.rowCount > 0 {
            try verify(step, batch)
            switch try tables.insert(table.id, batch.slice(columns: 0..<step.columns.count), conflicts: conflicts) {
            case .blocked(let other): return .blocked(by: other)
            case .changed: return .changed
            case .duplicate: throw LeibrixError(.internal, "a duplicate was reported that nobody asked for")
            case .done(let inserted, let left):
                result.rows += inserted
                let kept = left.isEmpty ? nil : Set(left)
                let rows = (0..<batch.rowCount).filter { kept?.contains($0) != true }
                result.keys.note(written: batch, step, rows: kept == nil ? nil : rows, table)
                if step.returning > 0 {
                    let items = batch.slice(columns: step.firstReturned..<batch.columns.count)
                    result.returned.append(kept == nil ? items : items.picked(rows))
                }
                if case .skip = conflicts, step.returning == 0 {
                    skipped += left.map { row in step.columns.indices.map { batch.value(row: row, column: $0) } }
                    result.finalRows += rows.map { row in step.columns.indices.map { batch.value(row: row, column: $0) } }
                }
            }
        }
        return .done
    }

    // MARK: UPDATE and DELETE

    func update(_ step: ChangeStep, _ batches: [Batch], _ result: inout ChangeResult) throws(LeibrixError) -> WriteOutcome {
        var seen: Set<RowID> = []
        var parts: [(rows: [RowID], batch: Batch)] = []
        for batch in batches where batch.rowCount > 0 {
            let (rows, kept) = try distinct(batch, &seen)
            let batch = kept.map { batch.picked($0) } ?? batch
            guard batch.rowCount > 0 else { continue }
            try verify(step, batch)
            try noteOld(rows, &result, changing: step.columns, batch: batch, firstValue: step.firstValue)
            result.keys.note(written: batch, step, rows: nil, table)
            result.rows += rows.count
            if step.returning > 0 { result.returned.append(batch.slice(columns: step.firstReturned..<batch.columns.count)) }
            parts.append((rows, batch))
        }
        guard !step.columns.isEmpty else { return .done }
        return try apply(step, parts)
    }

    /// In one call where keys change, since they may change places between rows of different batches.
    private func apply(_ step: ChangeStep, _ parts: [(rows: [RowID], batch: Batch)]) throws(LeibrixError) -> WriteOutcome {
        if parts.count > 1, step.columns.contains(where: isKey) {
            let values = parts.flatMap { part in
                (0..<part.batch.rowCount).map { row in step.columns.indices.map { part.batch.value(row: row, column: step.firstValue + $0) } }
            }
            return try tables.update(table.id, parts.flatMap(\.rows), columns: step.columns, values: values)
        }
        for part in parts {
            let values = part.batch.slice(columns: step.firstValue..<step.firstCheck)
            let outcome = try tables.update(table.id, part.rows, columns: step.columns, values: values)
            if outcome != .done { return outcome }
        }
        return .done
    }

    private func isKey(_ place: Int) -> Bool {
        let number = table.columns[place].attributeNumber
        return table.indexes.contains { $0.isUnique && ($0.columns?.contains(number) ?? true) }
    }

    func delete(_ step: ChangeStep, _ batches: [Batch], _ result: inout ChangeResult) throws(LeibrixError) -> WriteOutcome {
        var seen: Set<RowID> = []
        for batch in batches where batch.rowCount > 0 {
            let (rows, kept) = try distinct(batch, &seen)
            try noteOld(rows, &result, changing: nil, batch: batch, firstValue: 0)
            let outcome = try tables.delete(table.id, rows)
            if outcome != .done { return outcome }
            result.rows += rows.count
            guard step.returning > 0 else { continue }
            let items = batch.slice(columns: step.firstReturned..<batch.columns.count)
            result.returned.append(kept.map { items.picked($0) } ?? items)
        }
        return .done
    }

    /// Row ids that were not there before; a join may give a row more than once, and PostgreSQL takes the first.
    /// `kept` lists the batch's rows when some were left out.
    private func distinct(_ batch: Batch, _ seen: inout Set<RowID>) throws(LeibrixError) -> (rows: [RowID], kept: [Int]?) {
        var rows: [RowID] = []
        var kept: [Int] = []
        for row in 0..<batch.rowCount {
            guard case .integer(let number) = batch.value(row: row, column: 0) else {
                throw LeibrixError(.internal, "a changed row has no row id")
            }
            let id = RowID(rawValue: UInt64(bitPattern: number))
            guard seen.insert(id).inserted else { continue }
            rows.append(id)
            kept.append(row)
        }
        return (rows, kept.count == batch.rowCount ? nil : kept)
    }

    /// The keys that rows had, where others may reference them.
    private func noteOld(
        _ rows: [RowID], _ result: inout ChangeResult, changing columns: [Int]?, batch: Batch, firstValue: Int
    ) throws(LeibrixError) {
        guard isReferenced else { return }
        for (index, id) in rows.enumerated() {
            guard let old = try tables.values(table.id, id) else { continue }
            guard let columns else {
                result.keys.gone.append((old, nil))
                continue
            }
            var new = old
            for (place, column) in columns.enumerated() { new[column] = batch.value(row: index, column: firstValue + place) }
            if new != old { result.keys.gone.append((old, new)) }
        }
    }

    // MARK: Constraints of a row

    /// NOT NULL and CHECK, with the row in the error's detail.
    private func verify(_ step: ChangeStep, _ batch: Batch) throws(LeibrixError) {
        for (index, place) in step.columns.enumerated() where table.columns[place].isNotNull && batch.columns[step.firstValue + index].hasNulls {
            let column = batch.columns[step.firstValue + index]
            if let row = (0..<batch.rowCount).first(where: { !column.isValid($0) }) {
                throw .nullValue(table.columns[place], table, row: self.row(step, batch, row))
            }
        }
        for (index, check) in step.checks.enumerated() {
            for row in 0..<batch.rowCount where batch.value(row: row, column: step.firstCheck + index) == .boolean(false) {
                throw .checkViolated(check, table, row: self.row(step, batch, row))
            }
        }
    }

    private func row(_ step: ChangeStep, _ batch: Batch, _ row: Int) -> [Value] {
        step.columns.indices.map { batch.value(row: row, column: step.firstValue + $0) }
    }
}

extension Batch {
    /// The same rows with some of the columns. No copy.
    func slice(columns range: Range<Int>) -> Batch { Batch(rowCount: rowCount, columns: Array(columns[range]), owner: self) }

    func picked(_ rows: [Int]) -> Batch { gathered(rows.map { Int32($0) }, columnCount: columns.count) }
}
