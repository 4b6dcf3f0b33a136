// PostgreSQL's protocol on a port: a task a connection, on its socket's loop.
public import Base
internal import Platform
public import Reactor
public import Session

public final class PostgresDoor<Service: DoorService>: Sendable {
    private let listener: Listener
    private let registry: ConnectionRegistry
    private let service: Service
    private let group: EventLoopGroup

    /// Listens at once. Throws when the address cannot be had.
    public init(_ configuration: PostgresDoorConfiguration, service: Service, group: EventLoopGroup) throws(LeibrixError) {
        let registry = ConnectionRegistry()
        self.registry = registry
        self.service = service
        self.group = group
        listener = try Listener(host: configuration.host, port: configuration.port, group: group) { socket in
            guard let id = registry.add(socket, limit: configuration.connectionsMax + DoorLimits.refusalsMax) else { return socket.close() }
            Task(executorPreference: socket.loop) {
                let connection = PostgresConnection(service: service, socket: socket, configuration: configuration, registry: registry, id: id)
                await connection.run()
            }
        }
    }

    public var localPort: UInt16 { listener.localPort }
    public var connections: Int { registry.count }

    /// Stops listening, says goodbye to idle clients, and lets running statements finish until the deadline; then they are
    /// cancelled, and their connections closed.
    public func shutdown(deadlineMS: Int) async {
        listener.close()
        registry.drain()
        let loop = group.loops[0]
        let deadline = loop.nowNanos &+ UInt64(max(0, deadlineMS)) &* 1_000_000
        while registry.count > 0, loop.nowNanos < deadline { await loop.sleep(nanos: 5_000_000) }
        for (_, key) in registry.remaining() { if let key { service.cancel(key) } }
        await loop.sleep(nanos: 20_000_000)
        let forced = registry.remaining()
        for (socket, _) in forced { socket.abort() }
        if !forced.isEmpty { Log.warning("postgres.forced", .number("connections", forced.count)) }
        for _ in 0..<400 where registry.count > 0 { await loop.sleep(nanos: 5_000_000) }
    }
}
