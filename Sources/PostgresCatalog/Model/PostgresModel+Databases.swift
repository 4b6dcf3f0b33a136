// Databases, roles and tablespaces.
internal import Columnar

extension PostgresModel {
    func databaseRows(_ shape: TableShape) -> [[Value]]? {
        switch shape.name {
        case "pg_database": [databaseRow(shape)]
        case "pg_tablespace": tablespaceRows(shape)
        case "pg_roles": roles.map { roleRow(shape, $0) }
        case "pg_authid": roles.map { authenticationRow(shape, $0) }
        case "pg_auth_members": memberRows(shape)
        case "pg_user": roles.filter(\.mayLogIn).map { userRow(shape, $0) }
        case "pg_shadow": roles.filter(\.mayLogIn).map { userRow(shape, $0) }
        default: nil
        }
    }

    private func databaseRow(_ shape: TableShape) -> [Value] {
        shape.row([
            "oid": oid(databaseOID), "datname": .string(snapshot.database), "datdba": oid(SystemOID.owner), "encoding": 6,
            "datlocprovider": "c", "datallowconn": true, "datconnlimit": -1, "dattablespace": oid(SystemOID.defaultTablespace),
            "datcollate": "C", "datctype": "C",
        ])
    }

    private func tablespaceRows(_ shape: TableShape) -> [[Value]] {
        [(SystemOID.defaultTablespace, "pg_default"), (SystemOID.globalTablespace, "pg_global")].map { space in
            shape.row(["oid": oid(space.0), "spcname": .string(space.1), "spcowner": oid(SystemOID.owner)])
        }
    }

    private func roleRow(_ shape: TableShape, _ role: DescribedRole) -> [Value] {
        shape.row([
            "rolname": .string(role.name), "rolsuper": .boolean(role.isSuperuser), "rolinherit": true,
            "rolcreaterole": .boolean(role.isSuperuser), "rolcreatedb": false, "rolcanlogin": .boolean(role.mayLogIn), "rolreplication": false,
            "rolconnlimit": -1, "rolpassword": "********", "rolbypassrls": .boolean(role.isSuperuser), "oid": oid(role.oid),
        ])
    }

    /// Without the stored password: nobody reads that by SQL.
    private func authenticationRow(_ shape: TableShape, _ role: DescribedRole) -> [Value] {
        shape.row([
            "oid": oid(role.oid), "rolname": .string(role.name), "rolsuper": .boolean(role.isSuperuser), "rolinherit": true,
            "rolcreaterole": .boolean(role.isSuperuser), "rolcanlogin": .boolean(role.mayLogIn), "rolbypassrls": .boolean(role.isSuperuser),
            "rolconnlimit": -1,
        ])
    }

    private func memberRows(_ shape: TableShape) -> [[Value]] {
        snapshot.roles.sorted { $0.name < $1.name }.flatMap { member in
            member.memberOf.sorted().compactMap { name in
                guard let role = roles.first(where: { $0.name == name }), let own = roles.first(where: { $0.name == member.name }) else { return nil }
                return shape.row(["roleid": oid(role.oid), "member": oid(own.oid), "grantor": oid(SystemOID.owner)])
            }
        }
    }

    private func userRow(_ shape: TableShape, _ role: DescribedRole) -> [Value] {
        shape.row([
            "usename": .string(role.name), "usesysid": oid(role.oid), "usecreatedb": false, "usesuper": .boolean(role.isSuperuser),
            "userepl": false, "usebypassrls": .boolean(role.isSuperuser), "passwd": shape.name == "pg_user" ? "********" : .null,
        ])
    }
}
