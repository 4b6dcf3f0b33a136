public import Base
public import Catalog

/// What the SQL layer asks of the engine behind catalogs and datasets. Every call names who asks; the SQL layer has
/// checked already that the user may.
public protocol DatasetAdministration: AnyObject, Sendable {
    func createCatalog(_ name: String, options: [SpecOption]) async throws(LeibrixError)
    func dropCatalog(_ name: String) async throws(LeibrixError)
    func createDataset(_ name: String, source: [String], options: [SpecOption], tenant: String) async throws(LeibrixError)
    func alterDataset(_ name: String, options: [SpecOption]) async throws(LeibrixError)
    func dropDataset(_ name: String) async throws(LeibrixError)
    func refreshDataset(_ name: String) async throws(LeibrixError)

    /// Names, for IF [NOT] EXISTS and for hints.
    var datasetNames: [String] { get }
    var catalogNames: [String] { get }
    /// Grows with every publication of relations: what was answered or described before may differ after.
    var relationVersion: UInt64 { get }
}
