// Running point statements. Reads run where they are called and never wait; writes wait for other transactions only. Both
// leave the commit to the transaction around them.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import Platform
internal import SQLPlanning
internal import SQLSyntax
internal import Synchronization
internal import TableEngine

/// A point statement that was not run at once, and why: who runs it then need not find out again.
struct GivenUpPoint {
    enum Reason {
        /// More rows than an index should fetch.
        case rows
        /// Another transaction is in the way; nil: it changed the rows.
        case blocked(by: TransactionID?)
    }

    let statement: PointStatement
    let reason: Reason
}

extension SQLSession {
    /// `shown` is the client's text where the statement's own has its constants lifted.
    func point(_ statement: PointStatement, _ parameters: [Value], shown: String? = nil) async throws(LeibrixError) -> SQLExecution {
        if statement.version != planVersion { return try await pointAnew(statement, parameters) }
        if let given = takeGivenUp(statement) { return try await goOn(given, statement, parameters, shown) }
        if case .select = statement.plan, tenant?.concurrency != nil { try await passGate() }
        if let answer = try pointNow(statement, parameters, shown: shown, isAdmitted: true) { return answer }
        guard let given = takeGivenUp(statement) else { return try await general(statement, parameters) }
        return try await goOn(given, statement, parameters, shown)
    }

    private func goOn(
        _ given: GivenUpPoint, _ statement: PointStatement, _ parameters: [Value], _ shown: String?
    ) async throws(LeibrixError) -> SQLExecution {
        guard case .blocked(let other) = given.reason, let scalars = statement.scalars(parameters) else {
            return try await general(statement, parameters)
        }
        let context = ScalarContext(parameters: scalars, nowMicros: server.clock.wallMicros())
        return try await pointWrite(statement, context, parameters, shown, after: other)
    }

    private func takeGivenUp(_ statement: PointStatement) -> GivenUpPoint? {
        defer { givenUp = nil }
        return givenUp.flatMap { $0.statement === statement ? $0 : nil }
    }

    /// Runs a point statement where it is called. nil, with nothing done, where the engine has to answer or something has to be waited
    /// for; `givenUp` tells what, if that was found only in running it.
    func pointNow(
        _ statement: PointStatement, _ parameters: [Value], shown: String? = nil, isAdmitted: Bool = false
    ) throws(LeibrixError) -> SQLExecution? {
        givenUp = nil
        guard statement.version == planVersion, !statement.usesLocalTime || derived.isUTC else { return nil }
        // A block with a snapshot takes it with its first query, whatever that is.
        if statement.plan.table == nil, transaction.holdsSnapshot { return nil }
        if !user.isAdministrator { try requirePrivileges(statement) }
        guard let scalars = statement.scalars(parameters) else { return nil }
        let start = PointStart(micros: server.clock.wallMicros(), nanos: server.clock.monotonicNanos())
        let context = ScalarContext(parameters: scalars, nowMicros: start.micros)
        guard case .select(let plan) = statement.plan else { return try pointWriteNow(statement, context, start, shown) }
        guard isAdmitted || tenant?.concurrency == nil else { return nil }
        let tables = try tablesForStatement()
        transaction.hasRead = true
        var run = PointRun(tables, context)
        do throws(LeibrixError) {
            guard let batch = try run.select(plan, statement.layout) else {
                givenUp = GivenUpPoint(statement: statement, reason: .rows)
                return nil
            }
            note(statement, shown, start, rows: batch.rowCount, bytes: batch.compactBytes)
            return SQLExecution(columns: statement.columns, batches: [batch], tag: .rows("SELECT"))
        } catch {
            note(statement, shown, start, rows: 0, bytes: 0, error: error)
            throw error
        }
    }

    private func pointWriteNow(
        _ statement: PointStatement, _ context: ScalarContext, _ start: PointStart, _ shown: String?
    ) throws(LeibrixError) -> SQLExecution? {
        guard case .change(let general) = statement.general, !isStopping else { return nil }
        try refuseReadOnly(general.statement.command)
        let tables = try tablesForStatement()
        transaction.hasRead = true
        let mark = tables.mark()
        let attempt: Attempt<PointChange>
        do throws(LeibrixError) {
            attempt = try statement.change(tables, context)
        } catch {
            tables.rollBack(to: mark)
            let error = explained(error)
            note(statement, shown, start, rows: 0, bytes: 0, error: error)
            throw error
        }
        switch attempt {
        case .done(let change) where !change.isTooMany:
            note(statement, shown, start, rows: 0, bytes: 0)
            return pointAnswer(statement, general, change)
        case .done: givenUp = GivenUpPoint(statement: statement, reason: .rows)
        case .blocked(let other):
            tables.rollBack(to: mark)
            givenUp = GivenUpPoint(statement: statement, reason: .blocked(by: other))
        case .changed:
            tables.rollBack(to: mark)
            givenUp = GivenUpPoint(statement: statement, reason: .blocked(by: nil))
        }
        return nil
    }

