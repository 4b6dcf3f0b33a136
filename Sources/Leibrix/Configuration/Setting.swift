internal import Base

/// One setting of the server: its names, its help, and how its text becomes a field of `Configuration`.
///
/// The name in a file is `tls.cert` (nested maps), the flag `--tls-cert`, the variable `LEIBRIX_TLS_CERT`.
public struct Setting: Sendable {
    public let name: String
    /// What the value looks like, for help: "HOST:PORT".
    public let placeholder: String
    public let help: String
    /// The default as the reference shows it where it depends on the machine ("40 % of memory").
    public let defaultText: String
    let apply: @Sendable (inout Configuration, String) throws(LeibrixError) -> Void
    let show: @Sendable (Configuration) -> String

    public var flag: String { "--" + name.map { $0 == "." || $0 == "_" ? "-" : String($0) }.joined() }
    public var variable: String { "LEIBRIX_" + name.map { $0 == "." ? "_" : String($0) }.joined().uppercased() }
    /// A flag that stands alone means true.
    public var isBoolean: Bool { placeholder == "BOOL" }

    init<Value>(
        _ name: String, _ field: any WritableKeyPath<Configuration, Value> & Sendable, _ kind: SettingKind<Value>, default shown: String? = nil,
        _ help: String
    ) {
        self.name = name
        self.placeholder = kind.placeholder
        self.help = help
        self.defaultText = shown ?? kind.show(Configuration()[keyPath: field])
        self.apply = { (configuration, text) throws(LeibrixError) in
            guard let value = kind.parse(text) else {
                throw LeibrixError(.configuration, "\(name) cannot be '\(text)'", hint: kind.expected)
            }
            configuration[keyPath: field] = value
        }
        self.show = { kind.show($0[keyPath: field]) }
    }

    /// The value of this setting in `configuration`, as text.
    public func text(in configuration: Configuration) -> String { show(configuration) }
}
