// Every row of the source has a key: the number of its epoch, as an SQL expression over the time and dimension columns.
//
//   key = period * combinations + combination      rows in a period
//   key = nullBase + combination                   rows whose time is NULL or not finite (no filter on time given)
//   NULL                                           rows that the dataset leaves out (filter, retain, other dimension values)
//
// Survey and load use the same expression, so a row counted for an epoch is a row written to it.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

/// What the time column is, as far as predicates on it go.
enum TimeKind: Sendable {
    case date, timestamp, timestampTZ

    init?(_ type: DataType) {
        switch type.base {
        case .date: self = .date
        case .timestamp, .timestampSeconds, .timestampMillis, .timestampNanos: self = .timestamp
        case .timestampTZ: self = .timestampTZ
        default: return nil
        }
    }

    /// An instant as a literal that the source's own statistics can be compared with.
    func literal(_ instant: Int64) -> String {
        let text = Instant.spelled(instant)
        switch self {
        case .date where instant % 86_400_000 == 0: return "DATE '\(text.prefix { $0 != " " })'"
        case .date, .timestamp: return "TIMESTAMP '\(text)'"
        case .timestampTZ: return "TIMESTAMPTZ '\(text)+00'"
        }
    }
}

struct EpochKeys: Sendable {
    static let nullBase = Int64.min + 1_000_000

    let timeColumn: String?
    let kind: TimeKind?
    let granularity: Granularity?
    let dimensions: [DatasetSpec.Dimension]
    /// Rows outside are left out.
    let filter: DatasetSpec.TimeFilter
    private let combinations: [[DimensionValue]]

    /// Throws `undefinedColumn` and `typeMismatch` when the spec's columns are not the table's, or not of time.
    init(spec: DatasetSpec, filter: DatasetSpec.TimeFilter, columns: [ColumnDefinition]) throws(LeibrixError) {
        self.filter = filter
        granularity = spec.granularity
        timeColumn = try spec.timeColumn.map { name throws(LeibrixError) in try Self.column(name, columns).name }
        kind = try spec.timeColumn.map { name throws(LeibrixError) in try Self.timeKind(Self.column(name, columns)) }
        var found: [DatasetSpec.Dimension] = []
        for dimension in spec.dimensions {
            found.append(.init(column: try Self.column(dimension.column, columns).name, values: dimension.values))
        }
        dimensions = found
        combinations = EpochPlan.combinations(found)
    }

    private static func column(_ name: String, _ columns: [ColumnDefinition]) throws(LeibrixError) -> ColumnDefinition {
        if let exact = columns.first(where: { $0.name == name }) { return exact }
        if let folded = columns.first(where: { $0.name.lowercased() == name.lowercased() }) { return folded }
        throw LeibrixError(
            .undefinedColumn, "the source table has no column \"\(name)\"",
            hint: "Its columns are: \(columns.map(\.name).joined(separator: ", ")).")
    }

    private static func timeKind(_ column: ColumnDefinition) throws(LeibrixError) -> TimeKind {
        guard let kind = TimeKind(column.type) else {
            throw LeibrixError(
                .typeMismatch, "time column \"\(column.name)\" is of type \(column.type)", hint: "It must be a DATE or a TIMESTAMP.")
        }
        return kind
    }

    /// Whether there is one epoch and no row is left out.
    var isWhole: Bool { timeColumn == nil && dimensions.isEmpty }

    /// The time as a timestamp without zone in UTC; NULL when it is not finite.
    var time: String? {
        timeColumn.map { column in
            let cast = "TRY_CAST(\(SQLText.name(column)) AS TIMESTAMP)"
            return "CASE WHEN isfinite(\(cast)) THEN \(cast) END"
        }
    }

    var expression: String {
        let count = combinations.count
        let combination = combinationExpression
        guard let time, let granularity else { return combination }
        let period = Self.period(granularity, of: time)
        let inside = "(\(period)) * \(count) + \(combination)"
        let outside = filter.isOpen ? "\(Self.nullBase) + \(combination)" : "NULL"
        return "CASE WHEN (\(time)) IS NULL THEN \(outside) WHEN \(filterPredicate) THEN \(inside) END"
    }

    private var combinationExpression: String {
        guard !dimensions.isEmpty else { return "0::BIGINT" }
        var terms: [String] = []
        var weight = combinations.count
        for dimension in dimensions {
            weight /= dimension.values.count
            let column = SQLText.name(dimension.column)
            let cases = dimension.values.enumerated().map { "WHEN CAST(\(column) AS VARCHAR) = \(SQLText.literal($1)) THEN \($0)" }
            terms.append("(CASE \(cases.joined(separator: " ")) END) * \(weight)")
        }
        return "CAST(" + terms.joined(separator: " + ") + " AS BIGINT)"
    }

    private static func period(_ granularity: Granularity, of time: String) -> String {
        let (value, width): (String, Int64) =
            if let fixed = granularity.fixed {
                ("epoch_us(\(time)) - \(fixed.origin * 1_000)", fixed.width * 1_000)
            } else {
                ("(year(\(time)) - 1970) * 12 + month(\(time)) - 1", Int64(granularity.count))
            }
        let number = "CAST(\(value) AS BIGINT)"
        return "(\(number) - ((\(number) % \(width)) + \(width)) % \(width)) // \(width)"
    }

    private var filterPredicate: String { predicate(from: filter.startMS, to: filter.endMS) }

    /// A range on the time column itself, so that sources can skip files and row groups by it.
    func predicate(from startMS: Int64?, to endMS: Int64?) -> String {
        guard let timeColumn, let kind else { return "true" }
        var parts: [String] = []
        if let startMS { parts.append("\(SQLText.name(timeColumn)) >= \(kind.literal(startMS))") }
        if let endMS { parts.append("\(SQLText.name(timeColumn)) < \(kind.literal(endMS))") }
        return parts.isEmpty ? "true" : parts.joined(separator: " AND ")
    }

    /// The epoch that a key names.
    func slot(_ key: Int64) -> EpochSlot {
        guard let granularity else {
            let range = TimeRange(startMS: 0, endMS: 0)
            return EpochSlot(range: range, dimensionValues: combinations[Int(key)])
        }
        if key < Self.nullBase + Int64(combinations.count) {
            return EpochSlot(range: nil, dimensionValues: combinations[Int(key - Self.nullBase)])
        }
        let (period, combination) = key.flooredDivision(by: Int64(combinations.count))
        return EpochSlot(range: granularity.range(ofPeriod: period), dimensionValues: combinations[Int(combination)])
    }

    /// The keys of every epoch of a range, whether rows are there or not.
    func keys(from startMS: Int64, to endMS: Int64) throws(LeibrixError) -> [Int64] {
        guard let granularity else { return [] }
        let periods = try EpochPlan.periods(
            from: startMS, to: endMS, granularity: granularity, combinations: combinations.count)
        let count = Int64(combinations.count)
        return periods.flatMap { period in (0..<count).map { period * count + $0 } }
    }
}
