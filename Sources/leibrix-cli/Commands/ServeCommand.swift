internal import Base
internal import Leibrix

enum ServeCommand: Command {
    static let name = "serve"
    static let summary = "Serve the datasets of a data directory, all roles in one process."
    static let usage = "--data DIR [--config FILE] [SETTINGS]"
    static let takesSettings = true
    static let flags = [Arguments.Flag("config", placeholder: "FILE", "Configuration file (YAML). [LEIBRIX_CONFIG]")]
    static let more = "SIGTERM and SIGINT end it: no new connections, running statements finish (--drain-timeout), then it leaves. A second one ends it at once."

    static func run(_ arguments: Arguments) async throws(LeibrixError) -> Int32 {
        let loaded = try ServerOptions.load(arguments)
        guard loaded.configuration.dataDirectory != nil else {
            throw LeibrixError(.configuration, "serve needs a data directory", hint: "Write leibrix serve --data DIR, or set LEIBRIX_DATA.")
        }
        let shutdown = ShutdownSignal()
        let server = try await Server.start(loaded.configuration)
        await shutdown.wait()
        await server.stop()
        return 0
    }
}