    private func pointAnswer(_ statement: PointStatement, _ general: ChangePlan, _ change: PointChange) -> SQLExecution {
        let command = general.statement.command
        let tag = command == "INSERT" ? "INSERT 0 \(change.rows)" : "\(command) \(change.rows)"
        return SQLExecution(columns: statement.columns, batches: change.returned.map { [$0] } ?? [], tag: .fixed(tag))
    }

    /// Somebody has asked to end what the session runs.
    private var isStopping: Bool { status.withLock { $0.isCancelPending || $0.isAbandoned } }

    /// Waits for a place among the tenant's statements. It is given back at once: what follows is short and never waits.
    private func passGate() async throws(LeibrixError) {
        try await tracked { (control) async throws(LeibrixError) in
            if try await enterTenant(control) { server.tenants.leave(user.tenant) }
            try control.check()
        }
    }

    /// The definitions have changed since it was planned.
    private func pointAnew(_ statement: PointStatement, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        let version = planVersion
        if let plan = statement.successor(version) { return try await run(plan, parameters) }
        let prepared = try await plan(statement.parsed, statement.text, statement.clientTypes)
        guard let plan = prepared.plan as? StatementPlan, planVersion == version else { return try await general(statement, parameters) }
        guard prepared.isAlike(statement) else {
            throw LeibrixError(
                .notSupported, "cached plan must not change result type", hint: "A table has changed its columns: prepare the statement again.")
        }
        if definitions == 0 { statement.succeed(version, plan) }
        return try await run(plan, parameters)
    }

    private func general(_ statement: PointStatement, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        switch statement.general {
        case .query(let plan): try await query(plan, parameters, tag: .rows(plan.tag))
        case .change(let plan): try await change(plan, parameters)
        }
    }

    /// A change with others in its way: `other` is waited for first.
    private func pointWrite(
        _ statement: PointStatement, _ context: ScalarContext, _ parameters: [Value], _ shown: String?, after other: TransactionID?
    ) async throws(LeibrixError) -> SQLExecution {
        guard case .change(let general) = statement.general else { throw LeibrixError(.internal, "a change was planned as a query") }
        let change = try await recorded(statement.parsed, route: "point", shown: shown) { (control) async throws(LeibrixError) -> PointChange in
            try await atomically(control, after: other) { (tables) async throws(LeibrixError) -> Attempt<PointChange> in
                try statement.change(tables, context)
            }
        }
        if change.isTooMany { return try await self.general(statement, parameters) }
        return pointAnswer(statement, general, change)
    }
}

extension PointStatement {
    /// One attempt at a change.
    func change(_ tables: TableTransaction, _ context: ScalarContext) throws(LeibrixError) -> Attempt<PointChange> {
        var run = PointRun(tables, context)
        switch plan {
        case .update(let plan): return try run.update(plan, layout)
        case .delete(let plan): return try run.delete(plan, layout)
        case .insert(let plan): return try run.insert(plan, layout)
        case .select: throw LeibrixError(.internal, "a query was run as a change")
        }
    }

    /// The parameters, decimals in the scale of their planned type. nil when one has digits behind that scale, or another type was
    /// planned: the engine plans for what it is given.
    func scalars(_ parameters: [Value]) -> [Scalar]? {
        var scalars: [Scalar] = []
        for (value, type) in zip(parameters, parameterTypes) {
            guard case .decimal(let digits, _, let scale) = value else {
                scalars.append(Scalar(value))
                continue
            }
            guard case .decimal(_, let wanted) = type.base, scale <= wanted else { return nil }
            let (scaled, overflow) = (scale..<wanted).reduce((digits, false)) { result, _ in
                let (next, overflow) = result.0.multipliedReportingOverflow(by: 10)
                return (next, overflow || result.1)
            }
            guard !overflow else { return nil }
            scalars.append(.wide(scaled))
        }
        return scalars.count == parameters.count ? scalars : nil
    }

    private var parameterTypes: [DataType] {
        switch general {
        case .query(let plan): plan.description.parameterTypes
        case .change(let plan): plan.parameterTypes
        }
    }
}

extension PreparedStatement {
    /// Whether it takes and gives what the point statement did.
    fileprivate func isAlike(_ statement: PointStatement) -> Bool {
        switch outcome {
        case .rows(let columns): columns == statement.columns
        case .command: statement.columns.isEmpty
        default: false
        }
    }
}
