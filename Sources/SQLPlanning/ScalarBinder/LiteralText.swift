// Text literals read as other types: the plain forms, on which PostgreSQL and DuckDB agree. Any other form gives nil, and
// DuckDB reads it or words the error.

internal import Base

enum LiteralText {
    static func value(_ text: String, _ type: ScalarType) -> Scalar? {
        switch type.kind {
        case .varchar: .string(text)
        case .boolean: boolean(text)
        case .tinyInt, .smallInt, .integer, .bigInt: integer(text, type)
        case .decimal: decimal(text, type)
        case .date: date(text).map { .integer($0) }
        case .timestamp: timestamp(text)
        default: nil
        }
    }

    private static func boolean(_ text: String) -> Scalar? {
        switch text.lowercased() {
        case "t", "true": .boolean(true)
        case "f", "false": .boolean(false)
        default: nil
        }
    }

    private static func integer(_ text: String, _ type: ScalarType) -> Scalar? {
        guard let number = Int64(text), type.range.contains(number) else { return nil }
        return .integer(number)
    }

    private static func decimal(_ text: String, _ type: ScalarType) -> Scalar? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty, whole != "-" else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard fraction.utf8.allSatisfy({ (48...57).contains($0) }), fraction.utf8.count <= Int(type.scale),
            text.utf8.count <= 36, parts.count == 1 || !fraction.isEmpty,
            let digits = Int128(whole + fraction + String(repeating: "0", count: Int(type.scale) - fraction.utf8.count)),
            digits.magnitude < powersOfTen[Int(type.width)].magnitude
        else { return nil }
        return .wide(digits)
    }

    /// YYYY-MM-DD.
    private static func date(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            let year = digits(parts[0]), let month = digits(parts[1]), let day = digits(parts[2]), year > 0
        else { return nil }
        let civil = CivilDate(year: year, month: month, day: day)
        guard (1...12).contains(month), (1...31).contains(day), CivilDate(daysSinceEpoch: civil.daysSinceEpoch) == civil else { return nil }
        return Int64(civil.daysSinceEpoch)
    }

    /// YYYY-MM-DD HH:MM:SS[.ffffff].
    private static func timestamp(_ text: String) -> Scalar? {
        let halves = text.split(separator: " ", omittingEmptySubsequences: false)
        guard halves.count <= 2, let days = date(halves[0]) else { return nil }
        guard halves.count == 2 else { return .integer(days * Temporals.microsPerDay) }
        let parts = halves[1].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 2, parts[1].utf8.count == 2, let hours = digits(parts[0]),
            let minutes = digits(parts[1]), hours < 24, minutes < 60
        else { return nil }
        let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard seconds.count <= 2, seconds[0].utf8.count == 2, let whole = digits(seconds[0]), whole < 60 else { return nil }
        var micros = 0
        if seconds.count == 2 {
            guard (1...6).contains(seconds[1].utf8.count), let fraction = digits(seconds[1]) else { return nil }
            micros = fraction * Int(powersOfTen[6 - seconds[1].utf8.count])
        }
        let time = Int64((hours * 60 + minutes) * 60 + whole) * 1_000_000 + Int64(micros)
        return .integer(days * Temporals.microsPerDay + time)
    }

    private static func digits(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
