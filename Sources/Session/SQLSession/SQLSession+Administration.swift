internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import Platform
internal import Reactor
internal import SQLSyntax
internal import Synchronization

extension SQLSession {
    /// Statements on tenants, users, catalogs and datasets: administrators only, and never inside a transaction block,
    /// since they cannot be rolled back.
    func administer(_ statement: AdministrationStatement, _ parsed: ParsedQuery) async throws(LeibrixError) -> SQLExecution {
        guard user.isAdministrator, server.principals.user(user.name)?.isAdministrator == true else {
            throw LeibrixError(
                .permissionDenied, "permission denied for \(statement.tag)", hint: "Ask an administrator: SHOW USERS lists them.")
        }
        guard !transaction.isBlock else {
            throw LeibrixError(
                .failedTransaction, "\(statement.tag) cannot run inside a transaction block",
                hint: "It cannot be rolled back: COMMIT first, or connect with autocommit.", sqlState: "25001")
        }
        guard !settings.isOn("default_transaction_read_only") else {
            throw LeibrixError(
                .readOnlyTransaction, "cannot execute \(statement.tag) in a read-only transaction",
                hint: "SET default_transaction_read_only = off.")
        }
        let record = begin(parsed)
        record.update { $0.route = "control" }
        let finish = ending(record)
        do throws(LeibrixError) {
            let notice = try await apply(statement)
            finish(SQLExecution.End(rows: 0, bytes: 0, error: nil, isPartial: false))
            return SQLExecution(tag: .fixed(statement.tag), notices: notice.map { [$0] } ?? [])
        } catch {
            finish(SQLExecution.End(rows: 0, bytes: 0, error: error, isPartial: true))
            throw error
        }
    }

    private func apply(_ statement: AdministrationStatement) async throws(LeibrixError) -> LeibrixError? {
        switch statement {
        case .createTenant, .alterTenant, .dropTenant, .createUser, .alterUser, .dropUser, .grant, .revoke:
            return try await applyPrincipals(statement)
        default: break
        }
        guard let datasets = server.datasets else {
            throw LeibrixError(.notSupported, "this server has no datasets", hint: "Start it with a data directory.")
        }
        switch statement {
        case .createCatalog(let name, let ifNotExists, let options):
            if ifNotExists, datasets.catalogNames.contains(name.name) { return exists("catalog", name) }
            try await datasets.createCatalog(name.name, options: options.map(\.spec))
        case .dropCatalog(let name, let ifExists):
            if ifExists, !datasets.catalogNames.contains(name.name) { return missing("catalog", name) }
            try await located(name) { () async throws(LeibrixError) in try await datasets.dropCatalog(name.name) }
        case .createDataset(let create):
            let name = try datasetName(create.name)
            if create.ifNotExists, datasets.datasetNames.contains(name.name) { return exists("dataset", name) }
            try await located(create.source.parts[0]) { () async throws(LeibrixError) in
                try await datasets.createDataset(
                    name.name, source: create.source.parts.map(\.name), options: create.options.map(\.spec), tenant: user.tenant)
            }
        case .alterDataset(let name, let options):
            try checkDataset(name)
            try await datasets.alterDataset(try datasetName(name).name, options: options.map(\.spec))
        case .dropDataset(let name, let ifExists):
            if ifExists, !datasets.datasetNames.contains(name.last.name) { return missing("dataset", name.last) }
            try checkDataset(name)
            try await datasets.dropDataset(try datasetName(name).name)
        case .refreshDataset(let name):
            try checkDataset(name)
            try await datasets.refreshDataset(try datasetName(name).name)
        default: break
        }
        return nil
    }

    /// A dataset is named alone, or in the schema public.
    private func datasetName(_ name: SQLSyntax.ObjectName) throws(LeibrixError) -> Identifier {
        var parts = name.parts
        if parts.count == 3, parts[0].name == server.configuration.database { parts.removeFirst() }
        guard parts.count == 1 || (parts.count == 2 && ["public", "main"].contains(parts[0].name)) else {
            throw LeibrixError(
                .undefinedSchema, "datasets live in the schema public, not in \"\(parts.dropLast().map(\.name).joined(separator: "."))\"",
                hint: "Leave the schema out.", position: name.position)
        }
        return parts[parts.count - 1]
    }

