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
            return .administration(.createUser(name, ifNotExists: exists, try userAttributes(), isRole: false))
        }
        if accept("role") || accept("group") {
            let exists = try ifNotExists()
            let name = try identifier("a role")
            var attributes = try userAttributes()
            attributes.canLogIn = attributes.canLogIn ?? false
            return .administration(.createUser(name, ifNotExists: exists, attributes, isRole: true))
        }
        if let object = try createStreamObject() { return object }
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
        if accept("source") { return .stream(try alterSource()) }
        if accept("table") { return .table(try alterTable()) }
        if accept("sequence") { return .table(try alterSequence()) }
        if accept("view") { return .table(try alterNamed(.view)) }
        if accept("index") { return .table(try alterNamed(.index)) }
        if accept("schema") { return .table(try alterNamed(.schema)) }
        if isAt("user") || isAt("role") {
            let isRole = isAt("role")
            advance()
            let name = try identifier("a user")
            if isAt("set") || isAt("reset") || isAt("in", "database") {
                throw refusal(of: "ALTER USER … SET", "Settings come with the connection: options = '-c name=value'.", at: position)
            }
            if isAt("rename") { throw refusal(of: "ALTER USER … RENAME", "Create another user, and drop this one.", at: position) }
            let attributes = try userAttributes()
            guard attributes != UserAttributes() else { throw unexpected(oneOf: Parser.userWords) }
            return .administration(.alterUser(name, attributes, isRole: isRole))
        }
        return .refused(try refusedObject("alter"))
    }

    private mutating func drop() throws(LeibrixError) -> Statement {
        if let object = try dropStreamObject() { return object }
        if let relation = try dropRelation() { return .table(relation) }
        let isRole = isAt("role") || isAt("group")
        let kind = isRole ? "user" : text.lowered(token)
        guard ["dataset", "catalog", "tenant", "user"].contains(kind), token.kind == .word else {
            return .refused(try refusedObject("drop"))
        }
        advance()
        let exists = try ifExists()
        let name = try objectName("a \(kind)", partsMax: kind == "dataset" ? 3 : 1)
        var users = [name.last]
        while kind == "user", accept(.comma) { users.append(try identifier("a user")) }
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
        default: return .administration(.dropUser(users, ifExists: exists, isRole: isRole))
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

    static let userWords = [
        "password", "tenant", "superuser", "nosuperuser", "admin", "noadmin", "login", "nologin", "in", "inherit", "nocreatedb", "nocreaterole",
        "noreplication", "nobypassrls", "connection", "createdb", "createrole", "replication", "bypassrls", "noinherit", "valid", "role", "user", "sysid",
    ]
    /// What PostgreSQL's roles may have and these never do.
    private static let refusedUserWords: Set<String> = ["createdb", "createrole", "replication", "bypassrls", "noinherit", "valid", "role", "user", "sysid"]

    private mutating func userAttributes() throws(LeibrixError) -> UserAttributes {
        var attributes = UserAttributes()
        _ = accept("with")
        while !isAtEnd && token.kind != .semicolon {
            if accept("encrypted") { guard isAt("password") else { throw unexpected(wanted: "PASSWORD") } }
            let start = position
            let word = try expectOne(of: Parser.userWords)
            switch word {
            case "password": attributes.password = .some(try password())
            case "tenant": attributes.tenant = try identifier("a tenant")
            case "superuser", "admin": attributes.isAdmin = true
            case "nosuperuser", "noadmin": attributes.isAdmin = false
            case "login": attributes.canLogIn = true
            case "nologin": attributes.canLogIn = false
            case "in":
                _ = try expectOne(of: ["role", "group"])
                repeat { attributes.memberOf.append(try identifier("a role")) } while accept(.comma)
            case "connection":
                try expect("limit")
                guard try signedInteger() == -1 else {
                    throw refusal(of: "CONNECTION LIMIT", "CREATE TENANT … WITH (concurrency = n) bounds statements.", at: start)
                }
            case let other where Parser.refusedUserWords.contains(other):
                throw refusal(of: other.uppercased(), "Roles log in, are administrators, and are members of each other; nothing else.", at: start)
            default: break
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
}
