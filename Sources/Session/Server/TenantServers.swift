// One SQL layer a tenant: an engine of its own with its own memory and threads, its own relations, plans and answers. What
// belongs to the process is shared: users, sessions by number, the record of statements, admission's deadlines.
public import Base
public import Catalog
internal import ControlStore
internal import Synchronization

/// The doors' view of all tenants: a session is opened in its user's.
public final class TenantServers: DoorService {
    public let home: SQLServer
    private let others = Mutex<[String: SQLServer]>([:])

    /// `home` serves the tenant "default", and those who may see everything.
    public init(home: SQLServer) { self.home = home }

    public func put(_ server: SQLServer, for tenant: String) { others.withLock { $0[tenant] = server } }
    @discardableResult public func remove(_ tenant: String) -> SQLServer? { others.withLock { $0.removeValue(forKey: tenant) } }
    public func server(for tenant: String) -> SQLServer? {
        tenant == TenantRecord.defaultName ? home : others.withLock { $0[tenant] }
    }

    /// Sessions there are, of all tenants.
    public var sessionCount: Int { home.sessionCount }

    public func authentication(
        user: String, database: String, isLoopback: Bool, isEncrypted: Bool
    ) throws(LeibrixError) -> Authentication {
        try home.authentication(user: user, database: database, isLoopback: isLoopback, isEncrypted: isEncrypted)
    }

    public func openSession(_ opening: SessionOpening) throws(LeibrixError) -> SQLSession {
        guard let user = home.principals.user(opening.user) else { return try home.openSession(opening) }
        guard let server = server(for: user.tenant) else {
            throw LeibrixError(
                .notReady, "tenant \"\(user.tenant)\" is not ready to serve", hint: "It is being made or altered: connect again.")
        }
        return try server.openSession(opening)
    }

    public func cancel(_ key: CancelKey) { home.cancel(key) }
    public func abandon(_ key: CancelKey) { home.abandon(key) }
}

/// What the composition does when tenants come, change and go. Called on a pool's thread, after the change is recorded; blocks.
public protocol TenantKeeper: AnyObject, Sendable {
    func tenantCreated(_ tenant: TenantRecord) throws(LeibrixError)
    func tenantAltered(_ tenant: TenantRecord) throws(LeibrixError)
    /// Before the tenant is taken out of the records: throws `objectInUse` while something is its.
    func tenantWillDrop(_ name: String) throws(LeibrixError)
    func tenantDropped(_ name: String)
}
