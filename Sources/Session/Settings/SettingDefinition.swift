internal import Base

/// A setting of PostgreSQL's that this server knows: what it takes, what it starts as, and whether clients are told.
struct SettingDefinition: Sendable {
    enum Kind: Sendable {
        case boolean
        /// Within bounds, in `unit` ("" or "ms").
        case integer(ClosedRange<Int>, unit: String)
        /// One of these, in lower case.
        case choice([String])
        case text
        case list
        case timeZone
        case dateStyle
        /// Known and shown, never set.
        case fixed
    }

    let name: String
    let kind: Kind
    let initial: String
    let isReported: Bool
    let category: String
    let summary: String

    init(_ name: String, _ kind: Kind, _ initial: String, reported: Bool = false, _ category: String, _ summary: String) {
        self.name = name
        self.kind = kind
        self.initial = initial
        isReported = reported
        self.category = category
        self.summary = summary
    }

    var unit: String? {
        if case .integer(_, let unit) = kind, !unit.isEmpty { return unit }
        return nil
    }

    /// pg_settings' vartype.
    var valueType: String {
        switch kind {
        case .boolean: "bool"
        case .integer: "integer"
        case .choice: "enum"
        default: "string"
        }
    }
}

extension SettingDefinition {
    /// The value as it is kept and shown. Throws `invalidOption` with what the setting takes.
    func canonical(_ values: [String], zones: TimeZoneNames) throws(LeibrixError) -> String {
        guard values.joined().utf8.count <= SessionLimits.settingBytesMax else {
            throw LeibrixError(.limitExceeded, "the value of \"\(name)\" is longer than \(SessionLimits.settingBytesMax) bytes")
        }
        if case .list = kind { return values.map(Self.quotedIfNeeded).joined(separator: ", ") }
        let value = values.joined(separator: ", ")
        switch kind {
        case .boolean: return try boolean(value)
        case .integer(let bounds, let unit): return try integer(value, bounds, unit)
        case .choice(let choices):
            guard let choice = choices.first(where: { $0 == value.lowercased() }) else {
                throw invalid(value, hint: choices.count == 1 ? "Only \(choices[0]) is supported." : "Available values: \(choices.joined(separator: ", ")).")
            }
            return choice
        case .timeZone:
            guard let zone = zones.canonical(value) else {
                throw invalid(value, hint: zones.suggestion(value) ?? "Use a name like UTC or Europe/Paris.")
            }
            return zone
        case .dateStyle: return try dateStyle(value)
        case .fixed:
            throw LeibrixError(.invalidOption, "parameter \"\(name)\" cannot be changed", sqlState: "55P02")
        case .text, .list: return value
        }
    }

    private func invalid(_ value: String, hint: String) -> LeibrixError {
        LeibrixError(.invalidOption, "invalid value for parameter \"\(name)\": \"\(value)\"", hint: hint)
    }

    private func boolean(_ value: String) throws(LeibrixError) -> String {
        switch value.lowercased() {
        case "on", "true", "t", "yes", "y", "1": return "on"
        case "off", "false", "f", "no", "n", "0": return "off"
        default:
            throw LeibrixError(.invalidOption, "parameter \"\(name)\" requires a Boolean value", hint: "Use on or off.")
        }
    }

    private func integer(_ value: String, _ bounds: ClosedRange<Int>, _ unit: String) throws(LeibrixError) -> String {
        guard let number = unit == "ms" ? Self.milliseconds(value) : Int(value) else {
            throw invalid(value, hint: unit == "ms" ? "Use a number and ms, s, min, h or d." : "Use a whole number.")
        }
        guard bounds.contains(number) else {
            throw LeibrixError(
                .invalidOption, "\(value) is outside the valid range for parameter \"\(name)\" (\(bounds.lowerBound) .. \(bounds.upperBound))",
                hint: "Choose a value within the range.")
        }
        return String(number)
    }

    /// "1500", "30s", "1.5 min".
    static func milliseconds(_ value: String) -> Int? {
        let text = value.filter { $0 != " " }
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "-" }
        guard let number = Double(digits) else { return nil }
        let factors = ["": 1.0, "us": 0.001, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let factor = factors[String(text.dropFirst(digits.count)).lowercased()] else { return nil }
        let result = (number * factor).rounded()
        return abs(result) < 1e15 ? Int(result) : nil
    }

    /// Dates are written as ISO 8601; the order of day and month is kept for clients that read it back.
    private func dateStyle(_ value: String) throws(LeibrixError) -> String {
        var order = "MDY"
        for part in value.split(whereSeparator: { $0 == "," || $0 == " " }).map({ $0.lowercased() }) {
            switch part {
            case "iso", "default": break
            case "mdy", "us", "noneuro", "noneuropean": order = "MDY"
            case "dmy", "euro", "european": order = "DMY"
            case "ymd": order = "YMD"
            default: throw invalid(value, hint: "Only the ISO style is supported.")
            }
        }
        return "ISO, \(order)"
    }

    private static func quotedIfNeeded(_ name: String) -> String {
        let plain = name.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F }
        return plain && !name.isEmpty ? name : "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
