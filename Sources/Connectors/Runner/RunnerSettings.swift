internal import Base
internal import Catalog

/// How a source is run, whatever its connector: the options that every source takes.
public struct RunnerSettings: Sendable, Hashable {
    public var batchRows = ConnectorLimits.batchRows
    /// nil: as fast as rows are taken.
    public var rowsPerSecondMax: Double?
    /// How long a source that found nothing is left alone.
    public var pollMS = 200
    public var retry = RetryPolicy()
    /// Failures in a row after which the connector is left alone for `breakerMS`.
    public var breakerFailures = 5
    public var breakerMS = 30_000
    /// Where bad records go: a path, or nil for the place the host has for them.
    public var deadLetterPath: String?
    public var deadLetterBytesMax = ConnectorLimits.deadLetterBytesMax
    /// Bad records after which the source stops; nil: it goes on.
    public var badRecordsMax: Int?

    public init() {}

    static let options = [
        "batch_rows", "max_rows_per_second", "poll_interval", "retry_attempts", "retry_initial", "retry_max", "breaker_failures",
        "breaker_cooldown", "dead_letter", "dead_letter_max", "bad_records_max",
    ]

    static func take(from options: inout OptionReader) throws(LeibrixError) -> RunnerSettings {
        var settings = RunnerSettings()
        let counts: ClosedRange<Int64> = 1...1_000_000_000
        if let rows = try options.integer("batch_rows", in: 1...Int64(ConnectorLimits.batchRowsMax)) { settings.batchRows = Int(rows) }
        settings.rowsPerSecondMax = try options.integer("max_rows_per_second", in: counts).map { Double($0) }
        if let pause = try milliseconds("poll_interval", &options) { settings.pollMS = pause }
        settings.retry.attemptsMax = try options.integer("retry_attempts", in: 0...1_000_000).map { Int($0) }
        if let pause = try milliseconds("retry_initial", &options) { settings.retry.firstMS = pause }
        if let pause = try milliseconds("retry_max", &options) { settings.retry.longestMS = pause }
        if let failures = try options.integer("breaker_failures", in: counts) { settings.breakerFailures = Int(failures) }
        if let pause = try milliseconds("breaker_cooldown", &options) { settings.breakerMS = pause }
        settings.deadLetterPath = try options.text("dead_letter")
        if let bytes = try options.size("dead_letter_max") { settings.deadLetterBytesMax = bytes }
        settings.badRecordsMax = try options.integer("bad_records_max", in: 0...1_000_000_000).map { Int($0) }
        return settings
    }

    private static func milliseconds(_ name: String, _ options: inout OptionReader) throws(LeibrixError) -> Int? {
        guard let duration = try options.duration(name) else { return nil }
        guard duration.months == 0, (1...86_400_000).contains(duration.milliseconds) else {
            throw LeibrixError(.streamConnector, "option \"\(name)\" is at most a day")
        }
        return Int(duration.milliseconds)
    }
}
