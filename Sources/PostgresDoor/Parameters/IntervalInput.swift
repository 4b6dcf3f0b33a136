// Intervals in text: `1 year 2 mons -3 days 04:05:06.5`, `@ 1 hour ago`, `P1Y2M3DT4H5M6.5S`.
internal import Base
internal import Columnar

struct IntervalInput {
    private var months: Double = 0
    private var days: Double = 0
    private var micros: Double = 0

    static func value(_ text: String) throws(LeibrixError) -> Value {
        var input = IntervalInput()
        let trimmed = text.trimmingSpaces
        let isRead = trimmed.hasPrefix("P") || trimmed.hasPrefix("-P") ? input.readISO(trimmed) : input.readWords(trimmed)
        guard isRead else { throw .invalidText("interval", text, sqlState: "22007") }
        return try input.value(text)
    }

    /// Parts of a month go to days, parts of a day to time, as in PostgreSQL.
    private func value(_ text: String) throws(LeibrixError) -> Value {
        let wholeMonths = months.rounded(.towardZero)
        let allDays = days + ((months - wholeMonths) * 30)
        let wholeDays = allDays.rounded(.towardZero)
        let allMicros = (micros + (allDays - wholeDays) * 86_400e6).rounded()
        guard let months = Int32(exactly: wholeMonths), let days = Int32(exactly: wholeDays), let micros = Int64(exactly: allMicros) else {
            throw LeibrixError(.outOfRange, "interval field value out of range: \"\(text.prefix(200))\"", sqlState: "22015")
        }
        return .interval(months: months, days: days, micros: micros)
    }

    private mutating func add(_ amount: Double, _ unit: String) -> Bool {
        switch unit {
        case "microsecond", "microseconds", "us", "usec", "usecs": micros += amount
        case "millisecond", "milliseconds", "ms", "msec", "msecs": micros += amount * 1e3
        case "s", "sec", "secs", "second", "seconds": micros += amount * 1e6
        case "m", "min", "mins", "minute", "minutes": micros += amount * 60e6
        case "h", "hr", "hrs", "hour", "hours": micros += amount * 3_600e6
        case "d", "day", "days": days += amount
        case "w", "week", "weeks": days += amount * 7
        case "mon", "mons", "month", "months": months += amount
        case "y", "yr", "yrs", "year", "years": months += amount * 12
        case "decade", "decades": months += amount * 120
        case "century", "centuries": months += amount * 1_200
        case "millennium", "millennia": months += amount * 12_000
        default: return false
        }
        return true
    }

    // MARK: - Words

    private mutating func readWords(_ text: String) -> Bool {
        var words = text.lowercased().split(separator: " ").map(String.init)
        if words.first == "@" { words.removeFirst() }
        let isAgo = words.last == "ago"
        if isAgo { words.removeLast() }
        guard !words.isEmpty else { return false }
        var index = 0
        while index < words.count {
            let word = words[index]
            if word.contains(":") {
                guard readClock(word) else { return false }
            } else if let (amount, unit) = Self.split(word) {
                if !unit.isEmpty {
                    guard add(amount, unit) else { return false }
                } else if index + 1 < words.count, Self.split(words[index + 1]) == nil, !words[index + 1].contains(":") {
                    guard add(amount, words[index + 1]) else { return false }
                    index += 1
                } else if index + 1 < words.count {
                    days += amount
                } else {
                    micros += amount * 1e6
                }
            } else {
                return false
            }
            index += 1
        }
        if isAgo { (months, days, micros) = (-months, -days, -micros) }
        return true
    }

    /// `5`, `-3.5days`: a number and what is stuck to it.
    private static func split(_ word: String) -> (Double, String)? {
        let number = word.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
        guard let amount = Double(number) else { return nil }
        return (amount, String(word.dropFirst(number.count)))
    }

    private mutating func readClock(_ word: String) -> Bool {
        let isNegative = word.hasPrefix("-")
        let text = word.hasPrefix("-") || word.hasPrefix("+") ? String(word.dropFirst()) : word
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hours = Double(parts[0]), let minutes = Double(parts[1]), minutes < 60 else { return false }
        var seconds = 0.0
        if parts.count == 3 {
            guard let value = Double(parts[2]), value < 61 else { return false }
            seconds = value
        }
        let total = hours * 3_600e6 + minutes * 60e6 + (seconds * 1e6).rounded()
        micros += isNegative ? -total : total
        return true
    }

    // MARK: - ISO 8601

    private mutating func readISO(_ text: String) -> Bool {
        var rest = Substring(text)
        let sign: Double = rest.hasPrefix("-") ? -1 : 1
        rest = rest.drop { $0 != "P" }.dropFirst()
        var isTime = false
        var isAny = false
        while !rest.isEmpty {
            if rest.first == "T" {
                isTime = true
                rest = rest.dropFirst()
                continue
            }
            let number = rest.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
            rest = rest.dropFirst(number.count)
            guard let amount = Double(number), let unit = rest.first else { return false }
            rest = rest.dropFirst()
            let name: String
            switch (unit, isTime) {
            case ("Y", false): name = "year"
            case ("M", false): name = "month"
            case ("W", false): name = "week"
            case ("D", false): name = "day"
            case ("H", true): name = "hour"
            case ("M", true): name = "minute"
            case ("S", true): name = "second"
            default: return false
            }
            guard add(amount * sign, name) else { return false }
            isAny = true
        }
        return isAny
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var rest = Substring(self)
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }
}
