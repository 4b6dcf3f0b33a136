// The dataset engine as the SQL layer asks for it. In this version every catalog and dataset belongs to the default tenant.
internal import Base
internal import Catalog
internal import DatasetEngine
internal import DuckDBKit
internal import Session

final class DatasetService: DatasetAdministration {
    private let engine: DatasetEngine
    private let relations: RelationCatalog
    private let tenant = TenantRecord.defaultName

    init(_ engine: DatasetEngine, _ relations: RelationCatalog) {
        self.engine = engine
        self.relations = relations
    }

    func createCatalog(_ name: String, options: [SpecOption]) async throws(LeibrixError) {
        try await engine.createCatalog(tenant: tenant, name: name, options: options)
    }

    func dropCatalog(_ name: String) async throws(LeibrixError) { try await engine.dropCatalog(tenant: tenant, name: name) }

    func createDataset(_ name: String, source: [String], options: [SpecOption], tenant _: String) async throws(LeibrixError) {
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
