/// What GRANT can give on a table, view, sequence or schema.
public enum TablePrivilege: String, Sendable, Hashable, CaseIterable {
    case select, insert, update, delete, truncate, references, trigger, usage, create

    /// As PostgreSQL's access lists write it.
    public var letter: String {
        switch self {
        case .insert: "a"
        case .select: "r"
        case .update: "w"
        case .delete: "d"
        case .truncate: "D"
        case .references: "x"
        case .trigger: "t"
        case .usage: "U"
        case .create: "C"
        }
    }

    /// What there is to grant on tables and views, on sequences and on schemas, in the order of access lists.
    public static let ofTables: [TablePrivilege] = [.insert, .select, .update, .delete, .truncate, .references, .trigger]
    public static let ofSequences: [TablePrivilege] = [.select, .update, .usage]
    public static let ofSchemas: [TablePrivilege] = [.usage, .create]
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
    /// Whether one of a user's roles, or everybody, was granted a privilege.
    public func allows(_ privilege: TablePrivilege, to roles: Set<String>) -> Bool {
        contains { (roles.contains($0.grantee) || $0.grantee == PrivilegeGrant.everybody) && $0.privileges.contains(privilege) }
    }

    /// Whether one of a user's roles may grant a privilege on.
    public func allowsGranting(_ privilege: TablePrivilege, by roles: Set<String>) -> Bool {
        contains { roles.contains($0.grantee) && $0.grantable.contains(privilege) }
    }

    /// Adds to what the grantor has given the grantee.
    public mutating func grant(_ privileges: Set<TablePrivilege>, to grantee: String, by grantor: String, withOption: Bool) {
        let grantable: Set<TablePrivilege> = withOption ? privileges : []
        guard let place = firstIndex(where: { $0.grantee == grantee && $0.grantor == grantor }) else {
            return append(PrivilegeGrant(grantee: grantee, privileges: privileges, grantable: grantable, grantor: grantor))
        }
        self[place].privileges.formUnion(privileges)
        self[place].grantable.formUnion(grantable)
    }

    /// Takes privileges, or only the right to grant them on, from a grantee; `grantor` nil is whoever gave them. What the grantee gave
    /// others goes along with `cascade`; otherwise its first receiver is returned, and nothing is changed.
    public mutating func revoke(
        _ privileges: Set<TablePrivilege>, from grantee: String, by grantor: String?, optionOnly: Bool, cascade: Bool
    ) -> String? {
        var changed = self
        for place in changed.indices where changed[place].grantee == grantee && (grantor == nil || changed[place].grantor == grantor) {
            if !optionOnly { changed[place].privileges.subtract(privileges) }
            changed[place].grantable.subtract(privileges)
        }
        for privilege in privileges where !changed.allowsGranting(privilege, by: [grantee]) {
            for dependent in changed where dependent.grantor == grantee && dependent.privileges.contains(privilege) {
                guard cascade else { return dependent.grantee }
                _ = changed.revoke([privilege], from: dependent.grantee, by: grantee, optionOnly: false, cascade: true)
            }
        }
        changed.removeAll { $0.privileges.isEmpty }
        self = changed
        return nil
    }
}

extension SchemaDefinition {
    /// `public` is open to everybody until a grant or revocation says otherwise.
    public var shownPrivileges: [PrivilegeGrant] {
        guard name == TableCatalog.publicSchema, !isRestricted else { return privileges }
        return [PrivilegeGrant(grantee: PrivilegeGrant.everybody, privileges: [.usage, .create], grantor: owner)]
    }
}
