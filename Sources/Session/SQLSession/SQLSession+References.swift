internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import SQLSyntax

extension SQLSession {
    /// SQL for what a query asks of its session, while it is only described: parameters have no values yet.
    func describing() -> @Sendable (SessionReference) -> String {
        let facts = SessionFacts(self)
        return { reference in
            switch reference {
            case .currentSetting(.parameter, _), .setConfig: "CAST(NULL AS VARCHAR)"
            case .currentSetting(.text(let name), _): facts.settings.value(name.lowercased()).map(sqlString) ?? "CAST(NULL AS VARCHAR)"
            default: facts.sql(reference)
            }
        }
    }

    /// SQL for each reference when the statement runs; set_config takes its effect here.
    func resolve(_ references: [SessionReference], _ parameters: [Value]) throws(LeibrixError) -> [SessionReference: String] {
        var resolved: [SessionReference: String] = [:]
        for reference in references where resolved[reference] == nil {
            switch reference {
            case .currentSetting(let name, let missingOK):
                let name = try text(name, parameters).lowercased()
                let value = missingOK ? settings.value(name) : try settings.required(name)
                resolved[reference] = value.map(sqlString) ?? "CAST(NULL AS VARCHAR)"
            case .setConfig(let name, let value, let isLocal):
                resolved[reference] = try setConfig(text(name, parameters), text(value, parameters), flag(isLocal, parameters))
            default: resolved[reference] = SessionFacts(self).sql(reference)
            }
        }
        return resolved
    }

    private func setConfig(_ name: String, _ value: String, _ isLocal: Bool) throws(LeibrixError) -> String {
        let name = name.lowercased()
        let values = SettingDefinition.table[name]?.isList == true ? SessionSettings.listElements(value) : [value]
        try settings.set(name, values, isLocal ? .local : .session)
        return sqlString(settings.value(name) ?? "")
    }

    private func text(_ argument: SessionReference.Argument, _ parameters: [Value]) throws(LeibrixError) -> String {
        switch argument {
        case .text(let text): return text
        case .parameter(let number):
            guard number <= parameters.count, case .string(let text) = parameters[number - 1] else {
                throw LeibrixError(.invalidValue, "parameter $\(number) must be a text here", hint: "Bind a text that is not NULL.")
            }
            return text
        }
    }

    private func flag(_ argument: SessionReference.Argument, _ parameters: [Value]) throws(LeibrixError) -> Bool {
        switch argument {
        case .text(let text): return ["true", "t", "on", "1", "yes"].contains(text.lowercased())
        case .parameter(let number):
            guard number <= parameters.count else { return false }
            switch parameters[number - 1] {
            case .boolean(let flag): return flag
            case .string(let text): return ["true", "t", "on", "1", "yes"].contains(text.lowercased())
            default: return false
            }
        }
    }
}

/// What a session says of itself in SQL.
private struct SessionFacts: Sendable {
    let settings: SessionSettings
    let user: String
    let database: String
    let version: String
    let process: Int32
    let transaction: UInt64
    let startedMicros: Int64
    let statements: [String: StatementNote]
    let cursors: [String: StatementNote.Cursor]
    let path: [String]

    init(_ session: SQLSession) {
        settings = session.settings
        user = session.user.name
        path = session.searchSchemas
        database = session.server.configuration.database
        version = session.server.versionText
        process = session.cancelKey.processID
        transaction = session.transaction.number
        startedMicros = session.server.startedMicros
        statements = session.statementNotes
        cursors = session.portalNotes.mapValues { StatementNote.Cursor($0) }.merging(
            session.cursors.mapValues { StatementNote.Cursor($0) }) { $1 }
    }

    func sql(_ reference: SessionReference) -> String {
        switch reference {
        case .currentUser, .sessionUser: sqlString(user)
        case .currentDatabase: sqlString(database)
        case .currentSchema: path.first { !$0.hasPrefix(SQLSession.temporaryPrefix) }.map(sqlString) ?? "CAST(NULL AS VARCHAR)"
        case .currentSchemas(let implicit): schemas(implicit)
        case .version: sqlString(version)
        case .backendPID: "CAST(\(process) AS INTEGER)"
        case .transactionID: "CAST(\(transaction) AS BIGINT)"
        case .postmasterStart: "(make_timestamp(\(startedMicros)) AT TIME ZONE 'UTC')"
        // With one more argument than it is called with: the bracket is the text's own.
        case .sequence(let name): name == "lastval" ? "lbx_lastval(\(process)" : "lbx_\(name)(\(process), "
        case .currentSetting, .setConfig: "CAST(NULL AS VARCHAR)"
        case .preparedStatements: StatementNote.relation(statements)
        case .cursors: StatementNote.relation(cursors)
        }
    }

    private func schemas(_ implicit: Bool) -> String {
        var names = path
        if implicit && !names.contains("pg_catalog") { names.insert("pg_catalog", at: 0) }
        return "CAST([\(names.map(sqlString).joined(separator: ", "))] AS VARCHAR[])"
    }
}

extension SQLServer {
    /// version()
    var versionText: String {
        "PostgreSQL \(configuration.compatibleVersion) (Leibrix \(configuration.productVersion), DuckDB \(engineVersion)) on x86_64-pc-linux-gnu, 64-bit"
    }
}
