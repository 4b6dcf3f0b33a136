internal import Base
internal import Columnar
internal import SQLSyntax
internal import StreamEngine
internal import StreamHost

extension SQLSession {
    /// SHOW CREATE: the statement that made it.
    func showCreate(_ kind: StreamObjectKind, _ name: SQLSyntax.ObjectName) throws(LeibrixError) -> String {
        let last = try streamName(name)
        guard let object = try requireStreams().object(last.name), object.kind == StreamObject.Kind(kind) else {
            throw LeibrixError(
                .streamUndefined, "\(kind.rawValue.lowercased()) \"\(last.name)\" does not exist",
                hint: "SHOW \(kind.rawValue)S lists what there is.", position: last.position)
        }
        return "SELECT \(sqlString(object.name)) AS name, \(sqlString(object.text)) AS create_statement"
    }

    /// DESCRIBE [EXTENDED] of a source, stream or view as a query; nil where something else is described.
    func describeStream(_ parsed: ParsedQuery) throws(LeibrixError) -> String? {
        guard let streams = server.streams else { return nil }
        var tokens = parsed.text.tokens.dropFirst().filter { $0.kind != .end && $0.kind != .semicolon }[...]
        let isExtended = tokens.first.map { parsed.text.isWord($0, "extended") } ?? false
        if isExtended { tokens = tokens.dropFirst() }
        var parts: [Identifier] = []
        while let token = tokens.first, let name = parsed.text.name(token) {
            parts.append(Identifier(name, position: parsed.text.position(token)))
            tokens = tokens.dropFirst()
            guard tokens.first?.kind == .dot else { break }
            tokens = tokens.dropFirst()
        }
        guard tokens.isEmpty, !parts.isEmpty, parts.count <= 3, let object = streamObject(SQLSyntax.ObjectName(parts)),
            let columns = streams.columns(of: object.name)
        else { return nil }
        var rows = columns.map { column -> [String?] in
            let isTime = column.name == object.eventTime?.column
            let delay = object.eventTime.map { "watermark \($0.delayMicros / 1_000) ms behind" }
            return [column.name, "\(column.type)", "YES", nil, nil, isTime ? delay : nil]
        }
        if isExtended {
            rows += [("kind", object.kind.rawValue), ("owner", object.owner), ("definition", object.text)].map { ["# \($0)", $1, nil, nil, nil, nil] }
        }
        let values = rows.map { "(" + $0.map { $0.map(sqlString) ?? "NULL" }.joined(separator: ", ") + ")" }
        return "SELECT * FROM (VALUES \(values.joined(separator: ", "))) AS t(column_name, column_type, \"null\", key, \"default\", extra)"
    }
}
