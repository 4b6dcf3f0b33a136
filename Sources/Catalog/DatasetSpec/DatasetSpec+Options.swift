public import Base
internal import Columnar

extension DatasetSpec {
    public static let optionNames = [
        "time_column", "granularity", "refresh", "retain", "replicas", "fallback", "start", "end", "dimensions", "snapshot",
    ]
    /// What ALTER DATASET may set; the others decide what the epochs are, and ask for a new dataset.
    public static let alterableNames = ["refresh", "retain", "replicas", "fallback"]

    /// The spec that a CREATE DATASET asks for. Throws `invalidOption` and `invalidName`.
    public static func make(
        tenant: String, name: String, source: [String], options: [SpecOption]
    ) throws(LeibrixError) -> DatasetSpec {
        try ObjectName.check(name, kind: "dataset")
        guard source.count >= 2, source.allSatisfy({ !$0.isEmpty }) else {
            throw LeibrixError(
                .invalidName, "\"\(source.joined(separator: "."))\" names no table of a catalog",
                hint: "Write catalog.table, or catalog.namespace.table.")
        }
        var reader = try OptionReader(options, subject: "dataset")
        var spec = DatasetSpec(tenant: tenant, name: name, source: source)
        try spec.takeEpochs(&reader)
        try spec.takeUpkeep(&reader)
        try reader.finish(allowed: optionNames)
        return spec
    }

    /// This spec with what ALTER DATASET .. SET (..) asks for. A NULL takes the option away.
    public func altered(by options: [SpecOption]) throws(LeibrixError) -> DatasetSpec {
        if let fixed = options.first(where: { Self.optionNames.contains($0.name) && !Self.alterableNames.contains($0.name) }) {
            throw LeibrixError(
                .invalidOption, "option \"\(fixed.name)\" of a dataset cannot be altered",
                hint: "Its epochs depend on it: create another dataset. Alterable are: \(Self.alterableNames.joined(separator: ", ")).",
                position: fixed.position)
        }
        var spec = self
        for option in options where option.value.isNull {
            switch option.name {
            case "refresh": spec.refreshMS = nil
            case "retain": spec.retain = nil
            default: throw OptionReader.invalid(option, takes: "a value")
            }
        }
        var reader = try OptionReader(options.filter { !$0.value.isNull }, subject: "dataset")
        try spec.takeUpkeep(&reader)
        try reader.finish(allowed: Self.alterableNames)
        return spec
    }

    private mutating func takeEpochs(_ reader: inout OptionReader) throws(LeibrixError) {
        timeColumn = try reader.text("time_column")
        if let option = reader.take("granularity") {
            let takes = "a positive count of hours, days, weeks or months, such as 'month' or '6 hours'"
            guard case .string(let text) = option.value, let parsed = Granularity(text) else {
                throw OptionReader.invalid(option, takes: takes)
            }
            granularity = parsed
        }
        guard (timeColumn == nil) == (granularity == nil) else {
            let (given, missing) = timeColumn == nil ? ("granularity", "time_column") : ("time_column", "granularity")
            throw LeibrixError(
                .invalidOption, "option \"\(given)\" needs option \"\(missing)\" beside it",
                hint: "Give both, or neither for one epoch a snapshot.")
        }
        filter = try takeFilter(&reader)
        dimensions = try takeDimensions(&reader)
        snapshot = try reader.text("snapshot")
    }

    private mutating func takeUpkeep(_ reader: inout OptionReader) throws(LeibrixError) {
        if reader.has("refresh"), let period = try takeRefresh(&reader) { refreshMS = period }
        if reader.has("retain") {
            guard timeColumn != nil else {
                throw LeibrixError(
                    .invalidOption, "option \"retain\" needs option \"time_column\"",
                    hint: "Without a time column there is one epoch, and nothing to retire.")
            }
            retain = try reader.duration("retain")
        }
        if let count = try reader.integer("replicas", in: 1...Int64(CatalogLimits.replicasMax)) {
            guard count == 1 else {
                throw LeibrixError(
                    .notSupported, "replicas = \(count) needs workers, and one process serves this server's datasets",
                    hint: "Leave replicas out, or set it to 1.")
            }
            replicas = Int(count)
        }
        if let flag = try reader.boolean("fallback") { fallback = flag }
    }

