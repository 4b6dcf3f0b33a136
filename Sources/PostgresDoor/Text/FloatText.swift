// Floating point as PostgreSQL writes it: the shortest digits that read back the same, in exponents from 1e+15 (double)
// or 1e+06 (real) up and below 1e-04.
//
// Most stored doubles are short decimals. Those are found without a general algorithm: if a whole number m < 10^15 and a
// power 10^k exist with m / 10^k == value, division being correctly rounded makes m's digits read back as the value, and no
// other decimal of at most 15 digits does. The rest take their digits from Swift's description, which is shortest too.

enum FloatText {
    static let slot = 32

    static func double(_ value: Double, to out: Bytes) -> Int {
        if let used = unsafe special(value, to: out) { return used }
        if let used = unsafe short(value, to: out) { return used }
        return unsafe general(value.description, exponentFrom: 15, to: out)
    }

    static func real(_ value: Float, to out: Bytes) -> Int {
        if let used = unsafe special(Double(value), to: out) { return used }
        return unsafe general(value.description, exponentFrom: 6, to: out)
    }

    private static func special(_ value: Double, to out: Bytes) -> Int? {
        if value.isNaN { return unsafe TemporalText.constant("NaN", to: out) }
        if value == .infinity { return unsafe TemporalText.constant("Infinity", to: out) }
        if value == -.infinity { return unsafe TemporalText.constant("-Infinity", to: out) }
        if value == 0 { return unsafe value.sign == .minus ? TemporalText.constant("-0", to: out) : TemporalText.constant("0", to: out) }
        return nil
    }

    private static func short(_ value: Double, to out: Bytes) -> Int? {
        let magnitude = value.magnitude
        guard magnitude < 1e15, magnitude >= 1e-4 else { return nil }
        var power = 1.0
        for scale in 0...6 {
            let scaled = (magnitude * power).rounded()
            if scaled >= 1e15 { return nil }
            if scaled / power == magnitude {
                let digits = Int64(scaled)
                let point = DecimalPoint(scale: UInt8(scale))
                return unsafe point.text(value < 0 ? -digits : digits, to: out)
            }
            power *= 10
        }
        return nil
    }

    /// Takes the digits and the exponent out of Swift's form (`1.5e-07`, `123.25`, `1e+16`) and lays them out anew.
    private static func general(_ description: String, exponentFrom limit: Int, to out: Bytes) -> Int {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
            var count = 0
            var exponent = 0
            var beforePoint = 0
            var seenPoint = false
            var isNegative = false
            var tail: Int? = nil
            var tailSign = 1
            for byte in description.utf8 {
                switch byte {
                case UInt8(ascii: "-"): if tail == nil { isNegative = true } else { tailSign = -1 }
                case UInt8(ascii: "+"): break
                case UInt8(ascii: "."): seenPoint = true
                case UInt8(ascii: "e"): tail = 0
                default:
                    if let value = tail {
                        tail = value * 10 + Int(byte - 48)
                    } else if count < 40 {
                        if !seenPoint { beforePoint += 1 }
                        unsafe digits[count] = byte
                        count += 1
                    }
                }
            }
            exponent = beforePoint - 1 + (tail ?? 0) * tailSign
            var start = 0
            while start < count - 1, unsafe digits[start] == 48 {
                start += 1
                exponent -= 1
            }
            while count > start + 1, unsafe digits[count - 1] == 48 { count -= 1 }
            let significant = unsafe UnsafeMutableBufferPointer(rebasing: digits[start..<count])
            return unsafe layout(significant, exponent, isNegative, limit, to: out)
        }
    }

    private static func layout(
        _ digits: UnsafeMutableBufferPointer<UInt8>, _ exponent: Int, _ isNegative: Bool, _ limit: Int, to out: Bytes
    ) -> Int {
        var used = 0
        func put(_ byte: UInt8) {
            unsafe out[used] = byte
            used += 1
        }
        if isNegative { put(UInt8(ascii: "-")) }
        if exponent < -4 || exponent >= limit {
            unsafe put(digits[0])
            if digits.count > 1 { put(UInt8(ascii: ".")) }
            for index in 1..<max(1, digits.count) { unsafe put(digits[index]) }
            put(UInt8(ascii: "e"))
            put(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            if abs(exponent) < 10 { put(48) }
            return unsafe used + Digits.unsigned(UInt64(abs(exponent)), to: out + used)
        }
        if exponent < 0 {
            put(48)
            put(UInt8(ascii: "."))
            for _ in 0..<(-exponent - 1) { put(48) }
            for index in 0..<digits.count { unsafe put(digits[index]) }
            return used
        }
        for index in 0...max(exponent, digits.count - 1) {
            if index == exponent + 1 { put(UInt8(ascii: ".")) }
            unsafe put(index < digits.count ? digits[index] : 48)
        }
        return used
    }
}
