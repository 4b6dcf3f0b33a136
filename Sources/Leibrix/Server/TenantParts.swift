// What serves one tenant's statements: a DuckDB of its own (memory and threads are the tenant's), the relations published
// into it, pg_catalog over them, tables with a log of their own, and the SQL layer. Epochs are mapped once and shared by
// whoever they are published to.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DatasetEngine
internal import DuckDBKit
internal import Platform
internal import PostgresCatalog
internal import Session
internal import StreamHost
internal import TableEngine

final class TenantParts: Sendable {
    /// Schemas of the engine's relations besides public.
    private static let schemas = ["leibrix", "pg_catalog", "information_schema"]

    let sql: SQLServer
    let tables: TableEngine
    let streams: StreamHost
    let relations: RelationCatalog
    private let catalog: PostgresCatalog
    private let description: CatalogDescription
    private let connection: Connection
    private let defaults: (memory: Int, tableMemory: Int, threads: Int)

    /// Blocks. `home` is nil for the default tenant, whose engine has the server's memory and threads.
    init(
        _ tenant: TenantRecord, _ configuration: Configuration, _ directory: String, _ datasets: DatasetEngine,
        _ principals: PrincipalDirectory, _ metrics: MetricsRegistry, home: SQLServer?
    ) throws(LeibrixError) {
        let name = tenant.name
        defaults = (configuration.memory, configuration.tableMemory, configuration.threads)
        let isHome = home == nil
        tables = try TableEngine(Self.tables(isHome ? directory : Self.folder(of: name, directory), tenant.memoryBytes.map { Int(clamping: $0) } ?? configuration.tableMemory))
        let database = try Database(Self.engine(tenant, configuration, directory))
        connection = try database.connect()
        for function in configuration.functions { try connection.register(function) }
        streams = try StreamHost(
            Self.streams(name, configuration, isHome ? directory : Self.folder(of: name, directory)), store: principals.store, database: database, tables: tables)
        relations = try RelationCatalog(attachingTo: connection, name: "lbx")
        for schema in Self.schemas { relations.addSchema(schema) }
        let description = CatalogDescription(datasets, tables, streams, principals, tenant: name)
        self.description = description
        let relations = relations
        catalog = PostgresCatalog(version: { relations.version }, snapshot: { description.snapshot() }, live: description.live)
        try catalog.install(into: connection, relations: relations)
        let catalog = catalog
        sql = try SQLServer(
            Self.sql(tenant, configuration, isHome: isHome), engine: database, principals: principals,
            datasets: DatasetService(datasets, relations, principals, tenant: name), tables: tables, streams: streams, metrics: metrics,
            relationNumbers: { schema, name in
                catalog.model.relationNumbers(schema: schema, name: name).map { RelationNumbers(oid: $0.oid, columns: $0.columns) }
            }, home: home, tenant: name)
        description.completed(by: sql)
        try relations.publish(description.systemTables.map(Self.relation))
        try datasets.attach(relations, tenant: name)
        try tables.attach(relations) { tables in catalog.overlay { description.snapshot(tables) } }
        try streams.attach(relations)
        tables.startMaintenance()
        streams.start()
    }

    /// What the first client that looks around would wait for. Blocks.
    func warmUp() { catalog.readFunctions() }

    /// Where the tenant's tables are. A tenant's name may hold anything: its folder is called by the name's bytes.
    static func folder(of tenant: String, _ directory: String) -> String { directory + "/" + folder(of: tenant) }

    /// The same inside of a data directory or a backup.
    static func folder(of tenant: String) -> String { "tenants/" + hexadecimal(tenant) }

    private static func hexadecimal(_ name: String) -> String {
        name.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func tables(_ directory: String, _ memory: Int) throws(LeibrixError) -> TableEngineConfiguration {
        try Files.createDirectory(directory)
        var tables = TableEngineConfiguration()
        tables.directory = directory
        tables.memoryMax = memory
        tables.loadsIndexesBehind = true
        tables.fault = Environment.variables["LEIBRIX_FAULT"]
        return tables
    }

    private static func streams(_ tenant: String, _ configuration: Configuration, _ directory: String) -> StreamHostConfiguration {
        var streams = StreamHostConfiguration(directory: directory + "/streams")
        streams.tenant = tenant
        streams.tableFormats = ["parquet": ParquetFiles.shared]
        if let fault = Environment.variables["LEIBRIX_FAULT"] { streams.fault = { if $0 == fault { ProcessEnd.now(137) } } }
        if let fault = configuration.fault { streams.fault = fault }
        if let checkpointMS = configuration.checkpointMS { streams.checkpointMS = checkpointMS }
        streams.clock = configuration.clock
        streams.keepsLog = configuration.keepsStreamLog
        streams.cores = configuration.streamCores
        streams.variables = configuration.variables
        streams.connectors = configuration.connectors
        return streams
    }

    /// The logs' last writes. Blocks.
    func close() {
        streams.close()
        tables.close()
    }

    private static func engine(
        _ tenant: TenantRecord, _ configuration: Configuration, _ directory: String
    ) throws(LeibrixError) -> DatabaseConfiguration {
        let scratch = directory + "/scratch/" + hexadecimal(tenant.name)
        try Files.createDirectory(scratch)
        return DatabaseConfiguration(
            threads: tenant.cpu.map { Int(clamping: $0) } ?? configuration.threads,
            memoryLimit: tenant.memoryBytes.map { Int(clamping: $0) } ?? configuration.memory, settings: ["temp_directory": scratch])
    }

    private static func sql(_ tenant: TenantRecord, _ configuration: Configuration, isHome: Bool) -> SQLServerConfiguration {
        var sql = SQLServerConfiguration()
        sql.connectionsMax = configuration.maxConnections
        sql.concurrency = max(2, (tenant.cpu.map { Int(clamping: $0) } ?? configuration.threads) * 2)
        sql.productVersion = Version.current
        if !isHome { sql.resultCacheBytesMax /= 4 }
        return sql
    }

    private static func relation(_ table: SystemTable) -> RelationChange {
        .virtual(
            schema: table.schema, name: table.name, columns: table.columns.map { RelationColumn($0.name, $0.type) },
            rows: { () throws(LeibrixError) in try table.rows() })
    }

    /// Brings the engine to the tenant's bounds. Blocks.
    func apply(_ tenant: TenantRecord) throws(LeibrixError) {
        let memory = tenant.memoryBytes.map { Int(clamping: $0) } ?? defaults.memory
        let threads = tenant.cpu.map { Int(clamping: $0) } ?? defaults.threads
        tables.memoryMax = tenant.memoryBytes.map { Int(clamping: $0) } ?? defaults.tableMemory
        try connection.execute("SET memory_limit = '\(memory)B'; SET threads = \(threads)")
    }
}
