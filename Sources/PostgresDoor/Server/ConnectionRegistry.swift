internal import Reactor
internal import Session
internal import Synchronization

/// The open connections of a door: counted, and reachable when the server stops.
final class ConnectionRegistry: Sendable {
    private struct Entry {
        var socket: Socket
        var key: CancelKey?
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var next: UInt64 = 0
        var isDraining = false
    }

    private let state = Mutex(State())

    /// nil when the door stops, or when so many are there that not even a refusal can be afforded.
    func add(_ socket: Socket, limit: Int) -> UInt64? {
        state.withLock { state in
            guard !state.isDraining, state.entries.count < limit else { return nil }
            state.next += 1
            state.entries[state.next] = Entry(socket: socket)
            return state.next
        }
    }

    func opened(_ id: UInt64, _ key: CancelKey) { state.withLock { $0.entries[id]?.key = key } }

    func remove(_ id: UInt64) { state.withLock { _ = $0.entries.removeValue(forKey: id) } }

    var count: Int { state.withLock { $0.entries.count } }

    /// No more are added; what idles is asked to go.
    func drain() {
        let sockets = state.withLock { state in
            state.isDraining = true
            return state.entries.values.map(\.socket)
        }
        for socket in sockets { socket.interrupt() }
    }

    /// Those that still run, to be ended.
    func remaining() -> [(socket: Socket, key: CancelKey?)] { state.withLock { $0.entries.values.map { ($0.socket, $0.key) } } }
}
