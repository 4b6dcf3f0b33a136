internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import Platform
internal import SQLPlanning
internal import SQLSyntax
internal import TableEngine

/// EXPLAIN of INSERT, UPDATE, DELETE and MERGE; with ANALYZE they are done.
extension SQLSession {
    /// nil for what is no change.
    func explainedChange(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ explain: ExplainStatement
    ) async throws(LeibrixError) -> PreparedStatement? {
        let inner = try server.parsed.parse(parsed.text.string(explain.query))
        guard case .change(let change) = inner.statement else { return nil }
        guard explain.format == .text else {
            throw LeibrixError(.notSupported, "EXPLAIN (FORMAT json) of \(change.command) is not supported", hint: "Use FORMAT text.")
        }
        let plan = try await makeChangePlan(inner, StatementText(sql: inner.sql), types, change)
        let point = await pointChange(inner, StatementText(sql: inner.sql), types, plan)
        var plans: [EnginePlan] = []
        if point == nil {
            for step in plan.steps {
                plans.append(try await enginePlan(inner, types, composed: step.plan.rewritten, prefix: "EXPLAIN ", tag: "EXPLAIN"))
            }
        }
        return PreparedStatement(
            text: text, parameterTypes: plan.parameterTypes, outcome: .rows([ResultColumn("QUERY PLAN", .varchar)]),
            plan: StatementPlan.explainChange(plan, point, plans, isAnalyze: explain.analyze))
    }

    func explain(
        _ plan: ChangePlan, _ point: PointStatement?, _ plans: [EnginePlan], _ parameters: [Value], analyze: Bool
    ) async throws(LeibrixError) -> SQLExecution {
        try requirePrivileges(plan)
        let words = ["INSERT": "Insert", "UPDATE": "Update", "DELETE": "Delete", "MERGE": "Merge"]
        var lines = ["\(words[plan.statement.command] ?? "") on \(plan.table.name)"]
        if let conflict = plan.conflict {
            lines.append("  Conflict Resolution: \(conflict.update == nil ? "NOTHING" : "UPDATE")")
            for id in conflict.indexes ?? [] { if let index = plan.table.index(id) { lines.append("  Conflict Arbiter Indexes: \(index.name)") } }
        }
        if let point { lines += try access(of: point, parameters).map { "  " + $0 } }
        for plan in plans { lines += try await engineLines(plan, parameters).map { "  " + $0 } }
        if analyze {
            let begun = server.clock.monotonicNanos()
            let execution = try await run(point.map { StatementPlan.point($0) } ?? .change(plan), parameters)
            var rows = 0
            while let batch = try await execution.next() { rows += batch.rowCount }
            let micros = (server.clock.monotonicNanos() - begun) / 1_000
            let fraction = String(micros % 1_000)
            lines.append("Rows: \(execution.commandTag(rows: rows).split(separator: " ").last ?? "0")")
            lines.append("Execution Time: \(micros / 1_000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) ms")
        }
        let field = DataType.Field("QUERY PLAN", .varchar)
        return SQLExecution(
            columns: [ResultColumn(field.name, field.type)], batches: [Batch.rows(lines.map { [.string($0)] }, [field])], tag: .fixed("EXPLAIN"))
    }

    /// How an index finds the rows to be changed.
    private func access(of point: PointStatement, _ parameters: [Value]) throws(LeibrixError) -> [String] {
        let source: PointSource
        switch point.plan {
        case .update(let plan): source = plan.source
        case .delete(let plan): source = plan.source
        default: return ["Values"]
        }
        guard let table = source.table, let scalars = point.scalars(parameters) else { return [] }
        let tables = try tableTransaction()
        var run = PointRun(tables, ScalarContext(parameters: scalars, nowMicros: server.clock.wallMicros()))
        return try run.describe(source, table)
    }

    private func engineLines(_ plan: EnginePlan, _ parameters: [Value]) async throws(LeibrixError) -> [String] {
        let execution = try await query(plan, Array(parameters.prefix(plan.description.parameterTypes.count)), tag: .fixed("EXPLAIN"), isInner: true)
        var lines: [String] = []
        while let batch = try await execution.next() {
            for row in 0..<batch.rowCount {
                guard let text = batch.columns.last?.value(at: row).text else { continue }
                lines += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            }
        }
        return lines
    }
}
