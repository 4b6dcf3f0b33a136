internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

extension SQLSession {
    /// Plans INSERT, UPDATE, DELETE and MERGE.
    func changePlan(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ change: ChangeStatement
    ) async throws(LeibrixError) -> PreparedStatement {
        let plan = try await makeChangePlan(parsed, text, types, change)
        let point = plan.table.isSource ? nil : await pointChange(parsed, text, types, plan)
        return PreparedStatement(
            text: text, parameterTypes: plan.parameterTypes, outcome: plan.returned.map { .rows($0) } ?? .command,
            plan: point.map { StatementPlan.point($0) } ?? .change(plan))
    }

    func makeChangePlan(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ change: ChangeStatement
    ) async throws(LeibrixError) -> ChangePlan {
        let version = planVersion
        let source = try changedSource(change.target.name, change.command)
        if source != nil { try checkSourceInsert(change) }
        let table = if let source { source } else { try changedTable(change.target.name, change.command) }
        let writer = changeText(table, change.target, parsed)
        let planner = ChangePlanner(session: self, parsed: parsed, types: types, writer: writer)
        var steps: [ChangeStep] = []
        var conflict: ConflictPlan?
        switch change {
        case .insert(let insert):
            conflict = try await planner.conflict(insert)
            // Of DO UPDATE the rows are known only when they are applied.
            steps = [try await planner.insert(insert, returning: conflict?.update == nil ? insert.returning : nil)]
        case .update(let update): steps = [try await planner.update(update)]
        case .delete(let delete): steps = [try await planner.delete(delete)]
        case .merge(let merge): steps = try await planner.merge(merge)
        }
        var returningPlan: ReturningPlan?
        if let returning = change.returning, conflict?.update != nil { returningPlan = try await planner.returning(returning) }
        let returned = change.returning.map { _ -> [ResultColumn] in
            if let returningPlan { return returningPlan.plan.columns }
            return steps.first.map { Array($0.plan.columns.suffix($0.returning)) } ?? []
        }
        return ChangePlan(
            parsed: parsed, text: text, clientTypes: types, statement: change, table: table, version: version, steps: steps, conflict: conflict,
            returningPlan: returningPlan, returned: returned)
    }

    func changeText(_ table: TableDefinition, _ target: ChangeTarget, _ parsed: ParsedQuery) -> ChangeText {
        let facts = describing()
        return ChangeText(table: table, target: target, text: parsed.text) { (column) throws(LeibrixError) in
            try Self.defaultSQL(column, facts)
        }
    }

    /// A default for the engine: the session's own functions filled in, sequences by their number.
    static func defaultSQL(_ column: TableColumn, _ facts: (SessionReference) -> String) throws(LeibrixError) -> String {
        if let identity = column.identity { return facts(.sequence("nextval")) + "CAST(\(identity.sequence) AS BIGINT))" }
        guard let sql = column.defaultSQL else { return "NULL" }
        return try SQLText(sql).rewritten().assemble(session: facts).sql
    }
}

/// Makes the queries of one change and lets the engine describe them.
struct ChangePlanner {
    let session: SQLSession
    let parsed: ParsedQuery
    let types: [DataType?]
    let writer: ChangeText

    private var table: TableDefinition { writer.table }

    func described(_ parts: [TextPart], tag: String) async throws(LeibrixError) -> EnginePlan {
        let composed = try parsed.text.composed(parts)
        do throws(LeibrixError) {
            return try await session.enginePlan(parsed, types, composed: composed, tag: tag)
        } catch {
            throw error.inAssignment(table)
        }
    }

    private func returned(_ plan: EnginePlan, before: Int) -> Int { plan.description.columns.count - before }

    // MARK: INSERT

    func insert(_ insert: InsertStatement, returning: Returning?) async throws(LeibrixError) -> ChangeStep {
        var sourceColumns = 0
        if case .query(let range) = insert.source {
            let parts: [TextPart] = writer.withClause(insert.with) + [.source(range)]
            sourceColumns = try await described(parts, tag: "INSERT").description.columns.count
        }
        let rows = try writer.insert(insert, sourceColumns: sourceColumns)
        let plan = try await described(writer.withReturning(rows, returning), tag: "INSERT")
        let width = table.columns.count + table.checks.count
        return ChangeStep(
            kind: .insert, plan: plan, columns: Array(table.columns.indices), checks: table.checks, returning: returned(plan, before: width))
    }

