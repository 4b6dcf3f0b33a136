// What serves statements, below the doors, made in the order of the floors:
//
//   control store -> users -> query engine (DuckDB, with our relations attached) -> datasets, tables -> pg_catalog -> SQL layer
//
// The SQL layer locks the engine's settings and its way to files and networks, so it comes after all that is installed.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DatasetEngine
internal import DuckDBKit
internal import Platform
internal import PostgresCatalog
internal import Session
internal import TableEngine

final class ServerParts: Sendable {
    /// Schemas of the engine's relations besides public.
    private static let schemas = ["leibrix", "pg_catalog", "information_schema"]

    let store: SQLiteControlStore
    let principals: PrincipalDirectory
    let datasets: DatasetEngine
    let tables: TableEngine
    let sql: SQLServer
    let metrics = MetricsRegistry()
    private let relations: RelationCatalog
    private let catalog: PostgresCatalog
    private let description: CatalogDescription

    /// Blocks.
    init(_ configuration: Configuration) throws(LeibrixError) {
        let directory = Files.absolute(configuration.dataDirectory ?? "")
        try Files.createDirectory(directory)
        store = try SQLiteControlStore(directory: directory)
        principals = try PrincipalDirectory(store: store)
        datasets = DatasetEngine(configuration: try Self.datasets(configuration, directory), store: store)

        tables = try TableEngine(Self.tables(directory))

        let database = try Database(Self.engine(configuration, directory))
        let connection = try database.connect()
        relations = try RelationCatalog(attachingTo: connection, name: "lbx")
        for schema in Self.schemas { relations.addSchema(schema) }
        let description = CatalogDescription(datasets, tables, principals)
        self.description = description
        let relations = relations
        catalog = PostgresCatalog(version: { relations.version }, snapshot: { description.snapshot() }, live: description.live)
        try catalog.install(into: connection, relations: relations)

        let catalog = catalog
        sql = try SQLServer(
            Self.sql(configuration), engine: database, principals: principals, datasets: DatasetService(datasets, relations), tables: tables,
            metrics: metrics,
            relationNumbers: { schema, name in
                catalog.model.relationNumbers(schema: schema, name: name).map { RelationNumbers(oid: $0.oid, columns: $0.columns) }
            })
        description.completed(by: sql)
        try relations.publish(description.systemTables.map(Self.relation))
        try datasets.attach(relations)
        try tables.attach(relations)
        tables.startMaintenance()
        publishGauges()
    }

    /// What the first client that looks around would wait for. Blocks.
    func warmUp() { catalog.readFunctions() }

    private static func datasets(_ configuration: Configuration, _ directory: String) throws(LeibrixError) -> DatasetEngineConfiguration {
        DatasetEngineConfiguration(
            dataDirectory: directory, extensionDirectory: try ExtensionFolder.require(configuration.extensions),
            loaderThreads: configuration.threads, loaderMemoryBytes: max(256 << 20, configuration.memory / 2),
            memoryBudgetBytes: Int64(configuration.datasetMemory), faultPoint: Environment.variables["LEIBRIX_FAULT"])
    }

    private static func tables(_ directory: String) -> TableEngineConfiguration {
        var tables = TableEngineConfiguration()
        tables.directory = directory
        tables.fault = Environment.variables["LEIBRIX_FAULT"]
        return tables
    }

    private static func engine(_ configuration: Configuration, _ directory: String) throws(LeibrixError) -> DatabaseConfiguration {
        let scratch = directory + "/scratch"
        try Files.removeTree(scratch)
        try Files.createDirectory(scratch)
        return DatabaseConfiguration(
            threads: configuration.threads, memoryLimit: configuration.memory, settings: ["temp_directory": scratch])
    }

    private static func sql(_ configuration: Configuration) -> SQLServerConfiguration {
        var sql = SQLServerConfiguration()
        sql.connectionsMax = configuration.maxConnections
        sql.concurrency = max(2, configuration.threads * 2)
        sql.productVersion = Version.current
        return sql
    }

    private static func relation(_ table: SystemTable) -> RelationChange {
        .virtual(
            schema: table.schema, name: table.name, columns: table.columns.map { RelationColumn($0.name, $0.type) },
            rows: { () throws(LeibrixError) in try table.rows() })
    }

    private func publishGauges() {
        let datasets = datasets
        metrics.computed("leibrix_datasets", "Datasets there are.") { datasets.datasets(tenant: TenantRecord.defaultName).count }
        metrics.computed("leibrix_resident_bytes", "Bytes of all epochs held.") { Int(datasets.residentBytes) }
    }

    /// One line a dataset that nothing can be read of yet.
    func reasonsNotReady() -> [String] {
        let tenant = TenantRecord.defaultName
        return datasets.datasets(tenant: tenant).compactMap { dataset in
            guard case .notReady(let error, _) = datasets.readiness(tenant: tenant, name: dataset.spec.name) else { return nil }
            return "dataset \(dataset.spec.name): \(error.message)"
        }
    }
}
