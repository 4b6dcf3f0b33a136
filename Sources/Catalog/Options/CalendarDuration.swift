internal import Base

/// A length of time: whole calendar months, and milliseconds beside them.
public struct CalendarDuration: Sendable, Hashable {
    public var months: Int
    public var milliseconds: Int64

    public init(months: Int = 0, milliseconds: Int64 = 0) {
        self.months = months
        self.milliseconds = milliseconds
    }

    /// "10s", "5 minutes", "1 day 12 hours", "24 months", "2 years"; nil for anything else and for no time at all.
    public init?(_ text: String) {
        var total = CalendarDuration()
        var rest = Substring(text.lowercased())
        var parts = 0
        while true {
            rest = rest.drop { $0 == " " }
            if rest.isEmpty { break }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...].drop { $0 == " " }
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest[unit.endIndex...]
            guard let count = Int64(digits), total.add(count, String(unit)) else { return nil }
            parts += 1
        }
        guard parts > 0, total != CalendarDuration() else { return nil }
        self = total
    }

    private mutating func add(_ count: Int64, _ unit: String) -> Bool {
        guard count <= 1_000_000_000 else { return false }
        switch unit {
        case "ms", "millisecond", "milliseconds": milliseconds += count
        case "s", "sec", "secs", "second", "seconds": milliseconds += count * 1_000
        case "m", "min", "mins", "minute", "minutes": milliseconds += count * 60_000
        case "h", "hour", "hours": milliseconds += count * 3_600_000
        case "d", "day", "days": milliseconds += count * 86_400_000
        case "w", "week", "weeks": milliseconds += count * 7 * 86_400_000
        case "mon", "month", "months": months += Int(count)
        case "y", "year", "years": months += Int(count) * 12
        default: return false
        }
        return true
    }

    /// The instant this long before `instant`, both in milliseconds since 1970 UTC. A day that the earlier month does not
    /// have becomes its last.
    public func before(_ instant: Int64) -> Int64 {
        let (days, time) = instant.flooredDivision(by: 86_400_000)
        let date = CivilDate(daysSinceEpoch: Int(days))
        let (year, month) = (date.year * 12 + date.month - 1 - months).flooredDivision(by: 12)
        let day = min(date.day, CivilDate.daysInMonth(year: year, month: month + 1))
        let shifted = CivilDate(year: year, month: month + 1, day: day).daysSinceEpoch
        return Int64(shifted) * 86_400_000 + time - milliseconds
    }

    /// As an option's text: reading it again gives the same duration.
    public var description: String {
        var parts: [String] = []
        if months != 0 { parts.append("\(months) months") }
        var rest = milliseconds
        for (unit, length) in [("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000), ("seconds", 1_000), ("ms", 1)] {
            let count = rest / Int64(length)
            if count != 0 { parts.append("\(count) \(unit)") }
            rest -= count * Int64(length)
        }
        return parts.joined(separator: " ")
    }
}

extension CalendarDuration: CustomStringConvertible {}

extension CivilDate {
    static func daysInMonth(year: Int, month: Int) -> Int {
        let next = month == 12 ? CivilDate(year: year + 1, month: 1, day: 1) : CivilDate(year: year, month: month + 1, day: 1)
        return next.daysSinceEpoch - CivilDate(year: year, month: month, day: 1).daysSinceEpoch
    }
}

extension FixedWidthInteger {
    /// Quotient rounded towards minus infinity, and a remainder that is never negative. `divisor` is positive.
    @inlinable
    public func flooredDivision(by divisor: Self) -> (quotient: Self, remainder: Self) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
