internal import Base
internal import Columnar
internal import DuckDBKit
internal import SQLSyntax

extension SQLSession {
    /// The engine's plan, a line a row, as PostgreSQL's clients read it.
    func explain(_ plan: EnginePlan, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        let execution = try await query(plan, parameters, tag: .fixed("EXPLAIN"))
        var lines: [[Value]] = []
        while let batch = try await execution.next() {
            for row in 0..<batch.rowCount {
                guard let text = batch.columns.last?.value(at: row).text else { continue }
                lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { [.string(String($0))] }
            }
        }
        let field = DataType.Field("QUERY PLAN", .varchar)
        return SQLExecution(
            columns: [ResultColumn(field.name, field.type)], batches: lines.isEmpty ? [] : [Batch.rows(lines, [field])],
            tag: .fixed("EXPLAIN"))
    }

    /// EXPLAIN ROUTE: who would answer, over what, and why.
    func routeReport(_ plan: EnginePlan, _ parameters: [Value]) -> SQLExecution {
        let resolved = (try? resolveWithoutEffect(plan, parameters)) ?? [:]
        let text = plan.text { resolved[$0] ?? "NULL" }
        let key = ResultKey(sql: text.sql, parameters: parameters, settings: profile.key, version: server.relationVersion)
        let isCached = plan.description.isCacheable && !transaction.holdsSnapshot && server.results.contains(key)
        let report = RouteReport(
            route: isCached ? "cache" : "local", relations: plan.description.relations, version: server.relationVersion,
            isCacheable: plan.description.isCacheable && !transaction.holdsSnapshot, isHeld: transaction.holdsSnapshot)
        return SQLExecution(
            columns: RouteReport.columns, batches: [Batch.rows(report.rows, RouteReport.fields)], tag: .fixed("EXPLAIN"))
    }

    private func resolveWithoutEffect(_ plan: EnginePlan, _ parameters: [Value]) throws(LeibrixError) -> [SessionReference: String] {
        let before = settings
        defer { settings = before }
        return try resolve(plan.rewritten.references, parameters)
    }
}

/// What EXPLAIN ROUTE says, a property a row.
struct RouteReport {
    static let fields: [DataType.Field] = [.init("property", .varchar), .init("value", .varchar)]
    static let columns = fields.map { ResultColumn($0.name, $0.type) }

    let route: String
    let relations: [String]
    let version: UInt64
    let isCacheable: Bool
    let isHeld: Bool

    var rows: [[Value]] {
        let rows: [(String, String)] = [
            ("route", route), ("why", why), ("relations", relations.isEmpty ? "none" : relations.joined(separator: ", ")),
            ("snapshot", isHeld ? "the transaction's own" : "publication \(version)"),
            ("result kept", isCacheable ? "if it is small" : "no: it reads system state, or changes by itself"),
        ]
        return rows.map { [.string($0.0), .string($0.1)] }
    }

    private var why: String {
        switch route {
        case "cache": "the same statement was answered over the same publication of relations"
        default:
            relations.isEmpty ? "it names no relation: the engine computes it" : "every relation it names is resident here"
        }
    }
}
