internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    /// Runs INSERT, UPDATE, DELETE or MERGE.
    func change(_ planned: ChangePlan, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        try refuseReadOnly(planned.statement.command)
        let plan = try await current(planned)
        if plan.table.isSource { return try await insertRows(plan, parameters) }
        try requirePrivileges(plan)
        let result = try await recorded(plan.parsed, route: "local") { (control) async throws(LeibrixError) -> ChangeResult in
            try await atomically(control) { (tables) async throws(LeibrixError) in try await attempt(plan, parameters, tables, control) }
        }
        return SQLExecution(columns: plan.returned ?? [], batches: result.returned, tag: Self.tag(plan.statement, result.rows))
    }

    /// The plan, made again if definitions have changed since.
    private func current(_ plan: ChangePlan) async throws(LeibrixError) -> ChangePlan {
        guard plan.version != planVersion else { return plan }
        let made = try await makeChangePlan(plan.parsed, plan.text, plan.clientTypes, plan.statement)
        guard made.returned == plan.returned, made.parameterTypes == plan.parameterTypes else {
            throw LeibrixError(
                .notSupported, "cached plan must not change result type", hint: "A table has changed its columns: prepare the statement again.")
        }
        return made
    }

    func requirePrivileges(_ plan: ChangePlan) throws(LeibrixError) {
        let wanted: Set<TablePrivilege> =
            switch plan.statement {
            case .insert: plan.conflict?.update == nil ? [.insert] : [.insert, .update]
            case .update: [.update]
            case .delete: [.delete]
            case .merge: Set(plan.steps.map { $0.kind == .insert ? .insert : $0.kind == .update ? .update : .delete })
            }
        for privilege in wanted { try require(privilege, on: plan.table) }
        guard !user.isAdministrator else { return }
        if reads(plan.statement) { try require(.select, on: plan.table) }
        for step in plan.steps { try requireReadable(step.plan, except: plan.table.id) }
    }

    /// Whether a change looks at the columns of the rows it changes.
    private func reads(_ statement: ChangeStatement) -> Bool {
        if statement.returning != nil { return true }
        switch statement {
        case .insert(let insert):
            if case .update? = insert.conflict?.action { return true }
            return false
        case .update(let update): return update.condition != nil || update.from != nil
        case .delete(let delete): return delete.condition != nil || delete.using != nil
        case .merge: return true
        }
    }

    static func tag(_ statement: ChangeStatement, _ rows: Int) -> SQLExecution.Tag {
        if case .insert = statement { return .fixed("INSERT 0 \(rows)") }
        return .fixed("\(statement.command) \(rows)")
    }

    /// All queries first, at one snapshot; then their rows are applied, and foreign keys looked at.
    func attempt(
        _ plan: ChangePlan, _ parameters: [Value], _ tables: TableTransaction, _ control: StatementControl, settles: Bool = true
    ) async throws(LeibrixError) -> Attempt<ChangeResult> {
        var batches: [[Batch]] = []
        for step in plan.steps { batches.append(try await rows(of: step.plan, parameters, control)) }
        let run = ChangeRun(
            table: plan.table, tables: tables, isReferenced: !tables.catalog.foreignKeys(referencing: plan.table.id).isEmpty)
        var result = ChangeResult()
        var skipped: [[Value]] = []
        let queried = batches
        let steps = plan.steps
        let conflicts = plan.conflict.map { ConflictRule.skip($0.indexes) } ?? .fail
        let count = queried.reduce(0) { $0 + $1.reduce(0) { $0 + $1.rowCount } }
        let (outcome, changed, left) = try await placed(rows: count) { () throws(LeibrixError) in
            var result = ChangeResult()
            var skipped: [[Value]] = []
            for (step, batches) in zip(steps, queried) {
                let outcome: WriteOutcome
                switch step.kind {
                case .insert: outcome = try run.insert(step, batches, conflicts, &result, skipped: &skipped)
                case .update: outcome = try run.update(step, batches, &result)
                case .delete: outcome = try run.delete(step, batches, &result)
                }
                if outcome != .done { return (outcome, result, skipped) }
            }
            return (.done, result, skipped)
        }
        guard outcome == .done else { return Attempt(outcome, changed) }
        result = changed
        skipped = left
        if let conflict = plan.conflict, conflict.update != nil, !skipped.isEmpty {
            let outcome = try await updateConflicting(skipped, conflict, plan, parameters, run, &result, control)
            guard outcome == .done else { return Attempt(outcome, result) }
        }
        if let returning = plan.returningPlan { result.returned = try await returned(result.finalRows, returning, plan, parameters, control) }
        guard settles else { return .done(result) }
        return Attempt(try await settle(result.keys, plan.table, tables, control), result)
    }

    // MARK: ON CONFLICT DO UPDATE

    /// Updates the rows that stood in the way of those that were not inserted.
    private func updateConflicting(
        _ rows: [[Value]], _ conflict: ConflictPlan, _ plan: ChangePlan, _ parameters: [Value], _ run: ChangeRun,
        _ result: inout ChangeResult, _ control: StatementControl
    ) async throws(LeibrixError) -> WriteOutcome {
        guard let step = conflict.update else { return .done }
        let pairs = try existing(rows, conflict, run)
        let names = plan.table.columns.map(\.name)
        var next = 0
        while next < pairs.count {
            let chunk = pairs[next..<min(next + SessionLimits.valuesPerQueryMax, pairs.count)]
            next += chunk.count
            let existing = chunk.map { pair in
                Value.structure([.init("rowid", .integer(Int64(bitPattern: pair.id.rawValue)))] + zip(names, pair.row).map { .init($0, $1) })
            }
            let excluded = chunk.map { pair in Value.structure(zip(names, pair.excluded).map { .init($0, $1) }) }
            var values = parameters
            while values.count < conflict.existingParameter - 1 { values.append(.null) }
            values += [.list(existing), .list(excluded)]
            let batches = try await self.rows(of: step.plan, values, control)
            let old = Dictionary(uniqueKeysWithValues: chunk.map { ($0.id, $0.row) })
            noteFinal(step, batches, old, &result)
            let outcome = try run.update(step, batches, &result)
            if outcome != .done { return outcome }
        }
        return .done
    }

    /// The rows that have the keys of those that were left out.
    private func existing(
        _ rows: [[Value]], _ conflict: ConflictPlan, _ run: ChangeRun
    ) throws(LeibrixError) -> [(id: RowID, row: [Value], excluded: [Value])] {
        var seen: Set<RowID> = []
        var pairs: [(id: RowID, row: [Value], excluded: [Value])] = []
        for excluded in rows {
            var found: RowID?
            for index in conflict.indexes ?? [] where found == nil {
                let handle = try run.tables.index(index, of: run.table.id)
                let key = handle.index.columns.map { excluded[$0] }
                if let lookup = try handle.index.key(key) { found = run.tables.lookup(handle, lookup) }
            }
            guard let found, seen.insert(found).inserted, let row = try run.tables.values(run.table.id, found) else {
                throw LeibrixError(
                    .constraint, "ON CONFLICT DO UPDATE command cannot affect row a second time",
                    hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.", sqlState: "21000")
            }
            pairs.append((found, row, excluded))
        }
        return pairs
    }

    private func noteFinal(_ step: ChangeStep, _ batches: [Batch], _ old: [RowID: [Value]], _ result: inout ChangeResult) {
        for batch in batches {
            for row in 0..<batch.rowCount {
                guard case .integer(let number) = batch.value(row: row, column: 0), var values = old[RowID(rawValue: UInt64(bitPattern: number))] else { continue }
                for (index, place) in step.columns.enumerated() { values[place] = batch.value(row: row, column: step.firstValue + index) }
                result.finalRows.append(values)
            }
        }
    }

    /// RETURNING over whole rows.
    private func returned(
        _ rows: [[Value]], _ returning: ReturningPlan, _ plan: ChangePlan, _ parameters: [Value], _ control: StatementControl
    ) async throws(LeibrixError) -> [Batch] {
        var batches: [Batch] = []
        var next = 0
        while next < rows.count {
            let chunk = rows[next..<min(next + SessionLimits.valuesPerQueryMax, rows.count)]
            next += chunk.count
            var values = parameters
            while values.count < returning.parameter - 1 { values.append(.null) }
            values.append(.list(chunk.map { row in .structure(zip(plan.table.columns, row).map { .init($0.name, $1) }) }))
            batches += try await self.rows(of: returning.plan, values, control)
        }
        return batches
    }
}
