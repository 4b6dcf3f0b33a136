internal import Base

/// How long an epoch's stretch of time is: a count of hours, days, weeks or calendar months.
public struct Granularity: Sendable, Hashable {
    public enum Unit: String, Sendable, Hashable, CaseIterable { case hour, day, week, month }

    public let count: Int
    public let unit: Unit

    /// nil for a count that is not positive or beyond 10,000.
    public init?(count: Int, unit: Unit) {
        guard count > 0, count <= 10_000 else { return nil }
        self.count = count
        self.unit = unit
    }

    /// "month", "3 months", "6h", "MONTH"; nil for anything else.
    public init?(_ text: String) {
        let lower = text.lowercased().filter { $0 != " " }
        let digits = lower.prefix { $0.isASCII && $0.isNumber }
        var word = String(lower[digits.endIndex...])
        word = ["h": "hour", "d": "day", "w": "week"][word] ?? word
        if word.hasSuffix("s") { word.removeLast() }
        guard let unit = Unit(rawValue: word), let count = digits.isEmpty ? 1 : Int(digits) else { return nil }
        self.init(count: count, unit: unit)
    }
}

extension Granularity: CustomStringConvertible {
    public var description: String { count == 1 ? unit.rawValue : "\(count) \(unit.rawValue)s" }
}

extension Granularity {
    /// Weeks begin on Monday: 1970-01-05 was one.
    static let mondayMS: Int64 = 4 * 86_400_000

    /// Milliseconds of a period, and where period 0 begins; nil for calendar months.
    public var fixed: (width: Int64, origin: Int64)? {
        switch unit {
        case .hour: (Int64(count) * 3_600_000, 0)
        case .day: (Int64(count) * 86_400_000, 0)
        case .week: (Int64(count) * 7 * 86_400_000, Self.mondayMS)
        case .month: nil
        }
    }

    /// The number of the period that holds `instant` (milliseconds since 1970, UTC). Periods are numbered from 1970-01-01
    /// (weeks: from Monday 1970-01-05), so that every period's bounds are the same for every dataset.
    public func period(holding instant: Int64) -> Int64 {
        if let fixed { return (instant - fixed.origin).flooredDivision(by: fixed.width).quotient }
        let date = CivilDate(daysSinceEpoch: Int(instant.flooredDivision(by: 86_400_000).quotient))
        let month = Int64((date.year - 1970) * 12 + date.month - 1)
        return month.flooredDivision(by: Int64(count)).quotient
    }

    /// The half-open range of a period, in milliseconds since 1970.
    public func range(ofPeriod period: Int64) -> TimeRange {
        if let fixed {
            let start = period * fixed.width + fixed.origin
            return TimeRange(startMS: start, endMS: start + fixed.width)
        }
        return TimeRange(startMS: Self.month(period * Int64(count)), endMS: Self.month((period + 1) * Int64(count)))
    }

    private static func month(_ index: Int64) -> Int64 {
        let (year, month) = index.flooredDivision(by: 12)
        return Int64(CivilDate(year: Int(year) + 1970, month: Int(month) + 1, day: 1).daysSinceEpoch) * 86_400_000
    }
}

/// A half-open range of time: `startMS` is in it, `endMS` is not. Milliseconds since 1970-01-01 UTC.
public struct TimeRange: Sendable, Hashable {
    public var startMS: Int64
    public var endMS: Int64

    public init(startMS: Int64, endMS: Int64) {
        self.startMS = startMS
        self.endMS = endMS
    }

    public func contains(_ instant: Int64) -> Bool { instant >= startMS && instant < endMS }
    public func overlaps(_ other: TimeRange) -> Bool { startMS < other.endMS && other.startMS < endMS }
}
