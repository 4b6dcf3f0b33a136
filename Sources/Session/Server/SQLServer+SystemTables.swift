internal import Base
public import Catalog
internal import Columnar
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension SQLServer {
    var engineVersion: String { Database.version }

    /// What the SQL layer knows, as relations of the schema leibrix: queries, sessions, settings, metrics.
    public var systemTables: [SystemTable] { [queriesTable, sessionsTable, settingsTable, metricsTable] }

    private var queriesTable: SystemTable {
        SystemTable(schema: "leibrix", name: "queries", columns: QueryRecord.columns) { [self] () throws(LeibrixError) in
            let now = clock.monotonicNanos()
            var controls: [Int32: StatementControl] = [:]
            for session in registry.all { controls[session.cancelKey.processID] = session.status.withLock { $0.control } }
            return queries.all.filter { tenant == nil || $0.tenant == tenant }.map { record in
                let isRunning = record.current.outcome == .running
                return record.row(nowNanos: now, progress: isRunning ? controls[record.session]?.progress : nil)
            }
        }
    }

    private var sessionsTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("session", .bigInt), .init("user", .varchar), .init("tenant", .varchar), .init("door", .varchar),
            .init("peer", .varchar), .init("application_name", .varchar), .init("state", .varchar), .init("query", .varchar),
            .init("opened_at", .timestampTZ), .init("state_changed_at", .timestampTZ),
        ]
        return SystemTable(schema: "leibrix", name: "sessions", columns: columns) { [self] () throws(LeibrixError) in
            registry.all.filter { tenant == nil || $0.user.tenant == tenant }.sorted { $0.cancelKey.processID < $1.cancelKey.processID }.map { session in
                let status = session.status.withLock { $0 }
                return [
                    .integer(Int64(session.cancelKey.processID)), .string(session.user.name), .string(session.user.tenant),
                    .string(session.door), .string(session.peer), .string(status.application), .string(status.state),
                    .string(status.point?.text ?? status.text), .timestampTZ(session.openedMicros),
                    .timestampTZ(status.point?.endedMicros ?? status.stateMicros),
                ]
            }
        }
    }

    /// The server's settings with their defaults, as pg_settings lists them. What a session has set, it reads by SHOW.
    private var settingsTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("name", .varchar), .init("setting", .varchar), .init("unit", .varchar), .init("category", .varchar),
            .init("short_desc", .varchar), .init("context", .varchar), .init("vartype", .varchar), .init("min_val", .varchar),
            .init("max_val", .varchar), .init("enumvals", .varchar), .init("boot_val", .varchar),
        ]
        let defaults = defaults
        return SystemTable(schema: "leibrix", name: "settings", columns: columns) { () throws(LeibrixError) in
            SettingDefinition.all.map { $0.row(defaults) }
        }
    }

    private var metricsTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("name", .varchar), .init("labels", .varchar), .init("kind", .varchar), .init("value", .double),
            .init("help", .varchar),
        ]
        let metrics = metrics
        return SystemTable(schema: "leibrix", name: "metrics", columns: columns) { () throws(LeibrixError) in
            metrics.samples().flatMap { $0.rows }
        }
    }
}

extension SettingDefinition {
    fileprivate func row(_ defaults: SettingsDefaults) -> [Value] {
        let value = defaults.values[name] ?? initial
        var bounds: (String?, String?) = (nil, nil)
        var choices: String?
        if case .integer(let range, _) = kind { bounds = (String(range.lowerBound), String(range.upperBound)) }
        if case .choice(let values) = kind { choices = "{\(values.joined(separator: ","))}" }
        var context = "user"
        if case .fixed = kind { context = "internal" }
        return [
            .string(SettingsDefaults.shown(name)), .string(value), .optional(unit), .string(category), .string(summary),
            .string(context), .string(valueType), .optional(bounds.0), .optional(bounds.1), .optional(choices), .string(value),
        ]
    }
}

extension MetricsRegistry.Sample {
    fileprivate var rows: [[Value]] {
        let shown = labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
        func row(_ name: String, _ kind: String, _ value: Double) -> [Value] {
            [.string(name), .string(shown), .string(kind), .double(value), .string(help)]
        }
        switch reading {
        case .counter(let value): return [row(name, "counter", Double(value))]
        case .gauge(let value): return [row(name, "gauge", Double(value))]
        case .histogram(let snapshot):
            return [row(name + "_count", "histogram", Double(snapshot.count)), row(name + "_sum", "histogram", snapshot.sumSeconds)]
        }
    }
}
