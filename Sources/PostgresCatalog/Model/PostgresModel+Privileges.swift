// Access lists, and who may do what.
internal import Catalog
internal import Columnar

extension PostgresModel {
    /// {owner=arwd/owner,ana=r*/owner}; NULL where only the owner has privileges, as PostgreSQL keeps it.
    func accessList(_ owner: String?, _ grants: [PrivilegeGrant]?, _ known: [TablePrivilege]) -> Value {
        guard let grants, !grants.isEmpty else { return .null }
        let owner = owner ?? snapshot.owner
        func item(_ grantee: String, _ letters: String, _ grantor: String) -> Value {
            .string("\(grantee == PrivilegeGrant.everybody ? "" : SQLName.quoted(grantee))=\(letters)/\(SQLName.quoted(grantor))")
        }
        let own = item(owner, known.map(\.letter).joined(), owner)
        return .list(
            [own]
                + grants.map { grant in
                    let letters = known.filter(grant.privileges.contains).map { $0.letter + (grant.grantable.contains($0) ? "*" : "") }
                    return item(grant.grantee, letters.joined(), grant.grantor)
                })
    }

    func role(named name: String) -> DescribedRole? { roles.first { $0.name == name } }

    /// Whether a role may do something with a relation.
    func allows(_ word: String, mayGrant: Bool, on relation: DescribedRelation, to role: DescribedRole) -> Bool {
        guard let privilege = TablePrivilege(rawValue: word.lowercased()) else { return false }
        if relation.isSystem || relation.privileges == nil { return privilege == .select && !mayGrant }
        return allows(privilege, mayGrant, relation.owner, relation.privileges ?? [], role)
    }

    func allows(_ word: String, mayGrant: Bool, onSchema name: String, to role: DescribedRole) -> Bool {
        guard let privilege = TablePrivilege(rawValue: word.lowercased()) else { return false }
        if ["pg_catalog", "information_schema", "leibrix"].contains(name) { return privilege == .usage && !mayGrant }
        guard let access = snapshot.schemaAccess[name] else { return role.isSuperuser || name == TableCatalog.publicSchema && !mayGrant }
        return allows(privilege, mayGrant, access.owner, access.privileges, role)
    }

    private func allows(
        _ privilege: TablePrivilege, _ mayGrant: Bool, _ owner: String?, _ grants: [PrivilegeGrant], _ role: DescribedRole
    ) -> Bool {
        if role.isSuperuser || role.roles.contains(owner ?? snapshot.owner) { return true }
        return mayGrant ? grants.allowsGranting(privilege, by: role.roles) : grants.allows(privilege, to: role.roles)
    }
}
