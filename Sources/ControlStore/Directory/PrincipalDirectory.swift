// Users and tenants in memory, written through to the store. A fresh store has tenant `default` and administrator `admin`
// without a password, whom loopback trusts.
public import Base
public import Catalog
internal import Columnar
internal import Synchronization

/// Who may log in, and on whose account.
public final class PrincipalDirectory: Sendable {
    private struct State {
        var tenants: [String: TenantRecord]
        var users: [String: UserRecord]
    }

    public let store: any ControlStore
    private let state: Mutex<State>
    private let changeCount = Atomic<UInt64>(0)
    /// Held over a change, so that its check and its commit are one.
    private let changes = Mutex(())

    /// Blocks: reads the store, and writes the first tenant and user of a fresh one.
    public init(store: any ControlStore) throws(LeibrixError) {
        self.store = store
        let loaded = try store.load()
        var state = State(tenants: loaded.tenants, users: loaded.users)
        if state.users.isEmpty {
            let tenant = TenantRecord(name: TenantRecord.defaultName)
            let admin = UserRecord(name: UserRecord.adminName, tenant: tenant.name, isAdministrator: true)
            try store.commit([.put(.tenant(tenant)), .put(.user(admin))])
            state.tenants[tenant.name] = tenant
            state.users[admin.name] = admin
        }
        self.state = Mutex(state)
    }

    public var users: [UserRecord] { state.withLock { $0.users.values.sorted { $0.name < $1.name } } }
    public var tenants: [TenantRecord] { state.withLock { $0.tenants.values.sorted { $0.name < $1.name } } }
    public func user(_ name: String) -> UserRecord? { state.withLock { $0.users[name] } }
    public func tenant(_ name: String) -> TenantRecord? { state.withLock { $0.tenants[name] } }
    /// Another number after every change: what was asked before holds as long as it is the same. No lock.
    public var version: UInt64 { changeCount.load(ordering: .acquiring) }
    /// Whether every user proves a password: what listening beyond loopback asks for.
    public var allHavePasswords: Bool { state.withLock { $0.users.values.allSatisfy { $0.password != nil || !$0.mayLogIn } } }

    /// A user with all roles that it is a member of, directly or through others. O(roles).
    public func roles(of name: String) -> Set<String> {
        state.withLock { state in
            var found: Set<String> = [name]
            var open = [name]
            while let next = open.popLast() {
                for role in state.users[next]?.memberOf ?? [] where found.insert(role).inserted { open.append(role) }
            }
            return found
        }
    }

    /// Blocks. Throws `duplicateObject`, `undefinedObject` (no such tenant), `invalidName`.
    public func createUser(_ user: UserRecord) throws(LeibrixError) {
        try ObjectName.check(user.name, kind: "user")
        try change { (state: State) throws(LeibrixError) in
            guard state.users[user.name] == nil else {
                throw LeibrixError(.duplicateObject, "user \"\(user.name)\" already exists", hint: "ALTER USER changes it.")
            }
            _ = try Self.tenant(user.tenant, state)
            return .put(.user(user))
        }
    }

    /// Blocks. Replaces a user's record. Throws `undefinedObject`.
    public func alterUser(_ name: String, _ body: (inout UserRecord) -> Void) throws(LeibrixError) {
        try change { (state: State) throws(LeibrixError) in
            var user = try Self.user(name, state)
            body(&user)
            user.name = name
            _ = try Self.tenant(user.tenant, state)
            return .put(.user(user))
        }
    }

    /// Blocks. The last administrator stays. Throws `undefinedObject`, `objectInUse`.
    public func dropUser(_ name: String) throws(LeibrixError) {
        try change { (state: State) throws(LeibrixError) in
            let user = try Self.user(name, state)
            guard !user.isAdministrator || state.users.values.contains(where: { $0.isAdministrator && $0.name != name }) else {
                throw LeibrixError(
                    .objectInUse, "user \"\(name)\" is the last administrator", hint: "Make another administrator first.")
            }
            if let member = state.users.values.first(where: { $0.memberOf.contains(name) }) {
                throw LeibrixError(
                    .objectInUse, "role \"\(name)\" cannot be dropped because some objects depend on it",
                    detail: "role \(member.name) is a member of it", hint: "REVOKE \(name) FROM \(member.name) first.", sqlState: "2BP01")
            }
            return .delete(.user(name))
        }
    }

    /// Blocks. Throws `duplicateObject`.
    public func createTenant(_ tenant: TenantRecord) throws(LeibrixError) {
        try change { (state: State) throws(LeibrixError) in
            guard state.tenants[tenant.name] == nil else {
                throw LeibrixError(.duplicateObject, "tenant \"\(tenant.name)\" already exists", hint: "ALTER TENANT changes it.")
            }
            return .put(.tenant(tenant))
        }
    }

    /// Blocks. Throws `undefinedObject`, `invalidOption`.
    public func alterTenant(_ name: String, options: [SpecOption]) throws(LeibrixError) {
        try change { (state: State) throws(LeibrixError) in
            .put(.tenant(try Self.tenant(name, state).altered(by: options)))
        }
    }

    /// Blocks. Throws `undefinedObject`, and `objectInUse` while users belong to it.
    public func dropTenant(_ name: String) throws(LeibrixError) {
        try change { (state: State) throws(LeibrixError) in
            _ = try Self.tenant(name, state)
            if let user = state.users.values.first(where: { $0.tenant == name }) {
                throw LeibrixError(
                    .objectInUse, "tenant \"\(name)\" still has user \"\(user.name)\"", hint: "Drop or move its users first.")
            }
            guard name != TenantRecord.defaultName else {
                throw LeibrixError(.objectInUse, "tenant \"\(name)\" is the default tenant and stays")
            }
            return .delete(.tenant(name))
        }
    }

    private static func user(_ name: String, _ state: State) throws(LeibrixError) -> UserRecord {
        guard let user = state.users[name] else {
            throw LeibrixError(.undefinedObject, "user \"\(name)\" does not exist", hint: "SELECT name FROM leibrix.users lists them.")
        }
        return user
    }

    private static func tenant(_ name: String, _ state: State) throws(LeibrixError) -> TenantRecord {
        guard let tenant = state.tenants[name] else {
            throw LeibrixError(
                .undefinedObject, "tenant \"\(name)\" does not exist", hint: "SELECT name FROM leibrix.tenants lists them.")
        }
        return tenant
    }

    private func change(_ body: (State) throws(LeibrixError) -> ControlWrite) throws(LeibrixError) {
        let result: Result<Void, LeibrixError> = changes.withLock { _ in
            do throws(LeibrixError) {
                let write = try body(state.withLock { $0 })
                try store.commit([write])
                state.withLock { Self.apply(write, &$0) }
                changeCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    private static func apply(_ write: ControlWrite, _ state: inout State) {
        switch write {
        case .put(.user(let user)): state.users[user.name] = user
        case .put(.tenant(let tenant)): state.tenants[tenant.name] = tenant
        case .delete(.user(let name)): state.users[name] = nil
        case .delete(.tenant(let name)): state.tenants[name] = nil
        default: break
        }
    }
}
