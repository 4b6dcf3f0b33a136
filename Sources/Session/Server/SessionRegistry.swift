internal import Base
internal import Platform
internal import Synchronization

/// The sessions there are, by process number. Numbers are not used again while a session has them.
final class SessionRegistry: Sendable {
    private struct State {
        var sessions: [Int32: SQLSession] = [:]
        var next: Int32 = 0
        /// Places taken by sessions being made.
        var reserved = 0
    }

    private let sessionsMax: Int
    private let state = Mutex(State())

    init(sessionsMax: Int) { self.sessionsMax = sessionsMax }

    var count: Int { state.withLock { $0.sessions.count } }
    var all: [SQLSession] { state.withLock { Array($0.sessions.values) } }

    func open(_ make: (CancelKey) throws(LeibrixError) -> SQLSession) throws(LeibrixError) -> SQLSession {
        let number = state.withLock { state -> Int32? in
            guard state.sessions.count + state.reserved < sessionsMax else { return nil }
            state.reserved += 1
            repeat { state.next = state.next == .max ? 1 : state.next + 1 } while state.sessions[state.next] != nil
            return state.next
        }
        guard let number else {
            throw LeibrixError(
                .tooManyConnections, "sorry, too many clients already: all \(sessionsMax) sessions are in use",
                hint: "Close sessions, use a connection pool, or raise the limit.")
        }
        let secret = Int32(bitPattern: Random.integer(UInt32.self))
        do throws(LeibrixError) {
            let session = try make(CancelKey(processID: number, secret: secret))
            state.withLock { state in
                state.reserved -= 1
                state.sessions[number] = session
            }
            return session
        } catch {
            state.withLock { $0.reserved -= 1 }
            throw error
        }
    }

    func session(_ key: CancelKey) -> SQLSession? {
        guard let session = state.withLock({ $0.sessions[key.processID] }), session.cancelKey == key else { return nil }
        return session
    }

    func session(number: Int32) -> SQLSession? { state.withLock { $0.sessions[number] } }

    func close(_ number: Int32) { state.withLock { $0.sessions[number] = nil } }
}
