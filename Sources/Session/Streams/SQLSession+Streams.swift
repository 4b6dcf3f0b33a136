internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import StreamEngine
internal import StreamHost

/// Statements that define streams. They cannot be rolled back, so they run outside transaction blocks only.
extension SQLSession {
    func requireStreams() throws(LeibrixError) -> StreamHost {
        if let streams = server.streams { return streams }
        throw LeibrixError(.notSupported, "this server has no streams", hint: "Start it with a data directory.")
    }

    func performStream(_ statement: StreamStatement, _ parsed: ParsedQuery) async throws(LeibrixError) -> SQLExecution {
        try refuseReadOnly(statement.tag)
        guard !transaction.isBlock else {
            throw LeibrixError(
                .failedTransaction, "\(statement.tag) cannot run inside a transaction block",
                hint: "It cannot be rolled back: COMMIT first, or connect with autocommit.", sqlState: "25001")
        }
        let host = try requireStreams()
        let record = begin(parsed)
        record.update { $0.route = "control" }
        let finish = ending(record)
        do throws(LeibrixError) {
            let notices = try await apply(statement, parsed, host)
            finish(SQLExecution.End(rows: 0, bytes: 0, error: nil, isPartial: false))
            return SQLExecution(tag: .fixed(statement.tag), notices: notices)
        } catch {
            finish(SQLExecution.End(rows: 0, bytes: 0, error: error, isPartial: true))
            throw error
        }
    }

    private func apply(_ statement: StreamStatement, _ parsed: ParsedQuery, _ host: StreamHost) async throws(LeibrixError) -> [LeibrixError] {
        switch statement {
        case .createSource(let create):
            let name = try streamName(create.name)
            if create.ifNotExists, let notice = existing(name, host) { return [notice] }
            let object = try source(create, name, parsed)
            try await made(object, create.name, create.orReplace, nil, host)
        case .createStream(let create):
            let name = try streamName(create.name)
            if create.ifNotExists, let notice = existing(name, host) { return [notice] }
            let (object, query) = try stream(create, name, parsed)
            try checkLateName(create.emission)
            try await made(object, create.name, create.orReplace, query, host)
        case .createSink(let create):
            let name = try streamName(create.name)
            if create.ifNotExists, let notice = existing(name, host) { return [notice] }
            let (object, query) = try sink(create, name, parsed)
            try await made(object, create.name, create.orReplace, query, host)
        case .drop(let drop): return try await self.drop(drop, host)
        case .alterSource(let name, let action): try await alter(name, action, parsed, host)
        case .restore(let number, let isForced, let position): try await restore(number, isForced, position, host)
        case .subscribe, .explainState: throw LeibrixError(.internal, "a query was planned as a definition")
        }
        return []
    }

    // MARK: names

    /// Sources, streams and sinks live in the schema public.
    func streamName(_ name: SQLSyntax.ObjectName) throws(LeibrixError) -> Identifier {
        if let last = plainName(name) { return last }
        throw LeibrixError(
            .undefinedSchema, "streams live in the schema public, not in \"\(name.parts.dropLast().map(\.name).joined(separator: "."))\"",
            hint: "Leave the schema out.", position: name.position)
    }

    /// nil for a name in another schema.
    private func plainName(_ name: SQLSyntax.ObjectName) -> Identifier? {
        var parts = name.parts
        if parts.count == 3, parts[0].name == server.configuration.database { parts.removeFirst() }
        return parts.count == 1 || (parts.count == 2 && ["public", "main"].contains(parts[0].name)) ? parts[parts.count - 1] : nil
    }

    /// The source, stream or view of a name; nil where it is something else, or nothing.
    func streamObject(_ name: SQLSyntax.ObjectName) -> StreamObject? {
        guard let streams = server.streams, let last = plainName(name) else { return nil }
        return streams.object(last.name)
    }

    private func existing(_ name: Identifier, _ host: StreamHost) -> LeibrixError? {
        host.object(name.name).map {
            LeibrixError(.duplicateObject, "\($0.kind.rawValue.lowercased()) \"\(name.name)\" already exists, skipping")
        }
    }

