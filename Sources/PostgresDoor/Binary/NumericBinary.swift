// PostgreSQL's numeric on the wire: groups of four decimal digits, base 10,000, aligned at the decimal point.
//
//   int16 groups · int16 weight (of the first group) · uint16 sign (0, 0x4000, NaN 0xC000) · int16 scale shown · groups ..

enum NumericBinary {
    /// 8 bytes and at most 11 groups (39 digits, cut in two by the point).
    static let slot = 40

    @inline(__always)
    private static func put(_ value: Int, at offset: Int, to out: Bytes) {
        unsafe UnsafeMutableRawPointer(out).storeBytes(of: UInt16(truncatingIfNeeded: value).bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    /// A decimal of at most 18 digits.
    static func write(_ digits: Int64, _ point: DecimalPoint, to out: Bytes) -> Int {
        guard point.scale <= 16 else { return unsafe write(wide: Int128(digits), point, to: out) }
        let magnitude = digits.magnitude
        let whole = magnitude / point.power
        var fraction = magnitude &- whole &* point.power
        let fractionGroups = (point.scale + 3) / 4
        fraction &*= pad(point.scale)
        return unsafe groups(isNegative: digits < 0, scale: point.scale, to: out) { groups in
            for index in stride(from: fractionGroups - 1, through: 0, by: -1) {
                let rest = fraction / 10_000
                unsafe groups[10 + index] = UInt16(truncatingIfNeeded: fraction &- rest &* 10_000)
                fraction = rest
            }
            var left = whole
            var first = 10
            while left > 0 {
                let rest = left / 10_000
                first -= 1
                unsafe groups[first] = UInt16(truncatingIfNeeded: left &- rest &* 10_000)
                left = rest
            }
            return (first, 10 + fractionGroups)
        }
    }

    /// A decimal of at most 39 digits.
    @inline(never)
    static func write(wide digits: Int128, _ point: DecimalPoint, to out: Bytes) -> Int {
        unsafe write(magnitude: digits.magnitude, isNegative: digits < 0, point, to: out)
    }

    @inline(never)
    static func write(magnitude: UInt128, isNegative: Bool, _ point: DecimalPoint, to out: Bytes) -> Int {
        let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: point.power128)
        let fractionGroups = (point.scale + 3) / 4
        return unsafe groups(isNegative: isNegative, scale: point.scale, to: out) { groups in
            var fraction = rest
            // The last group may be short: its digits are moved to the left of it.
            for index in stride(from: fractionGroups - 1, through: 0, by: -1) {
                let isLast = index == fractionGroups - 1
                let places = isLast && point.scale % 4 != 0 ? point.scale % 4 : 4
                let (quotient, remainder) = fraction.quotientAndRemainder(dividingBy: UInt128(Digits.power(places)))
                unsafe groups[10 + index] = UInt16(UInt64(remainder) * Digits.power(4 - places))
                fraction = quotient
            }
            var left = whole
            var first = 10
            while left > 0 {
                let (quotient, remainder) = left.quotientAndRemainder(dividingBy: 10_000)
                first -= 1
                unsafe groups[first] = UInt16(remainder)
                left = quotient
            }
            return (first, 10 + fractionGroups)
        }
    }

    @inline(__always)
    private static func pad(_ scale: Int) -> UInt64 {
        switch scale & 3 {
        case 1: 1_000
        case 2: 100
        case 3: 10
        default: 1
        }
    }

    /// `fill` puts groups into twenty places, the point before the tenth, and says which it used. Zero groups at either end go.
    @inline(__always)
    private static func groups(
        isNegative: Bool, scale: Int, to out: Bytes, _ fill: (UnsafeMutablePointer<UInt16>) -> (Int, Int)
    ) -> Int {
        unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 20) { places in
            let groups = unsafe places.baseAddress.unsafelyUnwrapped
            var (first, end) = unsafe fill(groups)
            while first < end, unsafe groups[first] == 0 { first += 1 }
            while end > first, unsafe groups[end - 1] == 0 { end -= 1 }
            let count = end - first
            unsafe put(count, at: 0, to: out)
            unsafe put(count == 0 ? 0 : 9 - first, at: 2, to: out)
            unsafe put(isNegative && count > 0 ? 0x4000 : 0, at: 4, to: out)
            unsafe put(scale, at: 6, to: out)
            for index in 0..<count { unsafe put(Int(groups[first + index]), at: 8 + 2 * index, to: out) }
            return 8 + 2 * count
        }
    }
}
