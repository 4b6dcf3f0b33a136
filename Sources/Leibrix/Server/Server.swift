// One process with every role: the control store, the datasets, the SQL layer and the doors, composed in the order of
// their floors and taken down in the reverse.
public import Base
internal import ControlStore
internal import HTTPDoor
internal import Platform
internal import Reactor

public final class Server: Sendable {
    /// Where it listens, with the ports the system picked.
    public let postgres: ListenAddress
    public let http: ListenAddress
    let configuration: Configuration
    private let parts: ServerParts
    private let group: EventLoopGroup
    private let httpServer: HTTPServer<ServerState>
    private let state: ServerState

    /// Opens the data directory, recovers what is READY, and listens. Throws `directoryLocked` when another server has the
    /// directory, and `configuration` for a listener that would let strangers in.
    public static func start(_ configuration: Configuration) async throws(LeibrixError) -> Server {
        let styles: [LogFormat: Log.Style] = [.text: .text, .json: .json]
        Log.configure(level: configuration.logLevel, style: styles[configuration.logFormat])
        let pool = BlockingPool(name: "server", threads: 2)
        let state = ServerState()
        let parts = try await pool.run { () throws(LeibrixError) in try ServerParts(configuration) }
        return try Server(configuration, parts, state)
    }

    private init(_ configuration: Configuration, _ parts: ServerParts, _ state: ServerState) throws(LeibrixError) {
        self.configuration = configuration
        self.parts = parts
        self.state = state
        try ListenPolicy.check(configuration, usersHavePasswords: parts.principals.allHavePasswords)
        group = try EventLoopGroup(loops: configuration.reactors)
        httpServer = try HTTPServer(host: configuration.http.host, port: UInt16(configuration.http.port), group: group, service: state)
        http = ListenAddress(host: configuration.http.host, port: Int(httpServer.localPort))
        postgres = configuration.postgres
        state.started { [] }
        try writeReadyFile()
    }

    private func writeReadyFile() throws(LeibrixError) {
        guard let path = configuration.readyFile else { return }
        let addresses: JSON = ["pg": .string(postgres.description), "http": .string(http.description)]
        try Files.replace(path, with: Array((addresses.text(indent: true) + "\n").utf8))
    }

    public func stop() async {
        httpServer.stop()
        if let path = configuration.readyFile { try? Files.remove(path) }
    }
}
