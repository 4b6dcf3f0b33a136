/// Sizes in bytes as options and configuration spell them.
public enum ByteSize {
    /// "2GB", "512 MB", "1GiB", "1048576". Units are powers of 1,024 as PostgreSQL's; nil for anything else.
    public static func parse(_ text: String) -> Int64? {
        let lower = text.lowercased().filter { $0 != " " }
        let digits = lower.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
        guard let number = Double(digits), number >= 0, digits.first != ".", digits.last != "." else { return nil }
        let powers = ["": 0, "b": 0, "kb": 1, "kib": 1, "mb": 2, "mib": 2, "gb": 3, "gib": 3, "tb": 4, "tib": 4]
        guard let power = powers[String(lower[digits.endIndex...])] else { return nil }
        let bytes = (0..<power).reduce(number) { value, _ in value * 1_024 }
        return bytes < 9e18 ? Int64(bytes) : nil
    }

    /// "1.5 GB": for people.
    public static func spelled(_ bytes: Int64) -> String {
        var value = Double(bytes)
        var unit = 0
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        while value >= 1_024, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        let tenths = Int64((value * 10).rounded())
        return tenths % 10 == 0 || unit == 0 ? "\(tenths / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
