internal import HTTPDoor
internal import Synchronization

/// What /ready and /metrics tell of the server.
final class ServerState: HTTPService {
    private struct State {
        var reasons: [@Sendable () -> [String]] = []
        var isStarted = false
        var isDraining = false
    }

    private let text: @Sendable () -> String
    private let state = Mutex(State())

    init(metrics text: @escaping @Sendable () -> String = { "" }) { self.text = text }

    /// All parts are up; `reasons` are asked at each request for what is not whole yet.
    func started(reasons: @escaping @Sendable () -> [String]) {
        state.withLock { state in
            state.isStarted = true
            state.reasons = [reasons]
        }
    }

    func draining() { state.withLock { $0.isDraining = true } }

    func reasonsNotReady() -> [String] {
        let now = state.withLock { $0 }
        if now.isDraining { return ["the server is shutting down"] }
        guard now.isStarted else { return ["the server is starting"] }
        return now.reasons.flatMap { $0() }
    }

    func metrics() -> String { text() }
}
