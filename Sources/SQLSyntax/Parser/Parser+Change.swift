internal import Base

/// INSERT, UPDATE, DELETE and MERGE, perhaps with WITH in front.
extension Parser {
    private static let clauseWords: Set<String> = ["from", "where", "returning", "set", "using", "on", "when"]

    /// At the first word: WITH, INSERT, UPDATE, DELETE or MERGE.
    mutating func change() throws(LeibrixError) -> ChangeStatement {
        let with = isAt("with") ? try withClause() : nil
        switch try expectOne(of: ["insert", "update", "delete", "merge"]) {
        case "insert": return .insert(try insert(with))
        case "update": return .update(try update(with))
        case "delete": return .delete(try delete(with))
        default: return .merge(try merge(with))
        }
    }

    private mutating func withClause() throws(LeibrixError) -> Range<Int> {
        let start = token.start
        var depth = 0
        while !isAtEnd {
            switch token.kind {
            case .leftParen: depth += 1
            case .rightParen: depth -= 1
            default: break
            }
            if depth == 0, ["insert", "update", "delete", "merge"].contains(where: { isAt($0) }) { break }
            advance()
        }
        return start..<text.tokens[index - 1].end
    }

    /// The changed table with its alias; `stops` are words that follow and are no alias.
    private mutating func target(_ stops: Set<String>, needsAs: Bool = false) throws(LeibrixError) -> ChangeTarget {
        if isAt("only"), token(after: 1).isName { advance() }
        let first = token.start
        let name = try objectName("a table")
        let range = first..<text.tokens[index - 1].end
        _ = acceptSymbol("*")
        var alias: Identifier?
        if accept("as") {
            alias = try identifier("an alias")
        } else if !needsAs, token.isName, !(token.kind == .word && stops.contains(text.lowered(token))) {
            alias = try identifier("an alias")
        }
        return ChangeTarget(name: name, alias: alias, range: range)
    }

    // MARK: INSERT

    private mutating func insert(_ with: Range<Int>?) throws(LeibrixError) -> InsertStatement {
        try expect("into")
        let target = try target([], needsAs: true)
        var columns: [Identifier] = []
        if token.kind == .leftParen, !isSubquery(at: 1) { columns = try targetColumns() }
        let overriding = try overriding()
        let source = try insertSource()
        let conflict = isAt("on", "conflict") ? try onConflict() : nil
        let returning = try returning()
        try expectEnd()
        return InsertStatement(
            with: with, target: target, columns: columns, overriding: overriding, source: source, conflict: conflict, returning: returning)
    }

    /// Names of columns; parts of a column (a[1], a.b) are refused.
    private mutating func targetColumns() throws(LeibrixError) -> [Identifier] {
        try expect(.leftParen, "(")
        var columns = [try targetColumn()]
        while accept(.comma) { columns.append(try targetColumn()) }
        guard accept(.rightParen) else { throw unexpected(wanted: "\",\" or \")\"") }
        return columns
    }

    private mutating func targetColumn() throws(LeibrixError) -> Identifier {
        let name = try identifier("a column")
        if token.kind == .leftBracket || token.kind == .dot {
            throw refusal(of: "assigning to a part of a column", "Assign the whole value.", at: position)
        }
        return name
    }

    private mutating func overriding() throws(LeibrixError) -> InsertStatement.Overriding? {
        guard accept("overriding") else { return nil }
        let kind = try expectOne(of: ["system", "user"])
        try expect("value")
        return kind == "system" ? .system : .user
    }

    private mutating func insertSource() throws(LeibrixError) -> InsertStatement.Source {
        if isAt("default", "values") {
            advance()
            advance()
            return .defaults
        }
        guard isAtQuery else { throw unexpected(oneOf: ["values", "select", "default"]) }
        let start = index
        if isAt("values"), let rows = try valuesRows() {
            return .values(rows, text.tokens[start].start..<text.tokens[index - 1].end)
        }
        while index > start { retreat() }
        return .query(try queryBeforeInsertClauses())
    }

    private var isAtQuery: Bool {
        token.kind == .leftParen || ["select", "values", "with", "table", "from"].contains { isAt($0) }
    }

    /// VALUES (…), (…) with nothing of a query behind; nil otherwise.
    private mutating func valuesRows() throws(LeibrixError) -> [[ChangeValue]]? {
        advance()
        var rows: [[ChangeValue]] = []
        repeat {
            try expect(.leftParen, "(")
            rows.append(try valueList())
        } while accept(.comma)
        let ends = isAtEnd || token.kind == .semicolon || isAt("returning") || isAt("on", "conflict")
        return ends ? rows : nil
    }

