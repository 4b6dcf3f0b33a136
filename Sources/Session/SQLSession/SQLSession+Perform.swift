internal import Base
internal import Columnar
internal import Platform
internal import SQLSyntax

extension SQLSession {
    /// Statements that need no engine, or use it only in parts.
    func perform(_ parsed: ParsedQuery) async throws(LeibrixError) -> SQLExecution {
        if case .transaction(let statement) = parsed.statement { return try await perform(statement) }
        try enterTransaction(parsed)
        switch parsed.statement {
        case .setting(let statement): return try await perform(statement)
        case .show(let show): return try showRows(show)
        case .prepared(let command): return try await perform(command, parsed)
        case .cursor(let statement): return try await perform(statement)
        case .unlisten: return SQLExecution(tag: .fixed("UNLISTEN"))
        case .administration(.grant(let grant)) where !grant.isOfRole: return try await changePrivileges(grant, revokes: false, parsed)
        case .administration(.revoke(let grant)) where !grant.isOfRole: return try await changePrivileges(grant, revokes: true, parsed)
        case .stream(let statement): return try await performStream(statement, parsed)
        case .administration(let statement): return try await administer(statement, parsed)
        case .table(let statement): return try await define(statement, parsed)
        default: throw LeibrixError(.internal, "a statement of another kind was planned as the session's own")
        }
    }

    private func perform(_ statement: SettingStatement) async throws(LeibrixError) -> SQLExecution {
        switch statement {
        case .set(let scope, let name, let value):
            try await set(scope, name, value)
            if scope == .local && !transaction.isBlock {
                let warning = LeibrixError(.noActiveTransaction, "SET LOCAL can only be used in transaction blocks")
                return SQLExecution(tag: .fixed("SET"), notices: [warning])
            }
            return SQLExecution(tag: .fixed("SET"))
        case .reset(let name):
            try settings.reset(name.name, position: name.position)
            return SQLExecution(tag: .fixed("RESET"))
        case .resetAll:
            settings.resetAll()
            return SQLExecution(tag: .fixed("RESET"))
        case .discard(let what): return try await discard(what)
        }
    }

    private func set(_ scope: SettingScope, _ name: Identifier, _ value: SettingValue) async throws(LeibrixError) {
        if name.name.hasPrefix("transaction_") { try checkTransactionSetting(name) }
        switch value {
        case .default: try settings.reset(name.name, position: name.position)
        case .values(let values):
            if scope == .local && !transaction.isBlock {
                var trial = settings
                try trial.set(name.name, values, .local, position: name.position)
            } else {
                try settings.set(name.name, values, name.name.hasPrefix("transaction_") ? .local : scope, position: name.position)
            }
        }
        if name.name.hasPrefix("transaction_") { applyTransactionSettings() }
    }

    /// transaction_isolation and the like are the running block's.
    private func checkTransactionSetting(_ name: Identifier) throws(LeibrixError) {
        guard ["transaction_isolation", "transaction_read_only", "transaction_deferrable"].contains(name.name) else { return }
        guard !transaction.hasRead || name.name != "transaction_isolation" else {
            throw LeibrixError(
                .failedTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query",
                hint: "Set it right after BEGIN.", position: name.position, sqlState: "25001")
        }
    }

    private func applyTransactionSettings() {
        guard transaction.isBlock else { return }
        transaction.apply(
            isolation: settings.value("transaction_isolation").flatMap { IsolationLevel(rawValue: $0) } ?? .readCommitted,
            readOnly: settings.isOn("transaction_read_only"))
    }

    private func discard(_ what: String) async throws(LeibrixError) -> SQLExecution {
        switch what {
        case "ALL":
            guard !transaction.isBlock else {
                throw LeibrixError(
                    .failedTransaction, "DISCARD ALL cannot run inside a transaction block", hint: "COMMIT or ROLLBACK first.",
                    sqlState: "25001")
            }
            await closeCursors(Set(cursors.keys))
            forgetStatements()
            settings.resetAll()
            forgotten = .everything
            lastExecutor = nil
            try await commitTables()
            await dropTemporary()
        case "TEMP", "TEMPORARY":
            guard !transaction.isBlock else {
                throw LeibrixError(
                    .failedTransaction, "DISCARD TEMP cannot run inside a transaction block", hint: "COMMIT or ROLLBACK first.", sqlState: "25001")
            }
            try await commitTables()
            await dropTemporary()
        case "PLANS": lastExecutor = nil
        default: break
        }
        return SQLExecution(tag: .fixed("DISCARD \(what)"))
    }

    private func perform(_ command: PreparedStatementCommand, _ parsed: ParsedQuery) async throws(LeibrixError) -> SQLExecution {
        switch command {
        case .prepare(let name, let types, let body):
            try await prepareNamed(name, types, body, parsed)
            return SQLExecution(tag: .fixed("PREPARE"))
        case .deallocate(let name):
            if protocolStatements.remove(name.name) == nil { _ = try statement(name) }
            named[name.name] = nil
            statementNotes[name.name] = nil
            note(forgottenStatement: name.name)
            return SQLExecution(tag: .fixed("DEALLOCATE"))
        case .deallocateAll:
            forgetStatements()
            if case .everything = forgotten {} else { forgotten = .allStatements }
            return SQLExecution(tag: .fixed("DEALLOCATE ALL"))
        case .execute: throw LeibrixError(.internal, "EXECUTE is planned as the statement it names")
        }
    }

    private func forgetStatements() {
        named = [:]
        protocolStatements = []
        statementNotes = [:]
    }

    private func note(forgottenStatement name: String) {
        switch forgotten {
        case .nothing: forgotten = .statements([name])
        case .statements(let names): forgotten = .statements(names + [name])
        case .allStatements, .everything: break
        }
    }

    private func prepareNamed(
        _ name: Identifier, _ types: [String], _ body: Range<Int>, _ parsed: ParsedQuery
    ) async throws(LeibrixError) {
        guard named[name.name] == nil else {
            throw LeibrixError(
                .duplicateStatement, "prepared statement \"\(name.name)\" already exists", hint: "DEALLOCATE it first.",
                position: name.position)
        }
        guard named.count < SessionLimits.namedStatementsMax else {
            throw LeibrixError(.limitExceeded, "a session keeps at most \(SessionLimits.namedStatementsMax) statements", hint: "DEALLOCATE some.")
        }
        let offset = parsed.text.characters(before: body.lowerBound)
        let text = StatementText(sql: parsed.text.string(body))
        let wanted = try await parameterTypes(types)
        let statement: PreparedStatement
        do throws(LeibrixError) {
            statement = try await prepare(text, parameterTypes: wanted)
        } catch {
            var error = error
            error.position = error.position.map { $0 + offset }
            throw error
        }
        if case .copyOut = statement.outcome {
            throw LeibrixError(.syntax, "COPY cannot be prepared", hint: "Run it directly.", position: offset + 1)
        }
        named[name.name] = PreparedStatement(
            text: text, parameterTypes: statement.parameterTypes, outcome: statement.outcome,
            plan: statement.plan)
        statementNotes[name.name] = StatementNote(statement, server.clock.wallMicros(), isSQL: true, text: parsed.sql)
    }

    /// The types a PREPARE names, as the engine reads them.
    private func parameterTypes(_ names: [String]) async throws(LeibrixError) -> [DataType?] {
        var types: [DataType?] = []
        for name in names {
            let plan = try await enginePlan(try server.parsed.parse("SELECT CAST(NULL AS \(name))"), [], tag: "SELECT")
            types.append(plan.description.columns.first?.type)
        }
        return types
    }
}
