// Tenants as they come, change and go while the server runs.
internal import Base
internal import Catalog
internal import DatasetEngine
internal import Platform
internal import Session
internal import StreamHost
internal import Synchronization
internal import TableEngine

final class TenantService: TenantKeeper {
    let servers: TenantServers
    private let datasets: DatasetEngine
    private let directory: String
    private let make: @Sendable (TenantRecord) throws(LeibrixError) -> TenantParts
    private let parts = Mutex<[String: TenantParts]>([:])

    init(
        _ home: SQLServer, _ datasets: DatasetEngine, _ directory: String,
        make: @escaping @Sendable (TenantRecord) throws(LeibrixError) -> TenantParts
    ) {
        servers = TenantServers(home: home)
        self.datasets = datasets
        self.directory = directory
        self.make = make
    }

    func tenantCreated(_ tenant: TenantRecord) throws(LeibrixError) {
        let made = try make(tenant)
        parts.withLock { $0[tenant.name] = made }
        servers.put(made.sql, for: tenant.name)
    }

    func tenantAltered(_ tenant: TenantRecord) throws(LeibrixError) {
        try parts.withLock({ $0[tenant.name] })?.apply(tenant)
    }

    func tenantWillDrop(_ name: String) throws(LeibrixError) {
        if let dataset = datasets.datasets(tenant: name).first {
            throw LeibrixError(
                .objectInUse, "tenant \"\(name)\" still has dataset \"\(dataset.spec.name)\"", hint: "Drop its datasets first.")
        }
        if let catalog = datasets.catalogs(tenant: name).first {
            throw LeibrixError(.objectInUse, "tenant \"\(name)\" still has catalog \"\(catalog.name)\"", hint: "Drop its catalogs first.")
        }
        if let table = parts.withLock({ $0[name] })?.tables.catalog.tables.first {
            throw LeibrixError(.objectInUse, "tenant \"\(name)\" still has table \"\(table.name)\"", hint: "Drop its tables first.")
        }
        if let object = parts.withLock({ $0[name] })?.streams.objects.first {
            throw LeibrixError(
                .objectInUse, "tenant \"\(name)\" still has \(object.kind.rawValue.lowercased()) \"\(object.name)\"",
                hint: "Drop its sources, streams and sinks first.")
        }
    }

    func tenantDropped(_ name: String) {
        servers.remove(name)
        guard let gone = parts.withLock({ $0.removeValue(forKey: name) }) else { return }
        datasets.detach(gone.relations, tenant: name)
        gone.close()
        try? Files.removeTree(TenantParts.folder(of: name, directory))
    }

    /// The log's last writes of every tenant but the default one. Blocks.
    func close() { for tenant in parts.withLock({ Array($0.values) }) { tenant.close() } }
}
