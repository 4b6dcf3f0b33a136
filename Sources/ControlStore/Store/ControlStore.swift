// What the product must not forget: tenants, users, catalogs, datasets, epochs, settings. A key-value store by nature, so
// that one process's SQLite and a cluster's etcd can stand behind the same calls: keys are paths, values are records,
// every commit is a transaction under the opener's fence.
public import Base
public import Catalog

public protocol ControlStore: AnyObject, Sendable {
    /// Larger than that of every earlier opener. A commit by an opener that is no longer the last is refused.
    var fence: Int64 { get }
    /// Everything, at one revision.
    func load() throws(LeibrixError) -> ControlState
    /// Applies all writes or none, durably, and returns the new revision. Throws `directoryLocked` when fenced off.
    @discardableResult
    func commit(_ writes: [ControlWrite]) throws(LeibrixError) -> Int64
    /// A number that no earlier call of any opener returned; larger each time.
    func nextVersion() throws(LeibrixError) -> Int64
}

public enum ControlWrite: Sendable, Hashable {
    case put(ControlRecord)
    case delete(ControlKey)
}

public enum ControlRecord: Sendable, Hashable {
    case tenant(TenantRecord)
    case user(UserRecord)
    case catalog(CatalogSpec)
    case dataset(DatasetRecord)
    case epoch(EpochRecord)
    case setting(name: String, value: String)

    public var key: ControlKey {
        switch self {
        case .tenant(let record): .tenant(record.name)
        case .user(let record): .user(record.name)
        case .catalog(let spec): .catalog(spec.key)
        case .dataset(let record): .dataset(record.spec.key)
        case .epoch(let record): .epoch(record.datasetKey, epochID: record.epochID, version: record.version)
        case .setting(let name, _): .setting(name)
        }
    }
}

public enum ControlKey: Sendable, Hashable {
    case tenant(String)
    case user(String)
    case catalog(TenantName)
    case dataset(TenantName)
    case epoch(TenantName, epochID: String, version: Int64)
    case setting(String)
}

/// All records at one revision.
public struct ControlState: Sendable, Equatable {
    public var revision: Int64 = 0
    public var tenants: [String: TenantRecord] = [:]
    public var users: [String: UserRecord] = [:]
    public var catalogs: [TenantName: CatalogSpec] = [:]
    public var datasets: [TenantName: DatasetRecord] = [:]
    public var epochs: [EpochRecord] = []
    public var settings: [String: String] = [:]

    public init() {}
}
