// A TZif file (RFC 8536): transitions in 64 bits, and the POSIX rule of its footer for what comes after the last.
internal import Base

struct ZoneRules: Sendable {
    private let times: [Int64]
    private let offsets: [Int32]
    private let first: Int32
    private let footer: PosixRule?

    init?(_ bytes: [UInt8]) {
        guard let one = Self.header(bytes, at: 0), one.version >= UInt8(ascii: "2") else { return nil }
        let second = 44 + one.dataBytes(timeBytes: 4)
        guard let two = Self.header(bytes, at: second) else { return nil }
        let start = second + 44
        let end = start + two.dataBytes(timeBytes: 8)
        guard bytes.count >= end, two.types > 0 else { return nil }
        let typesAt = start + two.times * 9
        func offset(_ type: Int) -> Int32 { Int32(truncatingIfNeeded: Self.integer(bytes, typesAt + type * 6, 4)) }
        var times: [Int64] = []
        var offsets: [Int32] = []
        for index in 0..<two.times {
            let type = Int(bytes[start + two.times * 8 + index])
            guard type < two.types else { return nil }
            times.append(Self.integer(bytes, start + index * 8, 8))
            offsets.append(offset(type))
        }
        self.times = times
        self.offsets = offsets
        first = offset(0)
        let text = bytes[end...].dropFirst().prefix { $0 != 10 }
        footer = PosixRule(String(decoding: text, as: UTF8.self))
    }

    func offset(at seconds: Int64) -> Int32 {
        guard let last = times.last else { return footer?.offset(at: seconds) ?? first }
        if seconds >= last, let footer { return footer.offset(at: seconds) }
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : offsets[low - 1]
    }

    // MARK: - Layout

    private struct Header {
        var version: UInt8
        var utc: Int, standard: Int, leaps: Int, times: Int, types: Int, characters: Int

        func dataBytes(timeBytes: Int) -> Int {
            times * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4) + standard + utc
        }
    }

    private static func header(_ bytes: [UInt8], at start: Int) -> Header? {
        guard start + 44 <= bytes.count, Array(bytes[start..<start + 4]) == [UInt8](ascii: "TZif") else { return nil }
        let counts = (0..<6).map { Int(integer(bytes, start + 20 + $0 * 4, 4)) }
        guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        return Header(
            version: bytes[start + 4], utc: counts[0], standard: counts[1], leaps: counts[2], times: counts[3], types: counts[4],
            characters: counts[5])
    }

    /// Big-endian and signed.
    private static func integer(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int64 {
        let bits = bytes[start..<start + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return count == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
    }
}

/// POSIX's TZ string: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixRule: Sendable {
    private struct Change: Sendable {
        enum Day: Sendable {
            case month(Int, week: Int, weekday: Int)
            case julian(Int)
            case dayOfYear(Int)
        }
        var day: Day
        var seconds: Int64
    }

    private let standard: Int32
    private let summer: Int32
    private let changes: (begin: Change, end: Change)?

    init?(_ text: String) {
        var rest = Substring(text)
        guard Self.skipName(&rest), let west = Self.time(&rest) else { return nil }
        standard = Int32(-west)
        guard !rest.isEmpty else {
            summer = standard
            changes = nil
            return
        }
        guard Self.skipName(&rest) else { return nil }
        summer = Self.time(&rest).map { Int32(-$0) } ?? standard + 3_600
        guard let begin = Self.change(&rest), let end = Self.change(&rest) else { return nil }
        changes = (begin, end)
    }

    func offset(at seconds: Int64) -> Int32 {
        guard let changes else { return standard }
        let local = seconds + Int64(standard)
        let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let year = CivilDate(daysSinceEpoch: Int(days)).year
        let begin = Self.seconds(changes.begin, year) - Int64(standard)
        let end = Self.seconds(changes.end, year) - Int64(summer)
        let isSummer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end
        return isSummer ? summer : standard
    }

    /// Local seconds since 1970 of a change in a year.
    private static func seconds(_ change: Change, _ year: Int) -> Int64 {
        let firstDay = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
        let isLeap = CivilDate(year: year, month: 3, day: 1).daysSinceEpoch - firstDay == 60
        let day: Int
        switch change.day {
        case .julian(let number): day = firstDay + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .dayOfYear(let number): day = firstDay + number
        case .month(let month, let week, let weekday):
            let start = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
            let next = month == 12 ? CivilDate(year: year + 1, month: 1, day: 1) : CivilDate(year: year, month: month + 1, day: 1)
            let startWeekday = ((start + 4) % 7 + 7) % 7
            var found = start + (weekday - startWeekday + 7) % 7 + (week - 1) * 7
            while found >= next.daysSinceEpoch { found -= 7 }
            day = found
        }
        return Int64(day) * 86_400 + change.seconds
    }

    // MARK: - Parsing

    private static func skipName(_ rest: inout Substring) -> Bool {
        if rest.first == "<" {
            guard let close = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: close)...]
            return true
        }
        let name = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(name.count)
        return name.count >= 3
    }

    private static func number(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return Int(digits)
    }

    /// Seconds of `[+-]h[:m[:s]]`; nil when there is no number.
    private static func time(_ rest: inout Substring) -> Int? {
        var sign = 1
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? -1 : 1
            rest = rest.dropFirst()
        }
        guard let hours = number(&rest) else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] where rest.first == ":" {
            rest = rest.dropFirst()
            seconds += (number(&rest) ?? 0) * unit
        }
        return sign * seconds
    }

    private static func change(_ rest: inout Substring) -> Change? {
        guard rest.first == "," else { return nil }
        rest = rest.dropFirst()
        guard let day = day(&rest) else { return nil }
        guard rest.first == "/" else { return Change(day: day, seconds: 7_200) }
        rest = rest.dropFirst()
        return time(&rest).map { Change(day: day, seconds: Int64($0)) }
    }

    private static func day(_ rest: inout Substring) -> Change.Day? {
        switch rest.first {
        case "M":
            var numbers: [Int] = []
            repeat {
                rest = rest.dropFirst()
                guard let value = number(&rest) else { return nil }
                numbers.append(value)
            } while rest.first == "."
            guard numbers.count == 3, (1...12).contains(numbers[0]), (1...5).contains(numbers[1]), (0...6).contains(numbers[2]) else { return nil }
            return .month(numbers[0], week: numbers[1], weekday: numbers[2])
        case "J":
            rest = rest.dropFirst()
            return number(&rest).map { .julian($0) }
        default: return number(&rest).map { .dayOfYear($0) }
        }
    }
}
