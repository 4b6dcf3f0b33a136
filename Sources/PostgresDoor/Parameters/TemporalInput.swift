// Dates, times, timestamps and intervals in text. Taken: ISO 8601 and PostgreSQL's own output (with BC, zones by offset or
// name, infinity, epoch); intervals in PostgreSQL's, verbose and ISO form. Other spellings are refused rather than guessed.
internal import Base
internal import Columnar

struct TemporalInput {
    let zone: TimeZone

    func value(_ text: String, _ type: DataType) throws(LeibrixError) -> Value {
        switch type {
        case .date: return .date(try date(text))
        case .time, .timeNS: return .time(try time(text, "time").micros)
        case .timeTZ:
            let (micros, offset) = try time(text, "time with time zone")
            return .timeTZ(micros, offset: offset ?? zone.offset(atMicros: 0))
        case .timestampTZ: return .timestampTZ(try timestamp(text, "timestamp with time zone", isZoned: true))
        case .timestampNanos:
            let micros = try timestamp(text, "timestamp", isZoned: false)
            let (nanos, overflow) = micros.multipliedReportingOverflow(by: 1_000)
            guard !overflow else { throw .outOfRange("timestamp_ns", text) }
            return .timestampNanos(nanos)
        case .interval: return try IntervalInput.value(text)
        default: return .timestamp(try timestamp(text, "timestamp", isZoned: false))
        }
    }

    private func date(_ text: String) throws(LeibrixError) -> Int32 {
        switch text.lowercased() {
        case "infinity": return .max
        case "-infinity": return -Int32.max
        case "epoch": return 0
        default: break
        }
        var scanner = TimeScanner(text)
        guard let fields = scanner.date() else { throw .invalidText("date", text, sqlState: "22007") }
        if !scanner.isAtEnd, scanner.separator() {
            guard scanner.clock() != nil else { throw .invalidText("date", text, sqlState: "22007") }
            _ = scanner.zone()
        }
        let isBC = scanner.beforeChrist()
        guard scanner.isAtEnd else { throw .invalidText("date", text, sqlState: "22007") }
        return Int32(clamping: try days(fields, isBC, "date", text))
    }

    private func days(_ fields: (Int, Int, Int), _ isBC: Bool, _ type: String, _ text: String) throws(LeibrixError) -> Int {
        let (year, month, day) = fields
        let civil = CivilDate(year: isBC ? 1 - year : year, month: month, day: day)
        guard year >= 1, year <= 5_874_897, (1...12).contains(month), (1...31).contains(day) else { throw outOfRange(type, text) }
        let days = civil.daysSinceEpoch
        guard CivilDate(daysSinceEpoch: days) == civil else { throw outOfRange(type, text) }
        return days
    }

    private func outOfRange(_ type: String, _ text: String) -> LeibrixError {
        LeibrixError(.outOfRange, "date/time field value out of range: \"\(text.prefix(200))\"", sqlState: "22008")
    }

    private func time(_ text: String, _ type: String) throws(LeibrixError) -> (micros: Int64, offset: Int32?) {
        var scanner = TimeScanner(text)
        guard let micros = scanner.clock() else { throw .invalidText(type, text, sqlState: "22007") }
        let offset = zoneOffset(&scanner, atMicros: 0)
        guard scanner.isAtEnd else { throw .invalidText(type, text, sqlState: "22007") }
        guard micros <= TemporalText.dayMicros else { throw outOfRange(type, text) }
        return (micros, offset)
    }

    private func zoneOffset(_ scanner: inout TimeScanner, atMicros micros: Int64) -> Int32? {
        switch scanner.zone() {
        case .offset(let offset): offset
        case .zone(let zone): zone.offset(atMicros: micros)
        case nil: nil
        }
    }

    private func timestamp(_ text: String, _ type: String, isZoned: Bool) throws(LeibrixError) -> Int64 {
        switch text.lowercased() {
        case "infinity": return .max
        case "-infinity": return -Int64.max
        case "epoch": return 0
        default: break
        }
        var scanner = TimeScanner(text)
        guard let fields = scanner.date() else { throw .invalidText(type, text, sqlState: "22007") }
        var micros: Int64 = 0
        var named: TimeScanner.Zone?
        if !scanner.isAtEnd, scanner.separator(), let clock = scanner.clock() {
            micros = clock
            named = scanner.zone()
        }
        let isBC = scanner.beforeChrist()
        guard scanner.isAtEnd else { throw .invalidText(type, text, sqlState: "22007") }
        let (whole, overflow) = Int64(try days(fields, isBC, type, text)).multipliedReportingOverflow(by: TemporalText.dayMicros)
        guard !overflow, whole.magnitude < 9_200_000_000_000_000_000, micros <= TemporalText.dayMicros else { throw outOfRange(type, text) }
        let local = whole + micros
        guard isZoned else { return local }
        switch named {
        case .offset(let offset): return local - Int64(offset) * 1_000_000
        case .zone(let zone): return zone.instant(localMicros: local)
        case nil: return zone.instant(localMicros: local)
        }
    }
}

