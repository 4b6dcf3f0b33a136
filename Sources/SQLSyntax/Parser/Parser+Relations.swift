internal import Base

/// Indexes, views, schemas, comments, TRUNCATE, VACUUM and LOCK.
extension Parser {
    /// CREATE of what holds rows or belongs to it; nil where it is something else. After CREATE.
    mutating func createRelation() throws(LeibrixError) -> TableStatement? {
        let start = index
        let orReplace = accept("or", "replace")
        if isAt("unlogged") {
            throw refusal(of: "CREATE UNLOGGED TABLE", "Leave UNLOGGED out; SET synchronous_commit = off makes commits cheaper.", at: position)
        }
        _ = accept("local") || accept("global")
        let isTemporary = accept("temporary") || accept("temp")
        if orReplace {
            if accept("view") { return .createView(try createView(orReplace: true, isTemporary: isTemporary)) }
        } else if accept("table") {
            return try createTable(isTemporary: isTemporary)
        } else if accept("view") {
            return .createView(try createView(orReplace: false, isTemporary: isTemporary))
        } else if accept("sequence") {
            return try createSequence(isTemporary: isTemporary)
        } else if !isTemporary, isAt("index") || isAt("unique", "index") {
            return .createIndex(try createIndex())
        } else if !isTemporary, isAt("type") {
            return try createType()
        } else if !isTemporary, accept("schema") {
            return try createSchema()
        }
        while index > start { retreat() }
        return nil
    }

    private mutating func createView(orReplace: Bool, isTemporary: Bool) throws(LeibrixError) -> CreateView {
        let name = try objectName("a view")
        let columns = token.kind == .leftParen ? try nameList("a column") : []
        if isAt("with"), token(after: 1).kind == .leftParen {
            throw refusal(of: "CREATE VIEW … WITH (…)", "Leave the options out.", at: position)
        }
        try expect("as")
        guard !isAtEnd else { throw unexpected(wanted: "a query") }
        let query = rest()
        return CreateView(name: name, columns: columns, orReplace: orReplace, isTemporary: isTemporary, query: query)
    }

    private mutating func createType() throws(LeibrixError) -> TableStatement {
        let start = position
        advance()
        let name = try objectName("a type")
        guard accept("as"), accept("enum") else {
            throw refusal(of: "CREATE TYPE of another kind than ENUM", "CREATE TYPE name AS ENUM ('a', 'b').", at: start)
        }
        try expect(.leftParen, "(")
        var labels: [String] = []
        while token.isString, let label = text.stringValue(token) {
            advance()
            labels.append(label)
            if !accept(.comma) { break }
        }
        guard accept(.rightParen) else { throw unexpected(wanted: "a label in single quotes, \",\" or \")\"") }
        try expectEnd()
        return .createEnum(name, labels: labels)
    }

    private mutating func createSchema() throws(LeibrixError) -> TableStatement {
        let exists = try ifNotExists()
        let isOwned = isAt("authorization")
        var name = isOwned ? nil : try identifier("a schema")
        if accept("authorization") {
            let owner = try identifier("a user")
            name = name ?? owner
        }
        guard isAtEnd || token.kind == .semicolon, let name else {
            throw refusal(of: "CREATE SCHEMA with elements", "Create what belongs to it in statements of their own.", at: position)
        }
        try expectEnd()
        return .createSchema(name, ifNotExists: exists)
    }

    private mutating func createIndex() throws(LeibrixError) -> CreateIndex {
        let start = position
        let isUnique = accept("unique")
        try expect("index")
        let isConcurrent = accept("concurrently")
        let exists = try ifNotExists()
        let name = isAt("on") ? nil : try identifier("an index")
        try expect("on")
        let table = try tableName()
        var method = "btree"
        if accept("using") { method = try identifier("an access method").name }
        try expect(.leftParen, "(")
        var keys = [try indexKey()]
        while accept(.comma) { keys.append(try indexKey()) }
        guard accept(.rightParen) else { throw unexpected(wanted: "\",\" or \")\"") }
        let include = accept("include") ? try nameList("a column") : []
        var nullsNotDistinct = false
        if accept("nulls") {
            nullsNotDistinct = accept("not")
            try expect("distinct")
        }
        if isAt("with"), token(after: 1).kind == .leftParen {
            advance()
            try storageParameters()
        }
        try tablespace()
        let condition = accept("where") ? try expression(crossingCommas: true) : nil
        try expectEnd()
        return CreateIndex(
            name: name, table: table, isUnique: isUnique, ifNotExists: exists, isConcurrent: isConcurrent, method: method, keys: keys,
            include: include, nullsNotDistinct: nullsNotDistinct, condition: condition, position: start)
    }

    /// column | (expression) | function(…), then COLLATE, an operator class, ASC or DESC, NULLS FIRST or LAST.
    private mutating func indexKey() throws(LeibrixError) -> CreateIndex.Key {
        var key = CreateIndex.Key(column: nil, expression: nil, isDescending: false, nullsFirst: nil)
        if token.kind == .leftParen {
            key.expression = try balanced()
        } else if token.isName, token(after: 1).kind == .leftParen {
            let start = token.start
            advance()
            _ = try balanced()
            key.expression = start..<text.tokens[index - 1].end
        } else {
            key.column = try identifier("a column")
        }
        if accept("collate") { _ = try objectName("a collation") }
        if token.kind == .word, !isAt("asc"), !isAt("desc"), !isAt("nulls") {
            let at = position
            let name = try identifier("an operator class").name
            guard name.hasSuffix("_ops") else { throw unexpectedAt(at, name) }
        }
        if accept("desc") { key.isDescending = true } else { _ = accept("asc") }
        if accept("nulls") { key.nullsFirst = try expectOne(of: ["first", "last"]) == "first" }
        return key
    }

