public import Base
internal import SQLSyntax

/// A command's flags and operands, split from its arguments by a list of the flags it knows.
public struct Arguments: Sendable {
    /// A flag that is not a setting of the server.
    public struct Flag: Sendable {
        public var name: String
        /// One letter, for `-c`.
        public var short: Character?
        /// nil for a flag that stands alone.
        public var placeholder: String?
        public var help: String

        public init(_ name: String, short: Character? = nil, placeholder: String? = nil, _ help: String) {
            self.name = name
            self.short = short
            self.placeholder = placeholder
            self.help = help
        }
    }

    public private(set) var operands: [String] = []
    /// Flags of the command, in order; the value is empty for those that stand alone.
    public private(set) var given: [(name: String, value: String)] = []
    /// Settings of the server, in order.
    public private(set) var settings: [(name: String, value: String)] = []
    public private(set) var wantsHelp = false

    public func has(_ name: String) -> Bool { given.contains { $0.name == name } }
    public func value(_ name: String) -> String? { given.last { $0.name == name }?.value }

    /// - Parameter settings: whether the server's settings are flags of this command too.
    public init(parsing arguments: [String], flags: [Flag], settings: Bool) throws(LeibrixError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands += rest
                return
            }
            if argument == "--help" || argument == "-h" && !flags.contains(where: { $0.short == "h" }) {
                wantsHelp = true
            } else if argument.hasPrefix("-"), argument.count > 1 {
                try take(argument, &rest, flags, settings)
            } else {
                operands.append(argument)
            }
        }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>, _ flags: [Flag], _ settings: Bool) throws(LeibrixError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let word = parts[0]
        let inline = parts.count == 2 ? parts[1] : nil
        let isShort = !word.hasPrefix("--")
        if let flag = flags.first(where: { isShort ? "-\($0.short ?? "-")" == word : "--\($0.name)" == word }) {
            if flag.placeholder == nil, inline != nil { throw LeibrixError(.configuration, "\(word) takes no value") }
            given.append((flag.name, try Self.value(inline, &rest, word, flag.placeholder) ?? ""))
        } else if settings, let setting = Setting.flagged(word) {
            let value = try Self.value(inline, &rest, word, setting.isBoolean ? nil : setting.placeholder)
            self.settings.append((setting.name, value ?? "true"))
        } else {
            throw Self.unknown(word, flags, settings)
        }
    }

    /// The text after `=`, or the next argument where the flag wants one.
    private static func value(
        _ inline: String?, _ rest: inout ArraySlice<String>, _ flag: String, _ placeholder: String?
    ) throws(LeibrixError) -> String? {
        if let inline { return inline }
        guard let placeholder else { return nil }
        guard let value = rest.popFirst() else {
            throw LeibrixError(.configuration, "\(flag) needs a value", hint: "Write \(flag) \(placeholder).")
        }
        return value
    }

    private static func unknown(_ word: String, _ flags: [Flag], _ settings: Bool) -> LeibrixError {
        if settings, let reason = Configuration.later[String(word.dropFirst(2))] {
            return LeibrixError(.notSupported, "\(word) is not supported yet", hint: reason)
        }
        let known = flags.map { "--\($0.name)" } + (settings ? Setting.table.map(\.flag) : [])
        return LeibrixError(.configuration, "there is no flag \(word)", hint: suggestion(for: word, among: known, what: "flags") ?? "See --help.")
    }
}
