// What a user may do with tables. Owners (and members of the owning role) and administrators may do everything, others what they,
// a role of theirs, or PUBLIC were granted.
internal import Base
internal import Catalog
internal import ControlStore
internal import SQLPlanning
internal import SQLSyntax

extension SQLSession {
    /// The user and all its roles.
    var roles: Set<String> { server.principals.roles(of: user.name) }

    func owns(_ owner: String) -> Bool { user.isAdministrator || owner == user.name || roles.contains(owner) }

    func mayUse(_ privilege: TablePrivilege, _ privileges: [PrivilegeGrant], owner: String) -> Bool {
        owns(owner) || privileges.allows(privilege, to: roles)
    }

    private func denied(_ kind: String, _ name: String, _ privilege: TablePrivilege, _ owner: String) -> LeibrixError {
        LeibrixError(
            .permissionDenied, "permission denied for \(kind) \(name)",
            hint: "Ask its owner, \(owner): GRANT \(privilege.rawValue.uppercased()) ON \(kind == "schema" ? "SCHEMA " : "")\(name) TO \(user.name).")
    }

    /// SELECT on every table and view that a query names, as the engine prints the names.
    func requireReadable(_ plan: EnginePlan, except target: TableID? = nil) throws(LeibrixError) {
        guard !user.isAdministrator, server.tables != nil else { return }
        for name in plan.description.named ?? plan.description.relations {
            guard let text = try? SQLText(name) else { continue }
            var parts = text.tokens.compactMap { token in text.name(token).map { Identifier($0, position: 1) } }
            if parts.count > 1, parts[0].name == server.configuration.relationCatalog { parts.removeFirst() }
            guard !parts.isEmpty, parts.count <= 3 else { continue }
            switch try lookup(SQLSyntax.ObjectName(parts)) {
            case .table(let id)?: if id != target, let table = tableCatalog.table(id) { try require(.select, on: table) }
            case .view(let id)?: if let view = tableCatalog.view(id) { try require(.select, on: view) }
            default: continue
            }
        }
    }

    /// What a point statement needs: its general form's, and the sequences that it asks for numbers.
    func requirePrivileges(_ statement: PointStatement) throws(LeibrixError) {
        if let table = statement.plan.table { for privilege in statement.privileges { try require(privilege, on: table) } }
        if case .change(let plan) = statement.general { try requirePrivileges(plan) }
        guard case .insert(let insert) = statement.plan, let row = insert.rows.first else { return }
        for case .next(let id) in row where !insert.table.columns.contains(where: { $0.identity?.sequence == id }) {
            if let sequence = tableCatalog.sequence(id) { try require(oneOf: [.usage, .update], on: sequence) }
        }
    }

    func require(_ privilege: TablePrivilege, on table: TableDefinition) throws(LeibrixError) {
        guard !user.isAdministrator, table.owner != user.name else { return }
        try requireUsage(of: table.schema)
        guard !mayUse(privilege, table.privileges, owner: table.owner) else { return }
        throw denied("table", table.name, privilege, table.owner)
    }

    func require(_ privilege: TablePrivilege, on view: ViewDefinition) throws(LeibrixError) {
        guard !user.isAdministrator, view.owner != user.name else { return }
        try requireUsage(of: view.schema)
        guard !mayUse(privilege, view.privileges, owner: view.owner) else { return }
        throw denied("view", view.name, privilege, view.owner)
    }

    /// One of several privileges is enough.
    func require(oneOf privileges: [TablePrivilege], on sequence: SequenceDefinition) throws(LeibrixError) {
        guard !user.isAdministrator, sequence.owner != user.name else { return }
        guard !privileges.contains(where: { mayUse($0, sequence.privileges, owner: sequence.owner) }) else { return }
        throw denied("sequence", sequence.name, privileges[0], sequence.owner)
    }

    /// USAGE on a schema, which is everybody's of `public` until somebody grants or revokes there.
    func requireUsage(of schema: String) throws(LeibrixError) { try require(.usage, onSchema: schema) }

    func require(_ privilege: TablePrivilege, onSchema name: String) throws(LeibrixError) {
        guard !user.isAdministrator, let schema = tableCatalog.schema(name) else { return }
        guard !mayUse(privilege, schema.shownPrivileges, owner: schema.owner) else { return }
        throw denied("schema", schema.name, privilege, schema.owner)
    }

    func requireOwner(_ owner: String, _ kind: String, _ name: String) throws(LeibrixError) {
        guard !owns(owner) else { return }
        throw LeibrixError(.permissionDenied, "must be owner of \(kind) \(name)", hint: "Its owner is \(owner).")
    }
}
