internal import Base

/// Sources, streams, materialized views and sinks.
extension Parser {
    /// CREATE [OR REPLACE] SOURCE, STREAM, MATERIALIZED VIEW or SINK; nil where it is something else. After CREATE.
    mutating func createStreamObject() throws(LeibrixError) -> Statement? {
        let start = index
        let orReplace = accept("or", "replace")
        if accept("source") { return .stream(.createSource(try createSource(orReplace))) }
        if accept("sink") { return .stream(.createSink(try createSink(orReplace))) }
        if accept("stream") { return .stream(.createStream(try createStream(orReplace, isView: false))) }
        if accept("materialized", "view") { return .stream(.createStream(try createStream(orReplace, isView: true))) }
        if isAt("lookup", "table") {
            throw refusal(
                of: "CREATE LOOKUP TABLE", "Join the stream with a table of this server instead: CREATE TABLE, and JOIN it.", at: position)
        }
        while index > start { retreat() }
        return nil
    }

    // MARK: sources

    private mutating func createSource(_ orReplace: Bool) throws(LeibrixError) -> CreateSource {
        let exists = try ifNotExists()
        let name = try objectName("a source")
        var columns: [CreateSource.Column] = []
        var watermark: CreateSource.Watermark?
        if token.kind == .leftParen {
            advance()
            repeat {
                if isAt("watermark", "for") {
                    guard watermark == nil else {
                        throw LeibrixError(.syntax, "a source has one watermark", hint: "Keep one of them.", position: position)
                    }
                    watermark = try sourceWatermark()
                } else {
                    columns.append(try sourceColumn())
                }
            } while accept(.comma)
            guard accept(.rightParen) else { throw unexpected(wanted: "\",\" or \")\"") }
        }
        let connector = accept("from") ? try connectorClause() : nil
        let format = accept("format") ? try identifier("a format") : nil
        let options = accept("with") ? try options() : []
        try expectEnd()
        return CreateSource(
            name: name, orReplace: orReplace, ifNotExists: exists, columns: columns, watermark: watermark, connector: connector,
            format: format, options: options)
    }

    mutating func sourceColumn() throws(LeibrixError) -> CreateSource.Column {
        let name = try identifier("a column")
        let type = try typeName()
        if isAt("not", "null") || isAt("primary", "key") || isAt("default") || isAt("unique") || isAt("check") || isAt("references") {
            throw refusal(
                of: "a constraint on a source's column", "Rows of a source are taken as they come: filter them in a stream.", at: position)
        }
        return CreateSource.Column(name: name, type: type)
    }

    /// WATERMARK FOR c [AS c [- INTERVAL …]]
    private mutating func sourceWatermark() throws(LeibrixError) -> CreateSource.Watermark {
        advance()
        advance()
        let column = try identifier("the column of event time")
        guard accept("as") else { return CreateSource.Watermark(column: column, delayMicros: 0) }
        let bracket = accept(.leftParen)
        let again = try identifier("the column of event time")
        guard again.name == column.name else {
            throw LeibrixError(
                .syntax, "the watermark of \"\(column.name)\" is computed from \"\(again.name)\"",
                hint: "Write WATERMARK FOR \(column.name) AS \(column.name) - INTERVAL '…'.", position: again.position)
        }
        let delay = acceptSymbol("-") ? try interval() : 0
        if bracket { try expect(.rightParen, ")") }
        return CreateSource.Watermark(column: column, delayMicros: delay)
    }

    /// KIND [(option = value, …)]
    private mutating func connectorClause() throws(LeibrixError) -> ConnectorClause {
        let kind = try identifier("a connector")
        return ConnectorClause(kind: kind, options: token.kind == .leftParen ? try options() : [])
    }

