internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import StreamEngine
internal import StreamHost

extension SQLSession {
    /// SHOW CREATE: the statement that made it.
    func showCreate(_ kind: StreamObjectKind, _ name: SQLSyntax.ObjectName) throws(LeibrixError) -> String {
        let last = try streamName(name)
        let host = try requireStreams()
        guard let object = host.object(last.name), object.kind == StreamObject.Kind(kind) else {
            let names = host.objects.filter { $0.kind == StreamObject.Kind(kind) }.map(\.name)
            throw LeibrixError(
                .streamUndefined, "\(kind.rawValue.lowercased()) \"\(last.name)\" does not exist",
                hint: suggestion(for: last.name, among: names, what: "names") ?? "SHOW \(kind.rawValue)S lists what there is.", position: last.position)
        }
        return "SELECT \(sqlString(object.name)) AS name, \(sqlString(object.text)) AS create_statement"
    }

    /// SHOW QUERIES: every query that runs, with what went in and out of it.
    static let showQueries = """
        WITH o AS (
          SELECT stream, min_by(rows_in, position) AS rows_in, max_by(rows_out, position) AS rows_out, sum(late) AS late, sum(failed) AS failed,
            sum(state_bytes) AS state_bytes, sum(state_keys) AS state_keys FROM leibrix.operators GROUP BY stream),
        q AS (
          SELECT stream AS name, kind, reads, watermark, query FROM leibrix.streams WHERE kind <> 'late stream'
          UNION ALL SELECT sink, 'sink', reads, NULL, query FROM leibrix.sinks WHERE query IS NOT NULL)
        SELECT q.name, q.kind, q.reads, o.rows_in, o.rows_out, o.late::BIGINT AS late, o.failed::BIGINT AS failed, q.watermark,
          o.state_bytes::BIGINT AS state_bytes, o.state_keys::BIGINT AS state_keys, q.query
        FROM q LEFT JOIN o ON o.stream = q.name ORDER BY 1
        """

    /// DESCRIBE [EXTENDED] of a source, stream, view or sink as a query; nil where something else is described.
    func describeStream(_ parsed: ParsedQuery) throws(LeibrixError) -> String? {
        guard let streams = server.streams else { return nil }
        var tokens = parsed.text.tokens.dropFirst().filter { $0.kind != .end && $0.kind != .semicolon }[...]
        let isExtended = tokens.count > 1 && tokens.first.map { parsed.text.isWord($0, "extended") } ?? false
        if isExtended { tokens = tokens.dropFirst() }
        guard let name = objectName(Array(tokens), parsed.text), let object = streamObject(name) else { return nil }
        let columns = object.kind == .sink ? streams.columns(of: object.input ?? "") ?? (try? streams.explain(named: object.name).explanation.columns) : streams.columns(of: object.name)
        var rows = (columns ?? []).map { column -> [String?] in
            let isTime = column.name == object.eventTime?.column
            let delay = object.eventTime.map { "watermark \($0.delayMicros / 1_000) ms behind" }
            return [column.name, "\(column.type)", "YES", nil, nil, isTime ? delay : nil]
        }
        if isExtended { rows += details(object, streams).map { ["# \($0.0)", $0.1, nil, nil, nil, nil] } }
        let values = rows.map { "(" + $0.map { $0.map(sqlString) ?? "NULL" }.joined(separator: ", ") + ")" }
        return "SELECT * FROM (VALUES \(values.joined(separator: ", "))) AS t(column_name, column_type, \"null\", key, \"default\", extra)"
    }

    /// What DESCRIBE EXTENDED has behind the columns.
    private func details(_ object: StreamObject, _ streams: StreamHost) -> [(String, String)] {
        var details = [("kind", object.kind.rawValue), ("owner", object.owner)]
        func add(_ name: String, _ text: String?) { if let text { details.append((name, text)) } }
        if let time = object.eventTime {
            add("event time", time.column)
            add("idle timeout", time.idleMicros.map { "\($0 / 1_000) ms" })
            add("watermark by", time.partition)
        }
        if let report = try? streams.explain(named: object.name) {
            add("reads", report.explanation.inputs.joined(separator: ", "))
            if object.kind != .sink { add("emit", report.emit) }
            add("rows", report.changes)
            add("allowed lateness", object.latenessMicros > 0 ? "\(object.latenessMicros / 1_000) ms" : nil)
            let bytes = report.running.reduce(0) { $0 + $1.stateBytes }
            add("state", "\(bytes) bytes, \(report.running.reduce(0) { $0 + $1.stateKeys }) kept")
        }
        add("late data to", object.lateName)
        add("late rows of", object.kind == .late ? object.input : nil)
        add("table", object.table?.joined(separator: "."))
        add("connector", object.connector)
        add("format", object.format)
        for option in object.options { add("option \(option.name)", option.value.text) }
        add("definition", object.text)
        return details
    }
}
