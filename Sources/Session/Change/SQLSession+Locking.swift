// SELECT … FOR UPDATE and its kind: the query also gives the row ids of the relations it locks; those are locked before a row
// of the answer is given out. A row that somebody has changed or holds makes the whole query run again on a newer snapshot.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import SQLSyntax
internal import TableEngine

/// A locking query, planned.
final class LockingPlan: Sendable {
    struct Target: Sendable {
        var table: TableID
        var mode: RowLockMode
        var waiting: LockingClause.Waiting
    }

    let parsed: ParsedQuery
    let plan: EnginePlan
    /// One a row id at the end of a row, in order.
    let targets: [Target]
    let version: PlanVersion
    let text: StatementText
    let clientTypes: [DataType?]
    let query: LockingQuery

    init(
        parsed: ParsedQuery, plan: EnginePlan, targets: [Target], version: PlanVersion, text: StatementText, clientTypes: [DataType?], query: LockingQuery
    ) {
        self.parsed = parsed
        self.plan = plan
        self.targets = targets
        self.version = version
        self.text = text
        self.clientTypes = clientTypes
        self.query = query
    }

    var columns: [ResultColumn] { Array(plan.columns.dropLast(targets.count)) }
}

extension SQLSession {
    func lockingPlan(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ query: LockingQuery
    ) async throws(LeibrixError) -> PreparedStatement {
        let plan = try await makeLockingPlan(parsed, text, types, query)
        return PreparedStatement(
            text: text, parameterTypes: plan.plan.description.parameterTypes, outcome: .rows(plan.columns), plan: StatementPlan.locking(plan))
    }

    private func makeLockingPlan(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ query: LockingQuery
    ) async throws(LeibrixError) -> LockingPlan {
        let version = planVersion
        var targets: [LockingPlan.Target] = []
        var rowIDs: [String] = []
        for clause in query.clauses {
            for name in clause.relations where !query.relations.contains(where: { $0.reference.name == name.name }) {
                throw LeibrixError(
                    .undefinedRelation, "relation \"\(name.name)\" in FOR UPDATE clause not found in FROM clause", hint: "Name an alias of FROM.",
                    position: name.position)
            }
            for relation in query.relations where clause.relations.isEmpty || clause.relations.contains(where: { $0.name == relation.reference.name }) {
                let table = try table(relation.name)
                let mode: RowLockMode =
                    switch clause.strength {
                    case .keyShare: .keyShare
                    case .share: .share
                    case .noKeyUpdate: .noKeyUpdate
                    case .update: .update
                    }
                targets.append(.init(table: table.id, mode: mode, waiting: clause.waiting))
                rowIDs.append("\(sqlIdentifier(relation.reference.name)).rowid AS lbx_rowid\(rowIDs.count)")
            }
        }
        guard !targets.isEmpty else {
            throw LeibrixError(
                .notSupported, "FOR UPDATE needs a table in FROM", hint: "Name the table outside brackets.", position: query.clauses.first?.position)
        }
        let parts: [TextPart] = [.source(query.head), .text(", \(rowIDs.joined(separator: ", ")) "), .source(query.tail)]
        let plan = try await enginePlan(parsed, types, composed: try parsed.text.composed(parts), tag: "SELECT")
        return LockingPlan(parsed: parsed, plan: plan, targets: targets, version: version, text: text, clientTypes: types, query: query)
    }

    func lockRows(_ planned: LockingPlan, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        try refuseReadOnly("SELECT FOR UPDATE")
        let plan =
            planned.version == planVersion
            ? planned : try await makeLockingPlan(planned.parsed, planned.text, planned.clientTypes, planned.query)
        try requireReadable(plan.plan)
        for target in plan.targets { if let table = tableCatalog.table(target.table) { try require(.update, on: table) } }
        let batches = try await recorded(plan.parsed, route: "local") { (control) async throws(LeibrixError) -> [Batch] in
            try await atomically(control) { (tables) async throws(LeibrixError) in
                try lock(try await rows(of: plan.plan, parameters, control), plan, tables)
            }
        }
        return SQLExecution(columns: plan.columns, batches: batches, tag: .rows("SELECT"))
    }

    /// Locks every row, and leaves out those that SKIP LOCKED passes over.
    private func lock(_ batches: [Batch], _ plan: LockingPlan, _ tables: TableTransaction) throws(LeibrixError) -> Attempt<[Batch]> {
        var answer: [Batch] = []
        let width = plan.columns.count
        for batch in batches where batch.rowCount > 0 {
            var kept: [Int] = []
            for row in 0..<batch.rowCount {
                var isKept = true
                for (index, target) in plan.targets.enumerated() where isKept {
                    guard case .integer(let number) = batch.value(row: row, column: width + index) else { continue }
                    let outcome = try tables.lock(target.table, RowID(rawValue: UInt64(bitPattern: number)), target.mode)
                    switch (outcome, target.waiting) {
                    case (.done, _): break
                    case (.blocked, .skipLocked): isKept = false
                    case (.blocked, .noWait):
                        throw LeibrixError(
                            .objectInUse, "could not obtain lock on row in relation \"\(tables.catalog.table(target.table)?.name ?? "")\"",
                            hint: "Try again, or leave NOWAIT out.", sqlState: "55P03")
                    case (.blocked(let other), .wait): return .blocked(by: other)
                    case (.changed, _): return .changed
                    }
                }
                if isKept { kept.append(row) }
            }
            let columns = batch.slice(columns: 0..<width)
            answer.append(kept.count == batch.rowCount ? columns : columns.picked(kept))
        }
        return .done(answer)
    }
}
