// WITH x AS (INSERT … RETURNING …) SELECT …: several changes and a query as one statement, at one snapshot. Each change is planned as a
// statement of its own; what it returns reaches those behind it as a parameter, a list of structures.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import SQLSyntax
internal import TableEngine

final class CombinedPlan: Sendable {
    struct Part: Sendable {
        var plan: ChangePlan
        /// What it returns, for the parts behind it; nil without RETURNING.
        var fields: [DataType.Field]?
    }

    enum Main: Sendable {
        case query(EnginePlan)
        case change(ChangePlan)
    }

    let parsed: ParsedQuery
    let text: StatementText
    let clientTypes: [DataType?]
    let statement: CombinedStatement
    let version: PlanVersion
    let parts: [Part]
    let main: Main
    /// The client's parameters; those of the server are numbered behind them.
    let parameterTypes: [DataType]

    init(
        parsed: ParsedQuery, text: StatementText, clientTypes: [DataType?], statement: CombinedStatement, version: PlanVersion, parts: [Part], main: Main,
        parameterTypes: [DataType]
    ) {
        self.parsed = parsed
        self.text = text
        self.clientTypes = clientTypes
        self.statement = statement
        self.version = version
        self.parts = parts
        self.main = main
        self.parameterTypes = parameterTypes
    }

    /// nil where the main statement gives no rows.
    var columns: [ResultColumn]? {
        switch main {
        case .query(let plan): plan.columns
        case .change(let plan): plan.returned
        }
    }
}

extension SQLSession {
    func combinedPlan(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ combined: CombinedStatement
    ) async throws(LeibrixError) -> PreparedStatement {
        let plan = try await makeCombinedPlan(parsed, text, types, combined)
        return PreparedStatement(
            text: text, parameterTypes: plan.parameterTypes, outcome: plan.columns.map { .rows($0) } ?? .command, plan: StatementPlan.combined(plan))
    }

    func makeCombinedPlan(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ combined: CombinedStatement
    ) async throws(LeibrixError) -> CombinedPlan {
        let version = planVersion
        let given = max(types.count, parsed.text.tokens.compactMap(parsed.text.parameterNumber).max() ?? 0)
        var allTypes = types + [DataType?](repeating: nil, count: given - types.count)
        var items: [String] = []
        var parts: [CombinedPlan.Part] = []
        func with() -> String { items.isEmpty ? "" : "WITH \(combined.isRecursive ? "RECURSIVE " : "")\(items.joined(separator: ", ")) " }
        for item in combined.items {
            let head = sqlIdentifier(item.name.name) + (item.columns.map { parsed.text.string($0) } ?? "")
            guard item.isChange else {
                items.append("\(head) AS (\(parsed.text.string(item.body)))")
                continue
            }
            let inner = try await unplaced { () async throws(LeibrixError) in
                let inner = try server.parsed.parse(with() + parsed.text.string(item.body))
                guard case .change(let change) = inner.statement else { throw LeibrixError(.syntax, "a query of WITH is no statement") }
                return try await makeChangePlan(inner, StatementText(sql: inner.sql), allTypes, change)
            }
            let fields = try inner.returned.map { (columns) throws(LeibrixError) in try Self.fields(columns, item) }
            parts.append(CombinedPlan.Part(plan: inner, fields: fields))
            guard let fields else { continue }
            let type = DataType.list(.structure(fields))
            allTypes.append(type)
            items.append("\(head) AS (SELECT unnest(CAST($\(allTypes.count) AS \(type)), max_depth := 2))")
        }
        let last = with() + parsed.text.string(combined.main)
        let final = allTypes
        let main = try await unplaced { () async throws(LeibrixError) -> CombinedPlan.Main in
            let inner = try server.parsed.parse(last)
            switch inner.statement {
            case .query: return .query(try await enginePlan(inner, final, tag: "SELECT"))
            case .change(let change): return .change(try await makeChangePlan(inner, StatementText(sql: last), final, change))
            default: throw LeibrixError(.notSupported, "WITH with changes is for queries and changes", hint: "Run the changes as statements of their own.")
            }
        }
        return CombinedPlan(
            parsed: parsed, text: text, clientTypes: types, statement: combined, version: version, parts: parts, main: main,
            parameterTypes: Self.parameterTypes(given, types, parts, main))
    }

