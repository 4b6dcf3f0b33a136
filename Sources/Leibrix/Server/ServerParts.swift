// What serves statements, below the doors, made in the order of the floors:
//
//   control store -> users -> datasets -> a tenant's parts: query engine (DuckDB), relations, pg_catalog, SQL layer
//
// The SQL layer locks the engine's settings and its way to files and networks, so it comes after all that is installed.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DatasetEngine
internal import Platform
internal import PostgresCatalog
internal import Session
internal import TableEngine

final class ServerParts: Sendable {
    let store: SQLiteControlStore
    let principals: PrincipalDirectory
    let datasets: DatasetEngine
    /// The default tenant's SQL layer.
    let sql: SQLServer
    let metrics = MetricsRegistry()
    let home: TenantParts
    private let tenants: TenantService

    /// What doors open sessions at.
    var servers: TenantServers { tenants.servers }

    /// Blocks.
    init(_ configuration: Configuration) throws(LeibrixError) {
        let directory = Files.absolute(configuration.dataDirectory ?? "")
        try Files.createDirectory(directory)
        store = try SQLiteControlStore(directory: directory)
        let principals = try PrincipalDirectory(store: store)
        self.principals = principals
        let datasets = try DatasetEngine(configuration: Self.datasets(configuration, directory, principals), store: store)
        self.datasets = datasets
        try Files.removeTree(directory + "/scratch")
        let own = principals.tenant(TenantRecord.defaultName) ?? TenantRecord(name: TenantRecord.defaultName)
        let home = try TenantParts(own, configuration, directory, datasets, principals, metrics, home: nil)
        self.home = home
        sql = home.sql
        tenants = TenantService(home.sql, datasets, directory) { (tenant) throws(LeibrixError) in
            try TenantParts(tenant, configuration, directory, datasets, principals, MetricsRegistry(), home: home.sql)
        }
        for tenant in principals.tenants where tenant.name != TenantRecord.defaultName { try tenants.tenantCreated(tenant) }
        sql.setKeeper(tenants)
        publishGauges()
    }

    private static func datasets(
        _ configuration: Configuration, _ directory: String, _ principals: PrincipalDirectory
    ) throws(LeibrixError) -> DatasetEngineConfiguration {
        DatasetEngineConfiguration(
            dataDirectory: directory, extensionDirectory: try ExtensionFolder.require(configuration.extensions),
            loaderThreads: configuration.threads, loaderMemoryBytes: max(256 << 20, configuration.memory / 2),
            memoryBudgetBytes: Int64(configuration.datasetMemory), epochsMax: { principals.tenant($0)?.maxEpochs },
            faultPoint: Environment.variables["LEIBRIX_FAULT"])
    }

    /// What the first client that looks around would wait for. Blocks.
    func warmUp() { home.warmUp() }

    /// The logs' last writes, and the right to the directory. Blocks.
    func close() {
        home.close()
        tenants.close()
        store.close()
    }

    private func publishGauges() {
        let datasets = datasets
        let principals = principals
        metrics.computed("leibrix_datasets", "Datasets there are.") { principals.tenants.reduce(0) { $0 + datasets.datasets(tenant: $1.name).count } }
        metrics.computed("leibrix_resident_bytes", "Bytes of all epochs held.") { Int(datasets.residentBytes) }
    }

    /// One line a dataset that nothing can be read of yet.
    func reasonsNotReady() -> [String] {
        principals.tenants.flatMap { tenant in
            datasets.datasets(tenant: tenant.name).compactMap { dataset in
                guard case .notReady(let error, _) = datasets.readiness(tenant: tenant.name, name: dataset.spec.name) else { return nil }
                return "dataset \(dataset.spec.name): \(error.message)"
            }
        }
    }
}
