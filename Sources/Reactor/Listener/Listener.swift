// One listening descriptor, on the first loop. Each connection goes to the loop that has the fewest, which with few and
// long connections spreads better than the kernel's hashing over several SO_REUSEPORT sockets.
public import Base
internal import CLinux
internal import Glibc
internal import Platform

@safe
public final class Listener: EventHandler, @unchecked Sendable {
    public let host: String
    public let localPort: UInt16
    private let group: EventLoopGroup
    private let onAccept: @Sendable (Socket) -> Void
    // The rest belongs to the first loop.
    private var descriptor: Int32
    private var paused = false

    /// Port 0 picks one. `onAccept` runs on the loop of the new socket, which it keeps or closes.
    public init(
        host: String, port: UInt16, group: EventLoopGroup, onAccept: @escaping @Sendable (Socket) -> Void
    ) throws(LeibrixError) {
        var picked: UInt16 = 0
        var message = [CChar](repeating: 0, count: 256)
        let descriptor = unsafe lbx_listen(host, port, ReactorLimits.backlog, &picked, &message, 256)
        guard descriptor >= 0 else {
            let reason = text(of: message)
            throw LeibrixError(
                .io, "cannot listen on \(host):\(port): \(reason)", hint: "Give another address or port, or end the program that has it.")
        }
        self.host = host
        self.localPort = picked
        self.group = group
        self.onAccept = onAccept
        self.descriptor = descriptor
        group.loops[0].execute { self.begin() }
    }

    private func begin() {
        guard descriptor >= 0 else { return }
        do throws(LeibrixError) {
            try group.loops[0].register(descriptor, .readable, self)
        } catch {
            Log.error("listener.failed", .text("address", "\(host):\(localPort)"), .text("reason", error.message))
        }
    }

    /// No further connections; those there are stay.
    public func close() {
        group.loops[0].execute {
            guard self.descriptor >= 0 else { return }
            self.group.loops[0].unregister(self.descriptor)
            Glibc.close(self.descriptor)
            self.descriptor = -1
        }
    }

    func ready(_ events: ReadyEvents) {
        guard descriptor >= 0, !paused else { return }
        for _ in 0..<ReactorLimits.acceptsPerTurnMax {
            var peer = lbx_peer()
            let accepted = unsafe lbx_accept(descriptor, &peer)
            if accepted >= 0 {
                hand(accepted, Peer(peer))
            } else if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM {
                return pause()
            } else if errno != EINTR && errno != ECONNABORTED {
                return
            }
        }
    }

    private func hand(_ accepted: Int32, _ peer: Peer) {
        let loop = group.leastLoaded
        loop.connectionOpened()
        loop.execute { [onAccept] in
            do throws(LeibrixError) {
                onAccept(try Socket(descriptor: accepted, peer: peer, loop: loop))
            } catch {
                Log.warning("connection.refused", .text("peer", peer.description), .text("reason", error.message))
            }
        }
    }

    /// Out of descriptors: level triggering would spin, so rest and look again.
    private func pause() {
        paused = true
        Log.warning("listener.paused", .text("address", "\(host):\(localPort)"), .number("connections", group.connections))
        let loop = group.loops[0]
        loop.unregister(descriptor)
        loop.schedule(afterNanos: ReactorLimits.acceptPauseNanos) {
            self.paused = false
            self.begin()
        }
    }
}
