public import Base
internal import Catalog
public import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import SQLSyntax
internal import TableEngine
internal import Synchronization

extension SQLSession {
    public func execute(_ statement: PreparedStatement, parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        try await guarded { () async throws(LeibrixError) in
            try await run(try checkedPlan(statement, parameters), parameters)
        }
    }

    /// What never waits, and what waits for other transactions only, as long as none is in the way.
    public func executeNow(_ statement: PreparedStatement, parameters: [Value]) throws(LeibrixError) -> SQLExecution? {
        do throws(LeibrixError) {
            switch try checkedPlan(statement, parameters) {
            case .point(let point):
                try enterTransaction(point.parsed)
                return try pointNow(point, parameters)
            case .lifted(let point, let values, let sql):
                try enterTransaction(point.parsed)
                return try pointNow(point, values, shown: sql)
            case .local(let parsed):
                guard case .transaction(.begin(let modes, let isStart)) = parsed.statement else { return nil }
                try refuseInFailedBlock(parsed.statement)
                return begin(modes, tag: isStart ? "START TRANSACTION" : "BEGIN")
            default: return nil
            }
        } catch {
            failed()
            throw error
        }
    }

    private func checkedPlan(_ statement: PreparedStatement, _ parameters: [Value]) throws(LeibrixError) -> StatementPlan {
        guard let plan = statement.sessionPlan else { throw LeibrixError(.internal, "the statement was prepared by another server") }
        guard parameters.count == statement.parameterTypes.count else {
            throw LeibrixError(
                .protocolViolation,
                "the statement has \(statement.parameterTypes.count) parameters but \(parameters.count) values were bound",
                hint: "Bind one value a parameter.")
        }
        return plan
    }

    func run(_ plan: StatementPlan, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        switch plan {
        case .empty: return SQLExecution(tag: .fixed(""))
        case .local(let parsed):
            try refuseInFailedBlock(parsed.statement)
            return try await perform(parsed)
        case .engine(let plan):
            try enterTransaction(plan.parsed)
            if case .cursor(.declare(let name, _, let scroll, let hold, _)) = plan.parsed.statement {
                return try await declare(plan, parameters, name, isScroll: scroll, isHold: hold)
            }
            return try await query(plan, parameters, tag: .rows(plan.tag))
        case .copy(let plan):
            try enterTransaction(plan.parsed)
            return try await query(plan, parameters, tag: .rows("COPY"))
        case .explain(let plan, let statement, let isAnalyze):
            try enterTransaction(plan.parsed)
            if let statement, let answer = try explainPoint(statement, parameters, analyze: isAnalyze) { return answer }
            return try await explain(plan, parameters)
        case .point(let statement):
            try enterTransaction(statement.parsed)
            return try await point(statement, parameters)
        case .lifted(let statement, let values, let sql):
            try enterTransaction(statement.parsed)
            return try await point(statement, values, shown: sql)
        case .route(let plan):
            try enterTransaction(plan.parsed)
            return try await routeReport(plan, parameters)
        case .change(let plan):
            try enterTransaction(plan.parsed)
            return try await change(plan, parameters)
        case .combined(let plan):
            try enterTransaction(plan.parsed)
            return try await runCombined(plan, parameters)
        case .explainChange(let plan, let point, let plans, let isAnalyze):
            try enterTransaction(plan.parsed)
            return try await explain(plan, point, plans, parameters, analyze: isAnalyze)
        case .locking(let plan):
            try enterTransaction(plan.parsed)
            return try await lockRows(plan, parameters)
        case .copyIn(let plan):
            try enterTransaction(plan.parsed)
            return try copyIn(plan)
        case .subscribe(let plan):
            try enterTransaction(plan.parsed)
            return try await subscribe(plan)
        case .streamExplain(let plan):
            try enterTransaction(plan.parsed)
            return try await explain(plan)
        case .declareSubscription(let plan, let name, let isHold):
            try enterTransaction(plan.parsed)
            return try await declare(plan, name, isHold: isHold)
        case .named(let statement, let arguments):
            return try await runNamed(statement, arguments)
        }
    }

    /// Every statement but transaction control begins an implicit transaction when there is none.
    func enterTransaction(_ parsed: ParsedQuery) throws(LeibrixError) {
        try refuseInFailedBlock(parsed.statement)
        if transaction.enter() { settings.beginTransaction() }
    }

    private func runNamed(_ statement: PreparedStatement, _ arguments: [EnginePlan]) async throws(LeibrixError) -> SQLExecution {
        var values: [Value] = []
        for argument in arguments {
            let execution = try await query(argument, [], tag: .rows("SELECT"), isInner: true)
            guard let batch = try await execution.next() else {
                throw LeibrixError(.internal, "an argument of EXECUTE has no value")
            }
            values.append(batch.value(row: 0, column: 0))
            await execution.close()
        }
        guard let plan = statement.plan as? StatementPlan else {
            throw LeibrixError(.internal, "the statement was prepared by another server")
        }
        return try await run(plan, values)
    }

