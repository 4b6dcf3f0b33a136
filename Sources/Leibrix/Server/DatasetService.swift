// The dataset engine as one tenant's SQL layer asks for it: every name is the tenant's own.
internal import Base
internal import Catalog
internal import ControlStore
internal import DatasetEngine
internal import DuckDBKit
internal import Session

final class DatasetService: DatasetAdministration {
    private let engine: DatasetEngine
    private let relations: RelationCatalog
    private let principals: PrincipalDirectory
    private let tenant: String

    init(_ engine: DatasetEngine, _ relations: RelationCatalog, _ principals: PrincipalDirectory, tenant: String) {
        self.engine = engine
        self.relations = relations
        self.principals = principals
        self.tenant = tenant
    }

    func createCatalog(_ name: String, options: [SpecOption]) async throws(LeibrixError) {
        try await engine.createCatalog(tenant: tenant, name: name, options: options)
    }

    func dropCatalog(_ name: String) async throws(LeibrixError) { try await engine.dropCatalog(tenant: tenant, name: name) }

    func createDataset(_ name: String, source: [String], options: [SpecOption], tenant _: String) async throws(LeibrixError) {
        if let most = principals.tenant(tenant)?.maxDatasets, engine.datasets(tenant: tenant).count >= most {
            throw LeibrixError(
                .limitExceeded, "tenant \"\(tenant)\" has \(most) datasets already, its max_datasets",
                hint: "Drop one, or ask an administrator to raise the bound.")
        }
        try await engine.createDataset(tenant: tenant, name: name, source: source, options: options)
    }

    func alterDataset(_ name: String, options: [SpecOption]) async throws(LeibrixError) {
        try await engine.alterDataset(tenant: tenant, name: name, options: options)
    }

    func dropDataset(_ name: String) async throws(LeibrixError) { try await engine.dropDataset(tenant: tenant, name: name) }
    func refreshDataset(_ name: String) async throws(LeibrixError) { try await engine.refreshDataset(tenant: tenant, name: name) }

    func notReady(_ name: String) -> LeibrixError? {
        guard case .notReady(let error, _) = engine.readiness(tenant: tenant, name: name) else { return nil }
        return error
    }

    func hasFallback(_ name: String) -> Bool { engine.hasFallback(tenant: tenant, name: name) }

    func openSource(_ names: [String]) async throws(LeibrixError) -> SourceLease {
        try await engine.openSource(tenant: tenant, datasets: names)
    }

    var datasetNames: [String] { engine.datasets(tenant: tenant).map(\.spec.name) }
    var catalogNames: [String] { engine.catalogs(tenant: tenant).map(\.name) }
    var relationVersion: UInt64 { relations.version }
}
