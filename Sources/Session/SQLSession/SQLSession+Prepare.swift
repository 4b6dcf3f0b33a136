public import Base
internal import Catalog
public import Columnar
internal import SQLSyntax
internal import Synchronization
internal import TableEngine

extension SQLSession {
    public func prepare(
        _ statement: StatementText, parameterTypes: [DataType?]
    ) async throws(LeibrixError) -> PreparedStatement {
        status.withLock { $0.isBusy = true }
        let sight = sight(of: statement, parameterTypes)
        if let known = sight?.known { return known }
        return try await guarded { () async throws(LeibrixError) in
            let parsed = try server.parsed.parse(statement.sql)
            try refuseInFailedBlock(parsed.statement)
            let prepared = try await plan(parsed, statement, parameterTypes)
            if let sight { await keep(prepared, sight) }
            return prepared
        }
    }

    /// In a failed block only its end and ROLLBACK TO are accepted.
    func refuseInFailedBlock(_ statement: Statement) throws(LeibrixError) {
        guard transaction.isFailed else { return }
        switch statement {
        case .empty, .transaction(.commit), .transaction(.rollback), .transaction(.rollbackTo): return
        default:
            throw LeibrixError(
                .failedTransaction, "current transaction is aborted, commands ignored until end of transaction block",
                hint: "ROLLBACK, or ROLLBACK TO a savepoint.")
        }
    }

