// The driver of one connection: reads bytes, lets the machine say what they mean, asks the session, writes the answers.
// It runs as one task on its socket's loop from accept to close.
//
// Output is flushed when no whole message is left to read, on Flush, and when the buffer is full. Before waiting, empty
// buffers give back all memory but a little, so that an idle connection holds that, this object, its task and its session.
internal import Base
internal import Columnar
internal import Platform
internal import Reactor
internal import Session

final class PostgresConnection<Service: DoorService> {
    typealias Session = Service.Session

    let service: Service
    let socket: Socket
    let configuration: PostgresDoorConfiguration
    let registry: ConnectionRegistry
    let id: UInt64

    let input = ByteBuffer()
    let output = ByteBuffer()
    var machine = ConnectionMachine()
    var context = FormatContext()
    var session: Session?
    var statements = StatementTable()
    var portals = PortalTable<Session>()
    var descriptions = RowDescriptions()
    /// The client is gone: errors are no longer the statement's.
    var isBroken = false

    init(service: Service, socket: Socket, configuration: PostgresDoorConfiguration, registry: ConnectionRegistry, id: UInt64) {
        self.service = service
        self.socket = socket
        self.configuration = configuration
        self.registry = registry
        self.id = id
    }

    func run() async {
        do throws(LeibrixError) {
            if try await start() { try await serve() }
        } catch {
            Log.debug("postgres.lost", .text("peer", socket.peer.description), .text("reason", error.message))
        }
        await closePortals()
        await session?.close()
        session = nil
        socket.close()
        registry.remove(id)
    }

    // MARK: - Bytes

    /// Sends what is in the output buffer, and waits while the client does not take it.
    func flush() async throws(LeibrixError) {
        guard !output.isEmpty else { return }
        do throws(LeibrixError) {
            try await socket.flush(output)
        } catch {
            isBroken = true
            throw error
        }
    }

    /// Sends the buffer when it is full.
    func flushIfFull() async throws(LeibrixError) {
        if output.count >= DoorLimits.outputBytes { try await flush() }
    }

    /// Reports an error that ends the connection.
    func fail(_ error: LeibrixError) async throws(LeibrixError) {
        output.report(error, .fatal)
        try await flush()
    }

    // MARK: - The loop

    /// Messages whose answer is at hand are worked off without a suspension.
    private func serve() async throws(LeibrixError) {
        while true {
            let action: ConnectionMachine.Action
            if let ready = readyAction() {
                action = ready
            } else if let next = try await nextAction() {
                action = next
            } else {
                return
            }
            do throws(LeibrixError) {
                if try performNow(action) {
                    if output.count >= DoorLimits.outputBytes { try await flush() }
                    continue
                }
            } catch {
                try await extendedFailed(error)
                continue
            }
            guard try await perform(action) else { return }
        }
    }

    /// What the next message means, where all of it is there.
    func readyAction() -> ConnectionMachine.Action? {
        do throws(LeibrixError) {
            return try FrontendDecoder.next(input).map { machine.received($0) }
        } catch {
            return .fail(error)
        }
    }

    /// What the next message means; nil when the connection is over.
    func nextAction() async throws(LeibrixError) -> ConnectionMachine.Action? {
        while true {
            if let action = readyAction() { return action }
            try await flush()
            input.release(keeping: DoorLimits.idleBufferBytes)
            output.release(keeping: DoorLimits.idleBufferBytes)
            switch try await socket.read(into: input, deadline: idleDeadline(), interruptible: true) {
            case .bytes: continue
            case .end: return nil
            case .timedOut: return .fail(LeibrixError(.idleTimeout, "terminating connection due to idle timeout", sqlState: idleState))
            case .interrupted:
                return .fail(LeibrixError(.shuttingDown, "terminating connection due to administrator command", hint: "The server is stopping; connect again later."))
            }
        }
    }

    private func idleDeadline() -> UInt64 {
        guard let session else { return .max }
        let limits = session.idleTimeoutMS
        let limit = session.transactionStatus == .idle ? limits.session : limits.inTransaction
        return limit <= 0 ? .max : socket.loop.nowNanos &+ UInt64(limit) &* 1_000_000
    }

    private var idleState: String { session?.transactionStatus == .idle ? "57P05" : "25P03" }

    /// False ends the connection.
    private func perform(_ action: ConnectionMachine.Action) async throws(LeibrixError) -> Bool {
        switch action {
        case .simpleQuery(let sql): try await simpleQuery(sql)
        case .parse(let name, let sql, let types): try await extended { () async throws(LeibrixError) in try await parse(name, sql, types) }
        case .bind(let bind): try await extended { () async throws(LeibrixError) in try await self.bind(bind) }
        case .describe(let target): try await extended { () async throws(LeibrixError) in try describe(target) }
        case .execute(let name, let rowsMax): try await extended { () async throws(LeibrixError) in try await execute(name, rowsMax) }
        case .close(let target): try await extended { () async throws(LeibrixError) in await close(target) }
        case .flush: try await flush()
        case .sync(let failed): try await sync(failed: failed)
        case .refuse(let error, let thenReady):
            output.report(error, .error)
            if thenReady { ready() }
        case .terminate: return false
        case .fail(let error):
            try await fail(error)
            return false
        case .reply, .replyThenStartTLS, .cancel, .authenticate, .continueAuthentication, .copyData, .copyDone, .copyFail, .ignore: break
        }
        try await flushIfFull()
        return true
    }

    // MARK: - After statements

    /// Reports settings that changed, and forgets what DISCARD and DEALLOCATE named.
    func absorb() async {
        guard let session else { return }
        report(session.takeParameterStatus())
        if forget(session.takeForgotten()) { await closePortals() }
    }

    /// Commits what the statements since the last Sync have written. The client is told when that fails, in place of its being ready.
    func endImplicitTransaction(_ session: Session, failed: Bool) async {
        do throws(LeibrixError) {
            try await session.endImplicitTransaction(failed: failed)
        } catch {
            output.report(error, .error)
        }
    }

    func ready() { output.readyForQuery(session?.transactionStatus ?? .idle) }

    func closePortals(except kept: Portal<Session>? = nil) async {
        while let (name, portal) = portals.first(except: kept) {
            portals[name] = nil
            session?.note(portal: name, nil)
            await portal.close()
        }
    }

    /// As `closePortals`; false when it is left with one that has to be waited for.
    func closePortalsNow() -> Bool {
        while let (name, portal) = portals.first() {
            guard portal.closeNow() else { return false }
            portals[name] = nil
            if !name.isEmpty { session?.note(portal: name, nil) }
        }
        return true
    }
}
