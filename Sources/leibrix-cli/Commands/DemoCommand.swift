internal import Base
internal import Leibrix
internal import Platform

enum DemoCommand: Command {
    static let name = "demo"
    static let summary = "Make TPC-H as Iceberg tables, serve them as datasets, compare with the source, stay up."
    static let usage = "[--scale N] [--once] [SETTINGS]"
    static let takesSettings = true
    static let flags = [
        Arguments.Flag("scale", placeholder: "N", "TPC-H scale factor: 1 is 6 million order lines. [1]"),
        Arguments.Flag("once", "End after the table of queries instead of staying up."),
        Arguments.Flag("config", placeholder: "FILE", "Configuration file (YAML). [LEIBRIX_CONFIG]"),
    ]
    static let more = "The data lie under --data, ./leibrix-demo by default, and are used again by the next run."

    static func run(_ arguments: Arguments) async throws(LeibrixError) -> Int32 {
        let loaded = try ServerOptions.load(arguments)
        var configuration = loaded.configuration
        // The demo says itself what happens; the log is for what goes wrong.
        if loaded.origins["log.level"] == nil { configuration.logLevel = .warning }
        let demo = try Demo(configuration, scale: arguments.value("scale") ?? "1", once: arguments.has("once"))
        return try await demo.run { Console.write($0) }
    }
}
