public import Catalog
internal import Base
internal import Columnar
internal import Connectors
internal import StreamEngine
internal import Synchronization
internal import TableEngine

extension StreamHost {
    /// leibrix.sources, streams, sinks, checkpoints, operators.
    public var systemTables: [SystemTable] { [sourcesTable, streamsTable, sinksTable, checkpointsTable, operatorsTable] }

    private func table(
        _ name: String, _ columns: [DataType.Field], _ rows: @escaping @Sendable (StreamHost) throws(LeibrixError) -> [[Value]]
    ) -> SystemTable {
        SystemTable(schema: "leibrix", name: name, columns: columns) { [weak self] () throws(LeibrixError) in
            guard let self else { return [] }
            return try rows(self)
        }
    }

    private func shown(_ columns: [DataType.Field]) -> String { columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ") }

    private var sourcesTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("tenant", .varchar), .init("source", .varchar), .init("columns", .varchar), .init("event_time", .varchar), .init("delay_ms", .bigInt),
            .init("idle_timeout_ms", .bigInt), .init("connector", .varchar), .init("format", .varchar), .init("rows", .bigInt),
            .init("state", .varchar), .init("bad_records", .bigInt), .init("error", .varchar), .init("dead_letters", .varchar), .init("owner", .varchar), .init("created_at", .timestampTZ),
        ]
        return table("sources", columns) { host throws(LeibrixError) in
            host.objects.filter { $0.kind == .source }.map { object in
                [
                    .string(object.tenant), .string(object.name), .string(host.shown(object.columns)), .optional(object.eventTime?.column),
                    .optional(object.eventTime.map { $0.delayMicros / 1_000 }), .optional(object.eventTime?.idleMicros.map { $0 / 1_000 }),
                    .optional(object.connector), .optional(object.format),
                    .optional((try? host.engine.source(object.name)).map { Int64($0.offset) }),
                ] + host.running(object) + [.string(object.owner), .timestampTZ(object.createdMicros)]
            }
        }
    }

    /// State, bad records, error and dead letters of a source's connector.
    private func running(_ object: StreamObject) -> [Value] {
        guard let runner = runner(object.name) else { return [.null, .null, .null, .null] }
        return [
            .string(runner.state.rawValue), .integer(Int64(runner.badRecords)), .optional(runner.lastError?.message ?? runner.lastBadReason),
            .optional(runner.badRecords > 0 ? runner.deadLetterPath : nil),
        ]
    }

    private var streamsTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("tenant", .varchar), .init("stream", .varchar), .init("kind", .varchar), .init("columns", .varchar), .init("reads", .varchar),
            .init("changes", .varchar), .init("epoch", .bigInt), .init("oldest_epoch", .bigInt), .init("watermark", .bigInt), .init("rows", .bigInt),
            .init("query", .varchar), .init("state", .varchar), .init("error", .varchar), .init("table_commit", .bigInt),
            .init("table_lag_bytes", .bigInt), .init("owner", .varchar), .init("created_at", .timestampTZ),
        ]
        return table("streams", columns) { host throws(LeibrixError) in
            let (position, buffers, views) = host.state.withLock { ($0.durable, $0.buffers, $0.views) }
            return host.objects.filter { [.stream, .view, .late].contains($0.kind) }.map { object in
                let changes = object.kind == .late ? "append" : host.engine.changes(of: object.name).map { "\($0)" }
                return [
                    .string(object.tenant), .string(object.name), .string(object.kind.rawValue.lowercased()),
                    .string(host.shown(host.columns(of: object.name) ?? [])),
                    .string(object.kind == .late ? object.input ?? "" : host.reads(object).joined(separator: ", ")),
                    .optional(changes), .integer(position), .optional(buffers[object.name]?.lostThrough),
                    .optional(host.engine.watermark(of: object.name)), .optional(views[object.name].map { Int64($0.rowCount) }),
                    .optional(object.query),
                ] + host.progress(of: object) + [.string(object.owner), .timestampTZ(object.createdMicros)]
            }
        }
    }

    /// State, error, and how far behind its tables a stream is: the last commit it was told, and bytes of the tables' log behind that.
    private func progress(of object: StreamObject) -> [Value] {
        let (isLoading, roots, commit) = state.withLock { state in
            (state.loading.contains(object.name), state.roots[object.name.lowercased()] ?? [], state.following.commit)
        }
        if isLoading { return ["LOADING", .null, .null, .null] }
        guard let tables, !roots.isEmpty else { return ["RUNNING", .null, .null, .null] }
        if let error = stopReason(roots) { return ["STOPPED", .string(error.message), .null, .null] }
        let done = follower.state.withLock { $0.done }
        let end = tables.changeEnd
        return ["RUNNING", .null, .integer(Int64(clamping: commit)), .integer(end > done ? Int64(clamping: end.rawValue - done.rawValue) : 0)]
    }

    private var sinksTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("tenant", .varchar), .init("sink", .varchar), .init("reads", .varchar), .init("target", .varchar), .init("state", .varchar),
            .init("epoch", .bigInt), .init("rows", .bigInt), .init("error", .varchar), .init("owner", .varchar), .init("created_at", .timestampTZ), .init("query", .varchar),
        ]
        return table("sinks", columns) { host throws(LeibrixError) in
            host.objects.filter { $0.kind == .sink }.map { object in
                var status = host.sinkStatus(object.name)
                if !object.tables.isEmpty, let error = host.stopReason([object.number]), !host.state.withLock({ $0.loading.contains(object.name) }) {
                    (status.state, status.error) = ("STOPPED", error.message)
                }
                return [
                    .string(object.tenant), .string(object.name), .string(host.reads(object).joined(separator: ", ")), .string(object.target),
                    .string(status.state), .integer(status.position), .integer(Int64(status.rows)), .optional(status.error), .string(object.owner),
                    .timestampTZ(object.createdMicros), .optional(object.query),
                ]
            }
        }
    }

    private var checkpointsTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("checkpoint", .bigInt), .init("epoch", .bigInt), .init("state", .varchar), .init("bytes", .bigInt), .init("duration_ms", .double),
            .init("created_at", .timestampTZ), .init("error", .varchar),
        ]
        return table("checkpoints", columns) { host throws(LeibrixError) in
            let (records, error, damaged) = host.state.withLock { ($0.checkpoints, $0.checkpointError, $0.damaged) }
            var rows: [[Value]] = records.map { record in
                let fault = damaged[record.number]
                return [
                    .integer(Int64(record.number)), .integer(record.position), fault == nil ? "COMPLETE" : "DAMAGED", .integer(Int64(record.bytes)),
                    .double(Double(record.durationMicros) / 1_000), .timestampTZ(record.createdMicros), .optional(fault),
                ]
            }
            if let error { rows.append([.null, .null, "FAILED", .null, .null, .null, .string(error)]) }
            return rows
        }
    }

    private var operatorsTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("stream", .varchar), .init("position", .bigInt), .init("operator", .varchar), .init("rows_in", .bigInt), .init("emitted", .bigInt),
            .init("filtered", .bigInt), .init("late", .bigInt), .init("buffered", .bigInt), .init("rows_out", .bigInt), .init("failed", .bigInt),
            .init("last_error", .varchar), .init("state_bytes", .bigInt), .init("state_keys", .bigInt), .init("dropped", .bigInt),
        ]
        return table("operators", columns) { host throws(LeibrixError) in
            (host.sourceOperators + host.engine.operators).map { made in
                let shown = made.stream.hasSuffix("\u{1}sink") ? String(made.stream.dropLast(5)) : made.stream
                let counts = [made.rowsIn, made.emitted, made.filtered - made.dropped, made.late, made.buffered, made.rowsOut, made.failed]
                return [.string(shown), .integer(Int64(made.position)), .string(made.kind)] + counts.map { .integer(Int64($0)) }
                    + [.optional(made.lastError), .integer(Int64(made.stateBytes)), .integer(Int64(made.stateKeys)), .integer(Int64(made.dropped))]
            }
        }
    }
}

extension StreamObject {
    /// Where a sink writes, for people.
    var target: String {
        if let table { return "table " + table.joined(separator: ".") }
        return (connector ?? "") + (format.map { " " + $0 } ?? "")
    }
}

/// How a sink is.
struct SinkStatus {
    var state = "STOPPED"
    /// Rows of records up to here are written for good.
    var position: Int64 = 0
    var rows = 0
    var error: String?
}
