public import Base
public import Catalog
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    /// Makes a catalog and asks its source once, so that a wrong address is told now. Throws `duplicateObject`,
    /// `invalidOption`, `sourceUnavailable`.
    public func createCatalog(tenant: String, name: String, options: [SpecOption]) async throws(LeibrixError) {
        let spec = try CatalogSpec.make(tenant: tenant, name: name, options: options)
        guard catalog(spec.key) == nil else {
            throw LeibrixError(.duplicateObject, "catalog \"\(name)\" already exists", hint: "DROP CATALOG takes it away.")
        }
        try await pollPool.run { [self] () throws(LeibrixError) in
            let adapter = SourceAdapters.make(spec)
            let connection = try loader.connect(for: adapter, table: [])
            _ = try adapter.tables(connection)
            try store.commit([.put(.catalog(spec))])
            state.withLock { $0.catalogs[spec.key] = spec }
        }
    }

    /// Throws `undefinedCatalog`, and `objectInUse` while datasets come from it.
    public func dropCatalog(tenant: String, name: String) async throws(LeibrixError) {
        let spec = try requireCatalog(TenantName(tenant, name))
        let user = state.withLock { $0.datasets.values.first { $0.spec.catalog == spec.key }?.spec.name }
        if let user {
            throw LeibrixError(
                .objectInUse, "catalog \"\(name)\" is in use by dataset \"\(user)\"", hint: "Drop its datasets first.")
        }
        try await pollPool.run { [self] () throws(LeibrixError) in
            try store.commit([.delete(.catalog(spec.key))])
            state.withLock { $0.catalogs[spec.key] = nil }
            loader.forget(spec)
        }
    }

    /// Catalogs of a tenant by name; secrets are left out.
    public func catalogs(tenant: String) -> [CatalogSpec] {
        let found = state.withLock { $0.catalogs.values.filter { $0.tenant == tenant } }
        return found.sorted { $0.name < $1.name }.map { spec in
            var shown = spec
            shown.secrets = [:]
            return shown
        }
    }

    /// Tables that a catalog's source has, by their path below the catalog.
    public func tables(tenant: String, catalog name: String) async throws(LeibrixError) -> [[String]] {
        let spec = try requireCatalog(TenantName(tenant, name))
        return try await pollPool.run { [self] () throws(LeibrixError) in
            let adapter = SourceAdapters.make(spec)
            return try adapter.tables(loader.connect(for: adapter, table: []))
        }
    }

    func catalog(_ key: TenantName) -> CatalogSpec? { state.withLock { $0.catalogs[key] } }

    func requireCatalog(_ key: TenantName) throws(LeibrixError) -> CatalogSpec {
        if let spec = catalog(key) { return spec }
        let known = state.withLock { $0.catalogs.keys.filter { $0.tenant == key.tenant }.map(\.name).sorted() }
        throw LeibrixError(
            .undefinedCatalog, "catalog \"\(key.name)\" does not exist",
            hint: known.isEmpty ? "Make one with CREATE CATALOG." : "Catalogs are: \(known.joined(separator: ", ")).")
    }
}
