internal import Base

/// CREATE TABLE: columns, constraints, and CREATE TABLE AS.
extension Parser {
    /// After CREATE [TEMP] TABLE.
    mutating func createTable(isTemporary: Bool) throws(LeibrixError) -> TableStatement {
        let exists = try ifNotExists()
        let name = try objectName("a table")
        if isAt("as") || isAt("with") || isAt("using") || isAt("on") || token.kind == .leftParen && isNameList() {
            return .createTableAs(try tableAs(name, ifNotExists: exists, isTemporary: isTemporary))
        }
        if isAt("of") || isAt("partition") {
            throw refusal(of: "CREATE TABLE … \(text.string(token).uppercased())", "Write the columns out.", at: position)
        }
        var table = CreateTable(
            name: name, ifNotExists: exists, isTemporary: isTemporary, onCommitDrop: false, onCommitDelete: false, columns: [],
            constraints: [], likes: [])
        try expect(.leftParen, "(")
        if !accept(.rightParen) {
            repeat { try tableElement(&table) } while accept(.comma)
            guard accept(.rightParen) else { throw unexpected(wanted: "\",\" or \")\"") }
        }
        try tableOptions(&table)
        try expectEnd()
        return .createTable(table)
    }

    /// (a, b) AS: nothing but names, and AS or an option behind.
    private func isNameList() -> Bool {
        var offset = 1
        while token(after: offset).isName, token(after: offset + 1).kind == .comma { offset += 2 }
        guard token(after: offset).isName, token(after: offset + 1).kind == .rightParen else { return false }
        let next = token(after: offset + 2)
        return ["as", "with", "using", "on"].contains { text.isWord(next, $0) }
    }

    private mutating func tableAs(_ name: ObjectName, ifNotExists: Bool, isTemporary: Bool) throws(LeibrixError) -> CreateTableAs {
        let columns = token.kind == .leftParen ? try nameList("a column") : []
        var options = CreateTable(
            name: name, ifNotExists: ifNotExists, isTemporary: isTemporary, onCommitDrop: false, onCommitDelete: false, columns: [],
            constraints: [], likes: [])
        try tableOptions(&options)
        try expect("as")
        if isAt("execute") { throw refusal(of: "CREATE TABLE AS EXECUTE", "Write the query out.", at: position) }
        let query = rest()
        let (range, withData) = withoutDataClause(query)
        return CreateTableAs(
            name: name, columns: columns, ifNotExists: ifNotExists, isTemporary: isTemporary, onCommitDrop: options.onCommitDrop,
            onCommitDelete: options.onCommitDelete, query: range, withData: withData,
            isSelectInto: false)
    }

    /// Takes WITH [NO] DATA off the end.
    private func withoutDataClause(_ query: Range<Int>) -> (Range<Int>, Bool) {
        let inside = text.tokens.filter { $0.start >= query.lowerBound && $0.end <= query.upperBound && $0.kind != .end }
        guard let last = inside.last, text.isWord(last, "data"), inside.count > 2 else { return (query, true) }
        let no = text.isWord(inside[inside.count - 2], "no")
        let with = inside[max(inside.count - (no ? 3 : 2), 0)]
        guard text.isWord(with, "with"), let before = inside.last(where: { $0.end <= with.start }) else { return (query, true) }
        return (query.lowerBound..<before.end, !no)
    }

    private mutating func tableElement(_ table: inout CreateTable) throws(LeibrixError) {
        if accept("like") {
            table.likes.append(try like(columnsBefore: table.columns.count))
        } else if isAtTableConstraint {
            if let constraint = try tableConstraint() { table.constraints.append(constraint) }
        } else {
            table.columns.append(try column())
        }
        guard table.columns.count <= SyntaxLimits.columnsMax else {
            throw LeibrixError(.limitExceeded, "tables can have at most \(SyntaxLimits.columnsMax) columns", position: position, sqlState: "54011")
        }
    }

    private mutating func like(columnsBefore: Int) throws(LeibrixError) -> LikeSyntax {
        let other = try objectName("a table")
        var including: Set<String> = []
        while isAt("including") || isAt("excluding") {
            let adds = isAt("including")
            advance()
            let word = text.lowered(token)
            _ = try identifier("what to include")
            if adds { including.insert(word) } else if word == "all" { including = [] } else { including.remove(word) }
        }
        return LikeSyntax(table: other, including: including, columnsBefore: columnsBefore)
    }

    private var isAtTableConstraint: Bool {
        isAt("constraint") || isAt("primary", "key") || isAt("foreign", "key") || isAt("exclude") || isAt("check")
            && token(after: 1).kind == .leftParen || isAt("unique") && (token(after: 1).kind == .leftParen || text.isWord(token(after: 1), "nulls"))
    }

