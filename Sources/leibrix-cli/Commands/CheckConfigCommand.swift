internal import Base
internal import Leibrix

enum CheckConfigCommand: Command {
    static let name = "check-config"
    static let summary = "Read the configuration as serve would and show where each setting comes from."
    static let usage = "[--config FILE] [SETTINGS]"
    static let takesSettings = true
    static let flags = [
        Arguments.Flag("config", placeholder: "FILE", "Configuration file (YAML). [LEIBRIX_CONFIG]"),
        Arguments.Flag("reference", "Print docs/operating/configuration.md instead."),
    ]

    static func run(_ arguments: Arguments) throws(LeibrixError) -> Int32 {
        if arguments.has("reference") {
            Console.write(Configuration.reference)
            return 0
        }
        let loaded = try ServerOptions.load(arguments)
        let rows = Setting.table.map { setting in
            (setting.name, "\(setting.text(in: loaded.configuration))  (\(loaded.origins[setting.name] ?? .standard))")
        }
        Console.write(HelpText.table(rows))
        return 0
    }
}

enum ServerOptions {
    /// The configuration from this process's environment, the file and a command's flags.
    static func load(_ arguments: Arguments) throws(LeibrixError) -> Configuration.Loaded {
        if let operand = arguments.operands.first {
            throw LeibrixError(.configuration, "what is '\(operand)'?", hint: "This command takes flags only; see --help.")
        }
        let file = arguments.value("config") ?? Environment.variables["LEIBRIX_CONFIG"]
        return try Configuration.load(flags: arguments.settings, environment: Environment.variables, file: file)
    }
}