    /// The indexes that ON CONFLICT names, and the query of DO UPDATE.
    func conflict(_ insert: InsertStatement) async throws(LeibrixError) -> ConflictPlan? {
        guard let conflict = insert.conflict else { return nil }
        var plan = ConflictPlan(indexes: try arbiters(conflict))
        guard case .update(let assignments, let condition) = conflict.action else { return plan }
        let first = highestParameter + 1
        let row = table.columns.map { DataType.Field($0.name, $0.type) }
        plan.existingParameter = first
        plan.excludedParameter = first + 1
        plan.existingType = .list(.structure([DataType.Field("rowid", .bigInt)] + row))
        plan.excludedType = .list(.structure(row))
        let from: [TextPart] =
            ChangeText.rows(first, plan.existingType) + [.text(" AS \(writer.alias) POSITIONAL JOIN ")]
            + ChangeText.rows(first + 1, plan.excludedType) + [.text(" AS excluded")]
        // The row as it will be is wanted whole, for RETURNING.
        let (parts, columns) = try writer.update(
            assignments, with: insert.with, from: from, condition: writer.filter(condition), returning: nil)
        let described = try await described(parts, tag: "INSERT")
        let checks = writer.needsWholeRow(nil) ? table.checks : []
        plan.update = ChangeStep(kind: .update, plan: described, columns: columns, checks: checks, returning: 0)
        return plan
    }

    private func arbiters(_ conflict: OnConflict) throws(LeibrixError) -> [TableID]? {
        switch conflict.arbiter {
        case .any: return nil
        case .constraint(let name):
            guard let key = table.keys.first(where: { $0.name == name.name }) else {
                throw LeibrixError(
                    .undefinedObject, "constraint \"\(name.name)\" for table \"\(table.name)\" does not exist",
                    hint: suggestion(for: name.name, among: table.keys.map(\.name), what: "constraints") ?? "Name a PRIMARY KEY or UNIQUE constraint.",
                    position: name.position)
            }
            return [key.index]
        case .columns(let names):
            var wanted: Set<Int16> = []
            for name in names { wanted.insert(table.columns[try writer.place(name)].attributeNumber) }
            let found = table.indexes.filter { index in index.isUnique && index.columns.map(Set.init) == wanted }
            guard !found.isEmpty else {
                throw LeibrixError(
                    .syntax, "there is no unique or exclusion constraint matching the ON CONFLICT specification",
                    hint: "Name the columns of a PRIMARY KEY, UNIQUE constraint or unique index.", position: conflict.position, sqlState: "42P10")
            }
            return found.map(\.id)
        }
    }

    private var highestParameter: Int { max(types.count, parsed.text.tokens.compactMap(parsed.text.parameterNumber).max() ?? 0) }

    /// RETURNING over rows that the server gives as a parameter.
    func returning(_ returning: Returning) async throws(LeibrixError) -> ReturningPlan {
        let number = highestParameter + 1
        let type = DataType.list(.structure(table.columns.map { DataType.Field($0.name, $0.type) }))
        let parts: [TextPart] =
            [.text("SELECT ")] + (try writer.items(returning)) + [.text(" FROM ")] + ChangeText.rows(number, type) + [.text(" AS \(writer.alias)")]
        return ReturningPlan(plan: try await described(parts, tag: "INSERT"), parameter: number, rowsType: type)
    }

    // MARK: UPDATE and DELETE

    func update(_ update: UpdateStatement) async throws(LeibrixError) -> ChangeStep {
        try refuseStar(update.returning, beside: update.from)
        let (parts, columns) = try writer.update(
            update.assignments, with: update.with, from: writer.sources(update.from), condition: writer.filter(update.condition),
            returning: update.returning)
        let plan = try await described(parts, tag: "UPDATE")
        let checks = writer.needsWholeRow(update.returning) ? table.checks : []
        return ChangeStep(
            kind: .update, plan: plan, columns: columns, checks: checks, returning: returned(plan, before: 1 + columns.count + checks.count))
    }

    func delete(_ delete: DeleteStatement) async throws(LeibrixError) -> ChangeStep {
        try refuseStar(delete.returning, beside: delete.using)
        let parts = try writer.delete(
            with: delete.with, from: writer.sources(delete.using), condition: writer.filter(delete.condition), returning: delete.returning)
        let plan = try await described(parts, tag: "DELETE")
        return ChangeStep(kind: .delete, plan: plan, columns: [], checks: [], returning: returned(plan, before: 1))
    }

