internal import Base
internal import Glibc
internal import Leibrix
internal import Platform
internal import PostgresClient

enum SQLCommand: Command {
    static let name = "sql"
    static let summary = "Shell: statements to a running server over the PostgreSQL protocol."
    static let usage = "[URI] [-c STATEMENTS | -f FILE]"
    static let flags = [
        Arguments.Flag("command", short: "c", placeholder: "STATEMENTS", "Run these and end; may be given more than once."),
        Arguments.Flag("file", short: "f", placeholder: "FILE", "Run a file and end; '-' is standard input."),
        Arguments.Flag("format", placeholder: "FORMAT", "table, csv or json. [table]"),
        Arguments.Flag("timing", "Show how long each statement took."),
    ]
    static let more = """
        URI is postgresql://USER@HOST:PORT/DATABASE or HOST:PORT; postgresql://admin@127.0.0.1:5433/leibrix by default.
        ?sslmode=disable, prefer (the default), require or verify-full (with sslrootcert=FILE) says whether to encrypt.
        With -c and -f the first failure ends the run with exit code 1. PGPASSWORD is the password where the
        address has none. LEIBRIX_HISTORY names the history file.
        """

    static func run(_ arguments: Arguments) throws(LeibrixError) -> Int32 {
        guard arguments.operands.count <= 1 else {
            throw LeibrixError(.configuration, "what is '\(arguments.operands[1])'?", hint: "There is one address; statements are given with -c.")
        }
        let uri = if let text = arguments.operands.first { try ConnectionURI(parsing: text) } else { ConnectionURI() }
        guard let format = OutputFormat(rawValue: arguments.value("format") ?? "table") else {
            throw LeibrixError(.configuration, "there is no format \(arguments.value("format") ?? "")", hint: "Choose table, csv or json.")
        }
        let shell = Shell(try connect(uri), format: format)
        defer { shell.connection.close() }
        shell.isTiming = arguments.has("timing")
        let running = shell.connection.running
        Signals.handle([.interrupt]) { _ in if !running.cancel() { exit(130) } }
        let work = arguments.given.filter { $0.name == "command" || $0.name == "file" }
        if work.isEmpty, Console.isTerminal(0), Console.isTerminal(1) { return shell.interact() }
        for (kind, value) in work.isEmpty ? [("file", "-")] : work {
            if kind == "command" {
                shell.run(text: value, stopping: true)
            } else if value == "-" {
                shell.run(text: Console.readInput(), stopping: true)
            } else {
                try shell.runFile(value, stopping: true)
            }
            if shell.hasFailed { return 1 }
        }
        return 0
    }

    static func connect(_ uri: ConnectionURI) throws(LeibrixError) -> ShellConnection {
        do throws(ClientError) {
            return try ShellConnection(uri, watching: Console.isTerminal(2))
        } catch {
            let hint = "Is a server running there? Start one with: leibrix serve --data DIR"
            if case .server(let refused) = error {
                throw LeibrixError(.authenticationFailed, refused.message, detail: refused.sqlState, hint: refused.hint)
            }
            throw LeibrixError(.io, "no connection to \(uri.host):\(uri.port): \(error)", hint: hint)
        }
    }
}
