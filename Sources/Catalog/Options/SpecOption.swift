public import Base
public import Columnar

/// One `name = value` of a WITH list, as the SQL layer read it.
public struct SpecOption: Sendable, Hashable {
    public var name: String
    public var value: Value
    /// 1-based position in the statement, for the error.
    public var position: Int?

    public init(_ name: String, _ value: Value, position: Int? = nil) {
        self.name = name
        self.value = value
        self.position = position
    }
}

/// Reads a WITH list: each option once, known names only, each value of its type. Every complaint is an `invalidOption`
/// that names the option, what it takes, and where it stands.
public struct OptionReader {
    private var left: [String: SpecOption] = [:]
    private let subject: String

    /// `subject` is what the options are of, as the message says it ("catalog", "dataset").
    public init(_ options: [SpecOption], subject: String) throws(LeibrixError) {
        self.subject = subject
        for option in options {
            guard left.updateValue(option, forKey: option.name.lowercased()) == nil else {
                throw LeibrixError(
                    .invalidOption, "option \"\(option.name)\" is given twice", hint: "Give each option once.",
                    position: option.position)
            }
        }
    }

    public func has(_ name: String) -> Bool { left[name] != nil }

    public mutating func take(_ name: String) -> SpecOption? { left.removeValue(forKey: name) }

    /// The option's text, nil when it is not given.
    public mutating func text(_ name: String) throws(LeibrixError) -> String? {
        guard let option = take(name) else { return nil }
        switch option.value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .boolean(let flag): return flag ? "true" : "false"
        default: throw Self.invalid(option, takes: "a string")
        }
    }

    public mutating func boolean(_ name: String) throws(LeibrixError) -> Bool? {
        guard let option = take(name) else { return nil }
        switch option.value {
        case .boolean(let flag): return flag
        case .integer(0): return false
        case .integer(1): return true
        case .string(let text):
            switch text.lowercased() {
            case "true", "on", "yes", "1": return true
            case "false", "off", "no", "0": return false
            default: break
            }
        default: break
        }
        throw Self.invalid(option, takes: "true or false")
    }

    public mutating func integer(_ name: String, in range: ClosedRange<Int64>) throws(LeibrixError) -> Int64? {
        guard let option = take(name) else { return nil }
        let number: Int64? =
            switch option.value {
            case .integer(let number): number
            case .string(let text): Int64(text)
            default: nil
            }
        guard let number, range.contains(number) else {
            throw Self.invalid(option, takes: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    public mutating func duration(_ name: String) throws(LeibrixError) -> CalendarDuration? {
        guard let option = take(name) else { return nil }
        switch option.value {
        case .string(let text):
            if let duration = CalendarDuration(text) { return duration }
        case .interval(let months, let days, let micros):
            let milliseconds = Int64(days) * 86_400_000 + micros / 1_000
            return CalendarDuration(months: Int(months), milliseconds: milliseconds)
        default: break
        }
        throw Self.invalid(option, takes: "a duration such as '10s', '5 minutes', '7 days' or '24 months'")
    }

    public mutating func size(_ name: String) throws(LeibrixError) -> Int64? {
        guard let option = take(name) else { return nil }
        switch option.value {
        case .integer(let bytes) where bytes >= 0: return bytes
        case .string(let text):
            if let bytes = ByteSize.parse(text) { return bytes }
        default: break
        }
        throw Self.invalid(option, takes: "a size such as '512MB' or '2GB'")
    }

    /// Throws for the first option that nobody took.
    public func finish(allowed: [String]) throws(LeibrixError) {
        guard let unknown = left.values.min(by: { $0.name < $1.name }) else { return }
        throw LeibrixError(
            .invalidOption, "a \(subject) has no option \"\(unknown.name)\"",
            hint: "Its options are: \(allowed.sorted().joined(separator: ", ")).", position: unknown.position)
    }

    public static func invalid(_ option: SpecOption, takes: String) -> LeibrixError {
        LeibrixError(
            .invalidOption, "option \"\(option.name)\" does not take \(spelled(option.value))",
            hint: "It takes \(takes).", position: option.position)
    }

    private static func spelled(_ value: Value) -> String {
        switch value {
        case .null: "NULL"
        case .string(let text): "'\(text)'"
        case .integer(let number): "\(number)"
        case .boolean(let flag): "\(flag)"
        case .double(let number): "\(number)"
        case .decimal(let digits, _, let scale): scale == 0 ? "\(digits)" : "that number"
        default: "that value"
        }
    }
}
