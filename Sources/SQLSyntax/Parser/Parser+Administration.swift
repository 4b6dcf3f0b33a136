internal import Base

extension Parser {
    /// CREATE, ALTER, DROP, REFRESH, GRANT and REVOKE.
    mutating func administration(_ verb: String) throws(LeibrixError) -> Statement {
        advance()
        switch verb {
        case "create": return try create()
        case "alter": return try alter()
        case "drop": return try drop()
        case "refresh":
            if isAt("materialized") {
                return .refused(
                    RefusedStatement(
                        reason: .notSupported, command: "REFRESH MATERIALIZED VIEW", hint: "Use REFRESH DATASET name.",
                        position: text.position(text.tokens[0])))
            }
            try expect("dataset")
            let name = try objectName("a dataset")
            try expectEnd()
            return .administration(.refreshDataset(name))
        default: return .administration(try grant(verb))
        }
    }

    private mutating func create() throws(LeibrixError) -> Statement {
        if accept("dataset") { return .administration(try createDataset()) }
        if accept("catalog") {
            let exists = try ifNotExists()
            let name = try identifier("a catalog")
            return .administration(.createCatalog(name, ifNotExists: exists, options: try withOptions(required: true)))
        }
        if accept("tenant") {
            let exists = try ifNotExists()
            let name = try identifier("a tenant")
            return .administration(.createTenant(name, ifNotExists: exists, options: try withOptions(required: false)))
        }
        if accept("user") {
            let exists = try ifNotExists()
            let name = try identifier("a user")
            return .administration(.createUser(name, ifNotExists: exists, try userAttributes()))
        }
        if accept("role") || accept("group") {
            let name = try identifier("a role")
            return .administration(.createUser(name, ifNotExists: false, try userAttributes()))
        }
        if let relation = try createRelation() { return .table(relation) }
        return .refused(try refusedObject("create"))
    }

    private mutating func createDataset() throws(LeibrixError) -> AdministrationStatement {
        let exists = try ifNotExists()
        let name = try objectName("a dataset")
        try expect("from")
        let source = try objectName("a source table", partsMax: 8)
        let options = try withOptions(required: false)
        return .createDataset(CreateDataset(name: name, ifNotExists: exists, source: source, options: options))
    }

    private mutating func alter() throws(LeibrixError) -> Statement {
        if accept("dataset") {
            let name = try objectName("a dataset")
            return .administration(.alterDataset(name, options: try setOptions()))
        }
        if accept("tenant") {
            let name = try identifier("a tenant")
            return .administration(.alterTenant(name, options: try setOptions()))
        }
        if accept("table") { return .table(try alterTable()) }
        if accept("sequence") { return .table(try alterSequence()) }
        if accept("view") { return .table(try alterNamed(.view)) }
        if accept("index") { return .table(try alterNamed(.index)) }
        if accept("schema") { return .table(try alterNamed(.schema)) }
        if accept("user") || accept("role") {
            let name = try identifier("a user")
            let attributes = try userAttributes()
            guard attributes != UserAttributes() else { throw unexpected(oneOf: Parser.userWords) }
            return .administration(.alterUser(name, attributes))
        }
        return .refused(try refusedObject("alter"))
    }

    private mutating func drop() throws(LeibrixError) -> Statement {
        if let relation = try dropRelation() { return .table(relation) }
        let kind = isAt("role") ? "user" : text.lowered(token)
        guard ["dataset", "catalog", "tenant", "user"].contains(kind), token.kind == .word else {
            return .refused(try refusedObject("drop"))
        }
        advance()
        let exists = try ifExists()
        let name = try objectName("a \(kind)", partsMax: kind == "dataset" ? 3 : 1)
        if isAt("cascade") {
            throw LeibrixError(
                .notSupported, "DROP \(kind.uppercased()) does not cascade", hint: "Drop what depends on it first.", position: position)
        }
        _ = accept("restrict")
        try expectEnd()
        switch kind {
        case "dataset": return .administration(.dropDataset(name, ifExists: exists))
        case "catalog": return .administration(.dropCatalog(name.last, ifExists: exists))
        case "tenant": return .administration(.dropTenant(name.last, ifExists: exists))
        default: return .administration(.dropUser(name.last, ifExists: exists))
        }
    }

