internal import Base
internal import Glibc
internal import Leibrix
internal import SQLSyntax

/// One of `leibrix`'s commands.
protocol Command: SendableMetatype {
    static var name: String { get }
    static var summary: String { get }
    /// What follows the name in the usage line.
    static var usage: String { get }
    static var flags: [Arguments.Flag] { get }
    /// Whether the server's settings are flags of this command.
    static var takesSettings: Bool { get }
    /// Printed under the flags by --help.
    static var more: String { get }
    static func run(_ arguments: Arguments) async throws(LeibrixError) -> Int32
}

extension Command {
    static var flags: [Arguments.Flag] { [] }
    static var takesSettings: Bool { false }
    static var more: String { "" }
}

enum CommandLineTool {
    static let commands: [any Command.Type] = [
        ServeCommand.self, DemoCommand.self, SQLCommand.self, StatusCommand.self, BenchCommand.self, CheckConfigCommand.self, BackupCommand.self,
        VerifyCommand.self, RestoreCommand.self, VersionCommand.self,
    ]

    /// Commands of parts that are not in this version, with the reason.
    static let later = [
        "master": "This version runs all roles in one process: use leibrix serve.",
        "worker": "This version runs all roles in one process: use leibrix serve.",
        "gateway": "This version runs all roles in one process: use leibrix serve.",
    ]

    static func run(_ arguments: [String]) async -> Int32 {
        do throws(LeibrixError) {
            return try await dispatch(arguments)
        } catch {
            Console.error(error)
            return error.code == .configuration || error.code == .notSupported ? 2 : 1
        }
    }

    private static func dispatch(_ arguments: [String]) async throws(LeibrixError) -> Int32 {
        guard let name = arguments.first else {
            Console.write(overview, to: 2)
            return 2
        }
        if ["--help", "-h", "help"].contains(name) {
            Console.write(overview)
            return 0
        }
        if name == "--version" { return try VersionCommand.run(Arguments(parsing: [], flags: [], settings: false)) }
        guard let command = commands.first(where: { $0.name == name }) else { throw unknown(name) }
        let parsed = try Arguments(parsing: Array(arguments.dropFirst()), flags: command.flags, settings: command.takesSettings)
        if parsed.wantsHelp {
            Console.write(
                HelpText.command(
                    command.usage.isEmpty ? name : "\(name) \(command.usage)", command.summary, flags: command.flags,
                    settings: command.takesSettings, more: command.more))
            return 0
        }
        return try await command.run(parsed)
    }

    private static func unknown(_ name: String) -> LeibrixError {
        if let reason = later[name] {
            return LeibrixError(.notSupported, "leibrix \(name) is not supported yet", hint: reason)
        }
        return LeibrixError(
            .configuration, "there is no command \(name)",
            hint: suggestion(for: name, among: commands.map { $0.name }, what: "commands"))
    }

    private static var overview: String {
        """
        Leibrix: a lake's tables answer SQL in milliseconds, from one process.

        Usage: leibrix COMMAND [FLAGS]

        \(HelpText.table(commands.map { ($0.name, $0.summary) }))
        leibrix COMMAND --help tells more.

        """
    }
}