    func plan(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?]
    ) async throws(LeibrixError) -> PreparedStatement {
        switch parsed.statement {
        case .empty: return PreparedStatement(text: text, parameterTypes: [], outcome: .empty, plan: StatementPlan.empty)
        case .query(let head):
            if head.keyword == "describe", let sql = try describeStream(parsed) { return try await objects(text, sql) }
            let plan = try await enginePlan(parsed, types, tag: Self.tag(head))
            if let point = await pointQuery(parsed, text, types, plan) { return rows(text, plan, plan.columns, .point(point)) }
            return rows(text, plan, plan.columns, .engine(plan))
        case .explain(let explain):
            let prefix = explain.format == .json ? "EXPLAIN (\(explain.analyze ? "ANALYZE, " : "")FORMAT json) " : explain.analyze ? "EXPLAIN ANALYZE " : "EXPLAIN "
            if let stream = try await explainedStream(parsed, text, explain.query, explain.analyze ? .analyze : .plan, explain.format) { return stream }
            if let change = try await explainedChange(parsed, text, types, explain) { return change }
            try await checkExplained(parsed, explain.query, types)
            let plan = try await enginePlan(parsed, types, range: explain.query, prefix: prefix, tag: "EXPLAIN")
            let point = try await explainedPoint(parsed, text, types, explain)
            return rows(text, plan, [ResultColumn("QUERY PLAN", .varchar)], .explain(plan, point, isAnalyze: explain.analyze))
        case .explainRoute(let query):
            let plan = try await enginePlan(parsed, types, range: query, tag: "EXPLAIN")
            return rows(text, plan, RouteReport.columns, .route(plan))
        case .copy(let copy): return try await copyPlan(parsed, text, copy)
        case .show(let show): return try await showPlan(parsed, text, show)
        case .prepared(.execute(let name, let arguments, _)):
            return try await executePlan(parsed, text, name, arguments)
        case .cursor(.fetch(let name, _)):
            return PreparedStatement(
                text: text, parameterTypes: [], outcome: .rows(try cursor(name).columns), plan: StatementPlan.local(parsed))
        case .stream(.subscribe(let subscribe)):
            let plan = try subscribePlan(parsed, parsed, subscribe, tag: "SUBSCRIBE")
            return PreparedStatement(text: text, parameterTypes: [], outcome: .rows(plan.columns), plan: StatementPlan.subscribe(plan))
        case .stream(.explainState(let query)):
            if let stream = try await explainedStream(parsed, text, query, .state) { return stream }
            throw LeibrixError(
                .streamUndefined, "EXPLAIN STATE needs a stream, or a query that could be one",
                hint: "SHOW STREAMS lists what there is.", position: parsed.text.characters(before: query.lowerBound) + 1)
        case .cursor(.declare(let name, _, let scroll, let hold, let query)) where isSubscribe(parsed, query):
            return try declarePlan(parsed, text, name, isScroll: scroll, isHold: hold, query)
        case .cursor(.declare(_, _, _, _, let query)):
            let plan = try await enginePlan(parsed, types, range: query, tag: "FETCH")
            return PreparedStatement(
                text: text, parameterTypes: plan.description.parameterTypes, outcome: .command, plan: StatementPlan.engine(plan))
        case .refused(let refused): throw Self.error(refused)
        case .change(let change): return try await changePlan(parsed, text, types, change)
        case .combined(let combined): return try await combinedPlan(parsed, text, types, combined)
        case .copyFrom(let copy): return try await copyInPlan(parsed, text, copy)
        case .locking(let query): return try await lockingPlan(parsed, text, types, query)
        default: return PreparedStatement(text: text, parameterTypes: [], outcome: .command, plan: StatementPlan.local(parsed))
        }
    }

    private func rows(
        _ text: StatementText, _ plan: EnginePlan, _ columns: [ResultColumn], _ statement: StatementPlan
    ) -> PreparedStatement {
        PreparedStatement(
            text: text, parameterTypes: plan.description.parameterTypes, outcome: .rows(columns), plan: statement)
    }

    private static func tag(_ head: QueryHead) -> String {
        switch head.keyword {
        case "describe", "summarize": "SHOW"
        default: "SELECT"
        }
    }

    static func error(_ refused: RefusedStatement) -> LeibrixError {
        switch refused.reason {
        case .permission:
            LeibrixError(.permissionDenied, "permission denied for \(refused.command)", hint: refused.hint, position: refused.position)
        case .notSupported, .readOnly:
            LeibrixError(.notSupported, "\(refused.command) is not supported", hint: refused.hint, position: refused.position)
        }
    }

    /// EXPLAIN takes queries only.
    private func checkExplained(_ parsed: ParsedQuery, _ range: Range<Int>, _ types: [DataType?]) async throws(LeibrixError) {
        let inner = try server.parsed.parse(parsed.text.string(range))
        switch inner.statement {
        case .query: return
        case .refused(let refused): throw Self.error(refused)
        default:
            throw LeibrixError(
                .notSupported, "only queries can be explained", hint: "EXPLAIN [ANALYZE] SELECT …",
                position: parsed.text.characters(before: range.lowerBound) + 1)
        }
    }

    /// Describes a query, or a part of a statement that is one. One hop, unless it was described before.
    func enginePlan(
        _ parsed: ParsedQuery, _ types: [DataType?], range: Range<Int>? = nil, composed: RewrittenSQL? = nil, prefix: String = "",
        suffix: String = "", tag: String, isWrapped: Bool = false
    ) async throws(LeibrixError) -> EnginePlan {
        let rewritten = if let composed { composed } else { try parsed.text.rewritten(range) }
        let session = describing()
        let names = server.datasets?.datasetNames ?? []
        let describer = Describer(
            rewritten: rewritten, parsed: parsed, prefix: prefix, suffix: suffix, clientTypes: types, session: session,
            volatileNames: server.volatileNames, datasetNames: Set(names), tableNames: tableNames, hasViews: !tableCatalog.views.isEmpty,
            output: composed == nil && (prefix.isEmpty || isWrapped) ? outputQuestion(parsed, range) : nil)
        let profile = profile
        let key = DescriptionCache.Key(
            sql: prefix + rewritten.assemble(session: session).sql + suffix, profile: profile, version: server.relationVersion,
            tables: planVersion, clientTypes: types)
        let description: Description
        // A transaction that has changed definitions is described with them, for itself.
        let token = definitions == 0 ? 0 : try tableTransaction().scanToken
        if let known = server.descriptions.lookup(key) {
            description = known
        } else {
            do throws(LeibrixError) {
                description = try await tracked { (control) async throws(LeibrixError) in
                    try await server.engine.withExecutor(profile, scanToken: token, control) { (executor) throws(LeibrixError) in try describer.describe(executor) }
                }
            } catch {
                if let source = try await sourceDescription(describer, error) {
                    return EnginePlan(
                        parsed: parsed, rewritten: rewritten, prefix: prefix, suffix: suffix, description: source.description, tag: tag,
                        sourceNames: source.names)
                }
                throw explained(error)
            }
            if definitions == 0 { server.descriptions.insert(key, description) }
        }
        if prefix.isEmpty, composed == nil, let named = NamedNumbers(description.columns) {
            let body = NamedNumbers.body(parsed.text, range)
            return try await enginePlan(parsed, types, range: body, prefix: named.prefix, suffix: named.suffix, tag: tag, isWrapped: true)
        }
        return EnginePlan(parsed: parsed, rewritten: rewritten, prefix: prefix, suffix: suffix, description: description, tag: tag)
    }

    private func outputQuestion(_ parsed: ParsedQuery, _ range: Range<Int>?) -> OutputQuestion? {
        let schemas = settings.schemas(user: user.name).map { $0 == "main" ? "public" : $0 }
        let key = OutputCache.Key(
            shape: parsed.fingerprint.text, searchPath: schemas.joined(separator: ","), version: server.relationVersion)
        return OutputQuestion(
            text: range.map { parsed.text.string($0) } ?? parsed.sql, searchPath: schemas + ["pg_catalog"], lookup: server.relationNumbers,
            cache: server.outputs, key: range == nil ? key : nil)
    }

    private func executePlan(
        _ parsed: ParsedQuery, _ text: StatementText, _ name: Identifier, _ arguments: [Range<Int>]
    ) async throws(LeibrixError) -> PreparedStatement {
        let statement = try statement(name)
        guard arguments.count == statement.parameterTypes.count else {
            throw LeibrixError(
                .syntax, "wrong number of parameters for prepared statement \"\(name.name)\"",
                detail: "Expected \(statement.parameterTypes.count) parameters but got \(arguments.count).",
                hint: "Give one value a parameter.", position: name.position)
        }
        var plans: [EnginePlan] = []
        for (range, type) in zip(arguments, statement.parameterTypes) {
            plans.append(try await enginePlan(parsed, [], range: range, prefix: "SELECT CAST((", suffix: ") AS \(type))", tag: "SELECT"))
        }
        return PreparedStatement(
            text: text, parameterTypes: [], outcome: statement.outcome, plan: StatementPlan.named(statement, arguments: plans))
    }

    func statement(_ name: Identifier) throws(LeibrixError) -> PreparedStatement {
        guard let statement = named[name.name] else {
            throw LeibrixError(
                .undefinedStatement, "prepared statement \"\(name.name)\" does not exist",
                hint: suggestion(for: name.name, among: Array(named.keys), what: "statements"), position: name.position)
        }
        return statement
    }

    func cursor(_ name: Identifier) throws(LeibrixError) -> Cursor {
        guard let cursor = cursors[name.name] else {
            throw LeibrixError(
                .undefinedCursor, "cursor \"\(name.name)\" does not exist",
                hint: suggestion(for: name.name, among: Array(cursors.keys), what: "cursors"), position: name.position)
        }
        return cursor
    }
}
