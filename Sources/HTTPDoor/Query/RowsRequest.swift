// What POST /sources/NAME takes: rows as JSON, an object a line, or as CSV. All are read before the first is given away: a
// request is taken whole or not at all.
internal import Base
internal import Columnar
internal import Connectors
internal import DuckDBKit
internal import Session

struct RowsRequest {
    private let name: String
    private let format: RecordFormat
    private let body: [UInt8]

    init(_ request: HTTPRequest) throws(LeibrixError) {
        guard let name = Self.unescaped(request.path.dropFirst(HTTPRoutes.sources.count)), !name.isEmpty, !name.utf8.contains(0) else {
            throw LeibrixError(.protocolViolation, "the path names no source", hint: "POST /sources/NAME")
        }
        self.name = name
        body = request.body
        let parts = (request.values("content-type").first ?? "").lowercased().split(separator: ";").map { $0.filter { $0 != " " } }
        switch parts.first {
        case "application/x-ndjson", "application/jsonl", "application/json": format = .json
        case "text/csv": format = .csv(.init(hasHeader: !parts.contains("header=absent")))
        default:
            throw LeibrixError(
                .protocolViolation, "the body must be declared as rows",
                hint: "Send Content-Type: application/x-ndjson (an object a line) or text/csv (with a line of names, or header=absent).")
        }
    }

    /// Percent-encoding (RFC 3986); nil where it is broken.
    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Pushes the rows; they are durable when it returns their number.
    func push<Session: DoorSession>(into session: Session) async throws(LeibrixError) -> Int {
        let quoted = "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        let statement = try await session.prepare(StatementText(sql: "COPY \(quoted) FROM STDIN"), parameterTypes: [])
        guard case .copyIn(_, let columns) = statement.outcome else { throw LeibrixError(.notSupported, "\"\(name)\" takes no rows") }
        let batches = try rows(columns.map { DataType.Field($0.name, $0.type) })
        let execution = try await session.execute(statement, parameters: [])
        do throws(LeibrixError) {
            for batch in batches { try await execution.copy((0..<batch.rowCount).map { batch.row($0) }) }
            try await execution.endCopy()
        } catch {
            await execution.close()
            throw error
        }
        await execution.close()
        try await session.endImplicitTransaction(failed: false)
        return batches.reduce(0) { $0 + $1.rowCount }
    }

    private func rows(_ columns: [DataType.Field]) throws(LeibrixError) -> [Batch] {
        let decoder = try RecordDecoder(format, columns)
        let builder = try BatchBuilder(columns.map(\.type))
        var batches: [Batch] = []
        var bad: [String] = []
        var next = 0
        while true {
            next = try decoder.decode(body, from: next, isLast: true, into: builder) { index, reason, _ in
                let line = body[..<index].count { $0 == 10 } + 1
                if bad.count < 10 { bad.append("line \(line): \(reason)") }
            }
            guard let batch = builder.take() else { break }
            batches.append(batch)
        }
        guard bad.isEmpty else {
            throw LeibrixError(
                .invalidValue, "records of the body do not read, and none was taken", detail: bad.joined(separator: "\n"),
                hint: "Mend or leave out those records, and send the rest again.")
        }
        return batches
    }
}