    /// Values up to the closing bracket, which is passed.
    private mutating func valueList() throws(LeibrixError) -> [ChangeValue] {
        var values: [ChangeValue] = []
        repeat { values.append(try changeValue()) } while accept(.comma)
        guard accept(.rightParen) else { throw unexpected(wanted: "\",\" or \")\"") }
        return values
    }

    private mutating func changeValue(until stops: Set<String> = []) throws(LeibrixError) -> ChangeValue {
        if isAt("default") {
            let next = token(after: 1)
            let ends = next.kind == .comma || next.kind == .rightParen || next.kind == .end || next.kind == .semicolon
            if ends || next.kind == .word && stops.contains(text.lowered(next)) {
                advance()
                return .defaultValue
            }
        }
        return .expression(try expression(until: stops))
    }

    /// A query up to ON CONFLICT or RETURNING outside brackets.
    private mutating func queryBeforeInsertClauses() throws(LeibrixError) -> Range<Int> {
        let start = token.start
        var depth = 0
        while !isAtEnd {
            switch token.kind {
            case .leftParen, .leftBracket, .leftBrace: depth += 1
            case .rightParen, .rightBracket, .rightBrace: depth -= 1
            default: break
            }
            if depth == 0, isAt("returning") || isAt("on", "conflict") || token.kind == .semicolon { break }
            advance()
        }
        return start..<text.tokens[index - 1].end
    }

