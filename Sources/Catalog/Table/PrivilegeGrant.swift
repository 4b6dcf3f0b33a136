/// What GRANT can give on a table, view, sequence or schema.
public enum TablePrivilege: String, Sendable, Hashable, CaseIterable {
    case select, insert, update, delete, truncate, references, trigger, usage, create
}

/// Privileges of one user on one object. The owner and administrators have all without one.
public struct PrivilegeGrant: Sendable, Hashable {
    /// Whom PUBLIC means: everybody.
    public static let everybody = "public"

    public var grantee: String
    public var privileges: Set<TablePrivilege>
    /// Those that the grantee may grant on.
    public var grantable: Set<TablePrivilege>
    public var grantor: String

    public init(grantee: String, privileges: Set<TablePrivilege>, grantable: Set<TablePrivilege> = [], grantor: String) {
        self.grantee = grantee
        self.privileges = privileges
        self.grantable = grantable
        self.grantor = grantor
    }
}

extension [PrivilegeGrant] {
    /// Whether a user, or everybody, was granted a privilege.
    public func allows(_ privilege: TablePrivilege, to user: String) -> Bool {
        contains { ($0.grantee == user || $0.grantee == PrivilegeGrant.everybody) && $0.privileges.contains(privilege) }
    }
}
