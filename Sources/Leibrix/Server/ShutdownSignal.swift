internal import Platform
internal import Synchronization

/// SIGTERM and SIGINT as something to wait for. The first asks for a drain; a second ends the process at once.
public final class ShutdownSignal: Sendable {
    private struct State {
        var count = 0
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    public init() {
        Signals.handle([.terminate, .interrupt]) { [self] kind in came(kind) }
    }

    private func came(_ kind: Signals.Kind) {
        let (count, waiting) = state.withLock { state in
            state.count += 1
            defer { state.waiting = nil }
            return (state.count, state.waiting)
        }
        if count > 1 { ProcessEnd.now(130) }
        Log.info("server.signal", .text("signal", "\(kind)"))
        waiting?.resume()
    }

    /// Returns once a signal has come.
    public func wait() async {
        await withCheckedContinuation { continuation in
            let came = state.withLock { state in
                if state.count == 0 { state.waiting = continuation }
                return state.count > 0
            }
            if came { continuation.resume() }
        }
    }
}
