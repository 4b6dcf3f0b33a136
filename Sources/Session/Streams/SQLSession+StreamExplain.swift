// EXPLAIN of streams: by name, of a query over sources and streams, or of the CREATE that would make one. The plan is the
// stream engine's own; ANALYZE shows the counters of one that runs, STATE what each operator may keep.
internal import Base
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import StreamEngine
internal import StreamHost

/// EXPLAIN of a stream, planned.
final class StreamExplainPlan: Sendable {
    enum Wanted: Sendable { case plan, analyze, state }

    let parsed: ParsedQuery
    let wanted: Wanted
    let format: ExplainStatement.Format
    /// A stream that is there, or one that is not.
    let name: String?
    let object: StreamObject?

    init(_ parsed: ParsedQuery, _ wanted: Wanted, _ format: ExplainStatement.Format, name: String? = nil, object: StreamObject? = nil) {
        self.parsed = parsed
        self.wanted = wanted
        self.format = format
        self.name = name
        self.object = object
    }

    var fields: [DataType.Field] {
        if wanted != .state { return [.init("QUERY PLAN", .varchar)] }
        return [
            .init("position", .bigInt), .init("operator", .varchar), .init("unit", .varchar), .init("bytes", .bigInt), .init("units_max", .bigInt),
            .init("bytes_max", .bigInt), .init("time_to_live_ms", .bigInt), .init("kept", .varchar), .init("units_now", .bigInt), .init("bytes_now", .bigInt),
        ]
    }

    var columns: [ResultColumn] { fields.map { ResultColumn($0.name, $0.type) } }
}

extension SQLSession {
    /// nil where what is explained is no stream's.
    func explainedStream(
        _ parsed: ParsedQuery, _ text: StatementText, _ range: Range<Int>, _ wanted: StreamExplainPlan.Wanted, _ format: ExplainStatement.Format = .text
    ) async throws(LeibrixError) -> PreparedStatement? {
        guard let host = server.streams else { return nil }
        let tokens = parsed.text.tokens(in: range).filter { $0.kind != .end && $0.kind != .semicolon }
        if let name = objectName(tokens, parsed.text), let object = streamObject(name) {
            return prepared(text, StreamExplainPlan(parsed, wanted, format, name: object.name))
        }
        guard let first = tokens.first, let object = try await explainedObject(parsed, range, first, host, mustBe: wanted == .state) else { return nil }
        guard wanted != .analyze else {
            throw LeibrixError(
                .streamNotSupported, "EXPLAIN ANALYZE needs a stream that runs", hint: "CREATE STREAM first, then EXPLAIN ANALYZE with its name.",
                position: parsed.text.position(first))
        }
        return prepared(text, StreamExplainPlan(parsed, wanted, format, object: object))
    }

    private func prepared(_ text: StatementText, _ plan: StreamExplainPlan) -> PreparedStatement {
        PreparedStatement(text: text, parameterTypes: [], outcome: .rows(plan.columns), plan: StatementPlan.streamExplain(plan))
    }

    /// a, a.b or a.b.c, if that is all there is.
    func objectName(_ tokens: [Token], _ text: SQLText) -> SQLSyntax.ObjectName? {
        guard tokens.count % 2 == 1, tokens.count <= 5 else { return nil }
        var parts: [Identifier] = []
        for (index, token) in tokens.enumerated() {
            if index % 2 == 1 {
                guard token.kind == .dot else { return nil }
            } else {
                guard token.isName, let name = text.name(token) else { return nil }
                parts.append(Identifier(name, position: text.position(token)))
            }
        }
        return SQLSyntax.ObjectName(parts)
    }

    /// The stream that a query or CREATE would be. Queries over other relations are the engine's, unless `mustBe`.
    private func explainedObject(
        _ parsed: ParsedQuery, _ range: Range<Int>, _ first: Token, _ host: StreamHost, mustBe: Bool
    ) async throws(LeibrixError) -> StreamObject? {
        let isCreate = parsed.text.isWord(first, "create")
        let isQuery = first.kind == .leftParen || ["select", "with", "from", "values"].contains { parsed.text.isWord(first, $0) }
        guard isCreate || isQuery else { return nil }
        let prefix = isCreate ? "" : "CREATE STREAM explained AS "
        let offset = parsed.text.characters(before: range.lowerBound) - prefix.count
        do throws(LeibrixError) {
            guard isCreate || mustBe || mayReadStreams(parsed.text, range) else { return nil }
            let inner = try server.parsed.parse(prefix + parsed.text.string(range))
            guard case .stream(let statement) = inner.statement, let (object, query) = try made(statement, inner) else { return nil }
            let hasClauses = object.emit != nil || object.latenessMicros != 0 || object.lateName != nil
            if isCreate || mustBe || hasClauses { return try await checked(object, query, host) }
            let names = try await relations(query, host)
            guard names.contains(where: { (host.object($0) ?? host.object($0.lowercased())).map { $0.kind != .view && $0.kind != .sink } ?? false }) else { return nil }
            return try await checked(object, query, host)
        } catch {
            var error = Self.hinted(error)
            error.position = error.position.map { max($0 + offset, 1) } ?? parsed.text.position(first)
            throw error
        }
    }

    /// Names are looked at before a query is parsed another way.
    private func mayReadStreams(_ text: SQLText, _ range: Range<Int>) -> Bool {
        let names = Set((server.streams?.objects ?? []).filter { $0.kind != .view && $0.kind != .sink }.map(\.name))
        return text.tokens(in: range).contains { token in
            (token.isName && text.name(token).map(names.contains) ?? false) || text.isWord(token, "emit")
        }
    }

    private func made(_ statement: StreamStatement, _ parsed: ParsedQuery) throws(LeibrixError) -> (StreamObject, StreamText?)? {
        switch statement {
        case .createStream(let create): try stream(create, try streamName(create.name), parsed)
        case .createSink(let create): try sink(create, try streamName(create.name), parsed)
        default: nil
        }
    }

    private func relations(_ query: StreamText?, _ host: StreamHost) async throws(LeibrixError) -> [String] {
        guard let query else { return [] }
        do throws(LeibrixError) {
            return try await host.pool.run { () throws(LeibrixError) in try host.relations(in: query.sql) }
        } catch { throw query.located(error) }
    }

    /// What CREATE would refuse is refused when it is explained.
    private func checked(_ object: StreamObject, _ query: StreamText?, _ host: StreamHost) async throws(LeibrixError) -> StreamObject {
        do throws(LeibrixError) {
            if let query = object.query { try await requireReadableTables(query, host) }
            _ = try await host.pool.run { () throws(LeibrixError) in try host.explain(object) }
        } catch { throw query?.located(error) ?? error }
        return object
    }

    func explain(_ plan: StreamExplainPlan) async throws(LeibrixError) -> SQLExecution {
        let host = try requireStreams()
        let (name, object) = (plan.name, plan.object)
        let report = try await host.pool.run { () throws(LeibrixError) in
            if let name { return try host.explain(named: name) }
            guard let object else { throw LeibrixError(.internal, "EXPLAIN of nothing") }
            return try host.explain(object)
        }
        let rows: [[Value]] =
            switch plan.wanted {
            case .state: report.stateRows
            default: plan.format == .json ? [[.string(report.json(plan.wanted).text())]] : report.lines(plan.wanted).map { [.string($0)] }
            }
        return SQLExecution(columns: plan.columns, batches: rows.isEmpty ? [] : [Batch.rows(rows, plan.fields)], tag: .fixed("EXPLAIN"))
    }
}