    /// Names are shared with tables and datasets: a query must know which is meant.
    private func checkFree(_ name: Identifier) throws(LeibrixError) {
        let isTaken = tableCatalog.lookup(schema: "public", name: name.name) != nil
        guard isTaken || (server.datasets?.datasetNames.contains(name.name) ?? false) else { return }
        throw LeibrixError(
            .streamDuplicate, "relation \"\(name.name)\" already exists", hint: "Choose another name.", position: name.position)
    }

    // MARK: CREATE

    func newObject(_ kind: StreamObject.Kind, _ name: Identifier, _ parsed: ParsedQuery) -> StreamObject {
        StreamObject(kind, name.name, tenant: user.tenant, owner: user.name, text: parsed.sql)
    }

    /// Makes the object; positions in its query become positions in the statement.
    private func made(
        _ object: StreamObject, _ name: SQLSyntax.ObjectName, _ orReplace: Bool, _ query: StreamText?, _ host: StreamHost
    ) async throws(LeibrixError) {
        try checkFree(name.last)
        if orReplace, let old = host.object(object.name) { try requireOwner(old.owner, old.kind.rawValue.lowercased(), old.name) }
        do throws(LeibrixError) {
            if let query = object.query { try await requireReadableTables(query, host) }
            try await host.pool.run { () throws(LeibrixError) in try host.create(object, orReplace: orReplace) }
        } catch {
            throw Self.told(error, query, name)
        }
    }

    /// An error of the host as the client is told it.
    static func told(_ error: LeibrixError, _ query: StreamText?, _ name: SQLSyntax.ObjectName) -> LeibrixError {
        var error = hinted(error)
        if let query, error.position != nil { return query.located(error) }
        error.position = error.position ?? name.last.position
        return error
    }

    /// Every refusal says what may be done instead.
    static func hinted(_ error: LeibrixError) -> LeibrixError {
        guard error.hint == nil else { return error }
        var error = error
        switch error.code {
        case .syntax: error.hint = "The query is read by DuckDB's grammar; EMIT and the like stand behind it."
        case .streamWindow:
            error.hint = "GROUP BY …, tumble(ts, size), hop(ts, slide, size), slide(ts, size, slide), session(ts, gap) or cumulate(ts, step, size), of fixed lengths."
        case .streamUnbounded: error.hint = "Say how many: ORDER BY … LIMIT 10."
        case .streamNotSupported: error.hint = "Leave it out, or SELECT it from a materialized view over the stream."
        case .streamJoin: error.hint = "ON a.key = b.key AND b.ts BETWEEN a.ts - INTERVAL '…' AND a.ts + INTERVAL '…'"
        case .typeMismatch: error.hint = "CAST one of them to the other's type."
        case .undefinedColumn: error.hint = "DESCRIBE shows the columns of a source or stream."
        default: break
        }
        return error
    }

    func stream(_ create: CreateStream, _ name: Identifier, _ parsed: ParsedQuery) throws(LeibrixError) -> (StreamObject, StreamText) {
        var object = newObject(create.isView ? .view : .stream, name, parsed)
        let query = try StreamText(parsed.text, create.query)
        object.query = query.sql
        try take(create.emission, into: &object)
        return (object, query)
    }

    private func source(_ create: CreateSource, _ name: Identifier, _ parsed: ParsedQuery) throws(LeibrixError) -> StreamObject {
        var object = newObject(.source, name, parsed)
        for column in create.columns {
            guard !object.columns.contains(where: { $0.name == column.name.name }) else {
                throw LeibrixError(
                    .streamConfiguration, "column \"\(column.name.name)\" specified more than once", hint: "Keep one of them.",
                    position: column.name.position, sqlState: "42701")
            }
            object.columns.append(try field(column, parsed))
        }
        guard !object.columns.isEmpty else {
            throw LeibrixError(.streamConfiguration, "a source has at least one column", hint: "CREATE SOURCE \(name.name) (column type, …)", position: name.position)
        }
        if let watermark = create.watermark {
            guard object.columns.contains(where: { $0.name == watermark.column.name }) else {
                throw LeibrixError(
                    .undefinedColumn, "column \"\(watermark.column.name)\" does not exist",
                    hint: suggestion(for: watermark.column.name, among: object.columns.map(\.name), what: "columns") ?? "Event time is a column of the source.",
                    position: watermark.column.position)
            }
            object.eventTime = SourceDefinition.EventTime(watermark.column.name, delayMicros: watermark.delayMicros)
        }
        if let connector = create.connector {
            try connect(connector, create.format, &object)
        } else if let format = create.format {
            throw LeibrixError(
                .streamNotSupported, "FORMAT needs a connector", hint: "Rows come by INSERT and COPY: leave the clause out.", position: format.position)
        }
        for option in create.options { try take(option, into: &object) }
        return object
    }

