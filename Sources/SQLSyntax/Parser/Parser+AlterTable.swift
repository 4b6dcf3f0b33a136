internal import Base

extension Parser {
    /// After ALTER TABLE.
    mutating func alterTable() throws(LeibrixError) -> TableStatement {
        if isAt("all") { throw refusal(of: "ALTER TABLE ALL", "Name one table.", at: position) }
        let exists = try ifExists()
        let name = try tableName()
        var actions: [AlterTableAction] = []
        if let action = try commonAction() {
            actions.append(action)
        } else if accept("rename") {
            actions.append(try renamePart())
        } else {
            repeat { actions.append(try alterAction()) } while accept(.comma)
        }
        try expectEnd()
        return .alter(AlterTable(kind: .table, name: name, ifExists: exists, actions: actions))
    }

    /// After ALTER VIEW or ALTER INDEX.
    mutating func alterNamed(_ kind: RelationKind) throws(LeibrixError) -> TableStatement {
        let exists = try ifExists()
        let name = try objectName("a \(kind.rawValue.lowercased())")
        let action: AlterTableAction
        if let common = try commonAction() {
            action = common
        } else if kind == .index, accept("set") || accept("reset") {
            try storageParameters()
            action = .storage
        } else {
            throw unexpected(oneOf: ["rename", "set", "owner"])
        }
        try expectEnd()
        return .alter(AlterTable(kind: kind, name: name, ifExists: exists, actions: [action]))
    }

    /// RENAME TO, SET SCHEMA and OWNER TO, which all relations have.
    mutating func commonAction() throws(LeibrixError) -> AlterTableAction? {
        if isAt("rename", "to") {
            advance()
            advance()
            return .rename(to: try identifier("the relation"))
        }
        if accept("set", "schema") { return .setSchema(try identifier("a schema")) }
        if accept("owner", "to") { return .owner(try identifier("a user")) }
        return nil
    }

    private mutating func renamePart() throws(LeibrixError) -> AlterTableAction {
        if accept("constraint") {
            let old = try identifier("a constraint")
            try expect("to")
            return .renameConstraint(old, to: try identifier("the constraint"))
        }
        if isAt("column"), !text.isWord(token(after: 1), "to") { advance() }
        let old = try identifier("a column")
        try expect("to")
        return .renameColumn(old, to: try identifier("the column"))
    }

    private static let actionWords = ["add", "drop", "alter", "validate", "set", "reset", "cluster", "enable", "disable", "owner", "replica"]

    private mutating func alterAction() throws(LeibrixError) -> AlterTableAction {
        let start = position
        switch try expectOne(of: Parser.actionWords) {
        case "add": return try addPart()
        case "drop": return try dropPart()
        case "alter": return try alterColumn()
        case "validate":
            try expect("constraint")
            return .validateConstraint(try identifier("a constraint"))
        case "owner":
            try expect("to")
            return .owner(try identifier("a user"))
        case "set":
            if accept("without") {
                _ = try expectOne(of: ["cluster", "oids"])
                return .storage
            }
            if isAt("logged") || isAt("unlogged") || isAt("tablespace") || isAt("access") {
                throw refusal(of: "ALTER TABLE SET \(text.string(token).uppercased())", "Leave it out.", at: start)
            }
            try storageParameters()
            return .storage
        case "reset":
            try storageParameters()
            return .storage
        case "cluster":
            try expect("on")
            throw refusal(of: "CLUSTER ON", "Rows are found by the index wherever they lie.", at: start)
        default: throw refusal(of: "this form of ALTER TABLE", "There are no triggers, rules, row policies or replicas.", at: start)
        }
    }

    private mutating func addPart() throws(LeibrixError) -> AlterTableAction {
        let isConstraint =
            isAt("constraint") || isAt("primary", "key") || isAt("foreign", "key") || isAt("exclude")
            || isAt("check") && token(after: 1).kind == .leftParen
            || isAt("unique") && (token(after: 1).kind == .leftParen || text.isWord(token(after: 1), "using") || text.isWord(token(after: 1), "nulls"))
        if isConstraint, let constraint = try tableConstraint() { return .addConstraint(constraint) }
        _ = accept("column")
        let exists = try ifNotExists()
        return .addColumn(try column(), ifNotExists: exists)
    }

    private mutating func dropPart() throws(LeibrixError) -> AlterTableAction {
        if accept("constraint") {
            let exists = try ifExists()
            let name = try identifier("a constraint")
            return .dropConstraint(name, ifExists: exists, cascade: cascade())
        }
        _ = accept("column")
        let exists = try ifExists()
        let name = try identifier("a column")
        return .dropColumn(name, ifExists: exists, cascade: cascade())
    }

    private mutating func alterColumn() throws(LeibrixError) -> AlterTableAction {
        _ = accept("column")
        let name = try identifier("a column")
        switch try expectOne(of: ["type", "set", "drop", "add", "restart"]) {
        case "type": return try columnType(name)
        case "set": return try columnSet(name)
        case "drop":
            switch try expectOne(of: ["default", "not", "identity", "expression"]) {
            case "default": return .dropDefault(name)
            case "not":
                try expect("null")
                return .setNotNull(name, false)
            case "identity": return .dropIdentity(name, ifExists: try ifExists())
            default: return .dropExpression(name, ifExists: try ifExists())
            }
        case "add":
            try expect("generated")
            let identity = try identityKind()
            try expect("as")
            try expect("identity")
            return .addIdentity(name, identity, try bracketedSequenceOptions())
        default:
            var options = SequenceOptions()
            let hasValue = accept("with") || token.kind == .integer
            options.restart = .some(hasValue ? try signedInteger() : nil)
            return .setIdentity(name, nil, options)
        }
    }

    private mutating func identityKind() throws(LeibrixError) -> ColumnSyntax.Identity {
        if accept("always") { return .always }
        try expect("by")
        try expect("default")
        return .byDefault
    }

    private mutating func bracketedSequenceOptions() throws(LeibrixError) -> SequenceOptions {
        guard accept(.leftParen) else { return SequenceOptions() }
        let options = try sequenceOptions()
        try expect(.rightParen, ")")
        return options
    }

    private mutating func columnType(_ name: Identifier) throws(LeibrixError) -> AlterTableAction {
        let type = try typeName()
        if accept("collate") { _ = try objectName("a collation") }
        return .setType(name, type, using: accept("using") ? try expression() : nil)
    }

    private mutating func columnSet(_ name: Identifier) throws(LeibrixError) -> AlterTableAction {
        if accept("data") {
            try expect("type")
            return try columnType(name)
        }
        switch try expectOne(of: ["default", "not", "statistics", "storage", "compression", "generated"]) {
        case "default": return .setDefault(name, try expression())
        case "not":
            try expect("null")
            return .setNotNull(name, true)
        case "statistics":
            _ = try signedInteger()
            return .storage
        case "generated": return .setIdentity(name, try identityKind(), SequenceOptions())
        default:
            _ = try identifier("a way of storage")
            return .storage
        }
    }
}