    /// After ALTER SOURCE.
    mutating func alterSource() throws(LeibrixError) -> StreamStatement {
        let name = try objectName("a source")
        if accept("add") {
            _ = accept("column")
            let column = try sourceColumn()
            try expectEnd()
            return .alterSource(name, .addColumn(column))
        }
        guard accept("set") else { throw unexpected(oneOf: ["add", "set"]) }
        let options = try options()
        guard !options.isEmpty else {
            throw LeibrixError(.syntax, "there is nothing to change", hint: "Name at least one option.", position: position)
        }
        try expectEnd()
        return .alterSource(name, .set(options))
    }

    // MARK: streams

    private mutating func createStream(_ orReplace: Bool, isView: Bool) throws(LeibrixError) -> CreateStream {
        let exists = try ifNotExists()
        let name = try objectName(isView ? "a materialized view" : "a stream")
        try expect("as")
        let query = try streamQuery()
        let emission = try emissionClauses()
        if isAt("with"), text.isWord(token(after: 1), "no") || text.isWord(token(after: 1), "data") {
            let isEmpty = text.isWord(token(after: 1), "no")
            if isEmpty { throw refusal(of: "WITH NO DATA", "Leave it out: a view is kept up to date from the start.", at: position) }
            advance()
            advance()
        }
        try expectEnd()
        return CreateStream(name: name, isView: isView, orReplace: orReplace, ifNotExists: exists, query: query, emission: emission)
    }

    /// The bytes of a query up to the clauses that only streams have.
    private mutating func streamQuery() throws(LeibrixError) -> Range<Int> {
        let start = token
        var end = start.start
        var depth = 0
        while !isAtEnd {
            switch token.kind {
            case .leftParen, .leftBracket, .leftBrace: depth += 1
            case .rightParen, .rightBracket, .rightBrace: depth -= 1
            default: break
            }
            if depth < 0 || depth == 0 && endsStreamQuery { break }
            end = token.end
            advance()
        }
        guard end > start.start else { throw unexpected(wanted: "a query") }
        return start.start..<end
    }

    private var endsStreamQuery: Bool {
        switch token.kind {
        case .semicolon: true
        case .word:
            isEmitClause || isAt("allow", "lateness") || isAt("allowed_lateness") || isAt("late", "data")
                || isAt("with", "data") || isAt("with", "no")
        default: false
        }
    }

    private var isEmitClause: Bool {
        guard isAt("emit") else { return false }
        return ["on", "after", "every", "changes", "final"].contains { text.isWord(token(after: 1), $0) }
    }

    private mutating func emissionClauses() throws(LeibrixError) -> EmissionClauses {
        var clauses = EmissionClauses()
        while true {
            if isAt("emit") {
                guard clauses.emit == nil else { throw LeibrixError(.syntax, "EMIT is given twice", hint: "Keep one of them.", position: position) }
                advance()
                clauses.emit = try emitMode()
            } else if accept("allow", "lateness") || accept("allowed_lateness") {
                _ = acceptSymbol("=")
                clauses.latenessMicros = try interval()
            } else if accept("late", "data") {
                try expect("to")
                clauses.lateTarget = try objectName("a stream")
            } else {
                return clauses
            }
        }
    }

    private mutating func emitMode() throws(LeibrixError) -> EmissionClauses.Emit {
        switch try expectOne(of: ["on", "after", "every", "changes", "final"]) {
        case "changes": return .changes
        case "final": return .final
        case "after":
            try expect("watermark")
            return .onWatermark
        case "every":
            let at = position
            let micros = try interval()
            guard micros > 0 else {
                throw LeibrixError(.streamEmitMode, "EMIT EVERY needs an interval above 0", hint: "EMIT EVERY INTERVAL '1 second'", position: at)
            }
            return .every(micros: micros)
        default:
            switch try expectOne(of: ["window", "watermark", "update"]) {
            case "window":
                try expect("close")
                return .onWindowClose
            case "watermark": return .onWatermark
            default: return .onUpdate
            }
        }
    }

    // MARK: sinks

