internal import Base

extension Parser {
    mutating func copy() throws(LeibrixError) -> Statement {
        let start = position
        advance()
        _ = accept("binary")
        let binary = text.isWord(text.tokens[index - 1], "binary")
        let source: CopyStatement.Source
        if token.kind == .leftParen {
            source = .query(try balanced())
        } else {
            let name = try objectName("a relation")
            source = .relation(name, columns: token.kind == .leftParen ? try columnList() : [])
        }
        if accept("from") { return try copyFrom(source, binary: binary, start) }
        try expect("to")
        guard accept("stdout") else { return .refused(fileCopy(start)) }
        var options: [StatementOption] = binary ? [option("format", .word("binary"))] : []
        _ = accept("with")
        options += token.kind == .leftParen ? try self.options() : try legacyOptions()
        try expectEnd()
        return .copy(CopyStatement(source: source, options: options))
    }

    private mutating func copyFrom(_ source: CopyStatement.Source, binary: Bool, _ start: Int) throws(LeibrixError) -> Statement {
        guard case .relation(let name, let columns) = source else { throw unexpected(wanted: "TO") }
        guard accept("stdin") else {
            return .refused(
                RefusedStatement(
                    reason: .permission, command: "COPY FROM a file or program",
                    hint: "Use COPY … FROM STDIN; psql's \\copy reads the file where psql runs.", position: start))
        }
        var options: [StatementOption] = binary ? [option("format", .word("binary"))] : []
        _ = accept("with")
        options += token.kind == .leftParen ? try self.options() : try legacyOptions()
        let condition = accept("where") ? try expression(crossingCommas: true) : nil
        try expectEnd()
        return .copyFrom(CopyFromStatement(name: name, columns: columns, options: options, condition: condition))
    }

    private func fileCopy(_ position: Int) -> RefusedStatement {
        RefusedStatement(
            reason: .permission, command: "COPY TO a file or program",
            hint: "Use COPY … TO STDOUT; psql's \\copy writes the file where psql runs.", position: position)
    }

    private mutating func columnList() throws(LeibrixError) -> [Identifier] {
        try expect(.leftParen, "(")
        var columns = [try identifier("a column")]
        while accept(.comma) { columns.append(try identifier("a column")) }
        try expect(.rightParen, ")")
        return columns
    }

    private func option(_ name: String, _ value: OptionValue) -> StatementOption {
        StatementOption(name: Identifier(name, position: position), value: value, position: position)
    }

    /// The forms from before PostgreSQL 9: BINARY, [USING] DELIMITERS 'c', NULL [AS] '…', CSV [HEADER] [QUOTE [AS] 'c'] ..
    private mutating func legacyOptions() throws(LeibrixError) -> [StatementOption] {
        var options: [StatementOption] = []
        while !isAtEnd && token.kind != .semicolon && !isAt("where") {
            let name = option("", .null).name
            switch try expectOne(of: [
                "binary", "csv", "header", "delimiter", "delimiters", "using", "null", "quote", "escape", "force", "freeze", "oids", "encoding",
            ]) {
            case "binary": options.append(StatementOption(name: named("format", name), value: .word("binary"), position: name.position))
            case "csv": options.append(StatementOption(name: named("format", name), value: .word("csv"), position: name.position))
            case "header": options.append(StatementOption(name: named("header", name), value: .boolean(true), position: name.position))
            case "using":
                try expect("delimiters")
                options.append(try legacyText("delimiter", name))
            case "delimiter", "delimiters": options.append(try legacyText("delimiter", name))
            case "null": options.append(try legacyText("null", name))
            case "quote": options.append(try legacyText("quote", name))
            case "escape": options.append(try legacyText("escape", name))
            case "encoding": options.append(try legacyText("encoding", name))
            case "force": options.append(try forced(name))
            case "freeze": options.append(StatementOption(name: named("freeze", name), value: .boolean(true), position: name.position))
            default:
                throw LeibrixError(.notSupported, "rows have no OIDs", hint: "Leave out OIDS.", position: name.position)
            }
        }
        return options
    }

    private func named(_ name: String, _ at: Identifier) -> Identifier { Identifier(name, position: at.position) }

    private mutating func legacyText(_ name: String, _ at: Identifier) throws(LeibrixError) -> StatementOption {
        _ = accept("as")
        let position = position
        guard token.isString, let value = text.stringValue(token) else { throw unexpected(wanted: "a string") }
        advance()
        return StatementOption(name: named(name, at), value: .string(value), position: position)
    }

    /// FORCE QUOTE of COPY TO; FORCE NULL and FORCE NOT NULL of COPY FROM.
    private mutating func forced(_ at: Identifier) throws(LeibrixError) -> StatementOption {
        let option: String
        switch try expectOne(of: ["quote", "null", "not"]) {
        case "quote": option = "force_quote"
        case "null": option = "force_null"
        default:
            try expect("null")
            option = "force_not_null"
        }
        if acceptSymbol("*") {
            return StatementOption(name: named(option, at), value: .word("*"), position: at.position)
        }
        var columns = [OptionValue.word(try identifier("a column").name)]
        while accept(.comma) { columns.append(.word(try identifier("a column").name)) }
        return StatementOption(name: named(option, at), value: .list(columns), position: at.position)
    }
}