    private func takeRefresh(_ reader: inout OptionReader) throws(LeibrixError) -> Int64? {
        guard let duration = try reader.duration("refresh") else { return nil }
        let milliseconds = duration.milliseconds + Int64(duration.months) * 30 * 86_400_000
        guard milliseconds >= Int64(CatalogLimits.refreshSecondsMin) * 1_000 else {
            throw LeibrixError(
                .invalidOption, "option \"refresh\" does not take '\(duration)'",
                hint: "It takes \(CatalogLimits.refreshSecondsMin) second or more.")
        }
        return milliseconds
    }

    private func takeFilter(_ reader: inout OptionReader) throws(LeibrixError) -> TimeFilter {
        let start = reader.take("start")
        let end = reader.take("end")
        guard let given = start ?? end else { return TimeFilter() }
        guard timeColumn != nil else {
            throw LeibrixError(.invalidOption, "option \"\(given.name)\" needs option \"time_column\"", position: given.position)
        }
        var filter = TimeFilter()
        if let start { filter.startMS = try Self.instant(start) }
        if let end { filter.endMS = try Self.instant(end) }
        if let from = filter.startMS, let to = filter.endMS, from >= to {
            throw LeibrixError(
                .invalidOption, "option \"end\" must be after option \"start\"",
                hint: "The range holds its start and not its end.", position: end?.position)
        }
        return filter
    }

    private static func instant(_ option: SpecOption) throws(LeibrixError) -> Int64 {
        switch option.value {
        case .string(let text):
            if let instant = Instant.parse(text) { return instant }
        case .date(let days): return Int64(days) * 86_400_000
        case .timestamp(let micros), .timestampTZ(let micros): return micros.flooredDivision(by: 1_000).quotient
        default: break
        }
        throw OptionReader.invalid(option, takes: "a date or a timestamp, such as '2024-01-31' or '2024-01-31 12:00:00'")
    }

    private func takeDimensions(_ reader: inout OptionReader) throws(LeibrixError) -> [Dimension] {
        guard let option = reader.take("dimensions") else { return [] }
        let takes = "an object of columns and their values, such as '{\"region\": [\"eu\", \"us\"], \"tier\": [1, 2]}'"
        guard let found = Self.dimensions(option.value), !found.isEmpty,
            found.allSatisfy({ !$0.values.isEmpty && Set($0.values).count == $0.values.count }),
            Set(found.map(\.column)).count == found.count
        else { throw OptionReader.invalid(option, takes: takes) }
        let product = found.reduce(1) { $0.multipliedReportingOverflow(by: $1.values.count).partialValue }
        guard found.count <= CatalogLimits.dimensionColumnsMax,
            found.allSatisfy({ $0.values.count <= CatalogLimits.dimensionValuesMax }), product <= CatalogLimits.epochsPerDatasetMax
        else {
            throw LeibrixError(
                .invalidOption, "option \"dimensions\" asks for \(product) epochs in every period",
                hint: "At most \(CatalogLimits.dimensionColumnsMax) columns and \(CatalogLimits.epochsPerDatasetMax) combinations.",
                position: option.position)
        }
        return found
    }

    private static func dimensions(_ value: Value) -> [Dimension]? {
        switch value {
        case .string(let text):
            guard let members = (try? JSON.parse(text))?.members else { return nil }
            let found = members.compactMap { member in
                member.value.array.flatMap { items in all(items.map(Self.text)) }.map { Dimension(column: member.name, values: $0) }
            }
            return found.count == members.count ? found : nil
        case .structure(let fields):
            let found = fields.compactMap { field -> Dimension? in
                guard case .list(let items) = field.value else { return nil }
                return all(items.map(Self.text)).map { Dimension(column: field.name, values: $0) }
            }
            return found.count == fields.count ? found : nil
        default: return nil
        }
    }

    private static func all(_ texts: [String?]) -> [String]? {
        let found = texts.compactMap { $0 }
        return found.count == texts.count ? found : nil
    }

    private static func text(_ item: JSON) -> String? {
        switch item {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let flag): String(flag)
        default: nil
        }
    }

    private static func text(_ item: Value) -> String? {
        switch item {
        case .string(let text): text
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        default: nil
        }
    }
}
