internal import Base
internal import Columnar
internal import StreamEngine
internal import StreamHost

/// A stream's plan as EXPLAIN prints it.
extension StreamReport {
    func lines(_ wanted: StreamExplainPlan.Wanted) -> [String] {
        let kind = object.kind == .view ? "Materialized View" : object.kind == .sink ? "Sink" : "Stream"
        var lines = ["\(kind) \(object.name)  (\(emission); rows \(changes))"]
        lines.append("  Reads: \(explanation.inputs.joined(separator: ", "))")
        lines.append("  Columns: \(explanation.columns.map { "\($0.name) \($0.type)" }.joined(separator: ", "))")
        lines.append("  Cores: \(spread)")
        for (position, name) in explanation.operators.enumerated() {
            lines.append("  \(position). \(name)  (\(kept(position)))")
            if wanted == .analyze, running.indices.contains(position) { lines.append("       \(counters(running[position]))") }
        }
        return lines
    }

    private var emission: String {
        var text = "EMIT \(emit)"
        if object.latenessMicros > 0 { text += ", ALLOW LATENESS \(Self.duration(object.latenessMicros))" }
        if let late = object.lateName { text += ", LATE DATA TO \(late)" }
        return text
    }

    var emit: String {
        switch object.emit {
        case .onWindowClose: "ON WINDOW CLOSE"
        case .onWatermark: "ON WATERMARK"
        case .onUpdate: object.kind == .view ? "CHANGES" : "ON UPDATE"
        case .changes: "CHANGES"
        case .final: "FINAL"
        case .every(let micros): "EVERY \(Self.duration(micros))"
        case nil: explanation.operators.contains { $0.hasPrefix("window") || $0.hasPrefix("session") } ? "ON WINDOW CLOSE" : object.kind == .view ? "CHANGES" : "ON UPDATE"
        }
    }

    var changes: String {
        explanation.retracts ? "are taken back by weight -1" : explanation.replaces ? "replace the one of their key" : "stand"
    }

    private var spread: String {
        !explanation.isPartitioned ? "1: its state has no common key" : cores == 1 ? "1 (it could be spread by its key)" : "\(cores), by its key"
    }

    private func kept(_ position: Int) -> String {
        let bounds = bounds(at: position)
        guard !bounds.isEmpty else { return "keeps nothing" }
        return bounds.map { bound in
            let time = bound.timeToLiveMicros.map { "for \(Self.duration($0)) of event time" } ?? "as long as the stream"
            return "\(bound.bytes) bytes a \(bound.unit), at most \(bound.countMax), \(time)"
        }.joined(separator: "; ")
    }

    private func counters(_ made: OperatorStatistics) -> String {
        var text = "rows in=\(made.rowsIn) emitted=\(made.emitted) filtered=\(made.filtered) late=\(made.late) buffered=\(made.buffered) out=\(made.rowsOut)"
        if made.failed > 0 { text += " failed=\(made.failed) (\(made.lastError ?? ""))" }
        return made.stateKeys > 0 || made.stateBytes > 0 ? text + "; state \(made.stateBytes) bytes, \(made.stateKeys) kept" : text
    }

    private static func duration(_ micros: Int64) -> String {
        for (size, unit) in [(86_400_000_000 as Int64, "d"), (3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s"), (1_000, "ms")]
        where micros != 0 && micros % size == 0 { return "\(micros / size) \(unit)" }
        return "\(micros) us"
    }

    // MARK: EXPLAIN STATE

    var stateRows: [[Value]] {
        explanation.bounds.map { bound in
            let (most, overflows) = bound.bytes.multipliedReportingOverflow(by: bound.countMax)
            let now = running.indices.contains(bound.position) ? running[bound.position] : nil
            return [
                .integer(Int64(bound.position)), .string(bound.kind), .string(bound.unit), .integer(Int64(bound.bytes)), .integer(Int64(bound.countMax)),
                overflows ? .null : .integer(Int64(most)), .optional(bound.timeToLiveMicros.map { $0 / 1_000 }), .string(bound.note),
                .optional(now.map { Int64($0.stateKeys) }), .optional(now.map { Int64($0.stateBytes) }),
            ]
        }
    }

    // MARK: FORMAT json

    func json(_ wanted: StreamExplainPlan.Wanted) -> JSON {
        let operators = explanation.operators.enumerated().map { position, name -> JSON in
            var members: [JSON.Member] = [.init("position", .integer(Int64(position))), .init("operator", .string(name))]
            members.append(.init("state", .array(bounds(at: position).map(Self.json))))
            if wanted == .analyze, running.indices.contains(position) { members += Self.members(running[position]) }
            return .object(members)
        }
        return .object([
            .init("kind", .string(object.kind.rawValue.lowercased())), .init("name", .string(object.name)), .init("emit", .string(emit)),
            .init("lateness_ms", .integer(object.latenessMicros / 1_000)), .init("rows", .string(changes)),
            .init("reads", .array(explanation.inputs.map { .string($0) })),
            .init("columns", .array(explanation.columns.map { ["name": .string($0.name), "type": .string("\($0.type)")] })),
            .init("partitioned", .bool(explanation.isPartitioned)), .init("operators", .array(operators)),
        ])
    }

    private static func json(_ bound: StateBound) -> JSON {
        [
            "unit": .string(bound.unit), "bytes": .integer(Int64(bound.bytes)), "units_max": .integer(Int64(bound.countMax)),
            "time_to_live_ms": bound.timeToLiveMicros.map { .integer($0 / 1_000) } ?? .null, "kept": .string(bound.note),
        ]
    }

    private static func members(_ made: OperatorStatistics) -> [JSON.Member] {
        let counts = [
            ("rows_in", made.rowsIn), ("emitted", made.emitted), ("filtered", made.filtered), ("late", made.late), ("buffered", made.buffered),
            ("rows_out", made.rowsOut), ("failed", made.failed), ("state_bytes", made.stateBytes), ("state_keys", made.stateKeys),
        ]
        return counts.map { .init($0.0, .integer(Int64($0.1))) }
    }
}