    /// Runs a query: from the cache of exact results, or in one hop to the engine.
    func query(
        _ plan: EnginePlan, _ parameters: [Value], tag: SQLExecution.Tag, isInner: Bool = false, isCursor: Bool = false
    ) async throws(LeibrixError) -> SQLExecution {
        let token = try beginReading(plan)
        let resolved = try resolve(plan.rewritten.references, parameters)
        let text = plan.text { resolved[$0] ?? "NULL" }
        let profile = profile
        let record = isInner ? nil : begin(plan.parsed)
        let key = cacheKey(plan, text, parameters, profile)
        if let key, let result = server.results.lookup(key) {
            record?.update { $0.route = "cache" }
            return SQLExecution(columns: plan.columns, batches: result.batches, tag: tag, onEnd: ending(record))
        }
        let request = EngineRequest(
            text: text, profile: profile, parameters: bound(plan, parameters), expected: plan.description.columns,
            scanToken: token)
        let control = StatementControl()
        let deadline = arm(control)
        do throws(LeibrixError) {
            let isCounted = try await enterTenant(control)
            defer { if isCounted { server.tenants.leave(user.tenant) } }
            let isSource = asksSource(plan)
            if isSource { record?.update { $0.route = "source" } }
            let started = isSource ? try await startOnSource(plan, request, control) : try await start(request, control)
            if !isSource { lastExecutor = started.stream.executorNumber }
            // A cursor's time is that of each FETCH, not of its life.
            if isCursor { deadline.map(server.deadlines.disarm) }
            let isHit = started.stream.isPlanHit
            record?.update { $0.isPlanCached = isHit }
            if let key, started.isFinished { keep(key, plan, started) }
            let execution = SQLExecution(
                columns: plan.columns, started, tag: tag, engine: server.engine, control: control,
                rowsMax: tenant?.maxResultRows.map { Int($0) },
                onEnd: ending(record, deadline, control))
            if held != nil && !started.isFinished { openOnHeld = execution }
            return execution
        } catch {
            held?.noteFailure()
            let error = explained(error)
            ending(record, deadline, control)(SQLExecution.End(rows: 0, bytes: 0, error: error, isPartial: true))
            throw error
        }
    }

    /// A new snapshot of the tables for a query that names some, and the right to read them.
    private func beginReading(_ plan: EnginePlan) throws(LeibrixError) -> UInt64 {
        let usesSequences = plan.rewritten.references.contains { if case .sequence = $0 { true } else { false } }
        guard plan.description.readsTables || usesSequences else {
            // What describes definitions shows a transaction its own.
            return definitions == 0 ? 0 : try tableTransaction().scanToken
        }
        try requireReadable(plan)
        let tables = try tableTransaction()
        tables.beginStatement()
        return tables.scanToken
    }

    func start(_ request: EngineRequest, _ control: StatementControl) async throws(LeibrixError) -> Engine.Started {
        if transaction.holdsSnapshot, held == nil { held = HeldExecutor() }
        transaction.hasRead = true
        if let open = openOnHeld {
            // One query at a time on a connection: what an open cursor has left goes to memory.
            try await open.materialize(bytesMax: server.configuration.heldRowsBytesMax)
            openOnHeld = nil
        }
        expose(control)
        return try await server.engine.start(
            request, held: transaction.holdsSnapshot ? held : nil, preferring: lastExecutor, control)
    }

    /// By the engine's numbers.
    func bound(_ plan: EnginePlan, _ parameters: [Value]) -> [Int: (value: Value, type: DataType)] {
        var bound: [Int: (value: Value, type: DataType)] = [:]
        for number in plan.rewritten.parameters where number <= parameters.count {
            let type = plan.description.bindTypes[number] ?? plan.description.parameterTypes[number - 1]
            bound[plan.rewritten.engineNumber(number)] = (parameters[number - 1], type)
        }
        return bound
    }

    private func cacheKey(
        _ plan: EnginePlan, _ text: EngineText, _ parameters: [Value], _ profile: ExecutionProfile
    ) -> ResultKey? {
        guard plan.description.isCacheable, plan.sourceNames.isEmpty, !transaction.holdsSnapshot, plan.prefix.isEmpty else { return nil }
        return ResultKey(sql: text.sql, parameters: parameters, settings: profile.key, version: server.relationVersion)
    }

    private func keep(_ key: ResultKey, _ plan: EnginePlan, _ started: Engine.Started) {
        let bytes = started.batches.reduce(0) { $0 + $1.compactBytes }
        guard bytes <= server.results.entryBytesMax, key.version == server.relationVersion else { return }
        server.results.insert(key, CachedResult(columns: plan.columns, batches: started.batches))
    }

    /// Arms statement_timeout.
    func arm(_ control: StatementControl) -> UInt64? {
        let milliseconds = timeoutMS
        guard milliseconds > 0 else { return nil }
        return server.deadlines.arm(milliseconds: milliseconds) { control.stop(.timeout(milliseconds: milliseconds)) }
    }

    /// The session's statement_timeout, or the tenant's if that is shorter.
    private var timeoutMS: Int {
        let own = derived.statementTimeoutMS
        guard let tenant = tenant?.statementTimeoutMS, tenant > 0 else { return own }
        return own > 0 ? min(own, Int(tenant)) : Int(tenant)
    }

    /// Waits for a place among the tenant's statements, where CREATE TENANT bounds them. True if one was taken.
    func enterTenant(_ control: StatementControl) async throws(LeibrixError) -> Bool {
        guard let tenant, let concurrency = tenant.concurrency else { return false }
        expose(control)
        try await server.tenants.enter(
            tenant.name, runningMax: Int(concurrency), queueMax: tenant.queue.map { Int($0) } ?? server.configuration.queueMax, control)
        return true
    }

    /// Runs `body` with a control that cancel requests and statement_timeout reach.
    func tracked<T: Sendable>(
        _ body: (StatementControl) async throws(LeibrixError) -> T
    ) async throws(LeibrixError) -> T {
        let control = StatementControl()
        let deadline = arm(control)
        expose(control)
        defer {
            deadline.map(server.deadlines.disarm)
            status.withLock { $0.control = nil }
        }
        return try await body(control)
    }
}
