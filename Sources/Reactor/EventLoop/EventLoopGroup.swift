public import Base
internal import CLinux
internal import Glibc
internal import Synchronization

/// The process's loops, usually one a core. Writing to a closed connection never kills the process: SIGPIPE is ignored.
public final class EventLoopGroup: Sendable {
    public let loops: [EventLoop]
    private let threads: Mutex<[pthread_t]>

    public init(loops count: Int) throws(LeibrixError) {
        precondition(count > 0)
        _ = signal(SIGPIPE, SIG_IGN)
        var loops: [EventLoop] = []
        for index in 0..<count { loops.append(try EventLoop(index: index)) }
        self.loops = loops
        threads = Mutex(loops.map { $0.start() })
    }

    /// Stops the loops once their work is done and waits for their threads. Sockets must be closed before.
    public func shutdown() {
        let joined = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for loop in loops { loop.stop() }
        for thread in joined { pthread_join(thread, nil) }
    }

    /// The loop with the fewest connections.
    var leastLoaded: EventLoop { loops.min { $0.connections < $1.connections } ?? loops[0] }

    public var connections: Int { loops.reduce(0) { $0 + $1.connections } }
}
