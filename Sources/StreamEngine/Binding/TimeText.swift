// Times and intervals as they are written.

enum TimeText {
    /// Microseconds of `2026-01-31`, `2026-01-31 12:30`, `2026-01-31T12:30:00.5Z`.
    static func timestamp(_ text: String) -> Int64? {
        let trimmed = text.hasSuffix("Z") ? String(text.dropLast()) : text
        let halves = trimmed.split(maxSplits: 1) { $0 == " " || $0 == "T" }
        guard let first = halves.first else { return nil }
        let parts = first.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (1...12).contains(month), day >= 1, day <= Civil.daysInMonth(year, month)
        else { return nil }
        let micros = halves.count == 2 ? clock(halves[1]) : 0
        guard let micros else { return nil }
        return Civil.days(year, month, day) * 86_400_000_000 + micros
    }

    /// As DuckDB reads a BOOLEAN.
    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "t", "1", "yes", "y": true
        case "false", "f", "0", "no", "n": false
        default: nil
        }
    }

    /// `12:30`, `12:30:15.25`.
    private static func clock(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hours = Int64(parts[0]), let minutes = Int64(parts[1]), hours < 24, minutes < 60 else { return nil }
        var micros = (hours * 60 + minutes) * 60_000_000
        if parts.count == 3 {
            guard let seconds = Double(parts[2]), seconds < 60 else { return nil }
            micros += Int64((seconds * 1_000_000).rounded())
        }
        return micros
    }

    /// `10 seconds`, `1 hour 30 minutes`, `00:00:10`: months and microseconds.
    static func interval(_ text: String) -> (months: Int64, micros: Int64)? {
        let words = text.split { $0 == " " || $0 == "," }
        if words.count == 1, let micros = clockInterval(words[0]) { return (0, micros) }
        guard !words.isEmpty, words.count % 2 == 0 else { return nil }
        var months: Int64 = 0
        var micros: Int64 = 0
        for index in stride(from: 0, to: words.count, by: 2) {
            guard let number = Double(words[index]), let unit = unit(String(words[index + 1])) else { return nil }
            months += Int64(number) * unit.months
            micros += Int64((number * Double(unit.micros)).rounded())
        }
        return (months, micros)
    }

    private static func clockInterval(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":")
        guard parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]), let seconds = Double(parts[2]) else { return nil }
        return (hours * 60 + minutes) * 60_000_000 + Int64((seconds * 1_000_000).rounded())
    }

    static func unit(_ name: String) -> (months: Int64, micros: Int64)? {
        let singular = name.lowercased().hasSuffix("s") && name.count > 2 ? String(name.lowercased().dropLast()) : name.lowercased()
        return switch singular {
        case "microsecond", "us", "usec": (0, 1)
        case "millisecond", "ms", "msec": (0, 1_000)
        case "second", "sec", "s": (0, 1_000_000)
        case "minute", "min", "m": (0, 60_000_000)
        case "hour", "hr", "h": (0, 3_600_000_000)
        case "day", "d": (0, 86_400_000_000)
        case "week", "w": (0, 604_800_000_000)
        case "month", "mon": (1, 0)
        case "quarter": (3, 0)
        case "year", "y": (12, 0)
        default: nil
        }
    }
}
