// GRANT and REVOKE of privileges on tables, views, sequences, schemas and the database: changes of definitions, so they belong to
// the transaction. Roles are the control store's (SQLSession+Administration).
internal import Base
internal import Catalog
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    /// What a grant is about.
    private enum Granted {
        case table(TableID), view(TableID), sequence(TableID)
        case schema(String)
    }

    func changePrivileges(_ grant: GrantStatement, revokes: Bool, _ parsed: ParsedQuery) async throws(LeibrixError) -> SQLExecution {
        let tag = revokes ? "REVOKE" : "GRANT"
        _ = try requireTables()
        try refuseReadOnly(tag)
        if case .database(let words, let names) = grant.privilege {
            try checkDatabase(words, names, revokes)
            return SQLExecution(tag: .fixed(tag))
        }
        let (words, objects) = try granted(grant.privilege)
        let grantees = try grant.users.map { (name) throws(LeibrixError) in try grantee(name) }
        try await recorded(parsed, route: "control") { (control) async throws(LeibrixError) in
            try await defining(control) { (tables) async throws(LeibrixError) in
                for object in objects {
                    let outcome = try self.change(object, words, grantees, grant, revokes, tables)
                    if outcome != .done { return outcome }
                }
                return .done
            }
        }
        definitions = server.nextTransaction()
        return SQLExecution(tag: .fixed(tag))
    }

    /// Everybody may connect; nobody may create databases. What is so can be granted, and nothing else.
    private func checkDatabase(_ words: String, _ names: [Identifier], _ revokes: Bool) throws(LeibrixError) {
        for name in names where name.name != server.configuration.database {
            throw LeibrixError(.undefinedDatabase, "database \"\(name.name)\" does not exist", hint: "There is one database, \(server.configuration.database).", position: name.position)
        }
        let wanted = Set(words.split(separator: ",").map { String($0).filter { $0 != " " } })
        guard !revokes, wanted.isSubset(of: ["CONNECT", "TEMP", "TEMPORARY"]) else {
            throw LeibrixError(
                .notSupported, "privileges on the database cannot be \(revokes ? "revoked" : "granted")",
                hint: "Users connect while they have a password and may log in; administrators create schemas.", position: names[0].position)
        }
    }

    private func grantee(_ name: Identifier) throws(LeibrixError) -> String {
        name.name == PrivilegeGrant.everybody ? name.name : try existingUser(name)
    }

    private func granted(_ privilege: GrantStatement.Privilege) throws(LeibrixError) -> (words: String, [Granted]) {
        var objects: [Granted] = []
        switch privilege {
        case .relation(let words, let names):
            for name in names {
                switch try lookup(name) {
                case .table(let id)?: objects.append(.table(id))
                case .view(let id)?: objects.append(.view(id))
                case .sequence(let id)?: objects.append(.sequence(id))
                default:
                    var error = try missing(name, wanted: "table")
                    if error.code == .notSupported { error.hint = "Users read all datasets of their tenant." }
                    throw error
                }
            }
            return (words, objects)
        case .sequence(let words, let names):
            for name in names {
                guard case .sequence(let id)? = try lookup(name) else { throw try missing(name, wanted: "sequence") }
                objects.append(.sequence(id))
            }
            return (words, objects)
        case .schema(let words, let names):
            for name in names {
                guard tableCatalog.hasSchema(name.name) else { throw undefinedSchema(name) }
                objects.append(.schema(name.name))
            }
            return (words, objects)
        case .allRelations(let words, let schemas, let areSequences): return (words, try all(in: schemas, areSequences))
        case .role, .database: throw LeibrixError(.internal, "roles and databases are granted elsewhere")
        }
    }

    private func all(in schemas: [Identifier], _ areSequences: Bool) throws(LeibrixError) -> [Granted] {
        for name in schemas where !tableCatalog.hasSchema(name.name) { throw undefinedSchema(name) }
        let wanted = Set(schemas.isEmpty ? ["public"] : schemas.map(\.name))
        if areSequences { return tableCatalog.sequences.filter { wanted.contains($0.schema) }.map { .sequence($0.id) } }
        return tableCatalog.tables.filter { wanted.contains($0.schema) }.map { .table($0.id) }
            + tableCatalog.views.filter { wanted.contains($0.schema) }.map { .view($0.id) }
    }

    private func undefinedSchema(_ name: Identifier) -> LeibrixError {
        LeibrixError(.undefinedSchema, "schema \"\(name.name)\" does not exist", hint: "SHOW SCHEMAS lists what there is.", position: name.position)
    }

    // MARK: One object

    private func change(
        _ object: Granted, _ words: String, _ grantees: [String], _ grant: GrantStatement, _ revokes: Bool, _ tables: TableTransaction
    ) throws(LeibrixError) -> WriteOutcome {
        let catalog = tables.catalog
        switch object {
        case .table(let id):
            guard var table = catalog.table(id) else { return .done }
            let wanted = try privileges(words, TablePrivilege.ofTables, "relation", grant)
            try change(&table.privileges, wanted, grantees, grant, revokes, ("table", table.name, table.owner))
            return try tables.alterTable(table)
        case .view(let id):
            guard var view = catalog.view(id) else { return .done }
            let wanted = try privileges(words, TablePrivilege.ofTables, "relation", grant)
            try change(&view.privileges, wanted, grantees, grant, revokes, ("view", view.name, view.owner))
            return try tables.put(view)
        case .sequence(let id):
            guard var sequence = catalog.sequence(id) else { return .done }
            let wanted = try privileges(words, TablePrivilege.ofSequences, "sequence", grant)
            try change(&sequence.privileges, wanted, grantees, grant, revokes, ("sequence", sequence.name, sequence.owner))
            return try tables.put(sequence)
        case .schema(let name):
            let id = try requireTables().makeID()
            var schema = catalog.schema(name) ?? SchemaDefinition(id: id, name: name, owner: UserRecord.adminName)
            let wanted = try privileges(words, TablePrivilege.ofSchemas, "schema", grant)
            schema.privileges = schema.shownPrivileges
            try change(&schema.privileges, wanted, grantees, grant, revokes, ("schema", schema.name, schema.owner))
            schema.isRestricted = true
            return try tables.put(schema)
        }
    }

    private func privileges(
        _ words: String, _ known: [TablePrivilege], _ kind: String, _ grant: GrantStatement
    ) throws(LeibrixError) -> Set<TablePrivilege> {
        if words == "ALL" { return Set(known) }
        var wanted: Set<TablePrivilege> = []
        for word in words.split(separator: ",").map({ String($0).filter { $0 != " " } }) {
            guard let privilege = TablePrivilege(rawValue: word.lowercased()) else {
                throw LeibrixError(.syntax, "unrecognized privilege type \"\(word.lowercased())\"", hint: "SELECT, INSERT, UPDATE, DELETE …", position: grant.position)
            }
            guard known.contains(privilege) else {
                throw LeibrixError(
                    .syntax, "invalid privilege type \(word) for \(kind)", hint: "Use \(known.map { $0.rawValue.uppercased() }.joined(separator: ", ")).",
                    position: grant.position, sqlState: "0LP01")
            }
            wanted.insert(privilege)
        }
        return wanted
    }

    private func change(
        _ grants: inout [PrivilegeGrant], _ wanted: Set<TablePrivilege>, _ grantees: [String], _ grant: GrantStatement, _ revokes: Bool,
        _ what: (kind: String, name: String, owner: String)
    ) throws(LeibrixError) {
        let isOwner = owns(what.owner)
        // What an administrator grants, the owner has granted.
        let grantor = isOwner ? what.owner : user.name
        let roles = roles
        guard isOwner || wanted.allSatisfy({ grants.allowsGranting($0, by: roles) }) else {
            throw LeibrixError(.permissionDenied, "permission denied for \(what.kind) \(what.name)", hint: "Its owner is \(what.owner).")
        }
        for grantee in grantees {
            guard revokes else {
                guard grantee != PrivilegeGrant.everybody || !grant.isOption else {
                    throw LeibrixError(.syntax, "grant options can only be granted to roles", hint: "Leave PUBLIC out.", position: grant.position, sqlState: "0LP01")
                }
                if grantee != what.owner { grants.grant(wanted, to: grantee, by: grantor, withOption: grant.isOption) }
                continue
            }
            guard grantee != what.owner else {
                throw LeibrixError(.notSupported, "an owner's privileges cannot be revoked", hint: "ALTER … OWNER TO gives the object to another.", position: grant.position)
            }
            let dependent = grants.revoke(wanted, from: grantee, by: isOwner ? nil : grantor, optionOnly: grant.isOption, cascade: grant.cascade)
            if let dependent {
                throw LeibrixError(
                    .objectInUse, "dependent privileges exist", detail: "\(grantee) has granted them to \(dependent).",
                    hint: "Use CASCADE to revoke them too.", position: grant.position, sqlState: "2BP01")
            }
        }
    }
}