    /// [CONSTRAINT name] PRIMARY KEY (…), UNIQUE (…), CHECK (…), FOREIGN KEY (…) REFERENCES …
    mutating func tableConstraint() throws(LeibrixError) -> ConstraintSyntax? {
        let start = position
        let name = accept("constraint") ? try identifier("a constraint") : nil
        let kind: ConstraintSyntax.Kind
        if accept("primary", "key") {
            if accept("using") { kind = try usingIndex(isPrimary: true) } else { kind = .primaryKey(columns: try keyColumns()) }
        } else if accept("unique") {
            if accept("using") {
                kind = try usingIndex(isPrimary: false)
            } else {
                let nulls = try nullsNotDistinct()
                kind = .unique(columns: try keyColumns(), nullsNotDistinct: nulls)
            }
        } else if accept("check") {
            kind = .check(try balanced())
            if accept("no") { try expect("inherit") }
        } else if accept("foreign", "key") {
            let columns = try nameList("a column")
            kind = .foreignKey(columns: columns, try references())
        } else if isAt("exclude") {
            throw refusal(of: "EXCLUDE", "Use UNIQUE or CHECK.", at: position)
        } else {
            throw unexpected(oneOf: ["primary", "unique", "check", "foreign"])
        }
        if case .foreignKey(let columns, let key) = kind {
            var deferred = Optional(key)
            try constraintAttributes(of: &deferred)
            return ConstraintSyntax(name: name, kind: .foreignKey(columns: columns, deferred ?? key), position: start)
        }
        var none: ForeignKeySyntax?
        try constraintAttributes(of: &none)
        return ConstraintSyntax(name: name, kind: kind, position: start)
    }

    private mutating func usingIndex(isPrimary: Bool) throws(LeibrixError) -> ConstraintSyntax.Kind {
        try expect("index")
        return .usingIndex(try identifier("an index"), isPrimary: isPrimary)
    }

    private mutating func nullsNotDistinct() throws(LeibrixError) -> Bool {
        guard accept("nulls") else { return false }
        let not = accept("not")
        try expect("distinct")
        return not
    }

    /// (a, b) with the options of the index behind it, which have no meaning here.
    private mutating func keyColumns() throws(LeibrixError) -> [Identifier] {
        let columns = try nameList("a column")
        try indexOptions()
        return columns
    }

    /// INCLUDE is refused: the index points at the row, and needs no copy of other columns.
    private mutating func indexOptions() throws(LeibrixError) {
        if isAt("include") { throw refusal(of: "INCLUDE", "Leave it out: the whole row is at hand.", at: position) }
        if isAt("with"), token(after: 1).kind == .leftParen {
            advance()
            try storageParameters()
        }
        if accept("using") {
            try expect("index")
            try tablespace()
        }
    }

    mutating func references() throws(LeibrixError) -> ForeignKeySyntax {
        try expect("references")
        let table = try objectName("a table")
        let columns = token.kind == .leftParen ? try nameList("a column") : []
        var key = ForeignKeySyntax(table: table, columns: columns, onDelete: .noAction, onUpdate: .noAction, isMatchFull: false)
        if accept("match") {
            let match = try expectOne(of: ["simple", "full", "partial"])
            if match == "partial" { throw refusal(of: "MATCH PARTIAL", "Use MATCH SIMPLE.", at: position) }
            key.isMatchFull = match == "full"
        }
        while accept("on") {
            if try expectOne(of: ["delete", "update"]) == "delete" {
                key.onDelete = try referentialAction()
            } else {
                key.onUpdate = try referentialAction()
            }
        }
        return key
    }

    private mutating func referentialAction() throws(LeibrixError) -> ForeignKeySyntax.Action {
        switch try expectOne(of: ["no", "restrict", "cascade", "set"]) {
        case "no":
            try expect("action")
            return .noAction
        case "restrict": return .restrict
        case "cascade": return .cascade
        default: return try expectOne(of: ["null", "default"]) == "null" ? .setNull : .setDefault
        }
    }

    /// [NOT] DEFERRABLE, INITIALLY …, NOT VALID. Foreign keys can be deferred; the others are checked at the end of each statement, so
    /// only that is taken for them.
    mutating func constraintAttributes(of key: inout ForeignKeySyntax?) throws(LeibrixError) {
        while true {
            if isAt("not", "deferrable") {
                advance()
                advance()
            } else if accept("initially") {
                if isAt("deferred") {
                    guard key != nil else { throw deferredRefusal() }
                    advance()
                    key?.isDeferred = true
                    key?.isDeferrable = true
                } else {
                    try expect("immediate")
                }
            } else if isAt("deferrable") {
                guard key != nil else { throw deferredRefusal() }
                advance()
                key?.isDeferrable = true
            } else if isAt("not", "valid") {
                throw refusal(of: "NOT VALID", "Constraints hold for all rows: leave it out.", at: position)
            } else {
                return
            }
        }
    }

    private func deferredRefusal() -> LeibrixError {
        refusal(of: "DEFERRABLE", "Only foreign keys can be deferred; others are checked at the end of each statement: leave it out.", at: position)
    }
}