    private mutating func onConflict() throws(LeibrixError) -> OnConflict {
        let start = position
        advance()
        advance()
        var arbiter = OnConflict.Arbiter.any
        if accept("on") {
            try expect("constraint")
            arbiter = .constraint(try identifier("a constraint"))
        } else if token.kind == .leftParen {
            arbiter = .columns(try conflictColumns())
            if accept("where") { throw refusal(of: "ON CONFLICT (…) WHERE", "There are no partial indexes.", at: position) }
        }
        try expect("do")
        if accept("nothing") { return OnConflict(arbiter: arbiter, action: .nothing, position: start) }
        try expect("update")
        try expect("set")
        if case .any = arbiter {
            throw LeibrixError(
                .syntax, "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                hint: "For example, ON CONFLICT (column_name).", position: start)
        }
        let assignments = try assignments()
        let condition = accept("where") ? try expression(until: ["returning"], crossingCommas: true) : nil
        return OnConflict(arbiter: arbiter, action: .update(assignments, condition: condition), position: start)
    }

    private mutating func conflictColumns() throws(LeibrixError) -> [Identifier] {
        try expect(.leftParen, "(")
        var columns: [Identifier] = []
        repeat {
            guard token.isName, [.comma, .rightParen, .word].contains(token(after: 1).kind) else {
                throw refusal(of: "ON CONFLICT over an expression", "Name columns, or ON CONSTRAINT name.", at: position)
            }
            columns.append(try identifier("a column"))
            if accept("collate") { _ = try objectName("a collation") }
        } while accept(.comma)
        guard accept(.rightParen) else { throw unexpected(wanted: "\",\" or \")\"") }
        return columns
    }

    // MARK: Assignments and RETURNING

    mutating func assignments() throws(LeibrixError) -> [Assignment] {
        var assignments: [Assignment] = []
        repeat { assignments.append(try assignment()) } while accept(.comma)
        return assignments
    }

    private mutating func assignment() throws(LeibrixError) -> Assignment {
        guard token.kind == .leftParen else {
            let column = try targetColumn()
            guard acceptSymbol("=") else { throw unexpected(wanted: "\"=\"") }
            return Assignment(columns: [column], source: .value(try changeValue(until: Parser.clauseWords)))
        }
        let columns = try targetColumns()
        guard acceptSymbol("=") else { throw unexpected(wanted: "\"=\"") }
        _ = accept("row")
        guard token.kind == .leftParen else { throw unexpected(wanted: "\"(\"") }
        if isSubquery(at: 1) { return Assignment(columns: columns, source: .query(try balanced())) }
        let at = position
        advance()
        let values = try valueList()
        guard values.count == columns.count else {
            throw LeibrixError(.syntax, "number of columns does not match number of values", hint: "Give one value a column.", position: at)
        }
        return Assignment(columns: columns, source: .row(values))
    }

    mutating func returning() throws(LeibrixError) -> Returning? {
        guard accept("returning") else { return nil }
        let start = token.start
        var items: [ReturningItem] = []
        repeat { items.append(try returningItem()) } while accept(.comma)
        return Returning(items: items, range: start..<text.tokens[index - 1].end)
    }

    private mutating func returningItem() throws(LeibrixError) -> ReturningItem {
        func ends(_ token: Token) -> Bool { [.comma, .end, .semicolon].contains(token.kind) }
        if text.isSymbol(token, "*"), ends(token(after: 1)) {
            advance()
            return .all(of: nil)
        }
        guard token.isName else { return .expression(try expression()) }
        let isQualified = token(after: 1).kind == .dot
        if isQualified, text.isSymbol(token(after: 2), "*"), ends(token(after: 3)) {
            let qualifier = try identifier("a relation")
            advance()
            advance()
            return .all(of: qualifier)
        }
        let last = isQualified ? 2 : 0
        guard token(after: last).isName else { return .expression(try expression()) }
        let hasAlias = text.isWord(token(after: last + 1), "as") && token(after: last + 2).isName && ends(token(after: last + 3))
        let isReserved = token.kind == .word && Parser.valueWords.contains(text.lowered(token))
        guard !isReserved, hasAlias || ends(token(after: last + 1)) else { return .expression(try expression()) }
        let qualifier = isQualified ? try identifier("a relation") : nil
        if isQualified { advance() }
        let name = try identifier("a column")
        if hasAlias { advance() }
        return .column(of: qualifier, name, alias: hasAlias ? try identifier("an alias") : nil)
    }

    /// Words that stand for values and are no columns.
    private static let valueWords: Set<String> = [
        "null", "true", "false", "current_user", "session_user", "current_role", "current_date", "current_time", "current_timestamp", "localtime",
        "localtimestamp", "current_schema", "current_catalog", "user",
    ]

    // MARK: UPDATE, DELETE, MERGE

    private mutating func update(_ with: Range<Int>?) throws(LeibrixError) -> UpdateStatement {
        let target = try target(["set"])
        try expect("set")
        let assignments = try assignments()
        let from = accept("from") ? try expression(until: ["where", "returning"], crossingCommas: true, "a relation") : nil
        let condition = try condition()
        let returning = try returning()
        try expectEnd()
        return UpdateStatement(with: with, target: target, assignments: assignments, from: from, condition: condition, returning: returning)
    }

    private mutating func condition() throws(LeibrixError) -> Range<Int>? {
        guard accept("where") else { return nil }
        if isAt("current", "of") { throw refusal(of: "WHERE CURRENT OF", "Name the row by its key.", at: position) }
        return try expression(until: ["returning"], crossingCommas: true)
    }

    private mutating func delete(_ with: Range<Int>?) throws(LeibrixError) -> DeleteStatement {
        try expect("from")
        let target = try target(["using", "where", "returning"])
        let using = accept("using") ? try expression(until: ["where", "returning"], crossingCommas: true, "a relation") : nil
        let condition = try condition()
        let returning = try returning()
        try expectEnd()
        return DeleteStatement(with: with, target: target, using: using, condition: condition, returning: returning)
    }

    private mutating func merge(_ with: Range<Int>?) throws(LeibrixError) -> MergeStatement {
        try expect("into")
        let target = try target(["using"])
        try expect("using")
        let source = try expression(until: ["on"], "a relation")
        try expect("on")
        let condition = try expression(until: ["when"], crossingCommas: true)
        var clauses: [MergeStatement.Clause] = []
        while accept("when") { clauses.append(try mergeClause()) }
        guard !clauses.isEmpty else { throw unexpected(wanted: "WHEN") }
        let returning = try returning()
        try expectEnd()
        return MergeStatement(with: with, target: target, source: source, condition: condition, clauses: clauses, returning: returning)
    }

    private mutating func mergeClause() throws(LeibrixError) -> MergeStatement.Clause {
        let not = accept("not")
        try expect("matched")
        var match = not ? MergeStatement.Match.notMatchedByTarget : .matched
        if not, accept("by"), try expectOne(of: ["source", "target"]) == "source" { match = .notMatchedBySource }
        let condition = accept("and") ? try expression(until: ["then"], crossingCommas: true) : nil
        try expect("then")
        return MergeStatement.Clause(match: match, condition: condition, action: try mergeAction(match))
    }

    private mutating func mergeAction(_ match: MergeStatement.Match) throws(LeibrixError) -> MergeStatement.Action {
        if accept("do") {
            try expect("nothing")
            return .nothing
        }
        if match == .notMatchedByTarget {
            try expect("insert")
            let columns = token.kind == .leftParen ? try targetColumns() : []
            let overriding = try overriding()
            if accept("default", "values") { return .insert(columns: columns, overriding: overriding, values: nil) }
            try expect("values")
            try expect(.leftParen, "(")
            return .insert(columns: columns, overriding: overriding, values: try valueList())
        }
        if accept("delete") { return .delete }
        try expect("update")
        try expect("set")
        return .update(try assignments())
    }
}
