internal import Base
internal import Catalog
internal import Columnar
internal import SQLPlanning
internal import TableEngine

/// What a change did.
struct PointChange: Sendable {
    var rows = 0
    /// What RETURNING asks for.
    var returned: Batch?
    /// The rows are too many for an index: nothing was done.
    var isTooMany = false
}

extension PointRun {
    mutating func update(_ plan: PointUpdate, _ layout: PointLayout) throws(LeibrixError) -> Attempt<PointChange> {
        guard let table = plan.source.table else { return .done(PointChange()) }
        guard let rows = try rows(plan.source, limit: nil) else { return .done(PointChange(isTooMany: true)) }
        guard !rows.isEmpty else { return .done(PointChange(returned: plan.returning.isEmpty ? nil : PointBatch(layout, capacity: 0).finish())) }
        let assignments = plan.assignments.sorted { $0.column < $1.column }
        var values: [[Value]] = []
        for row in rows { values.append(try self.values(assignments, row, table)) }
        let outcome = try tables.update(table.id, rows, columns: assignments.map(\.column), values: values)
        guard case .done = outcome else { return Attempt(outcome, PointChange()) }
        var change = PointChange(rows: rows.count)
        if !plan.returning.isEmpty {
            let batch = PointBatch(layout, capacity: rows.count)
            for (place, row) in rows.enumerated() {
                guard var whole = try tables.values(table.id, row) else { continue }
                for (number, assignment) in assignments.enumerated() { whole[assignment.column] = values[place][number] }
                try append(plan.returning, whole, to: batch)
            }
            change.returned = batch.finish()
        }
        return .done(change)
    }

    private mutating func values(_ assignments: [PointAssignment], _ row: RowID, _ table: TableDefinition) throws(LeibrixError) -> [Value] {
        var run = self
        let context = context
        let values = try tables.withValues(table.id, row) { (view) throws(LeibrixError) -> [Value] in
            var values: [Value] = []
            for assignment in assignments {
                guard case .program(let program) = assignment.value else { throw LeibrixError(.internal, "a sequence in an assignment") }
                let column = table.columns[assignment.column]
                values.append(try column.fitted(program.evaluate(view, context, &run.frame).value(column.type)))
            }
            return values
        }
        self = run
        guard let values else { throw LeibrixError(.internal, "a row is gone while it is changed") }
        try refuseNulls(values, assignments.map(\.column), table)
        return values
    }

    private func refuseNulls(_ values: [Value], _ columns: [Int], _ table: TableDefinition) throws(LeibrixError) {
        for (value, column) in zip(values, columns) where value.isNull && table.columns[column].isNotNull {
            throw .nullValue(table.columns[column], table, row: values)
        }
    }

    mutating func delete(_ plan: PointDelete, _ layout: PointLayout) throws(LeibrixError) -> Attempt<PointChange> {
        guard let table = plan.source.table else { return .done(PointChange()) }
        guard let rows = try rows(plan.source, limit: nil) else { return .done(PointChange(isTooMany: true)) }
        var change = PointChange(rows: rows.count)
        if !plan.returning.isEmpty {
            let batch = PointBatch(layout, capacity: rows.count)
            for row in rows { try appendRow(plan.returning, of: row, table.id, to: batch) }
            change.returned = batch.finish()
        }
        return rows.isEmpty ? .done(change) : Attempt(try tables.delete(table.id, rows), change)
    }

    // MARK: INSERT

