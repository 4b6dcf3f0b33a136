public import Base

/// Checks names of catalogs, datasets, tenants and users.
public enum ObjectName {
    /// `kind` is what the name is for, as the message says it ("dataset"). Throws `invalidName`.
    public static func check(_ name: String, kind: String) throws(LeibrixError) {
        guard !name.isEmpty else { throw LeibrixError(.invalidName, "a \(kind)'s name cannot be empty") }
        guard name.utf8.count <= CatalogLimits.nameBytesMax else {
            throw LeibrixError(
                .invalidName, "the \(kind) name \"\(name)\" is longer than \(CatalogLimits.nameBytesMax) bytes",
                hint: "Choose a shorter name.")
        }
        guard name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw LeibrixError(.invalidName, "a \(kind)'s name cannot hold control characters")
        }
    }
}

/// A tenant's thing: names are unique within a tenant.
public struct TenantName: Hashable, Sendable, Comparable {
    public var tenant: String
    public var name: String

    public init(_ tenant: String, _ name: String) {
        self.tenant = tenant
        self.name = name
    }

    public static func < (a: TenantName, b: TenantName) -> Bool { (a.tenant, a.name) < (b.tenant, b.name) }
}
