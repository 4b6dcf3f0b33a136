internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

extension SQLSession {
    /// SHOW of a setting is the session's own; SHOW of objects is a query of the leibrix schema.
    func showPlan(_ parsed: ParsedQuery, _ text: StatementText, _ show: ShowStatement) async throws(LeibrixError) -> PreparedStatement {
        let columns: [ResultColumn]
        switch show {
        case .setting(let name):
            _ = try settings.required(name.name, position: name.position)
            columns = [ResultColumn(SettingsDefaults.shown(name.name), .varchar)]
        case .all: columns = [ResultColumn("name", .varchar), ResultColumn("setting", .varchar), ResultColumn("description", .varchar)]
        case .datasets: return try await objects(text, "SELECT * FROM leibrix.datasets ORDER BY 1, 2")
        case .catalogs: return try await objects(text, "SELECT * FROM leibrix.catalogs ORDER BY 1")
        case .tenants: return try await objects(text, "SELECT * FROM leibrix.tenants ORDER BY 1")
        case .users: return try await objects(text, "SELECT * FROM leibrix.users ORDER BY 1")
        case .loads: return try await objects(text, "SELECT * FROM leibrix.loads")
        case .tables:
            return try await objects(
                text, "SELECT table_schema AS schema, table_name AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2")
        case .schemas: return try await objects(text, "SELECT DISTINCT schema_name AS name FROM information_schema.schemata ORDER BY 1")
        case .sources: return try await objects(text, "SELECT * FROM leibrix.sources ORDER BY 1, 2")
        case .streams: return try await objects(text, "SELECT * FROM leibrix.streams WHERE kind <> 'materialized view' ORDER BY 1, 2")
        case .sinks: return try await objects(text, "SELECT * FROM leibrix.sinks ORDER BY 1, 2")
        case .materializedViews: return try await objects(text, "SELECT * FROM leibrix.streams WHERE kind = 'materialized view' ORDER BY 1, 2")
        case .queries: return try await objects(text, Self.showQueries)
        case .checkpointStatus: return try await objects(text, "SELECT * FROM leibrix.checkpoints ORDER BY checkpoint DESC NULLS FIRST")
        case .create(let kind, let name): return try await objects(text, try showCreate(kind, name))
        case .createRelation(let name, let isView): return try await objects(text, try showCreateRelation(name, isView: isView))
        case .epochs(let name):
            try checkDataset(name)
            return try await objects(text, "SELECT * FROM leibrix.epochs WHERE tenant = \(sqlString(user.tenant)) AND dataset = \(sqlString(name.last.name)) ORDER BY epoch_id")
        }
        return PreparedStatement(text: text, parameterTypes: [], outcome: .rows(columns), plan: StatementPlan.local(parsed))
    }

    func objects(_ text: StatementText, _ sql: String) async throws(LeibrixError) -> PreparedStatement {
        let plan: EnginePlan
        do throws(LeibrixError) {
            plan = try await enginePlan(try server.parsed.parse(sql), [], tag: "SHOW")
        } catch {
            var error = error
            error.position = nil
            throw error
        }
        return PreparedStatement(text: text, parameterTypes: [], outcome: .rows(plan.columns), plan: StatementPlan.engine(plan))
    }

    func checkDataset(_ name: SQLSyntax.ObjectName) throws(LeibrixError) {
        let names = server.datasets?.datasetNames ?? []
        guard !names.contains(name.last.name) else { return }
        throw LeibrixError(
            .undefinedDataset, "dataset \"\(name.text)\" does not exist",
            hint: suggestion(for: name.last.name, among: names, what: "datasets") ?? "CREATE DATASET makes one.", position: name.position)
    }

    /// The rows of SHOW x and SHOW ALL.
    func showRows(_ show: ShowStatement) throws(LeibrixError) -> SQLExecution {
        if case .all = show {
            let rows = settings.all().map { [Value.string($0.name), .string($0.value), .string($0.summary)] }
            let fields = ["name", "setting", "description"].map { DataType.Field($0, .varchar) }
            return SQLExecution(
                columns: fields.map { ResultColumn($0.name, $0.type) }, batches: [Batch.rows(rows, fields)], tag: .fixed("SHOW"))
        }
        guard case .setting(let name) = show else {
            throw LeibrixError(.internal, "SHOW of objects is planned as a query")
        }
        let value = try settings.required(name.name, position: name.position)
        let field = DataType.Field(SettingsDefaults.shown(name.name), .varchar)
        return SQLExecution(
            columns: [ResultColumn(field.name, field.type)], batches: [Batch.rows([[.string(displayed(name.name, value))]], [field])],
            tag: .fixed("SHOW"))
    }

    /// Durations are shown with their unit, as PostgreSQL does: 60000 is 1min.
    private func displayed(_ name: String, _ value: String) -> String {
        guard SettingDefinition.table[name]?.unit == "ms", let number = Int(value), number != 0 else { return value }
        for (size, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")] where number % size == 0 {
            return "\(number / size)\(unit)"
        }
        return "\(number)ms"
    }
}
