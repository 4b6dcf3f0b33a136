// Dates, times and intervals. Infinite dates and timestamps stay infinite, as in DuckDB.

internal import Base

enum Temporals {
    static let microsPerDay: Int64 = 86_400_000_000
    static let infiniteDate = Int64(Int32.max)
    static let infiniteTimestamp = Int64.max
    private static let microsPerMonth: Int64 = 30 * microsPerDay

    static func floorDivide(_ x: Int64, _ y: Int64) -> Int64 { x / y - (x % y < 0 ? 1 : 0) }

    private static var outOfRange: LeibrixError { LeibrixError(.outOfRange, "timestamp out of range", sqlState: "22008") }
    private static var dateOutOfRange: LeibrixError { LeibrixError(.outOfRange, "date out of range", sqlState: "22008") }

    static func isInfinite(date: Int64) -> Bool { date.magnitude == UInt64(infiniteDate) }
    static func isInfinite(timestamp: Int64) -> Bool { timestamp.magnitude == UInt64(infiniteTimestamp) }

    static func timestamp(ofDate days: Int64) throws(LeibrixError) -> Int64 {
        if isInfinite(date: days) { return days < 0 ? -infiniteTimestamp : infiniteTimestamp }
        let (micros, overflow) = days.multipliedReportingOverflow(by: microsPerDay)
        guard !overflow else { throw outOfRange }
        return micros
    }

    static func date(ofTimestamp micros: Int64) -> Int64 {
        if isInfinite(timestamp: micros) { return micros < 0 ? -infiniteDate : infiniteDate }
        return floorDivide(micros, microsPerDay)
    }

    /// Months of 30 days, days of 24 hours: how DuckDB compares.
    static func order(_ a: (Int32, Int32, Int64), _ b: (Int32, Int32, Int64)) -> Int {
        func normal(_ x: (Int32, Int32, Int64)) -> Int128 {
            Int128(x.0) * Int128(microsPerMonth) + Int128(x.1) * Int128(microsPerDay) + Int128(x.2)
        }
        let (x, y) = (normal(a), normal(b))
        return x < y ? -1 : x > y ? 1 : 0
    }

    static func compute(_ operation: ScalarProgram.Temporal, _ a: Scalar, _ b: Scalar) throws(LeibrixError) -> Scalar {
        switch (operation, a, b) {
        case (.dateAddDays, .integer(let x), .integer(let y)): return .integer(try date(x, plus: y))
        case (.dateSubtractDays, .integer(let x), .integer(let y)): return .integer(try date(x, plus: -y))
        case (.dateDifference, .integer(let x), .integer(let y)): return .integer(x - y)
        case (.timestampDifference, .integer(let x), .integer(let y)): return try difference(x, y)
        case (.timestampAddInterval, .integer(let x), .interval(let months, let days, let micros)):
            return .integer(try add(x, Int64(months), Int64(days), micros))
        case (.timestampSubtractInterval, .integer(let x), .interval(let months, let days, let micros)):
            guard micros != .min else { throw outOfRange }
            return .integer(try add(x, -Int64(months), -Int64(days), -micros))
        case (.timeAddInterval, .integer(let x), .interval(_, _, let micros)): return .integer(time(x, plus: micros % microsPerDay))
        case (.timeSubtractInterval, .integer(let x), .interval(_, _, let micros)):
            return .integer(time(x, plus: -(micros % microsPerDay)))
        case (.intervalAdd, .interval, .interval): return try sum(a, b)
        case (.intervalSubtract, .interval, .interval):
            return try sum(a, try ScalarProgram.negate(ScalarType(kind: .interval), b))
        default: return .null
        }
    }

    private static func date(_ x: Int64, plus days: Int64) throws(LeibrixError) -> Int64 {
        if isInfinite(date: x) { return x }
        let sum = x + days
        guard Int32(exactly: sum) != nil, sum < infiniteDate, sum > -infiniteDate else { throw dateOutOfRange }
        return sum
    }

    private static func time(_ x: Int64, plus micros: Int64) -> Int64 {
        let sum = (x + micros) % microsPerDay
        return sum < 0 ? sum + microsPerDay : sum
    }

    private static func difference(_ x: Int64, _ y: Int64) throws(LeibrixError) -> Scalar {
        guard !isInfinite(timestamp: x), !isInfinite(timestamp: y) else { throw outOfRange }
        let (micros, overflow) = x.subtractingReportingOverflow(y)
        guard !overflow, let days = Int32(exactly: micros / microsPerDay) else { throw outOfRange }
        return .interval(months: 0, days: days, micros: micros % microsPerDay)
    }

    private static func sum(_ a: Scalar, _ b: Scalar) throws(LeibrixError) -> Scalar {
        guard case .interval(let m, let d, let u) = a, case .interval(let n, let e, let v) = b else { return .null }
        let (months, days, micros) = (m.addingReportingOverflow(n), d.addingReportingOverflow(e), u.addingReportingOverflow(v))
        guard !months.overflow, !days.overflow, !micros.overflow else {
            throw LeibrixError(.outOfRange, "interval out of range", sqlState: "22008")
        }
        return .interval(months: months.partialValue, days: days.partialValue, micros: micros.partialValue)
    }

    /// Months first, the day clamped to the month's last; then days, then microseconds.
    private static func add(_ x: Int64, _ months: Int64, _ days: Int64, _ micros: Int64) throws(LeibrixError) -> Int64 {
        if isInfinite(timestamp: x) { return x }
        var day = floorDivide(x, microsPerDay)
        let rest = x - day * microsPerDay
        if months != 0 {
            var civil = CivilDate(daysSinceEpoch: Int(day))
            let total = Int64(civil.year) * 12 + Int64(civil.month - 1) + months
            civil.year = Int(floorDivide(total, 12))
            civil.month = Int(total - Int64(civil.year) * 12) + 1
            civil.day = min(civil.day, lastDay(civil))
            day = Int64(civil.daysSinceEpoch)
        }
        let (whole, overflow) = (day + days).multipliedReportingOverflow(by: microsPerDay)
        let (withRest, overflowRest) = whole.addingReportingOverflow(rest)
        let (sum, overflowSum) = withRest.addingReportingOverflow(micros)
        guard !overflow, !overflowRest, !overflowSum, !isInfinite(timestamp: sum) else { throw outOfRange }
        return sum
    }

    private static func lastDay(_ date: CivilDate) -> Int {
        switch date.month {
        case 2: date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