    func field(_ column: CreateSource.Column, _ parsed: ParsedQuery) throws(LeibrixError) -> DataType.Field {
        guard let type = try ColumnType(column.type), !type.isSerial, type.modifier == nil else {
            throw LeibrixError(
                .streamNotSupported, "a source's column cannot be of type \(parsed.text.string(column.type.range))",
                hint: "BOOLEAN, integers, REAL, DOUBLE, DECIMAL, VARCHAR, DATE, TIME, TIMESTAMP and TIMESTAMPTZ can, without a length.",
                position: column.type.position)
        }
        return DataType.Field(column.name.name, type.type)
    }

    /// WITH (…) of a source.
    private func take(_ option: StatementOption, into object: inout StreamObject) throws(LeibrixError) {
        switch option.name.name {
        case "idle_timeout":
            guard object.eventTime != nil else { throw needsWatermark(option) }
            object.eventTime?.idleMicros = try duration(option)
        case "partition", "partition_column":
            guard object.eventTime != nil else { throw needsWatermark(option) }
            guard let name = option.value.text, object.columns.contains(where: { $0.name == name }) else {
                throw LeibrixError(
                    .streamConfiguration, "option \"\(option.name.name)\" names a column of the source", hint: "Watermarks follow its slowest value.",
                    position: option.position)
            }
            object.eventTime?.partition = name
        default:
            throw LeibrixError(
                .streamConfiguration, "unrecognized option \"\(option.name.name)\"",
                hint: suggestion(for: option.name.name, among: ["idle_timeout", "partition"], what: "options") ?? "A source has idle_timeout and partition.",
                position: option.name.position)
        }
    }

    private func needsWatermark(_ option: StatementOption) -> LeibrixError {
        LeibrixError(
            .streamNoEventTime, "option \"\(option.name.name)\" needs a watermark", hint: "Write WATERMARK FOR column among the columns.",
            position: option.name.position)
    }

    func duration(_ option: StatementOption) throws(LeibrixError) -> Int64 {
        if let text = try option.value.text.map(requireStreams().expanded), let micros = DurationText.micros(text), micros > 0 { return micros }
        throw LeibrixError(
            .streamConfiguration, "option \"\(option.name.name)\" is a length of time", hint: "Write '30 seconds'.", position: option.position)
    }

    /// FROM KIND (…) FORMAT …: it reads where the server may.
    private func connect(_ connector: ConnectorClause, _ format: Identifier?, _ object: inout StreamObject) throws(LeibrixError) {
        guard user.isAdministrator else {
            throw LeibrixError(
                .permissionDenied, "permission denied for CREATE SOURCE FROM \(connector.kind.name.uppercased())", hint: "Ask an administrator: SHOW USERS lists them.",
                position: connector.kind.position)
        }
        object.connector = connector.kind.name
        object.options = connector.options.map(\.spec)
        object.format = format?.name
    }

    private func take(_ emission: EmissionClauses, into object: inout StreamObject) throws(LeibrixError) {
        object.emit = emission.emit.map(EmitMode.init)
        object.latenessMicros = emission.latenessMicros
        if let late = emission.lateTarget {
            object.lateName = try streamName(late).name
        }
    }

    private func checkLateName(_ emission: EmissionClauses) throws(LeibrixError) {
        if let late = emission.lateTarget { try checkFree(late.last) }
    }

