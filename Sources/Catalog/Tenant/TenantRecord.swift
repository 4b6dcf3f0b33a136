public import Base
internal import Columnar

/// A tenant and its bounds; nil is unbounded.
public struct TenantRecord: Sendable, Hashable {
    /// Where everything lives until other tenants are made.
    public static let defaultName = "default"

    public var name: String
    public var memoryBytes: Int64?
    public var cpu: Int64?
    public var concurrency: Int64?
    public var queue: Int64?
    public var statementTimeoutMS: Int64?
    public var maxScanRows: Int64?
    public var maxResultRows: Int64?
    public var maxDatasets: Int64?
    public var maxEpochs: Int64?

    public init(name: String) { self.name = name }

    public static let optionNames = [
        "memory", "cpu", "concurrency", "queue", "statement_timeout", "max_scan_rows", "max_result_rows", "max_datasets",
        "max_epochs",
    ]

    /// The default tenant's engine has the server's memory and threads. Throws `notSupported`.
    public static func checkDefault(_ options: [SpecOption]) throws(LeibrixError) {
        guard let option = options.first(where: { ["memory", "cpu"].contains($0.name) && !$0.value.isNull }) else { return }
        throw LeibrixError(
            .notSupported, "tenant \"\(defaultName)\" has the server's \(option.name == "cpu" ? "threads" : "memory")",
            hint: "Start the server with --memory and --threads.", position: option.position)
    }

    /// The record that CREATE TENANT asks for. Throws `invalidOption` and `invalidName`.
    public static func make(name: String, options: [SpecOption]) throws(LeibrixError) -> TenantRecord {
        try ObjectName.check(name, kind: "tenant")
        return try TenantRecord(name: name).altered(by: options)
    }

    /// The record with the given options set; a NULL takes a bound away.
    public func altered(by options: [SpecOption]) throws(LeibrixError) -> TenantRecord {
        var record = self
        var reader = try OptionReader(options, subject: "tenant")
        let counts: [(String, WritableKeyPath<TenantRecord, Int64?>)] = [
            ("cpu", \.cpu), ("concurrency", \.concurrency), ("queue", \.queue), ("max_scan_rows", \.maxScanRows),
            ("max_result_rows", \.maxResultRows), ("max_datasets", \.maxDatasets), ("max_epochs", \.maxEpochs),
        ]
        for option in options where option.value.isNull {
            guard Self.optionNames.contains(option.name) else { continue }
            _ = reader.take(option.name)
            if let path = counts.first(where: { $0.0 == option.name })?.1 { record[keyPath: path] = nil }
            if option.name == "memory" { record.memoryBytes = nil }
            if option.name == "statement_timeout" { record.statementTimeoutMS = nil }
        }
        for (name, path) in counts where reader.has(name) {
            record[keyPath: path] = try reader.integer(name, in: (name == "queue" ? 0 : 1)...Int64.max)
        }
        if reader.has("memory") { record.memoryBytes = try reader.size("memory") }
        if reader.has("statement_timeout") {
            let duration = try reader.duration("statement_timeout")
            record.statementTimeoutMS = duration.map { $0.milliseconds + Int64($0.months) * 30 * 86_400_000 }
        }
        try reader.finish(allowed: Self.optionNames)
        return record
    }
}
