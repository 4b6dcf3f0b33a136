// Decimal digits into memory that has room. Pairs of digits come from a table, groups of four from one division.

typealias Bytes = UnsafeMutablePointer<UInt8>

enum Digits {
    @inline(__always)
    private static var pairs: UnsafePointer<UInt8> {
        let table: StaticString =
            "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"
        return unsafe table.utf8Start
    }

    /// 0...99 as two digits.
    @inline(__always)
    static func pair(_ value: Int, to out: Bytes) {
        let pair = unsafe UnsafeRawPointer(pairs + 2 &* value).loadUnaligned(as: UInt16.self)
        unsafe UnsafeMutableRawPointer(out).storeBytes(of: pair, as: UInt16.self)
    }

    @inline(__always)
    static func count(_ value: UInt64) -> Int {
        var value = value
        var count = 1
        while true {
            if value < 10 { return count }
            if value < 100 { return count &+ 1 }
            if value < 1_000 { return count &+ 2 }
            if value < 10_000 { return count &+ 3 }
            value /= 10_000
            count &+= 4
        }
    }

    /// Exactly `width` digits, with leading zeroes.
    @inline(__always)
    static func padded(_ value: UInt64, width: Int, to out: Bytes) {
        var value = value
        var position = width
        while position >= 2 {
            let rest = value / 100
            position &-= 2
            unsafe pair(Int(truncatingIfNeeded: value &- rest &* 100), to: out + position)
            value = rest
        }
        if position == 1 { unsafe out[0] = 48 &+ UInt8(truncatingIfNeeded: value % 10) }
    }

    @inline(__always)
    static func unsigned(_ value: UInt64, to out: Bytes) -> Int {
        let width = count(value)
        unsafe padded(value, width: width, to: out)
        return width
    }

    @inline(__always)
    static func signed(_ value: Int64, to out: Bytes) -> Int {
        guard value < 0 else { return unsafe unsigned(UInt64(value), to: out) }
        unsafe out[0] = UInt8(ascii: "-")
        return unsafe 1 &+ unsigned(value.magnitude, to: out + 1)
    }

    /// Up to 39 digits.
    @inline(never)
    static func unsigned(_ value: UInt128, to out: Bytes) -> Int {
        guard value > UInt128(UInt64.max) else { return unsafe unsigned(UInt64(value), to: out) }
        let chunk: UInt128 = 10_000_000_000_000_000_000
        let (high, low) = value.quotientAndRemainder(dividingBy: chunk)
        let width = unsafe unsigned(high, to: out)
        unsafe padded(UInt64(low), width: 19, to: out + width)
        return width + 19
    }

    @inline(never)
    static func signed(_ value: Int128, to out: Bytes) -> Int {
        guard value < 0 else { return unsafe unsigned(UInt128(value), to: out) }
        unsafe out[0] = UInt8(ascii: "-")
        return unsafe 1 + unsigned(value.magnitude, to: out + 1)
    }

    /// 10^exponent; the exponent is at most 19.
    static func power(_ exponent: Int) -> UInt64 {
        var power: UInt64 = 1
        for _ in 0..<exponent { power &*= 10 }
        return power
    }

    static func power128(_ exponent: Int) -> UInt128 {
        var power: UInt128 = 1
        for _ in 0..<exponent { power &*= 10 }
        return power
    }
}

/// A decimal's point: worked out once a column.
struct DecimalPoint {
    let scale: Int
    let power: UInt64
    let power128: UInt128

    init(scale: UInt8) {
        self.scale = Int(scale)
        power = scale <= 19 ? Digits.power(Int(scale)) : 0
        power128 = Digits.power128(Int(scale))
    }

    /// Digits of at most 18 places.
    @inline(__always)
    func text(_ digits: Int64, to out: Bytes) -> Int {
        var used = 0
        if digits < 0 {
            unsafe out[0] = UInt8(ascii: "-")
            used = 1
        }
        let magnitude = digits.magnitude
        if scale == 0 { return unsafe used &+ Digits.unsigned(magnitude, to: out + used) }
        let whole = magnitude / power
        unsafe used &+= Digits.unsigned(whole, to: out + used)
        unsafe out[used] = UInt8(ascii: ".")
        unsafe Digits.padded(magnitude &- whole &* power, width: scale, to: out + used + 1)
        return used &+ 1 &+ scale
    }

    @inline(never)
    func text(wide digits: Int128, to out: Bytes) -> Int {
        var used = 0
        if digits < 0 {
            unsafe out[0] = UInt8(ascii: "-")
            used = 1
        }
        let (whole, fraction) = digits.magnitude.quotientAndRemainder(dividingBy: power128)
        unsafe used += Digits.unsigned(whole, to: out + used)
        if scale == 0 { return used }
        unsafe out[used] = UInt8(ascii: ".")
        used += 1
        var rest = fraction
        for place in stride(from: scale - 1, through: 0, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            unsafe out[used + place] = 48 + UInt8(digit)
            rest = quotient
        }
        return used + scale
    }
}