    /// An error without a position gets that of the name it is about.
    private func located(_ name: Identifier, _ body: () async throws(LeibrixError) -> Void) async throws(LeibrixError) {
        do throws(LeibrixError) { try await body() } catch {
            var error = error
            error.position = error.position ?? name.position
            throw error
        }
    }

    private func exists(_ kind: String, _ name: Identifier) -> LeibrixError {
        LeibrixError(.duplicateObject, "\(kind) \"\(name.name)\" already exists, skipping")
    }

    private func missing(_ kind: String, _ name: Identifier) -> LeibrixError {
        LeibrixError(.undefinedObject, "\(kind) \"\(name.name)\" does not exist, skipping")
    }

    private func applyPrincipals(_ statement: AdministrationStatement) async throws(LeibrixError) -> LeibrixError? {
        guard user.tenant == TenantRecord.defaultName else {
            throw LeibrixError(
                .permissionDenied, "permission denied for \(statement.tag)",
                hint: "Tenants and users are made by administrators of the tenant \"\(TenantRecord.defaultName)\".")
        }
        let principals = server.principals
        let keeper = server.keeper.withLock { $0 }
        switch statement {
        case .createTenant(let name, let ifNotExists, let options):
            if ifNotExists, principals.tenant(name.name) != nil { return exists("tenant", name) }
            let tenant = try TenantRecord.make(name: name.name, options: options.map(\.spec))
            try await blocking { () throws(LeibrixError) in
                try principals.createTenant(tenant)
                do throws(LeibrixError) { try keeper?.tenantCreated(tenant) } catch {
                    try principals.dropTenant(tenant.name)
                    throw error
                }
            }
        case .alterTenant(let name, let options):
            let options = options.map(\.spec)
            try await blocking { () throws(LeibrixError) in
                if name.name == TenantRecord.defaultName { try TenantRecord.checkDefault(options) }
                try principals.alterTenant(name.name, options: options)
                if let tenant = principals.tenant(name.name) { try keeper?.tenantAltered(tenant) }
            }
        case .dropTenant(let name, let ifExists):
            if ifExists, principals.tenant(name.name) == nil { return missing("tenant", name) }
            try await blocking { () throws(LeibrixError) in
                try keeper?.tenantWillDrop(name.name)
                try principals.dropTenant(name.name)
                keeper?.tenantDropped(name.name)
            }
        case .createUser(let name, let ifNotExists, let attributes, _):
            if ifNotExists, principals.user(name.name) != nil { return exists("role", name) }
            try checkRoles(attributes.memberOf, of: name)
            guard name.name != PrivilegeGrant.everybody else {
                throw LeibrixError(.invalidName, "role name \"public\" is reserved", hint: "Choose another name.", position: name.position, sqlState: "42939")
            }
            let tenant = attributes.tenant?.name ?? TenantRecord.defaultName
            try await blocking { () throws(LeibrixError) in
                var user = UserRecord(name: name.name, tenant: tenant, isAdministrator: attributes.isAdmin ?? false)
                attributes.apply(to: &user)
                try principals.createUser(user)
            }
        case .alterUser(let name, let attributes, _):
            try checkRoles(attributes.memberOf, of: name)
            try await blocking { () throws(LeibrixError) in
                try principals.alterUser(name.name) { attributes.apply(to: &$0) }
            }
        case .dropUser(let names, let ifExists, _): return try await dropUsers(names, ifExists)
        case .grant(let grant): try await change(grant, isMember: true)
        case .revoke(let grant): try await change(grant, isMember: false)
        default: break
        }
        return nil
    }

    private func dropUsers(_ names: [Identifier], _ ifExists: Bool) async throws(LeibrixError) -> LeibrixError? {
        let principals = server.principals
        var notice: LeibrixError?
        for name in names {
            if principals.user(name.name) == nil {
                guard ifExists else {
                    throw LeibrixError(.undefinedObject, "role \"\(name.name)\" does not exist", hint: "SHOW USERS lists them.", position: name.position)
                }
                notice = missing("role", name)
                continue
            }
            guard name.name != user.name else {
                throw LeibrixError(.objectInUse, "current user cannot be dropped", hint: "Connect as another administrator.", position: name.position)
            }
            if let object = tableCatalog.object(of: name.name) {
                throw LeibrixError(
                    .objectInUse, "role \"\(name.name)\" cannot be dropped because some objects depend on it", detail: object,
                    hint: "ALTER … OWNER TO another, and REVOKE what was granted.", position: name.position, sqlState: "2BP01")
            }
            try await blocking { () throws(LeibrixError) in try principals.dropUser(name.name) }
        }
        return notice
    }