    /// A sink, with the query of its own if it has one.
    func sink(_ create: CreateSink, _ name: Identifier, _ parsed: ParsedQuery) throws(LeibrixError) -> (StreamObject, StreamText?) {
        var object = newObject(.sink, name, parsed)
        let condition: [TextPart] = create.condition.map { [.text(" WHERE "), .source($0)] } ?? []
        var query: StreamText?
        switch create.input {
        case .relation(let input):
            let last = try streamName(input)
            let read = server.streams?.object(last.name)
            let isTable = read == nil && tableCatalog.table(schema: "public", name: last.name) != nil
            guard isTable || read != nil && read?.kind != .sink else {
                throw LeibrixError(
                    .streamUndefined, "stream \"\(last.name)\" does not exist", hint: "SHOW STREAMS lists what there is.", position: last.position)
            }
            object.input = last.name
            if !condition.isEmpty || isTable || read?.kind == .source {
                query = try StreamText(parsed.text, [.text("SELECT * FROM \(sqlIdentifier(last.name))")] + condition)
            }
        case .query(let range, let emission):
            query = try StreamText(parsed.text, condition.isEmpty ? [.source(range)] : [.text("SELECT * FROM ("), .source(range), .text(")")] + condition)
            try take(emission, into: &object)
            guard object.lateName == nil else {
                throw LeibrixError(.streamNotSupported, "LATE DATA TO needs a stream with a name", hint: "CREATE STREAM first, then the sink.", position: name.position)
            }
        }
        object.query = query?.sql
        try target(create, name, &object)
        return (object, query)
    }

    /// Where a sink writes.
    private func target(_ create: CreateSink, _ name: Identifier, _ object: inout StreamObject) throws(LeibrixError) {
        switch create.target {
        case .table(let table):
            guard case .table(let id)? = try lookup(table), let definition = tableCatalog.table(id) else {
                throw try missing(table, wanted: "table")
            }
            for privilege in [TablePrivilege.insert, .update, .delete] { try require(privilege, on: definition) }
            object.table = [definition.schema, definition.name]
            if let format = create.format ?? create.options.first?.name {
                throw LeibrixError(.streamConfiguration, "a sink into a table has no format and no options", hint: "Leave them out.", position: format.position)
            }
        case .connector(let connector):
            // It writes where the server may.
            guard user.isAdministrator else {
                throw LeibrixError(.permissionDenied, "permission denied for CREATE SINK INTO \(connector.kind.name.uppercased())", hint: "Ask an administrator: SHOW USERS lists them.", position: connector.kind.position)
            }
            object.connector = connector.kind.name
            object.options = (connector.options + create.options).map(\.spec)
            object.format = create.format?.name
        case nil:
            throw LeibrixError(
                .streamConfiguration, "a sink needs a target", hint: "INTO TABLE name, or INTO FILES(path = '…') FORMAT JSON.", position: name.position)
        }
    }

    // MARK: DROP

    private func drop(_ drop: DropStreams, _ host: StreamHost) async throws(LeibrixError) -> [LeibrixError] {
        var notices: [LeibrixError] = []
        let kind = StreamObject.Kind(drop.kind)
        for name in drop.names {
            let last = try streamName(name)
            guard let object = host.object(last.name) else {
                let word = drop.kind.rawValue.lowercased()
                guard drop.ifExists else {
                    throw LeibrixError(
                        .streamUndefined, "\(word) \"\(last.name)\" does not exist",
                        hint: suggestion(for: last.name, among: host.objects.filter { $0.kind == kind }.map(\.name), what: "names")
                            ?? "SHOW \(drop.kind.rawValue)S lists what there is.", position: last.position)
                }
                notices.append(LeibrixError(.undefinedObject, "\(word) \"\(last.name)\" does not exist, skipping"))
                continue
            }
            try requireOwner(object.owner, object.kind.rawValue.lowercased(), object.name)
            do throws(LeibrixError) {
                try await host.pool.run { () throws(LeibrixError) in try host.drop(last.name, kind, cascade: drop.cascade) }
            } catch {
                var error = error
                error.position = error.position ?? last.position
                throw error
            }
        }
        return notices
    }
}

extension StreamObject.Kind {
    init(_ kind: StreamObjectKind) {
        switch kind {
        case .source: self = .source
        case .stream: self = .stream
        case .view: self = .view
        case .sink: self = .sink
        }
    }
}

extension EmitMode {
    init(_ emit: EmissionClauses.Emit) {
        switch emit {
        case .onWindowClose: self = .onWindowClose
        case .onWatermark: self = .onWatermark
        case .onUpdate: self = .onUpdate
        case .changes: self = .changes
        case .final: self = .final
        case .every(let micros): self = .every(micros: micros)
        }
    }
}

extension OptionValue {
    /// A string or a word.
    var text: String? {
        switch self {
        case .string(let text), .word(let text): text
        default: nil
        }
    }
}
