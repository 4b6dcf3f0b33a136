// A connection of one loop. Every call but `interrupt` and `abort` is made on that loop, by one task at a time.
//
// Edge-triggered: `readable` and `writable` remember what epoll said last. A read that got less than it asked for has
// emptied the kernel's buffer, so `readable` falls without a second system call; bytes that come later make a new edge.
// After the peer closed its side `readable` never falls again, or the end would go unseen.
internal import Base
internal import CLinux
internal import COpenSSL
internal import Glibc

@safe
public final class Socket: EventHandler, @unchecked Sendable {
    public enum Wake: Sendable { case ready, timedOut, interrupted }
    public enum ReadResult: Sendable, Equatable {
        case bytes(Int)
        /// The peer has closed its side.
        case end
        case timedOut
        case interrupted
    }

    public let loop: EventLoop
    public let peer: Peer
    var descriptor: Int32
    var tls: TLSSession?

    var readable = false
    /// Reads that may be tried before the loop is asked again.
    private var eagerReads = ReactorLimits.eagerReadsMax
    var writable = true
    private var peerClosed = false
    private var interrupted = false
    private var reader: UnsafeContinuation<Wake, Never>?
    private var readerMayBeInterrupted = false
    private var writer: UnsafeContinuation<Wake, Never>?
    private var deadline: UInt64 = .max
    /// When the one timer of this socket fires; .max for none.
    private var timerAt: UInt64 = .max
    private var onPeerClosed: (() -> Void)?

    /// Takes a non-blocking connected descriptor. Call on the loop.
    init(descriptor: Int32, peer: Peer, loop: EventLoop) throws(LeibrixError) {
        self.descriptor = descriptor
        self.peer = peer
        self.loop = loop
        do throws(LeibrixError) {
            try loop.register(descriptor, [.readable, .writable, .peerClosed, .edge], self)
        } catch {
            _ = Glibc.close(descriptor)
            self.descriptor = -1
            loop.connectionClosed()
            throw error
        }
    }

    deinit { unsafe precondition(reader == nil && writer == nil) }

    public var isOpen: Bool { descriptor >= 0 }
    public var isEncrypted: Bool { tls != nil }

    func ready(_ events: ReadyEvents) {
        if !events.isDisjoint(with: [.peerClosed, .hungUp, .failed]) { peerClosed = true }
        if peerClosed || events.contains(.readable) {
            readable = true
            wakeReader(.ready)
        }
        if events.contains(.writable) || !events.isDisjoint(with: [.failed, .hungUp]) {
            writable = true
            wakeWriter(.ready)
        }
        if peerClosed, let tell = onPeerClosed {
            onPeerClosed = nil
            tell()
        }
    }

    /// Runs `body` with `gone` watching for the peer closing its side: a statement nobody waits for can be ended.
    public func whenPeerCloses(_ gone: (() -> Void)?) {
        onPeerClosed = gone
        if peerClosed, let gone {
            onPeerClosed = nil
            gone()
        }
    }

    /// The kernel's buffer is empty: wait for the next edge, unless the end is all that is left to come.
    func becomeDrained() { readable = peerClosed }

    // MARK: - Waiting

    /// Until there is something to read, the deadline (monotonic nanoseconds), or an interruption.
    public func waitReadable(deadline: UInt64 = .max, interruptible: Bool = false) async -> Wake {
        if interruptible && interrupted { return .interrupted }
        if readable || !isOpen { return .ready }
        self.deadline = deadline
        readerMayBeInterrupted = interruptible
        arm()
        let wake = await unsafe withUnsafeContinuation { unsafe reader = $0 }
        self.deadline = .max
        eagerReads = ReactorLimits.eagerReadsMax
        return wake
    }

    /// Whether to try a read although no edge has come: a client that answers at once has often done so before our last
    /// message's send returned, and then neither the loop nor epoll is needed. Bounded, so that others have their turn.
    func triesEagerly(interruptible: Bool) -> Bool {
        guard !readable, eagerReads > 0, isOpen, !(interruptible && interrupted) else { return false }
        eagerReads -= 1
        return true
    }

    func waitWritable() async {
        if writable || !isOpen { return }
        _ = await unsafe withUnsafeContinuation { unsafe writer = $0 }
    }

    private func wakeReader(_ wake: Wake) {
        guard let waiting = unsafe reader else { return }
        unsafe reader = nil
        unsafe waiting.resume(returning: wake)
    }

    private func wakeWriter(_ wake: Wake) {
        guard let waiting = unsafe writer else { return }
        unsafe writer = nil
        unsafe waiting.resume(returning: wake)
    }

    /// One timer a socket: pushed only when none fires early enough, and looking at the deadline when it does.
    private func arm() {
        guard deadline < timerAt else { return }
        timerAt = deadline
        let fires = deadline
        loop.schedule(at: fires) { [weak self] in self?.timerFired(fires) }
    }

    private func timerFired(_ fires: UInt64) {
        guard fires == timerAt else { return }
        timerAt = .max
        guard unsafe reader != nil, deadline != .max else { return }
        if deadline <= loop.nowNanos { wakeReader(.timedOut) } else { arm() }
    }

    // MARK: - From any thread

    /// Ends interruptible waits now and later: the way to tell an idle connection that the server stops.
    public func interrupt() {
        loop.execute {
            self.interrupted = true
            if self.readerMayBeInterrupted { self.wakeReader(.interrupted) }
        }
    }

    public var isInterrupted: Bool { interrupted }

    /// Closes without ceremony: reads see the end, writes fail.
    public func abort() {
        loop.execute { self.close() }
    }

    /// Closes. Waiting tasks wake; later reads see the end and later writes fail.
    public func close() {
        guard isOpen else { return }
        tls?.shutdown()
        tls = nil
        linger()
        loop.unregister(descriptor)
        _ = Glibc.close(descriptor)
        descriptor = -1
        onPeerClosed = nil
        loop.connectionClosed()
        wakeReader(.ready)
        wakeWriter(.ready)
    }

    /// Closing with unread bytes makes the kernel send a reset, which may overtake our last message.
    private func linger() {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_WR))
        var left = ReactorLimits.lingerBytesMax
        while left > 0 {
            let got = unsafe withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 8) { unsafe recv(descriptor, $0.baseAddress, 4_096, 0) }
            if got <= 0 { return }
            left -= got
        }
    }
}