    private func unexpectedAt(_ position: Int, _ name: String) -> LeibrixError {
        LeibrixError(.syntax, "syntax error at or near \"\(name)\"", hint: "Write ASC, DESC or NULLS FIRST.", position: position)
    }

    /// DROP TABLE, INDEX, SEQUENCE, VIEW, SCHEMA; nil where it is something else. After DROP.
    mutating func dropRelation() throws(LeibrixError) -> TableStatement? {
        let kinds: [(String, RelationKind)] = [
            ("table", .table), ("index", .index), ("sequence", .sequence), ("view", .view), ("schema", .schema), ("type", .type),
        ]
        guard let kind = kinds.first(where: { isAt($0.0) })?.1 else { return nil }
        advance()
        if kind == .index { _ = accept("concurrently") }
        let exists = try ifExists()
        let what = "a \(kind.rawValue.lowercased())"
        var names = [try objectName(what)]
        while accept(.comma) { names.append(try objectName(what)) }
        let cascade = cascade()
        try expectEnd()
        return .drop(DropRelations(kind: kind, names: names, ifExists: exists, cascade: cascade))
    }

    mutating func truncate() throws(LeibrixError) -> TableStatement {
        advance()
        _ = accept("table")
        let names = try objectNames("a table")
        var restart = false
        if accept("restart") {
            try expect("identity")
            restart = true
        } else if accept("continue") {
            try expect("identity")
        }
        let cascade = cascade()
        try expectEnd()
        return .truncate(Truncate(names: names, restartIdentity: restart, cascade: cascade))
    }

    mutating func comment() throws(LeibrixError) -> TableStatement {
        advance()
        try expect("on")
        let words: [(String, RelationKind)] = [
            ("table", .table), ("column", .column), ("index", .index), ("sequence", .sequence), ("view", .view), ("schema", .schema),
            ("constraint", .constraint),
        ]
        let word = try expectOne(of: words.map(\.0))
        let kind = words.first { $0.0 == word }!.1
        let name = try objectName("a \(word)", partsMax: kind == .column ? 4 : 3)
        var table: ObjectName?
        if kind == .constraint {
            try expect("on")
            table = try objectName("a table")
        }
        try expect("is")
        var comment: String?
        if !accept("null") {
            guard token.isString, let value = text.stringValue(token) else { throw unexpected(wanted: "a string or NULL") }
            comment = value.isEmpty ? nil : value
            advance()
        }
        try expectEnd()
        return .comment(CommentOn(kind: kind, name: name, table: table, text: comment))
    }

    /// VACUUM, ANALYZE, REINDEX, CLUSTER, CHECKPOINT.
    mutating func maintenance(_ word: String) throws(LeibrixError) -> TableStatement {
        let start = position
        advance()
        var command = Maintenance(command: .vacuum, analyzes: false, isFull: false, names: [], position: start)
        switch word {
        case "vacuum": try vacuumOptions(&command)
        case "analyze", "analyse":
            command.command = .analyze
            if token.kind == .leftParen { _ = try options() } else { _ = accept("verbose") }
        case "reindex":
            command.command = .reindex
            if token.kind == .leftParen { _ = try options() }
            guard try expectOne(of: ["table", "index", "schema", "database", "system"]) == "table" else {
                throw refusal(of: "REINDEX of this", "REINDEX TABLE name.", at: start)
            }
            _ = accept("concurrently")
        case "checkpoint": command.command = .checkpoint
        default:
            command.command = .cluster
            throw refusal(of: "CLUSTER", "Rows are found by the index wherever they lie.", at: start)
        }
        if !isAtEnd, token.kind != .semicolon, command.command != .checkpoint {
            repeat {
                command.names.append(try tableName())
                if token.kind == .leftParen { _ = try nameList("a column") }
            } while accept(.comma)
        }
        try expectEnd()
        return .maintenance(command)
    }

    private mutating func vacuumOptions(_ command: inout Maintenance) throws(LeibrixError) {
        if token.kind == .leftParen {
            let known = [
                "full", "freeze", "verbose", "analyze", "disable_page_skipping", "skip_locked", "index_cleanup", "process_toast", "truncate",
                "parallel",
            ]
            for option in try options() {
                guard known.contains(option.name.name) else {
                    throw LeibrixError(.syntax, "unrecognized VACUUM option \"\(option.name.name)\"", hint: "Use ANALYZE or FULL.", position: option.name.position)
                }
                if option.name.name == "full" { command.isFull = try flag(option) }
                if option.name.name == "analyze" { command.analyzes = try flag(option) }
            }
            return
        }
        command.isFull = accept("full")
        _ = accept("freeze")
        _ = accept("verbose")
        command.analyzes = accept("analyze") || accept("analyse")
    }

    mutating func lock() throws(LeibrixError) -> TableStatement {
        advance()
        _ = accept("table")
        let names = try objectNames("a table")
        var mode = "access exclusive"
        if accept("in") {
            var words: [String] = []
            while token.kind == .word, !isAt("mode") {
                words.append(text.lowered(token))
                advance()
            }
            try expect("mode")
            mode = words.joined(separator: " ")
        }
        let modes = [
            "access share", "row share", "row exclusive", "share update exclusive", "share", "share row exclusive", "exclusive", "access exclusive",
        ]
        guard modes.contains(mode) else {
            throw LeibrixError(.syntax, "\"\(mode)\" is no mode of LOCK TABLE", hint: "Use one of \(modes.joined(separator: ", ").uppercased()).", position: position)
        }
        let noWait = accept("nowait")
        try expectEnd()
        return .lock(LockTables(names: names, mode: mode, noWait: noWait))
    }
}
