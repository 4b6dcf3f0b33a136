// Scalars as DuckDB writes them in a cast to text.

internal import Base

enum ScalarText {
    static func text(_ value: Scalar, _ type: ScalarType) -> String {
        switch (value, type.kind) {
        case (.boolean(let flag), _): flag ? "true" : "false"
        case (.integer(let days), .date): date(days)
        case (.integer(let micros), .timestamp): timestamp(micros)
        case (.integer(let micros), .time): time(micros)
        case (.integer(let number), _): String(number)
        case (.wide(let digits), _): decimal(digits, Int(type.scale))
        case (.string(let text), _): text
        default: ""
        }
    }

    private static func decimal(_ digits: Int128, _ scale: Int) -> String {
        guard scale > 0 else { return String(digits) }
        let text = String(digits.magnitude)
        let padding = String(repeating: "0", count: max(0, scale + 1 - text.count)) + text
        return (digits < 0 ? "-" : "") + padding.dropLast(scale) + "." + padding.suffix(scale)
    }

    private static func infinity(_ number: Int64) -> String { number < 0 ? "-infinity" : "infinity" }

    private static func civil(_ days: Int64) -> (date: String, era: String) {
        let civil = CivilDate(daysSinceEpoch: Int(days))
        let year = civil.year > 0 ? civil.year : 1 - civil.year
        return ("\(padded(year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))", civil.year > 0 ? "" : " (BC)")
    }

    private static func date(_ days: Int64) -> String {
        if Temporals.isInfinite(date: days) { return infinity(days) }
        let (date, era) = civil(days)
        return date + era
    }

    private static func timestamp(_ micros: Int64) -> String {
        if Temporals.isInfinite(timestamp: micros) { return infinity(micros) }
        let days = Temporals.floorDivide(micros, Temporals.microsPerDay)
        let (date, era) = civil(days)
        return "\(date)\(era) \(time(micros - days * Temporals.microsPerDay))"
    }

    private static func time(_ micros: Int64) -> String {
        let seconds = Int(micros / 1_000_000)
        var text = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        let fraction = Int(micros % 1_000_000)
        if fraction != 0 {
            var digits = padded(fraction, 6)
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        return text
    }
}
