public import Base
public import Catalog
public import DatasetEngine

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

    /// Why a dataset cannot be read: the error that names its state, or nil when it can, or when there is no such dataset.
    func notReady(_ name: String) -> LeibrixError?
    /// Whether the dataset's source may answer while it is not READY.
    func hasFallback(_ name: String) -> Bool
    /// A connection on which these names read the sources.
    func openSource(_ names: [String]) async throws(LeibrixError) -> SourceLease
}

extension DatasetAdministration {
    public func notReady(_ name: String) -> LeibrixError? { nil }
    public func hasFallback(_ name: String) -> Bool { false }
    public func openSource(_ names: [String]) async throws(LeibrixError) -> SourceLease {
        throw LeibrixError(.notSupported, "this server cannot ask sources", hint: "Wait until the dataset is READY.")
    }
}
