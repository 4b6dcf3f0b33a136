internal import Base
internal import Catalog
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
    func routeReport(_ plan: EnginePlan, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        let resolved = (try? resolveWithoutEffect(plan, parameters)) ?? [:]
        let text = plan.text { resolved[$0] ?? "NULL" }
        let key = ResultKey(sql: text.sql, parameters: parameters, settings: profile.key, version: server.relationVersion)
        let isCached = plan.description.isCacheable && !transaction.holdsSnapshot && server.results.contains(key)
        let isSource = asksSource(plan)
        let report = RouteReport(
            route: isSource ? "source" : isCached ? "cache" : "local", relations: isSource ? plan.sourceNames : plan.description.relations, version: server.relationVersion,
            epochs: isSource ? [] : try await readyEpochs(plan.description.relations, text.sql),
            isCacheable: !isSource && plan.description.isCacheable && !transaction.holdsSnapshot, isHeld: transaction.holdsSnapshot)
        return SQLExecution(
            columns: RouteReport.columns, batches: [Batch.rows(report.rows, RouteReport.fields)], tag: .fixed("EXPLAIN"))
    }

    /// "lineitem: 3 of 84 epochs, 221446 rows" for each dataset among the relations: those that WHERE leaves, as far as it tells.
    private func readyEpochs(_ relations: [String], _ sql: String) async throws(LeibrixError) -> [String] {
        let known = Set(server.datasets?.datasetNames ?? [])
        let names = Set(relations.map(Describer.lastName)).intersection(known).sorted()
        guard !names.isEmpty else { return [] }
        let list = names.map(sqlString).joined(separator: ", ")
        let mine = "tenant = \(sqlString(user.tenant)) AND dataset IN (\(list))"
        let columns = try await texts("SELECT dataset, time_column FROM leibrix.datasets WHERE time_column IS NOT NULL AND \(mine)")
        let times = Dictionary(columns.map { ($0[0], $0[1]) }) { first, _ in first }
        let predicates = try await timePredicates(sql, times)
        let counts = names.map { name in
            """
            SELECT dataset || ': ' || count(*) FILTER (hit) || ' of ' || count(*) || ' epochs, ' || coalesce(sum(rows) FILTER (hit), 0)::BIGINT || ' rows' \
            FROM (SELECT *, \(predicates?.condition(name) ?? "true") AS hit FROM leibrix.epochs \
            WHERE state = 'READY' AND tenant = \(sqlString(user.tenant)) AND dataset = \(sqlString(name))) GROUP BY dataset
            """
        }
        return try await texts(counts.joined(separator: " UNION ALL ")).map { $0[0] }.sorted()
    }

    private func timePredicates(_ sql: String, _ times: [String: String]) async throws(LeibrixError) -> TimePredicates? {
        guard !times.isEmpty else { return nil }
        let profile = profile
        return try await tracked { (control) async throws(LeibrixError) in
            try await server.engine.withExecutor(profile, control) { (executor) throws(LeibrixError) in
                OutputQuestion.tree(sql, executor.connection).map { TimePredicates($0, times: times) }
            }
        }
    }

    /// Rows of texts. Where there is no such relation (a server without a dataset engine) there are none.
    private func texts(_ sql: String) async throws(LeibrixError) -> [[String]] {
        guard let plan = try? await enginePlan(try server.parsed.parse(sql), [], tag: "SELECT") else { return [] }
        let execution = try await query(plan, [], tag: .rows("SELECT"), isInner: true)
        var rows: [[String]] = []
        while let batch = try await execution.next() {
            for row in 0..<batch.rowCount { rows.append(batch.columns.indices.map { batch.value(row: row, column: $0).text ?? "" }) }
        }
        return rows
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
    let epochs: [String]
    let isCacheable: Bool
    let isHeld: Bool

    var rows: [[Value]] {
        let rows: [(String, String)] = [
            ("route", route), ("why", why), ("relations", relations.isEmpty ? "none" : relations.joined(separator: ", ")),
            ("epochs", epochs.isEmpty ? "none" : epochs.joined(separator: "; ")),
            ("snapshot", route == "source" ? "the sources' current ones" : isHeld ? "the transaction's own" : "publication \(version)"),
            ("result kept", isCacheable ? "if it is small" : "no: it reads system state, or changes by itself"),
        ]
        return rows.map { [.string($0.0), .string($0.1)] }
    }

    private var why: String {
        switch route {
        case "cache": "the same statement was answered over the same publication of relations"
        case "source": "a dataset it names is not READY and has fallback = true: all it names are read from their sources"
        default:
            relations.isEmpty ? "it names no relation: the engine computes it" : "every relation it names is resident here"
        }
    }
}
