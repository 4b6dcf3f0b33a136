// The driver: reads a connection's bytes into its exchange, writes what comes out, closes when told. Each connection is one
// task on its loop.
public import Base
internal import Platform
public import Reactor
internal import Synchronization

public final class HTTPServer<Service: HTTPService>: Sendable {
    private let service: Service
    private let passwords = BlockingPool(name: "http-passwords", threads: HTTPLimits.passwordThreads)
    private let listener = Mutex<Listener?>(nil)
    private let sockets = Mutex<[ObjectIdentifier: Socket]>([:])
    /// The listener's port, picked by the system when 0 was asked for.
    public let localPort: UInt16

    public init(host: String, port: UInt16, group: EventLoopGroup, service: Service) throws(LeibrixError) {
        self.service = service
        let box = Box()
        let made = try Listener(host: host, port: port, group: group) { socket in
            guard let server = box.server.withLock({ $0 }) else { return socket.close() }
            server.accept(socket)
        }
        localPort = made.localPort
        listener.withLock { $0 = made }
        box.server.withLock { $0 = self }
    }

    /// The listener is made before `self` is whole; this is how it finds it.
    private final class Box: Sendable {
        let server = Mutex<HTTPServer?>(nil)
    }

    private func accept(_ socket: Socket) {
        let admitted = sockets.withLock { sockets in
            guard sockets.count < HTTPLimits.connectionsMax else { return false }
            sockets[ObjectIdentifier(socket)] = socket
            return true
        }
        guard admitted else { return socket.close() }
        Task(executorPreference: socket.loop) {
            await self.serve(socket)
            socket.close()
            self.sockets.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(socket)) }
        }
    }

    private func serve(_ socket: Socket) async {
        var exchange = HTTPExchange(service: service)
        let runner = QueryRunner(service: service, socket: socket, passwords: passwords)
        let input = ByteBuffer()
        let output = ByteBuffer()
        while true {
            let deadline = socket.loop.nowNanos + UInt64(HTTPLimits.idleTimeoutMS) * 1_000_000
            do throws(LeibrixError) {
                guard case .bytes(let count) = try await socket.read(into: input, max: HTTPLimits.readBytesMax, deadline: deadline, interruptible: true)
                else { return }
                let bytes = input.bytes(at: 0, count: count)
                input.consume(count)
                let answer = exchange.receive(bytes.span)
                for step in answer.steps {
                    switch step {
                    case .answer(let bytes): output.append(bytes: bytes)
                    case .query(let request):
                        try await socket.flush(output)
                        guard try await runner.run(request) else { return }
                    }
                }
                try await socket.flush(output)
                input.release()
                output.release()
                if answer.lingers { try await linger(socket, input) }
                if answer.close { return }
            } catch {
                Log.debug("http.connection", .text("peer", socket.peer.description), .text("reason", error.message))
                return
            }
        }
    }

    /// Takes and forgets what a refused client still sends, within bounds: closing before would reset the connection, and the
    /// answer with it.
    private func linger(_ socket: Socket, _ input: ByteBuffer) async throws(LeibrixError) {
        let deadline = socket.loop.nowNanos + UInt64(HTTPLimits.lingerMS) * 1_000_000
        var left = HTTPLimits.lingerBytesMax
        while left > 0, case .bytes(let count) = try await socket.read(
            into: input, max: HTTPLimits.readBytesMax, deadline: deadline, interruptible: true)
        {
            input.consume(count)
            left -= count
        }
    }

    /// Stops accepting and ends connections that wait for a request.
    public func stop() {
        listener.withLock { $0?.close() }
        for socket in sockets.withLock({ Array($0.values) }) { socket.interrupt() }
    }

    /// Ends every connection now.
    public func abort() {
        for socket in sockets.withLock({ Array($0.values) }) { socket.abort() }
    }

    public var connections: Int { sockets.withLock { $0.count } }
}
