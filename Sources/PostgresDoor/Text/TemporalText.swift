// Dates, times and timestamps as PostgreSQL writes them with DateStyle ISO. Writers return how many bytes they wrote;
// none writes more than `slot`.
internal import Base

enum TemporalText {
    static let slot = 48
    static let dayMicros: Int64 = 86_400_000_000

    /// Copies a short constant.
    @inline(__always)
    static func constant(_ text: StaticString, to out: Bytes) -> Int {
        unsafe out.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return text.utf8CodeUnitCount
    }

    /// Days since 1970; the largest and its negative are the infinities.
    @inline(__always)
    static func date(_ days: Int32, to out: Bytes) -> Int {
        if days == .max { return unsafe constant("infinity", to: out) }
        if days <= -Int32.max { return unsafe constant("-infinity", to: out) }
        let civil = CivilDate(daysSinceEpoch: Int(days))
        let used = unsafe day(civil, to: out)
        return civil.year > 0 ? used : used + (unsafe constant(" BC", to: out + used))
    }

    @inline(__always)
    private static func day(_ civil: CivilDate, to out: Bytes) -> Int {
        let year = civil.year > 0 ? civil.year : 1 - civil.year
        var used = 4
        if year < 10_000 {
            unsafe Digits.pair(year / 100, to: out)
            unsafe Digits.pair(year % 100, to: out + 2)
        } else {
            used = unsafe Digits.unsigned(UInt64(year), to: out)
        }
        unsafe out[used] = UInt8(ascii: "-")
        unsafe Digits.pair(civil.month, to: out + used + 1)
        unsafe out[used + 3] = UInt8(ascii: "-")
        unsafe Digits.pair(civil.day, to: out + used + 4)
        return used + 6
    }

    /// Microseconds since midnight, up to 24:00:00.
    @inline(__always)
    static func time(_ micros: Int64, to out: Bytes) -> Int {
        let seconds = micros / 1_000_000
        unsafe Digits.pair(Int(seconds / 3_600), to: out)
        unsafe out[2] = UInt8(ascii: ":")
        unsafe Digits.pair(Int(seconds / 60 % 60), to: out + 3)
        unsafe out[5] = UInt8(ascii: ":")
        unsafe Digits.pair(Int(seconds % 60), to: out + 6)
        return unsafe 8 + fraction(micros - seconds * 1_000_000, to: out + 8)
    }

    /// A point and up to six digits without trailing zeroes; nothing for zero.
    @inline(__always)
    static func fraction(_ micros: Int64, to out: Bytes) -> Int {
        if micros == 0 { return 0 }
        unsafe out[0] = UInt8(ascii: ".")
        unsafe Digits.padded(UInt64(micros), width: 6, to: out + 1)
        var used = 7
        while unsafe out[used - 1] == 48 { used -= 1 }
        return used
    }

    /// Microseconds since 1970 without a zone; `offset` seconds east are appended when given.
    @inline(__always)
    static func timestamp(_ micros: Int64, offset: Int32? = nil, to out: Bytes) -> Int {
        if micros == .max { return unsafe constant("infinity", to: out) }
        if micros <= -Int64.max { return unsafe constant("-infinity", to: out) }
        let local = micros &+ Int64(offset ?? 0) &* 1_000_000
        var days = local / dayMicros
        var rest = local - days * dayMicros
        if rest < 0 {
            rest += dayMicros
            days -= 1
        }
        let civil = CivilDate(daysSinceEpoch: Int(days))
        var used = unsafe day(civil, to: out)
        unsafe out[used] = UInt8(ascii: " ")
        unsafe used += 1 + time(rest, to: out + used + 1)
        if let offset { unsafe used += zone(offset, to: out + used) }
        return civil.year > 0 ? used : used + (unsafe constant(" BC", to: out + used))
    }

    static func timeTZ(_ micros: Int64, offset: Int32, to out: Bytes) -> Int {
        let used = unsafe time(micros, to: out)
        return unsafe used + zone(offset, to: out + used)
    }

    /// `+05`, `+05:30`, `-00:00:30`: seconds east of UTC.
    static func zone(_ offset: Int32, to out: Bytes) -> Int {
        let seconds = Int(offset.magnitude)
        unsafe out[0] = offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
        unsafe Digits.pair(seconds / 3_600, to: out + 1)
        if seconds % 3_600 == 0 { return 3 }
        unsafe out[3] = UInt8(ascii: ":")
        unsafe Digits.pair(seconds / 60 % 60, to: out + 4)
        if seconds % 60 == 0 { return 6 }
        unsafe out[6] = UInt8(ascii: ":")
        unsafe Digits.pair(seconds % 60, to: out + 7)
        return 9
    }

    /// Other units as microseconds; infinities stay, what is out of range becomes one.
    @inline(__always)
    static func micros(_ value: Int64, timesEach factor: Int64) -> Int64 {
        if value == .max || value <= -Int64.max { return value }
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? (value < 0 ? -.max : .max) : product
    }

    /// Nanoseconds as microseconds, downwards.
    @inline(__always)
    static func micros(nanos value: Int64) -> Int64 {
        if value == .max || value <= -Int64.max { return value }
        let quotient = value / 1_000
        return value % 1_000 < 0 ? quotient - 1 : quotient
    }
}