    /// Positions in the texts that are put together here mean nothing to the client.
    private func unplaced<T>(_ body: () async throws(LeibrixError) -> T) async throws(LeibrixError) -> T {
        do throws(LeibrixError) {
            return try await body()
        } catch {
            var error = error
            error.position = nil
            throw error
        }
    }

    private static func fields(_ columns: [ResultColumn], _ item: CombinedStatement.Item) throws(LeibrixError) -> [DataType.Field] {
        var names: Set<String> = []
        for column in columns where !names.insert(column.name.lowercased()).inserted {
            throw LeibrixError(
                .duplicateObject, "column \"\(column.name)\" of \"\(item.name.name)\" is returned more than once", hint: "Give each a name: RETURNING a AS x.",
                position: item.name.position, sqlState: "42701")
        }
        return columns.map { DataType.Field($0.name, $0.type) }
    }

    private static func parameterTypes(
        _ count: Int, _ types: [DataType?], _ parts: [CombinedPlan.Part], _ main: CombinedPlan.Main
    ) -> [DataType] {
        var lists = parts.map(\.plan.parameterTypes)
        switch main {
        case .query(let plan): lists.append(plan.description.parameterTypes)
        case .change(let plan): lists.append(plan.parameterTypes)
        }
        return (0..<count).map { place in
            if place < types.count, let type = types[place] { return type }
            // Where a part does not name a parameter it says text.
            let said = lists.compactMap { place < $0.count ? $0[place] : nil }
            return said.first { $0 != .varchar } ?? .varchar
        }
    }

    // MARK: Running

    func runCombined(_ planned: CombinedPlan, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        try refuseReadOnly("INSERT, UPDATE or DELETE")
        var plan = planned
        if plan.version != planVersion {
            plan = try await makeCombinedPlan(plan.parsed, plan.text, plan.clientTypes, plan.statement)
            guard plan.columns == planned.columns, plan.parameterTypes == planned.parameterTypes else {
                throw LeibrixError(
                    .notSupported, "cached plan must not change result type", hint: "A table has changed its columns: prepare the statement again.")
            }
        }
        for part in plan.parts { try requirePrivileges(part.plan) }
        switch plan.main {
        case .query(let query): try requireReadable(query)
        case .change(let change): try requirePrivileges(change)
        }
        let current = plan
        let answer = try await recorded(plan.parsed, route: "local") { (control) async throws(LeibrixError) in
            try await atomically(control) { (tables) async throws(LeibrixError) in try await attempt(current, parameters, tables, control) }
        }
        let tag: SQLExecution.Tag =
            switch plan.main {
            case .query: .rows("SELECT")
            case .change(let change): Self.tag(change.statement, answer.rows)
            }
        return SQLExecution(columns: plan.columns ?? [], batches: answer.returned, tag: tag)
    }

    /// Everything reads the snapshot of the statement's start; foreign keys are looked at when all is written.
    private func attempt(
        _ plan: CombinedPlan, _ parameters: [Value], _ tables: TableTransaction, _ control: StatementControl
    ) async throws(LeibrixError) -> Attempt<ChangeResult> {
        var values = parameters
        var work: [(keys: ForeignKeyWork, table: TableDefinition)] = []
        for part in plan.parts {
            switch try await attempt(part.plan, values, tables, control, settles: false) {
            case .blocked(let other): return .blocked(by: other)
            case .changed: return .changed
            case .done(let result):
                work.append((result.keys, part.plan.table))
                if let fields = part.fields { values.append(.list(Self.structures(result.returned, fields))) }
            }
        }
        var answer = ChangeResult()
        switch plan.main {
        case .query(let query): answer.returned = try await rows(of: query, values, control)
        case .change(let change):
            switch try await attempt(change, values, tables, control, settles: false) {
            case .blocked(let other): return .blocked(by: other)
            case .changed: return .changed
            case .done(let result):
                answer = result
                work.append((result.keys, change.table))
            }
        }
        for (keys, table) in work {
            let outcome = try await settle(keys, table, tables, control)
            if outcome != .done { return Attempt(outcome, answer) }
        }
        return .done(answer)
    }

    private static func structures(_ batches: [Batch], _ fields: [DataType.Field]) -> [Value] {
        batches.flatMap { batch in
            (0..<batch.rowCount).map { row in .structure(fields.enumerated().map { .init($1.name, batch.value(row: row, column: $0)) }) }
        }
    }
}
