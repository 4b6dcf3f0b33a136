// Structured logs: an event's name and its fields, one line each, on standard error. Text on a terminal, JSON otherwise.
internal import Base
internal import Glibc
internal import Synchronization

public enum LogLevel: UInt8, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
    public var name: String { ["debug", "info", "warning", "error"][Int(rawValue)] }
    public init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }
}

public struct LogField: Sendable {
    public var name: String
    public var value: String
    public var isNumber: Bool

    public static func text(_ name: String, _ value: String) -> LogField { LogField(name: name, value: value, isNumber: false) }
    public static func number(_ name: String, _ value: some FixedWidthInteger) -> LogField {
        LogField(name: name, value: String(value), isNumber: true)
    }
}

public enum Log {
    public enum Style: UInt8, Sendable { case text, json }

    private static let level = Atomic<UInt8>(LogLevel.info.rawValue)
    private static let style = Atomic<UInt8>(isatty(2) == 1 ? Style.text.rawValue : Style.json.rawValue)

    public static func configure(level: LogLevel, style: Style? = nil) {
        Self.level.store(level.rawValue, ordering: .relaxed)
        if let style { Self.style.store(style.rawValue, ordering: .relaxed) }
    }

    public static func isOn(_ level: LogLevel) -> Bool { level.rawValue >= Self.level.load(ordering: .relaxed) }

    public static func debug(_ event: String, _ fields: LogField...) { write(.debug, event, fields) }
    public static func info(_ event: String, _ fields: LogField...) { write(.info, event, fields) }
    public static func warning(_ event: String, _ fields: LogField...) { write(.warning, event, fields) }
    public static func error(_ event: String, _ fields: LogField...) { write(.error, event, fields) }

    private static func write(_ level: LogLevel, _ event: String, _ fields: [LogField]) {
        guard isOn(level) else { return }
        let micros = Clock.system.wallMicros()
        let json = style.load(ordering: .relaxed) == Style.json.rawValue
        let line = json ? jsonLine(level, event, fields, micros) : textLine(level, event, fields, micros)
        let bytes = Array(line.utf8)
        _ = unsafe bytes.withUnsafeBytes { buffer in unsafe Glibc.write(2, buffer.baseAddress, buffer.count) }
    }

    static func textLine(_ level: LogLevel, _ event: String, _ fields: [LogField], _ micros: Int64) -> String {
        var line = "\(timestamp(micros)) \(level.name.uppercased()) \(event)"
        for field in fields {
            let quoted = field.value.contains(" ") || field.value.isEmpty ? "\"\(field.value)\"" : field.value
            line += " \(field.name)=\(quoted)"
        }
        return line.split(separator: "\n").joined(separator: "\\n") + "\n"
    }

    static func jsonLine(_ level: LogLevel, _ event: String, _ fields: [LogField], _ micros: Int64) -> String {
        var line = "{\"time\":\"\(timestamp(micros))\",\"level\":\"\(level.name)\",\"event\":\(quoted(event))"
        for field in fields { line += ",\(quoted(field.name)):\(field.isNumber ? field.value : quoted(field.value))" }
        return line + "}\n"
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    private static func timestamp(_ micros: Int64) -> String {
        let seconds = Int(micros / 1_000_000)
        let date = CivilDate(daysSinceEpoch: seconds / 86_400).iso
        let time = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(date)T\(time).\(padded(Int(micros % 1_000_000) / 1_000, 3))Z"
    }
}
