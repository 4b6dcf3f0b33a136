public import Base
internal import Columnar
internal import Platform
internal import StreamHost

extension Leibrix {
    var streams: StreamHost { parts.home.streams }

    /// A writer of records for a source that CREATE SOURCE made. Members are columns by their names, as spelled or without regard to case.
    public func source<Record: Encodable>(_ name: String, of type: Record.Type) throws(LeibrixError) -> SourceWriter<Record> {
        let name = Self.folded(name)
        guard let object = streams.object(name), object.kind == .source else {
            throw LeibrixError(.streamUndefined, "source \"\(name)\" does not exist", hint: "SHOW SOURCES lists what there is.")
        }
        return SourceWriter(try SourceWriterCore(name, object.columns, streams, bufferRows: buffer.rows, mode: buffer.mode))
    }

    /// Makes a source with the columns of a record, and a writer for it. `eventTime` names the member that is the rows' time (a Timestamp,
    /// Date, or Int64 of milliseconds), which may come as late as `delay` behind later rows.
    public func createSource<Record: Codable>(
        _ name: String, of type: Record.Type, eventTime: String? = nil, delay: Duration = .zero
    ) async throws(LeibrixError) -> SourceWriter<Record> {
        var parts = try DataType.Field.columns(of: type).map { "\(Self.quoted($0.name)) \($0.type)" }
        if let eventTime {
            let (seconds, attoseconds) = delay.components
            let column = Self.quoted(eventTime)
            parts.append("WATERMARK FOR \(column) AS \(column) - INTERVAL '\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) microseconds'")
        }
        try await execute("CREATE SOURCE \(Self.quoted(Self.folded(name))) (\(parts.joined(separator: ", ")))")
        return try source(name, of: type)
    }

    /// Rows of a stream or materialized view from now on, or all behind an epoch that is still held; `condition` is a WHERE over its columns.
    public func subscribe<Record: Decodable>(
        _ name: String, as type: Record.Type, afterEpoch epoch: Int64? = nil, where condition: String? = nil
    ) throws(LeibrixError) -> Subscription<Record> {
        Subscription(try streams.subscribe(Self.folded(name), after: epoch, filter: condition))
    }

    /// As `subscribe`, with a callback for each row, one at a time in their order. It ends with the handle. `onEnd` is called once, with
    /// the error if there was one.
    public func subscribe<Record: Decodable & Sendable>(
        _ name: String, as type: Record.Type, afterEpoch epoch: Int64? = nil, onEnd: (@Sendable (LeibrixError?) -> Void)? = nil,
        onChange: @escaping @Sendable (Change<Record>) -> Void
    ) throws(LeibrixError) -> SubscriptionHandle {
        let rows = try subscribe(name, as: type, afterEpoch: epoch)
        Task {
            do throws(LeibrixError) {
                while let change = try await rows.next() { onChange(change) }
                onEnd?(nil)
            } catch { onEnd?(error) }
        }
        return SubscriptionHandle { [weak rows] in rows?.cancel() }
    }

    /// Writes a checkpoint of all streams: after a crash they go on from here. Its number.
    @discardableResult
    public func checkpoint() async throws(LeibrixError) -> Int {
        let streams = streams
        return try await blocking { () throws(LeibrixError) in try streams.checkpoint() }
    }

    /// Names outside quotes mean their lower case, as in SQL.
    static func folded(_ name: String) -> String {
        name.hasPrefix("\"") && name.hasSuffix("\"") && name.count > 1 ? String(name.dropFirst().dropLast()) : name.lowercased()
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