    private func checkRoles(_ roles: [Identifier], of name: Identifier) throws(LeibrixError) {
        for role in roles {
            _ = try existingUser(role)
            guard role.name != name.name, !server.principals.roles(of: role.name).contains(name.name) else {
                throw LeibrixError(
                    .syntax, "role \"\(role.name)\" is a member of role \"\(name.name)\"", hint: "Memberships have no circles.", position: role.position,
                    sqlState: "0LP01")
            }
        }
    }

    /// The role `admin` makes administrators; every other role gives its privileges.
    private func change(_ grant: GrantStatement, isMember: Bool) async throws(LeibrixError) {
        guard case .role(let role) = grant.privilege else { throw LeibrixError(.internal, "privileges are granted elsewhere") }
        let principals = server.principals
        let isAdmin = role.name == UserRecord.adminName
        for name in grant.users {
            _ = try existingUser(name)
            if isMember, !isAdmin { try checkRoles([role], of: name) }
            if !isMember { _ = try existingUser(role) }
            try await blocking { () throws(LeibrixError) in
                try principals.alterUser(name.name) { user in
                    if isAdmin {
                        user.isAdministrator = isMember
                    } else if isMember {
                        user.memberOf.insert(role.name)
                    } else {
                        user.memberOf.remove(role.name)
                    }
                }
            }
        }
    }

    /// The control store writes to disk, and hashing a password takes milliseconds: not on an event loop.
    private func blocking(_ body: @escaping @Sendable () throws(LeibrixError) -> Void) async throws(LeibrixError) {
        try await server.engine.pool.run(body)
    }
}

extension StatementOption {
    var spec: SpecOption { SpecOption(name.name, value.value, position: position) }
}

extension OptionValue {
    var value: Value {
        switch self {
        case .string(let text), .word(let text): .string(text)
        case .integer(let number): .integer(number)
        case .decimal(let number): .double(number)
        case .boolean(let flag): .boolean(flag)
        case .list(let values): .list(values.map(\.value))
        case .null: .null
        }
    }
}

extension UserAttributes {
    /// RFC 5802's and PostgreSQL's usual number of iterations.
    private static let iterations = 4_096

    func apply(to user: inout UserRecord) {
        if let tenant { user.tenant = tenant.name }
        if let isAdmin { user.isAdministrator = isAdmin }
        if let canLogIn { user.mayLogIn = canLogIn }
        user.memberOf.formUnion(memberOf.map(\.name))
        guard let password else { return }
        user.password = password.map { text in
            let salt = Random.bytes(16)
            let keys = ScramKeys(password: text, salt: salt, iterations: Self.iterations)
            return PasswordVerifier(
                iterations: Self.iterations, salt: salt, storedKey: keys.storedKey, serverKey: keys.serverKey)
        }
    }
}

extension TableCatalog {
    /// Something that a role owns or was granted something on, in words; nil for nothing.
    fileprivate func object(of role: String) -> String? {
        func uses(_ owner: String, _ privileges: [PrivilegeGrant], _ what: String) -> String? {
            if owner == role { return "owner of \(what)" }
            return privileges.contains { $0.grantee == role || $0.grantor == role } ? "privileges for \(what)" : nil
        }
        return tables.lazy.compactMap { uses($0.owner, $0.privileges, "table \($0.name)") }.first
            ?? views.lazy.compactMap { uses($0.owner, $0.privileges, "view \($0.name)") }.first
            ?? sequences.lazy.compactMap { uses($0.owner, $0.privileges, "sequence \($0.name)") }.first
            ?? schemas.lazy.compactMap { uses($0.owner, $0.privileges, "schema \($0.name)") }.first
    }
}
