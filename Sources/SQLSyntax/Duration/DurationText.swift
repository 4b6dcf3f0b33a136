/// Lengths of time as SQL's intervals write them: "5 seconds", "1 hour 30 min", "00:00:05", "250ms". Months and years have no fixed
/// length and are not read.
public enum DurationText {
    /// Microseconds of a unit, in singular, plural or short; nil for another word.
    public static func unit(_ word: String) -> Int64? {
        switch word {
        case "us", "microsecond", "microseconds": 1
        case "ms", "millisecond", "milliseconds": 1_000
        case "s", "sec", "secs", "second", "seconds": 1_000_000
        case "m", "min", "mins", "minute", "minutes": 60_000_000
        case "h", "hr", "hour", "hours": 3_600_000_000
        case "d", "day", "days": 86_400_000_000
        case "w", "week", "weeks": 604_800_000_000
        default: nil
        }
    }

    /// nil for what is no length of time, or too long for 64 bits of microseconds.
    public static func micros(_ text: String) -> Int64? {
        let bytes = Array(text.lowercased().utf8)
        var sum: Int64 = 0
        var index = 0
        var count = 0
        func skipBlanks() { while index < bytes.count, bytes[index] == 0x20 { index += 1 } }
        skipBlanks()
        while index < bytes.count {
            let start = index
            while index < bytes.count, isNumber(bytes[index]) { index += 1 }
            guard index > start else { return nil }
            let number = String(decoding: bytes[start..<index], as: UTF8.self)
            skipBlanks()
            let word = index
            while index < bytes.count, (0x61...0x7A).contains(bytes[index]) { index += 1 }
            let part: Int64?
            if index > word, let unit = unit(String(decoding: bytes[word..<index], as: UTF8.self)) {
                part = scaled(number, unit)
            } else if index == word {
                part = number.contains(":") ? clock(number) : scaled(number, 1_000_000)
            } else {
                part = nil
            }
            guard let part else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(part)
            if overflow { return nil }
            sum = next
            count += 1
            skipBlanks()
        }
        return count > 0 && sum >= 0 ? sum : nil
    }

    private static func isNumber(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x3A }

    private static func scaled(_ number: String, _ unit: Int64) -> Int64? {
        if let whole = Int64(number) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
            return overflow ? nil : product
        }
        guard let value = Double(number) else { return nil }
        let product = value * Double(unit)
        return product.isFinite && product.magnitude < 9e18 ? Int64(product.rounded()) : nil
    }

    /// [hours:]minutes:seconds; two parts are hours and minutes, as in PostgreSQL.
    private static func clock(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 || parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]) else { return nil }
        guard hours < 2_400_000, minutes < 60, let seconds = parts.count == 3 ? scaled(parts[2], 1_000_000) : 0 else { return nil }
        return hours * 3_600_000_000 + minutes * 60_000_000 + seconds
    }
}
