internal import Base

/// GRANT and REVOKE: of roles, and of privileges on relations, sequences, schemas and the database.
extension Parser {
    mutating func grant(_ verb: String) throws(LeibrixError) -> AdministrationStatement {
        let start = position
        let isGrant = verb == "grant"
        var isOption = false
        if !isGrant, isAt("grant", "option") || isAt("admin", "option") {
            advance()
            advance()
            try expect("for")
            isOption = true
        }
        let privilege = try privilege()
        try expect(isGrant ? "to" : "from")
        var users = [try grantee()]
        while accept(.comma) { users.append(try grantee()) }
        if isGrant, accept("with") {
            _ = try expectOne(of: ["grant", "admin"])
            try expect("option")
            isOption = true
        }
        if accept("granted") {
            try expect("by")
            throw refusal(of: "GRANTED BY", "Who runs the statement grants.", at: position)
        }
        var statement = GrantStatement(privilege: privilege, users: users, position: start)
        if case .role = privilege, isOption { throw refusal(of: "ADMIN OPTION", "Administrators grant roles.", at: start) }
        statement.isOption = isOption
        statement.cascade = isGrant ? false : cascade()
        try expectEnd()
        return isGrant ? .grant(statement) : .revoke(statement)
    }

    /// [GROUP] name, PUBLIC, CURRENT_USER
    private mutating func grantee() throws(LeibrixError) -> Identifier {
        if isAt("group"), token(after: 1).isName, !text.isWord(token(after: 1), "with") { advance() }
        return try identifier("a user")
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
            let kind = try expectOne(of: ["datasets", "tables", "sequences", "functions", "routines"])
            if kind == "functions" || kind == "routines" {
                throw refusal(of: "GRANT on functions", "Everybody may call all functions.", at: position)
            }
            var schemas: [Identifier] = []
            if accept("in") {
                try expect("schema")
                repeat { schemas.append(try identifier("a schema")) } while accept(.comma)
            }
            return .allRelations(name, schemas: schemas, areSequences: kind == "sequences")
        }
        if isAt("schema") || isAt("database") {
            let isSchema = isAt("schema")
            advance()
            var names = [try identifier("a schema or database")]
            while accept(.comma) { names.append(try identifier("a schema or database")) }
            return isSchema ? .schema(name, names) : .database(name, names)
        }
        for kind in ["function", "procedure", "routine", "language", "type", "domain", "tablespace", "foreign", "parameter", "large"] where isAt(kind) {
            guard token(after: 1).isName else { break }
            throw refusal(of: "GRANT on a \(kind)", "Privileges are those of tables, views, sequences and schemas.", at: position)
        }
        let isSequence = accept("sequence")
        if !isSequence { _ = accept("dataset") || accept("table") }
        var relations = [try objectName("a relation")]
        while accept(.comma) { relations.append(try objectName("a relation")) }
        return isSequence ? .sequence(name, relations) : .relation(name, relations)
    }
}
