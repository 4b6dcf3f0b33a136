// Running point statements. Reads run where they are called and never wait; writes wait for other transactions only. Both
// leave the commit to the transaction around them.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import Platform
internal import SQLPlanning
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    /// `shown` is the client's text where the statement's own has its constants lifted.
    func point(_ statement: PointStatement, _ parameters: [Value], shown: String? = nil) async throws(LeibrixError) -> SQLExecution {
        if statement.version != planVersion { return try await pointAnew(statement, parameters) }
        if statement.usesLocalTime, !derived.isUTC { return try await general(statement, parameters) }
        // A block with a snapshot takes it with its first query, whatever that is.
        if statement.plan.table == nil, transaction.holdsSnapshot { return try await general(statement, parameters) }
        if !user.isAdministrator { try requirePrivileges(statement) }
        guard let scalars = statement.scalars(parameters) else { return try await general(statement, parameters) }
        let context = ScalarContext(parameters: scalars, nowMicros: server.clock.wallMicros())
        guard case .select(let plan) = statement.plan else { return try await pointWrite(statement, context, parameters, shown) }
        if server.principals.tenant(user.tenant)?.concurrency != nil { try await passGate() }
        let begun = server.clock.monotonicNanos()
        let tables = try tableTransaction()
        transaction.hasRead = true
        tables.beginStatement()
        var run = PointRun(tables, context)
        do throws(LeibrixError) {
            guard let batch = try run.select(plan, statement.layout) else { return try await general(statement, parameters) }
            return SQLExecution(
                columns: statement.columns, batches: [batch], tag: .rows("SELECT"), onEnd: ending(pointRecord(statement, begun, shown)))
        } catch {
            ending(pointRecord(statement, begun, shown))(SQLExecution.End(rows: 0, bytes: 0, error: error, isPartial: true))
            throw error
        }
    }

    /// Waits for a place among the tenant's statements. It is given back at once: what follows is short and never waits.
    private func passGate() async throws(LeibrixError) {
        try await tracked { (control) async throws(LeibrixError) in
            if try await enterTenant(control) { server.tenants.leave(user.tenant) }
            try control.check()
        }
    }

    private func pointRecord(_ statement: PointStatement, _ begun: UInt64, _ shown: String?) -> QueryRecord {
        let record = begin(statement.parsed, sinceNanos: begun, shown: shown)
        record.update { $0.route = "point" }
        return record
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

    private func pointWrite(
        _ statement: PointStatement, _ context: ScalarContext, _ parameters: [Value], _ shown: String?
    ) async throws(LeibrixError) -> SQLExecution {
        guard case .change(let general) = statement.general else { throw LeibrixError(.internal, "a change was planned as a query") }
        try refuseReadOnly(general.statement.command)
        let layout = statement.layout
        let change = try await recorded(statement.parsed, route: "point", shown: shown) { (control) async throws(LeibrixError) -> PointChange in
            try await atomically(control) { (tables) async throws(LeibrixError) -> Attempt<PointChange> in
                var run = PointRun(tables, context)
                switch statement.plan {
                case .update(let plan): return try run.update(plan, layout)
                case .delete(let plan): return try run.delete(plan, layout)
                case .insert(let plan): return try run.insert(plan, layout)
                case .select: throw LeibrixError(.internal, "a query was run as a change")
                }
            }
        }
        if change.isTooMany { return try await self.general(statement, parameters) }
        let command = general.statement.command
        let tag = command == "INSERT" ? "INSERT 0 \(change.rows)" : "\(command) \(change.rows)"
        return SQLExecution(columns: statement.columns, batches: change.returned.map { [$0] } ?? [], tag: .fixed(tag))
    }
}

extension PointStatement {
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
