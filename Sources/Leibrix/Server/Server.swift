// One process with every role: the control store, the datasets, the SQL layer and the doors, composed in the order of
// their floors and taken down in the reverse.
public import Base
internal import ControlStore
internal import DatasetEngine
internal import HTTPDoor
internal import Platform
internal import PostgresDoor
internal import Reactor
internal import Session

public final class Server: Sendable {
    /// Where it listens, with the ports the system picked.
    public let postgres: ListenAddress
    public let http: ListenAddress
    private let configuration: Configuration
    private let parts: ServerParts
    private let group: EventLoopGroup
    private let postgresDoor: PostgresDoor<TenantServers>
    private let httpServer: HTTPServer<ServerState>
    private let state: ServerState

    /// Opens the data directory, maps what is READY, and listens. Sources are asked only after that. Throws
    /// `directoryLocked` when another server has the directory, and `configuration` for a listener that would let strangers in.
    public static func start(_ configuration: Configuration) async throws(LeibrixError) -> Server {
        let styles: [LogFormat: Log.Style] = [.text: .text, .json: .json]
        Log.configure(level: configuration.logLevel, style: styles[configuration.logFormat])
        let begun = Clock.system.monotonicNanos()
        let pool = BlockingPool(name: "server", threads: 1)
        let parts = try await pool.run { () throws(LeibrixError) in try ServerParts(configuration) }
        try await parts.datasets.start()
        let server = try await pool.run { () throws(LeibrixError) in try Server(configuration, parts) }
        Log.info(
            "server.ready", .text("pg", server.postgres.description), .text("http", server.http.description),
            .text("data", configuration.dataDirectory ?? ""), .text("version", Version.current),
            .number("elapsed_ms", (Clock.system.monotonicNanos() - begun) / 1_000_000))
        pool.start { parts.warmUp() }
        return server
    }

    private init(_ configuration: Configuration, _ parts: ServerParts) throws(LeibrixError) {
        try ListenPolicy.check(configuration, usersHavePasswords: parts.principals.allHavePasswords)
        self.configuration = configuration
        self.parts = parts
        let group = try EventLoopGroup(loops: configuration.reactors)
        self.group = group
        let state = ServerState(allowedOrigins: configuration.httpOrigins) { parts.metrics.prometheusText() }
        self.state = state
        postgresDoor = try PostgresDoor(Self.door(configuration), service: parts.servers, group: group)
        httpServer = try HTTPServer(host: configuration.http.host, port: UInt16(configuration.http.port), group: group, service: state)
        postgres = ListenAddress(host: configuration.postgres.host, port: Int(postgresDoor.localPort))
        http = ListenAddress(host: configuration.http.host, port: Int(httpServer.localPort))
        // Passwords do not go over a network in plain text unless told so; the rest of the door tells nothing of tenants.
        let takesStatements = configuration.http.isLoopback || configuration.allowPlaintext
        state.started(takesStatements ? parts.servers : nil) { parts.reasonsNotReady() }
        parts.metrics.computed("leibrix_connections", "Connections open on all doors.") { group.connections }
        try writeReadyFile()
    }

    private static func door(_ configuration: Configuration) throws(LeibrixError) -> PostgresDoorConfiguration {
        var tls: TLSContext?
        if let certificate = configuration.tlsCertificate, let key = configuration.tlsKey {
            tls = try TLSContext(
                certificateFile: certificate, keyFile: key, applicationProtocols: [PostgresDoorConfiguration.applicationProtocol])
        }
        return PostgresDoorConfiguration(
            host: configuration.postgres.host, port: UInt16(configuration.postgres.port), connectionsMax: configuration.maxConnections,
            tls: tls)
    }

    /// For whoever started this process: the addresses, once every listener listens.
    private func writeReadyFile() throws(LeibrixError) {
        guard let path = configuration.readyFile else { return }
        let addresses: JSON = ["pg": .string(postgres.description), "http": .string(http.description)]
        try Files.replace(Files.absolute(path), with: Array((addresses.text(indent: true) + "\n").utf8))
    }

    /// Drains: no new connections, idle ones told to go, running statements given `drain_timeout`, then ended.
    public func stop() async {
        Log.info("server.draining", .number("sessions", parts.sql.sessionCount))
        state.draining()
        parts.sql.stopAccepting()
        await postgresDoor.shutdown(deadlineMS: configuration.drainTimeoutMS)
        parts.sql.cancelAll()
        parts.datasets.shutdown()
        let parts = parts
        // The log's last writes take time: not on this pool.
        try? await BlockingPool(name: "stop", threads: 1).run { () throws(LeibrixError) in parts.close() }
        httpServer.stop()
        if let path = configuration.readyFile { try? Files.remove(Files.absolute(path)) }
        Log.info("server.stopped")
    }
}