    /// * would be the columns of all relations.
    private func refuseStar(_ returning: Returning?, beside others: Range<Int>?) throws(LeibrixError) {
        guard others != nil, let returning, returning.items.contains(.all(of: nil)) else { return }
        throw LeibrixError(
            .notSupported, "RETURNING * beside other relations is not supported", hint: "Name the columns, or \(writer.target.reference.name).*.",
            position: parsed.text.characters(before: returning.range.lowerBound) + 1)
    }

    // MARK: MERGE

    /// One query a clause: the pairs that it is the first to take.
    func merge(_ merge: MergeStatement) async throws(LeibrixError) -> [ChangeStep] {
        if let returning = merge.returning {
            throw LeibrixError(
                .notSupported, "RETURNING of MERGE is not supported", hint: "Use INSERT … ON CONFLICT … RETURNING.",
                position: parsed.text.characters(before: returning.range.lowerBound) + 1)
        }
        var steps: [ChangeStep] = []
        for (index, clause) in merge.clauses.enumerated() {
            let earlier = merge.clauses[..<index].filter { $0.match == clause.match }
            let (from, condition) = rows(of: clause, earlier.map(\.condition), merge)
            switch clause.action {
            case .nothing: break
            case .delete:
                let plan = try await described(writer.delete(with: merge.with, from: from, condition: condition, returning: nil), tag: "MERGE")
                steps.append(ChangeStep(kind: .delete, plan: plan, columns: [], checks: [], returning: 0))
            case .update(let assignments):
                let (parts, columns) = try writer.update(assignments, with: merge.with, from: from, condition: condition, returning: nil)
                let checks = writer.needsWholeRow(nil) ? table.checks : []
                steps.append(
                    ChangeStep(kind: .update, plan: try await described(parts, tag: "MERGE"), columns: columns, checks: checks, returning: 0))
            case .insert(let columns, let overriding, let values):
                let insert = InsertStatement(
                    target: merge.target, columns: columns, overriding: overriding, source: values.map { .values([$0], 0..<0) } ?? .defaults)
                let parts = writer.withClause(merge.with) + (try writer.mergeInsert(insert, from: from, condition: condition))
                steps.append(
                    ChangeStep(
                        kind: .insert, plan: try await described(parts, tag: "MERGE"), columns: Array(table.columns.indices), checks: table.checks,
                        returning: 0))
            }
        }
        return steps
    }

    /// FROM and WHERE of the pairs of a clause: its condition holds, and none of an earlier one of its kind.
    private func rows(
        of clause: MergeStatement.Clause, _ earlier: [Range<Int>?], _ merge: MergeStatement
    ) -> (from: [TextPart], condition: [TextPart]) {
        let rowID = "\(writer.alias).rowid"
        var from: [TextPart] = [.source(merge.source), .text(" LEFT JOIN \(writer.relation) ON ("), .source(merge.condition), .text(")")]
        var condition: [TextPart]
        switch clause.match {
        case .matched: condition = [.text(" WHERE \(rowID) IS NOT NULL")]
        case .notMatchedByTarget: condition = [.text(" WHERE \(rowID) IS NULL")]
        case .notMatchedBySource:
            from = [.text(writer.relation)]
            condition = [.text(" WHERE NOT EXISTS (SELECT 1 FROM "), .source(merge.source), .text(" WHERE "), .source(merge.condition), .text(")")]
        }
        if let own = clause.condition { condition += [.text(" AND ("), .source(own), .text(")")] }
        for other in earlier {
            condition += other.map { [.text(" AND ("), .source($0), .text(") IS NOT TRUE")] } ?? [.text(" AND false")]
        }
        return (from, condition)
    }
}

extension ChangeText {
    /// Rows given as a parameter of structures, as a relation.
    static func rows(_ parameter: Int, _ type: DataType) -> [TextPart] {
        [.text("(SELECT unnest(CAST("), .parameter(parameter), .text(" AS \(type)), max_depth := 2))")]
    }

    /// The INSERT of a MERGE: one row a pair.
    func mergeInsert(_ insert: InsertStatement, from: [TextPart], condition: [TextPart]) throws(LeibrixError) -> [TextPart] {
        let row = try insertRow(insert)
        return try withChecks(withGenerated(row + [.text(" FROM ")] + from + condition, hasRowID: false))
    }
}
