internal import Base

/// A column's definition and what may stand behind a table's.
extension Parser {
    private static let columnWords: Set<String> = [
        "constraint", "not", "null", "default", "primary", "unique", "check", "references", "generated", "collate", "deferrable", "initially",
        "storage", "compression",
    ]

    mutating func column() throws(LeibrixError) -> ColumnSyntax {
        let name = try identifier("a column")
        let type = try typeName()
        var column = ColumnSyntax(
            name: name, type: type, isNotNull: nil, defaultValue: nil, generated: nil, identity: nil, identityOptions: SequenceOptions(),
            constraints: [])
        while token.kind == .word, Parser.columnWords.contains(text.lowered(token)) { try columnConstraint(&column) }
        return column
    }

    private mutating func columnConstraint(_ column: inout ColumnSyntax) throws(LeibrixError) {
        let start = position
        let name = accept("constraint") ? try identifier("a constraint") : nil
        func add(_ kind: ConstraintSyntax.Kind) { column.constraints.append(ConstraintSyntax(name: name, kind: kind, position: start)) }
        if accept("not", "null") {
            try setNullability(&column, true, start)
        } else if accept("null") {
            try setNullability(&column, false, start)
        } else if accept("default") {
            guard column.defaultValue == nil else { throw twice("default values", column, start) }
            column.defaultValue = try expression(until: Parser.columnWords)
        } else if accept("primary", "key") {
            add(.primaryKey(columns: [column.name]))
            try keyOptions()
        } else if accept("unique") {
            let not = try nullsClause()
            add(.unique(columns: [column.name], nullsNotDistinct: not))
            try keyOptions()
        } else if accept("check") {
            add(.check(try balanced()))
            if accept("no") { try expect("inherit") }
        } else if isAt("references") {
            add(.foreignKey(columns: [column.name], try references()))
        } else if accept("generated") {
            try generated(&column)
        } else if accept("collate") {
            try collation()
        } else if accept("storage") || accept("compression") {
            _ = try identifier("a way of storage")
        } else {
            throw unexpected(oneOf: ["not", "null", "default", "primary", "unique", "check", "references", "generated"])
        }
        // What is said of deferring is said of the constraint before it.
        if case .foreignKey(let columns, let key)? = column.constraints.last?.kind {
            var deferred = Optional(key)
            try constraintAttributes(of: &deferred)
            column.constraints[column.constraints.count - 1].kind = .foreignKey(columns: columns, deferred ?? key)
        } else {
            var none: ForeignKeySyntax?
            try constraintAttributes(of: &none)
        }
    }

    private mutating func nullsClause() throws(LeibrixError) -> Bool {
        guard accept("nulls") else { return false }
        let not = accept("not")
        try expect("distinct")
        return not
    }

    private mutating func keyOptions() throws(LeibrixError) {
        if isAt("with"), token(after: 1).kind == .leftParen {
            advance()
            try storageParameters()
        }
        if accept("using") {
            try expect("index")
            try tablespace()
        }
    }

    private func setNullability(_ column: inout ColumnSyntax, _ isNotNull: Bool, _ at: Int) throws(LeibrixError) {
        guard column.isNotNull == nil || column.isNotNull == isNotNull else {
            throw LeibrixError(
                .syntax, "conflicting NULL/NOT NULL declarations for column \"\(column.name.name)\"", hint: "Keep one of them.", position: at)
        }
        column.isNotNull = isNotNull
    }

    private func twice(_ what: String, _ column: ColumnSyntax, _ at: Int) -> LeibrixError {
        LeibrixError(.syntax, "multiple \(what) specified for column \"\(column.name.name)\"", hint: "Keep one of them.", position: at)
    }