/// The pieces of a date and time, left to right.
struct TimeScanner {
    enum Zone { case offset(Int32), zone(TimeZone) }

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        var bytes = Array(text.utf8)
        while let last = bytes.last, last == 32 { bytes.removeLast() }
        self.bytes = Array(bytes.drop { $0 == 32 })
    }

    var isAtEnd: Bool { position == bytes.count }
    private var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func digits(_ range: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while (48...57).contains(current), count < range.upperBound {
            value = value * 10 + Int(current - 48)
            count += 1
            position += 1
        }
        return range.contains(count) ? value : nil
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// `2026-01-31`, or `20260131`.
    mutating func date() -> (Int, Int, Int)? {
        let start = position
        guard let year = digits(4...7) else { return nil }
        if skip(UInt8(ascii: "-")) || skip(UInt8(ascii: "/")) {
            guard let month = digits(1...2), skip(UInt8(ascii: "-")) || skip(UInt8(ascii: "/")), let day = digits(1...2) else { return nil }
            return (year, month, day)
        }
        position = start
        guard let all = digits(8...8), !(48...57).contains(current) else { return nil }
        return (all / 10_000, all / 100 % 100, all % 100)
    }

    /// What stands between a date and a time.
    mutating func separator() -> Bool {
        if skip(UInt8(ascii: "T")) || skip(UInt8(ascii: "t")) { return true }
        guard current == 32 else { return false }
        let start = position
        while skip(32) {}
        if (48...57).contains(current) { return true }
        position = start
        return false
    }

    /// Microseconds of `12:30`, `12:30:15.5` or `24:00:00`.
    mutating func clock() -> Int64? {
        guard let hours = digits(1...2), skip(UInt8(ascii: ":")), let minutes = digits(2...2) else { return nil }
        var seconds = 0
        var micros: Int64 = 0
        if skip(UInt8(ascii: ":")) {
            guard let value = digits(2...2) else { return nil }
            seconds = value
            if skip(UInt8(ascii: ".")) {
                guard let fraction = fraction() else { return nil }
                micros = fraction
            }
        }
        guard hours <= 24, minutes < 60, seconds <= 60 else { return nil }
        return (Int64(hours) * 3_600 + Int64(minutes) * 60 + Int64(seconds)) * 1_000_000 + micros
    }

    /// Digits after a point as microseconds, rounded.
    private mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while (48...57).contains(current) {
            if count < 6 { value = value * 10 + Int64(current - 48) }
            if count == 6 && current >= 53 { value += 1 }
            count += 1
            position += 1
        }
        while count < 6 && count > 0 {
            value *= 10
            count += 1
        }
        return count == 0 ? nil : value
    }

    mutating func zone() -> Zone? {
        let start = position
        while skip(32) {}
        if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) { return .offset(0) }
        let word = bytes[position...].prefix { $0 != 32 }
        let text = String(decoding: word, as: UTF8.self)
        if let offset = TimeZone.offset(Self.expanded(text)) {
            position += word.count
            return .offset(offset)
        }
        if let first = word.first, first >= 65, text.uppercased() != "BC", text.uppercased() != "AD", let zone = TimeZone(named: text) {
            position += word.count
            return .zone(zone)
        }
        position = start
        return nil
    }

    /// `+0530` as `+05:30`.
    private static func expanded(_ text: String) -> String {
        guard text.utf8.count == 5, !text.contains(":") else { return text }
        return "\(text.prefix(3)):\(text.suffix(2))"
    }

    mutating func beforeChrist() -> Bool {
        let start = position
        while skip(32) {}
        let word = String(decoding: bytes[position...], as: UTF8.self).uppercased()
        guard word == "BC" || word == "AD" else {
            position = start
            return false
        }
        position = bytes.count
        return word == "BC"
    }
}
