internal import Base

/// Instants as options spell them.
public enum Instant {
    /// "2024-01-31", "2024-01-31 12:30", "2024-01-31T12:30:15.250Z" in milliseconds since 1970 UTC; nil for anything else.
    public static func parse(_ text: String) -> Int64? {
        var rest = Substring(text)
        if rest.hasSuffix("Z") { rest.removeLast() }
        let halves = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == " " || $0 == "T" }
        let numbers = halves[0].split(separator: "-", omittingEmptySubsequences: false).map(digits)
        guard numbers.count == 3, let year = numbers[0], let month = numbers[1], let day = numbers[2],
            (1...9_999).contains(year), (1...12).contains(month), day >= 1, day <= CivilDate.daysInMonth(year: year, month: month)
        else { return nil }
        let date = Int64(CivilDate(year: year, month: month, day: day).daysSinceEpoch) * 86_400_000
        guard halves.count == 2 else { return date }
        return timeOfDay(halves[1]).map { date + $0 }
    }

    /// The instant as a timestamp literal's text: "2024-01-31 12:30:15.250".
    public static func spelled(_ instant: Int64) -> String {
        let (days, time) = instant.flooredDivision(by: 86_400_000)
        let seconds = Int(time / 1_000)
        let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        let fraction = time % 1_000 == 0 ? "" : "." + padded(Int(time % 1_000), 3)
        return "\(CivilDate(daysSinceEpoch: Int(days)).iso) \(clock)\(fraction)"
    }

    private static func timeOfDay(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hour = digits(parts[0]), let minute = digits(parts[1]), hour < 24, minute < 60
        else { return nil }
        var milliseconds = Int64(hour * 3_600 + minute * 60) * 1_000
        guard parts.count == 3 else { return milliseconds }
        let pieces = parts[2].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let second = digits(pieces[0]), second < 60 else { return nil }
        milliseconds += Int64(second) * 1_000
        guard pieces.count == 2 else { return milliseconds }
        guard pieces[1].count <= 3, let fraction = digits(pieces[1]) else { return nil }
        return milliseconds + Int64(fraction) * [0, 100, 10, 1][pieces[1].count]
    }

    private static func digits(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.count <= 4, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(text)
    }
}
