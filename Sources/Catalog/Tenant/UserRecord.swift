/// A user, and what proves a password without holding it.
public struct UserRecord: Sendable, Hashable {
    /// Who loopback trusts until a password is set.
    public static let adminName = "admin"

    public var name: String
    public var tenant: String
    /// nil: no password was set.
    public var password: PasswordVerifier?
    /// May make and alter tenants, users, catalogs and datasets.
    public var isAdministrator: Bool
    /// Roles whose privileges it has, directly.
    public var memberOf: Set<String> = []
    /// A role that nobody logs in as holds privileges for its members.
    public var mayLogIn = true

    public init(name: String, tenant: String, password: PasswordVerifier? = nil, isAdministrator: Bool = false) {
        self.name = name
        self.tenant = tenant
        self.password = password
        self.isAdministrator = isAdministrator
    }
}

/// RFC 5802's stored form of a password for SCRAM-SHA-256.
public struct PasswordVerifier: Sendable, Hashable {
    public var iterations: Int
    public var salt: [UInt8]
    public var storedKey: [UInt8]
    public var serverKey: [UInt8]
    public init(iterations: Int, salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8]) {
        self.iterations = iterations
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
    }
}