    private mutating func generated(_ column: inout ColumnSyntax) throws(LeibrixError) {
        let start = position
        let always = try expectOne(of: ["always", "by"]) == "always"
        if !always { try expect("default") }
        try expect("as")
        if accept("identity") {
            guard column.identity == nil else { throw twice("identity specifications", column, start) }
            column.identity = always ? .always : .byDefault
            if accept(.leftParen) {
                column.identityOptions = try sequenceOptions()
                try expect(.rightParen, ")")
            }
            return
        }
        guard always else { throw unexpected(wanted: "IDENTITY") }
        column.generated = try balanced()
        guard accept("stored") else {
            throw refusal(of: "a generated column that is not STORED", "Write GENERATED ALWAYS AS (…) STORED.", at: position)
        }
    }

    /// Texts are ordered by their bytes, which is what these collations say.
    private mutating func collation() throws(LeibrixError) {
        let at = position
        let name = try objectName("a collation").last.name
        guard ["default", "C", "POSIX", "c", "posix", "C.UTF-8", "ucs_basic"].contains(name) else {
            throw refusal(of: "COLLATE \"\(name)\"", "Texts are ordered by their bytes: COLLATE \"C\".", at: at)
        }
    }

    // MARK: Behind the columns

    private static let storageNames: Set<String> = [
        "fillfactor", "parallel_workers", "toast_tuple_target", "user_catalog_table", "vacuum_index_cleanup", "vacuum_truncate", "deduplicate_items",
        "pages_per_range", "autosummarize", "fastupdate", "gin_pending_list_limit", "buffering", "log_autovacuum_min_duration",
    ]

    /// (fillfactor = 70, …): PostgreSQL's knobs of its pages and its vacuum, which are not there. Others are refused.
    mutating func storageParameters() throws(LeibrixError) {
        for option in try options() {
            let name = option.name.name
            if name == "oids", option.value == .boolean(false) { continue }
            guard Parser.storageNames.contains(name) || name.hasPrefix("autovacuum_") || name == "toast" else {
                throw LeibrixError(
                    .invalidOption, "unrecognized parameter \"\(name)\"", hint: "fillfactor and the autovacuum's may be given; they change nothing here.",
                    position: option.name.position)
            }
        }
    }

    mutating func tablespace() throws(LeibrixError) {
        guard accept("tablespace") else { return }
        let name = try identifier("a tablespace")
        guard name.name == "pg_default" else {
            throw LeibrixError(
                .undefinedObject, "tablespace \"\(name.name)\" does not exist", hint: "There are no tablespaces: leave it out.", position: name.position)
        }
    }

    /// WITH (…), WITHOUT OIDS, ON COMMIT …, TABLESPACE, USING.
    mutating func tableOptions(_ table: inout CreateTable) throws(LeibrixError) {
        while true {
            if isAt("with"), token(after: 1).kind == .leftParen {
                advance()
                try storageParameters()
            } else if accept("without") {
                try expect("oids")
            } else if isAt("on", "commit") {
                try onCommit(&table)
            } else if isAt("tablespace") {
                try tablespace()
            } else if accept("using") {
                let method = try identifier("an access method")
                guard ["heap", "columnar"].contains(method.name) else {
                    throw LeibrixError(
                        .undefinedObject, "access method \"\(method.name)\" does not exist", hint: "Leave USING out.", position: method.position)
                }
            } else if isAt("inherits") || isAt("partition") {
                throw refusal(of: text.string(token).uppercased(), "Use one table, or views over several.", at: position)
            } else {
                return
            }
        }
    }

    private mutating func onCommit(_ table: inout CreateTable) throws(LeibrixError) {
        guard table.isTemporary else {
            throw LeibrixError(.syntax, "ON COMMIT can only be used on temporary tables", hint: "Leave it out.", position: position, sqlState: "42P16")
        }
        advance()
        advance()
        switch try expectOne(of: ["preserve", "delete", "drop"]) {
        case "preserve": try expect("rows")
        case "delete":
            try expect("rows")
            table.onCommitDelete = true
        default: table.onCommitDrop = true
        }
    }
}
