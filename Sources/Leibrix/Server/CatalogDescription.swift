// What pg_catalog and information_schema describe: the datasets and the system's own relations.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DatasetEngine
internal import PostgresCatalog
internal import Session
internal import StreamHost
internal import Synchronization
internal import TableEngine

/// The catalog's sources. The SQL layer comes last, because it locks the engine that the catalog is installed into.
final class CatalogDescription: Sendable {
    private let engine: DatasetEngine
    private let tables: TableEngine
    private let streams: StreamHost
    private let principals: PrincipalDirectory
    private let tenant: String
    private let sql = Mutex<SQLServer?>(nil)

    init(_ engine: DatasetEngine, _ tables: TableEngine, _ streams: StreamHost, _ principals: PrincipalDirectory, tenant: String) {
        self.engine = engine
        self.tables = tables
        self.streams = streams
        self.principals = principals
        self.tenant = tenant
    }

    func completed(by server: SQLServer) { sql.withLock { $0 = server } }

    /// Every relation of schema leibrix.
    var systemTables: [SystemTable] {
        (engine.systemTables() + principals.systemTables()).map(own) + tables.systemTables + streams.systemTables + (sql.withLock { $0 }?.systemTables ?? [])
    }

    /// The default tenant's administrators run the server and see all; others see the rows that are their tenant's.
    private func own(_ table: SystemTable) -> SystemTable {
        let name = table.name == "tenants" ? "name" : "tenant"
        guard tenant != TenantRecord.defaultName, let column = table.columns.firstIndex(where: { $0.name == name }) else { return table }
        let mine = Value.string(tenant)
        return SystemTable(schema: table.schema, name: table.name, columns: table.columns) { () throws(LeibrixError) in
            try table.rows().filter { $0[column] == mine }
        }
    }

    func snapshot() -> CatalogSnapshot { snapshot(tables.catalog) }

    /// With the definitions of a transaction.
    func snapshot(_ catalog: TableCatalog) -> CatalogSnapshot {
        let system = systemTables.map { table in
            CatalogSnapshot.Relation(
                schema: table.schema, name: table.name, kind: .view, columns: table.columns.map { .init($0.name, $0.type) })
        }
        let isHome = tenant == TenantRecord.defaultName
        let roles = principals.users.filter { isHome || $0.tenant == tenant }.map {
            CatalogSnapshot.Role(name: $0.name, isSuperuser: $0.isAdministrator, mayLogIn: $0.mayLogIn, memberOf: $0.memberOf)
        }
        let described = TableDescription(catalog)
        var snapshot = CatalogSnapshot(
            database: "leibrix", owner: UserRecord.adminName, schemas: ["leibrix"] + catalog.schemas.map(\.name),
            relations: datasets + system + described.relations + streamRelations, roles: roles)
        snapshot.schemaAccess = described.schemaAccess
        snapshot.types = catalog.types
        return snapshot
    }

    /// Sources and streams are foreign tables, their rows being elsewhere; views hold theirs.
    private var streamRelations: [CatalogSnapshot.Relation] {
        streams.objects.filter { $0.kind != .sink }.map { object in
            var relation = CatalogSnapshot.Relation(
                schema: "public", name: object.name, kind: object.kind == .view ? .materialized : .foreign,
                columns: (streams.columns(of: object.name) ?? []).map { .init($0.name, $0.type) },
                comment: object.kind.rawValue.lowercased(), definition: object.query)
            relation.owner = object.owner
            return relation
        }
    }

    private var datasets: [CatalogSnapshot.Relation] {
        return engine.datasets(tenant: tenant).filter { $0.snapshotID != nil || $0.flippedMicros != nil }.map { dataset in
            let ready = ((try? engine.epochs(tenant: tenant, dataset: dataset.spec.name)) ?? []).filter { $0.state == .ready }
            return CatalogSnapshot.Relation(
                schema: "public", name: dataset.spec.name, columns: dataset.columns.map { .init($0.name, $0.type) },
                comment: "dataset of \(dataset.spec.source.joined(separator: "."))",
                rows: ready.reduce(0) { $0 + $1.rows }, bytes: ready.reduce(0) { $0 + $1.bytes })
        }
    }

    var live: LiveState { LiveState(settings: { [self] in settings }, activity: { [self] in activity }) }

    private func rows(of name: String) -> [[String: Value]] {
        guard let table = sql.withLock({ $0 })?.systemTables.first(where: { $0.name == name }), let rows = try? table.rows() else { return [] }
        let names = table.columns.map(\.name)
        return rows.map { Dictionary(zip(names, $0)) { $1 } }
    }

    private var settings: [LiveState.Setting] {
        rows(of: "settings").map { row in
            LiveState.Setting(
                name: row["name"].text, value: row["setting"].text, unit: row["unit"].optionalText, category: row["category"].text,
                summary: row["short_desc"].text, isSessionSetting: row["context"].text == "user", type: row["vartype"].text)
        }
    }

    private var activity: [LiveState.Activity] {
        rows(of: "sessions").map { row in
            LiveState.Activity(
                processID: Int32(truncatingIfNeeded: row["session"].integer ?? 0), user: row["user"].text,
                applicationName: row["application_name"].text, clientAddress: row["peer"].optionalText,
                startedMicros: row["opened_at"].micros ?? 0, queryStartedMicros: row["state_changed_at"].micros,
                state: row["state"].text, query: row["query"].text)
        }
    }
}

extension Value? {
    fileprivate var optionalText: String? { if case .string(let text)? = self { text } else { nil } }
    fileprivate var text: String { optionalText ?? "" }
    fileprivate var integer: Int64? { if case .integer(let number)? = self { number } else { nil } }
    fileprivate var micros: Int64? { if case .timestampTZ(let micros)? = self { micros } else { nil } }
}
