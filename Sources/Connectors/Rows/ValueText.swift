// Values as JSON and CSV write them, from bytes, without a string in between for the common types.
internal import Base
internal import Columnar

enum ValueText {
    /// 10 to the power of `exponent`, which is at most 38.
    static func power(_ exponent: Int) -> Int128 { powers[exponent] }

    private static let powers: [Int128] = {
        var all: [Int128] = [1]
        for _ in 0..<38 { all.append(all[all.count - 1] * 10) }
        return all
    }()

    /// A whole number; nil for other text and beyond 64 bits.
    static func integer(_ bytes: borrowing [UInt8], _ range: Range<Int>) -> Int64? {
        guard !range.isEmpty else { return nil }
        var at = range.lowerBound
        let isNegative = bytes[at] == 45
        if isNegative || bytes[at] == 43 { at += 1 }
        guard at < range.upperBound else { return nil }
        var value: Int64 = 0
        while at < range.upperBound {
            let digit = bytes[at] &- 48
            guard digit < 10 else { return nil }
            let (product, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.subtractingReportingOverflow(Int64(digit))
            if first || second { return nil }
            value = sum
            at += 1
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// Digits and scale of a plain or scientific number; nil for other text and more than 38 digits.
    static func decimal(_ bytes: borrowing [UInt8], _ range: Range<Int>) -> (digits: Int128, scale: Int)? {
        var at = range.lowerBound
        let isNegative = at < range.upperBound && bytes[at] == 45
        if at < range.upperBound, isNegative || bytes[at] == 43 { at += 1 }
        var digits: Int128 = 0
        var scale = 0
        var seen = 0
        var point = false
        while at < range.upperBound {
            let byte = bytes[at]
            if byte == 46, !point {
                point = true
            } else if byte &- 48 < 10 {
                if digits > power(37) { return nil }
                digits = digits * 10 + Int128(byte - 48)
                seen += 1
                if point { scale += 1 }
            } else {
                break
            }
            at += 1
        }
        guard seen > 0 else { return nil }
        if at < range.upperBound {
            guard bytes[at] | 32 == 101, let exponent = integer(bytes, at + 1..<range.upperBound), abs(exponent) <= 76 else { return nil }
            scale -= Int(exponent)
        }
        while scale < 0 {
            if digits.magnitude > power(37).magnitude { return nil }
            digits *= 10
            scale += 1
        }
        return (isNegative ? -digits : digits, scale)
    }

    static func double(_ bytes: borrowing [UInt8], _ range: Range<Int>) -> Double? {
        Double(String(decoding: bytes[range], as: UTF8.self))
    }

    static func boolean(_ bytes: borrowing [UInt8], _ range: Range<Int>) -> Bool? {
        guard range.count <= 5 else { return nil }
        switch String(decoding: bytes[range], as: UTF8.self).lowercased() {
        case "true", "t", "1", "yes", "on": return true
        case "false", "f", "0", "no", "off": return false
        default: return nil
        }
    }
}

/// Dates and times: `2026-01-31`, `12:30[:15[.25]]`, both with a space or `T` between, `Z` or `+02[:30]` after.
struct TimeReader {
    private let bytes: [UInt8]
    private var at: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        at = range.lowerBound
        end = range.upperBound
    }

    private mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while at < end, count < digits.upperBound, bytes[at] &- 48 < 10 {
            value = value * 10 + Int(bytes[at] - 48)
            at += 1
            count += 1
        }
        return count >= digits.lowerBound ? value : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < end, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// Days since 1970-01-01.
    private mutating func days() -> Int? {
        guard let year = number(1...6), take(45), let month = number(1...2), take(45), let day = number(1...2),
            (1...12).contains(month), day >= 1
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        let count = date.daysSinceEpoch
        return CivilDate(daysSinceEpoch: count) == date ? count : nil
    }

    /// Microseconds since midnight.
    private mutating func clock() -> Int64? {
        guard let hours = number(1...2), hours < 24, take(58), let minutes = number(2...2), minutes < 60 else { return nil }
        var micros = Int64(hours * 60 + minutes) * 60_000_000
        guard take(58) else { return micros }
        guard let seconds = number(2...2), seconds < 60 else { return nil }
        micros += Int64(seconds) * 1_000_000
        guard take(46) else { return micros }
        let start = at
        guard let fraction = number(1...6) else { return nil }
        var scaled = Int64(fraction)
        for _ in (at - start)..<6 { scaled *= 10 }
        while at < end, bytes[at] &- 48 < 10 { at += 1 }
        return micros + scaled
    }

    /// Microseconds east of UTC; 0 for `Z` and for nothing.
    private mutating func zone() -> Int64? {
        if take(90) || take(122) || at == end { return 0 }
        let isWest = at < end && bytes[at] == 45
        guard isWest || (at < end && bytes[at] == 43) else { return nil }
        at += 1
        guard let hours = number(2...2), hours <= 15 else { return nil }
        _ = take(58)
        let minutes = at < end ? number(2...2) : 0
        guard let minutes, minutes < 60 else { return nil }
        let micros = Int64(hours * 60 + minutes) * 60_000_000
        return isWest ? -micros : micros
    }

    mutating func date() -> Int32? {
        guard let days = days(), at == end else { return nil }
        return Int32(exactly: days)
    }

    mutating func time() -> Int64? {
        guard let micros = clock(), at == end else { return nil }
        return micros
    }

    /// Microseconds since 1970-01-01 00:00:00 UTC.
    mutating func timestamp() -> Int64? {
        guard let days = days() else { return nil }
        let midnight = Int64(days) * 86_400_000_000
        if at == end { return midnight }
        guard take(32) || take(84) || take(116), let micros = clock() else { return nil }
        _ = at < end && bytes[at] == 32 && take(32)
        guard let zone = zone(), at == end else { return nil }
        return midnight + micros - zone
    }
}

extension BatchBuilder {
    /// The text `bytes[range]` as the column's type reads it.
    func set(_ index: Int, text bytes: [UInt8], _ range: Range<Int>) throws(Misfit) {
        let column = columns[index]
        switch column.type {
        case .varchar: column.store(bytes, range, count)
        case .boolean:
            guard let flag = ValueText.boolean(bytes, range) else { throw .type }
            column.store(flag ? 1 as UInt8 : 0, count)
        case .double, .real:
            guard let number = ValueText.double(bytes, range) else { throw .type }
            try set(index, number)
        case .date:
            var reader = TimeReader(bytes, range)
            guard let days = reader.date() else { throw .type }
            column.store(days, count)
        case .time:
            var reader = TimeReader(bytes, range)
            guard let micros = reader.time() else { throw .type }
            column.store(micros, count)
        case .timestamp, .timestampTZ:
            var reader = TimeReader(bytes, range)
            guard let micros = reader.timestamp() else { throw .type }
            column.store(micros, count)
        case .decimal(let width, let scale):
            guard let (digits, from) = ValueText.decimal(bytes, range) else { throw .type }
            try setScaled(index, digits, from, width, scale)
        default:
            if let number = ValueText.integer(bytes, range) { return try set(index, number) }
            guard let (digits, from) = ValueText.decimal(bytes, range) else { throw .type }
            guard from <= 38, digits % ValueText.power(from) == 0 else { throw .range }
            try set(index, digits / ValueText.power(from))
        }
    }

    /// Digits of any scale: what is far below the column's scale rounds to nothing.
    private func setScaled(_ index: Int, _ digits: Int128, _ from: Int, _ width: UInt8, _ scale: UInt8) throws(Misfit) {
        var digits = digits
        var from = from
        while from > Int(scale) + 38 {
            digits /= 10
            from -= 1
        }
        try setDigits(index, digits, from: UInt8(from), width: width, scale: scale)
    }
}
