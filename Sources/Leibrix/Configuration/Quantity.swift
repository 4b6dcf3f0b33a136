/// Sizes and times as people write them.
public enum Quantity {
    private static let sizes: [(unit: String, bytes: Double)] = [
        ("kib", 1_024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("tib", 1_099_511_627_776),
        ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000), ("b", 1), ("", 1),
    ]
    private static let times: [(unit: String, milliseconds: Double)] = [
        ("ms", 1), ("min", 60_000), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("", 1),
    ]

    /// "1.5GiB" in bytes. A bare number is bytes.
    public static func bytes(_ text: String) -> Int? { scaled(text, sizes.map { ($0.unit, $0.bytes) }) }

    /// "30s" in milliseconds. A bare number is milliseconds.
    public static func milliseconds(_ text: String) -> Int? { scaled(text, times.map { ($0.unit, $0.milliseconds) }) }

    private static func scaled(_ text: String, _ units: [(unit: String, factor: Double)]) -> Int? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = text[digits.endIndex...].filter { $0 != " " }.lowercased()
        guard let number = Double(digits), let factor = units.first(where: { $0.unit == unit })?.factor else { return nil }
        let value = (number * factor).rounded()
        return value >= 0 && value < 9e18 ? Int(value) : nil
    }

    public static func text(bytes: Int) -> String {
        for (unit, factor) in [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)] where Double(bytes) >= factor {
            return oneDecimal(Double(bytes) / factor) + unit
        }
        return "\(bytes)B"
    }

    public static func text(milliseconds: Int) -> String {
        for (unit, factor) in [("h", 3_600_000), ("min", 60_000), ("s", 1_000)] where milliseconds >= factor && milliseconds % factor == 0 {
            return "\(milliseconds / factor)\(unit)"
        }
        return milliseconds == 0 ? "0" : "\(milliseconds)ms"
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }
}