    mutating func insert(_ plan: PointInsert, _ layout: PointLayout) throws(LeibrixError) -> Attempt<PointChange> {
        let table = plan.table
        var rows: [[Value]] = []
        for row in plan.rows {
            var values: [Value] = []
            for (column, source) in zip(table.columns, row) {
                switch source {
                case .program(let program): values.append(try column.fitted(value(program).value(column.type)))
                case .next(let sequence): values.append(.integer(try tables.nextValue(sequence)))
                }
            }
            try refuseNulls(values, Array(table.columns.indices), table)
            rows.append(values)
        }
        let rule: ConflictRule = plan.conflict.map { .skip($0.index.map { [$0] }) } ?? .fail
        switch try tables.insert(table.id, rows: rows, conflicts: rule) {
        case .blocked(let other): return .blocked(by: other)
        case .changed: return .changed
        case .duplicate: throw LeibrixError(.internal, "a conflict was reported that was not asked for")
        case .done(let inserted, let skipped):
            var change = PointChange(rows: inserted)
            let batch = plan.returning.isEmpty ? nil : PointBatch(layout, capacity: rows.count)
            let left = Set(skipped)
            for (place, row) in rows.enumerated() where batch != nil && !left.contains(place) {
                if let batch { try append(plan.returning, row, to: batch) }
            }
            if let conflict = plan.conflict, let assignments = conflict.assignments {
                if !skipped.isEmpty { try refuseTwice(rows, conflict, table) }
                for place in skipped {
                    let attempt = try merge(rows[place], conflict, assignments, plan, batch)
                    guard case .done(let merged) = attempt else { return attempt }
                    change.rows += merged.rows
                }
            }
            change.returned = batch?.finish()
            return .done(change)
        }
    }

    /// Two rows of one key: the second would change what the first has just written.
    private func refuseTwice(_ rows: [[Value]], _ conflict: PointInsert.Conflict, _ table: TableDefinition) throws(LeibrixError) {
        guard let id = conflict.index, let columns = table.index(id)?.columns else { return }
        let places = columns.compactMap { table.position(ofAttribute: $0) }
        let handle = try tables.index(id, of: table.id)
        var seen: Set<IndexKey> = []
        for row in rows {
            guard let key = try handle.index.key(places.map { row[$0] }), !seen.insert(key).inserted else { continue }
            throw LeibrixError(
                .constraint, "ON CONFLICT DO UPDATE command cannot affect row a second time",
                hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.", sqlState: "21000")
        }
    }

    /// DO UPDATE: the row there is, followed by one with the assigned values.
    private mutating func merge(
        _ row: [Value], _ conflict: PointInsert.Conflict, _ assignments: [PointAssignment], _ plan: PointInsert, _ batch: PointBatch?
    ) throws(LeibrixError) -> Attempt<PointChange> {
        let table = plan.table
        guard let id = conflict.index, let index = table.index(id), let columns = index.columns else { return .done(PointChange()) }
        let handle = try tables.index(id, of: table.id)
        let places = columns.compactMap { table.position(ofAttribute: $0) }
        guard let key = try handle.index.key(places.map { row[$0] }), let found = tables.lookup(handle, key) else {
            // Committed since the snapshot: another snapshot sees it, if there may be one.
            guard case .readCommitted = tables.isolation else { throw .cannotSerialize }
            return .changed
        }
        guard let old = try tables.values(table.id, found) else { return .changed }
        let both = ScalarArrayRow((old + row).map { Scalar($0) })
        if let filter = conflict.filter, try !filter.evaluate(both, context, &frame).isTrue { return .done(PointChange()) }
        let sorted = assignments.sorted { $0.column < $1.column }
        var values: [Value] = []
        var new = old
        for assignment in sorted {
            guard case .program(let program) = assignment.value else { throw LeibrixError(.internal, "a sequence in an assignment") }
            let column = table.columns[assignment.column]
            let value = try column.fitted(program.evaluate(both, context, &frame).value(column.type))
            values.append(value)
            new[assignment.column] = value
        }
        try refuseNulls(values, sorted.map(\.column), table)
        let outcome = try tables.update(table.id, [found], columns: sorted.map(\.column), values: [values])
        guard case .done = outcome else { return Attempt(outcome, PointChange()) }
        if let batch { try append(plan.returning, new, to: batch) }
        return .done(PointChange(rows: 1))
    }

    /// A row that is at hand as values.
    private mutating func append(_ outputs: [PointOutput], _ row: [Value], to batch: PointBatch) throws(LeibrixError) {
        let scalars = ScalarArrayRow(row.map { Scalar($0) })
        for (place, output) in outputs.enumerated() {
            switch output.source {
            case .column(let column): batch.append(place, scalars.scalars[column], output.type)
            case .program(let program): batch.append(place, try program.evaluate(scalars, context, &frame), output.type)
            }
        }
        batch.endRow()
    }
}