    /// [WITH (…)] to the end.
    private mutating func withOptions(required: Bool) throws(LeibrixError) -> [StatementOption] {
        guard required || !isAtEnd else { return [] }
        try expect("with")
        let options = try options()
        try expectEnd()
        return options
    }

    /// SET (…) or WITH (…), with at least one option.
    private mutating func setOptions() throws(LeibrixError) -> [StatementOption] {
        guard accept("set") || accept("with") else { throw unexpected(oneOf: ["set", "with"]) }
        let options = try options()
        guard !options.isEmpty else {
            throw LeibrixError(.syntax, "there is nothing to change", hint: "Name at least one option.", position: position)
        }
        try expectEnd()
        return options
    }

    static let userWords = ["password", "tenant", "superuser", "nosuperuser", "admin", "noadmin", "login", "nologin"]

    private mutating func userAttributes() throws(LeibrixError) -> UserAttributes {
        var attributes = UserAttributes()
        _ = accept("with")
        while !isAtEnd && token.kind != .semicolon {
            if accept("encrypted") { guard isAt("password") else { throw unexpected(wanted: "PASSWORD") } }
            switch try expectOne(of: Parser.userWords) {
            case "password": attributes.password = .some(try password())
            case "tenant": attributes.tenant = try identifier("a tenant")
            case "superuser", "admin": attributes.isAdmin = true
            case "nosuperuser", "noadmin": attributes.isAdmin = false
            case "login": attributes.canLogIn = true
            default: attributes.canLogIn = false
            }
        }
        return attributes
    }

    private mutating func password() throws(LeibrixError) -> String? {
        if accept("null") { return nil }
        guard token.isString, let value = text.stringValue(token) else { throw unexpected(wanted: "a password in single quotes") }
        guard !value.isEmpty else {
            throw LeibrixError(.invalidOption, "the password is empty", hint: "Use PASSWORD NULL for none.", position: position)
        }
        advance()
        return value
    }

    private mutating func grant(_ verb: String) throws(LeibrixError) -> AdministrationStatement {
        let start = position
        let privilege = try privilege()
        try expect(verb == "grant" ? "to" : "from")
        var users = [try identifier("a user")]
        while accept(.comma) { users.append(try identifier("a user")) }
        if isAt("with") {
            throw LeibrixError(
                .notSupported, "GRANT OPTION and ADMIN OPTION are not supported", hint: "Only administrators grant.", position: position)
        }
        try expectEnd()
        let statement = GrantStatement(privilege: privilege, users: users, position: start)
        return verb == "grant" ? .grant(statement) : .revoke(statement)
    }

    private mutating func privilege() throws(LeibrixError) -> GrantStatement.Privilege {
        let first = try identifier("a privilege or role")
        var name = first.name.uppercased()
        if name == "ALL" { _ = accept("privileges") }
        while accept(.comma) { name += ", " + (try identifier("a privilege")).name.uppercased() }
        if token.kind == .leftParen {
            throw refusal(of: "GRANT of columns", "Grant the whole relation, or a view of the columns.", at: position)
        }
        guard accept("on") else { return .role(first) }
        return try grantedObjects(name)
    }

    private mutating func grantedObjects(_ name: String) throws(LeibrixError) -> GrantStatement.Privilege {
        if accept("all") {
            _ = try expectOne(of: ["datasets", "tables", "sequences", "functions", "routines"])
            var schemas: [Identifier] = []
            if accept("in") {
                try expect("schema")
                repeat { schemas.append(try identifier("a schema")) } while accept(.comma)
            }
            return .allRelations(name, schemas: schemas)
        }
        if accept("schema") || accept("database") {
            let isSchema = text.isWord(text.tokens[index - 1], "schema")
            var names = [try identifier("a schema or database")]
            while accept(.comma) { names.append(try identifier("a schema or database")) }
            return isSchema ? .schema(name, names) : .database(name, names)
        }
        let isSequence = accept("sequence")
        if !isSequence { _ = accept("dataset") || accept("table") }
        var relations = [try objectName("a relation")]
        while accept(.comma) { relations.append(try objectName("a relation")) }
        return isSequence ? .sequence(name, relations) : .relation(name, relations)
    }
}