    private mutating func createSink(_ orReplace: Bool) throws(LeibrixError) -> CreateSink {
        let exists = try ifNotExists()
        let name = try objectName("a sink")
        try expect("from")
        let input: CreateSink.Input
        if token.kind == .leftParen {
            advance()
            let query = try streamQuery()
            let clauses = try emissionClauses()
            try expect(.rightParen, ")")
            input = .query(query, clauses)
        } else {
            input = .relation(try objectName("a stream"))
        }
        let condition = accept("where") ? try expression(until: ["into", "format", "with"], crossingCommas: true) : nil
        var target: CreateSink.Target?
        if accept("into") {
            target = isAt("table") && token(after: 1).isName ? .table(try sinkTable()) : .connector(try connectorClause())
        }
        let format = accept("format") ? try identifier("a format") : nil
        let options = accept("with") ? try options() : []
        try expectEnd()
        return CreateSink(
            name: name, orReplace: orReplace, ifNotExists: exists, input: input, condition: condition, target: target, format: format,
            options: options)
    }

    private mutating func sinkTable() throws(LeibrixError) -> ObjectName {
        advance()
        return try objectName("a table")
    }

    // MARK: the rest

    /// DROP SOURCE, STREAM, SINK and MATERIALIZED VIEW; nil where it is something else. After DROP.
    mutating func dropStreamObject() throws(LeibrixError) -> Statement? {
        let kind: StreamObjectKind
        if accept("source") { kind = .source } else if accept("stream") { kind = .stream } else if accept("sink") { kind = .sink } else if accept("materialized", "view") { kind = .view } else { return nil }
        let exists = try ifExists()
        let what = "a \(kind.rawValue.lowercased())"
        var names = [try objectName(what)]
        while accept(.comma) { names.append(try objectName(what)) }
        let cascade = cascade()
        try expectEnd()
        return .stream(.drop(DropStreams(kind: kind, names: names, ifExists: exists, cascade: cascade)))
    }

    /// SUBSCRIBE [TO] name [AS OF EPOCH n] [WHERE …] [LIMIT n]
    mutating func subscribe() throws(LeibrixError) -> StreamStatement {
        advance()
        if isAt("to"), token(after: 1).isName { advance() }
        let name = try objectName("a stream")
        var statement = Subscribe(name: name, epoch: nil, condition: nil, rowsMax: nil)
        if accept("as") {
            try expect("of")
            try expect("epoch")
            statement.epoch = try signedInteger()
        }
        if accept("where") { statement.condition = try expression(until: ["limit"], crossingCommas: true) }
        if accept("limit") {
            let at = position
            let count = try signedInteger()
            guard count >= 0 else { throw LeibrixError(.invalidOption, "LIMIT must not be negative", hint: "Write 0 or more.", position: at) }
            statement.rowsMax = count
        }
        try expectEnd()
        return .subscribe(statement)
    }

    /// RESTORE FROM CHECKPOINT n [FORCE]
    mutating func restore() throws(LeibrixError) -> StreamStatement {
        advance()
        try expect("from")
        try expect("checkpoint")
        let at = position
        let number = try signedInteger()
        let isForced = accept("force")
        try expectEnd()
        return .restore(checkpoint: Int(number), isForced: isForced, position: at)
    }

    /// [INTERVAL] 'text' [unit], in microseconds.
    mutating func interval() throws(LeibrixError) -> Int64 {
        _ = accept("interval")
        let at = position
        var shown: String
        if token.isString, let value = text.stringValue(token) {
            shown = value
            advance()
        } else if token.kind == .integer || token.kind == .number {
            shown = text.string(token)
            advance()
        } else {
            throw unexpected(wanted: "an interval, like INTERVAL '5 seconds'")
        }
        if token.kind == .word, DurationText.unit(text.lowered(token)) != nil {
            shown += " " + text.lowered(token)
            advance()
        }
        guard let micros = DurationText.micros(shown) else {
            throw LeibrixError(
                .invalidOption, "\"\(shown)\" is not an interval of a fixed length",
                hint: "Use days, hours, minutes, seconds or milliseconds: '5 seconds'.", position: at)
        }
        return micros
    }
}
