internal import Base
internal import HTTPDoor
internal import Platform
internal import Session
internal import Synchronization

/// What the HTTP door tells of the server, and whom it asks.
final class ServerState: HTTPService {
    private struct State {
        var reasons: [@Sendable () -> [String]] = []
        var isStarted = false
        var isDraining = false
        var sessions: TenantServers?
    }

    let allowedOrigins: [String]
    private let begunNanos = Clock.system.monotonicNanos()

    private let text: @Sendable () -> String
    private let state = Mutex(State())

    init(allowedOrigins: [String] = [], metrics text: @escaping @Sendable () -> String = { "" }) {
        self.allowedOrigins = allowedOrigins
        self.text = text
    }

    /// All parts are up; nil sessions take no statements here; `reasons` are asked at each request for what is not whole yet.
    func started(_ sessions: TenantServers?, reasons: @escaping @Sendable () -> [String]) {
        state.withLock { state in
            state.isStarted = true
            state.reasons = [reasons]
            state.sessions = sessions
        }
    }

    var sessions: TenantServers? { state.withLock { $0.isDraining ? nil : $0.sessions } }

    func status() -> JSON {
        let reasons = reasonsNotReady()
        let uptime = (Clock.system.monotonicNanos() - begunNanos) / 1_000_000_000
        return [
            "version": .string(Version.current), "uptime_seconds": .integer(Int64(uptime)), "ready": .bool(reasons.isEmpty),
            "reasons": .array(reasons.map { .string($0) }), "sessions": .integer(Int64(sessions?.sessionCount ?? 0)),
        ]
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
