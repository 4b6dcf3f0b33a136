// What durable sources were pushed, between checkpoints. A push gets its place in the log and in the order of work under one
// lock, waits until the log is durable up to it, and is then worked on, in the log's order, by whoever comes first: nothing
// that a crash could forget is ever seen, and one sync serves all that wait.
//
// A checkpoint notes up to where its state has the log (`applied`); restoring goes on from there.
internal import Base
internal import Platform
internal import Synchronization
internal import WriteAheadLog

final class StreamLog: Sendable {
    static let pushKind = LogKind(rawValue: 1)

    private struct Waiting {
        var end: LSN
        var source: StreamSource
        var rows: PushedRows
    }

    private struct State: ~Copyable {
        var waiting: [Waiting] = []
        var first = 0
        /// Of each source, the rows logged: the offset of the next.
        var offsets: [ObjectIdentifier: Int] = [:]
        var applied: LSN
    }

    let log: WriteAheadLog
    private let state: Mutex<State>

    init(_ log: WriteAheadLog) {
        self.log = log
        state = Mutex(State(applied: log.durable))
    }

    /// Up to where the engine's state has the log.
    var applied: LSN { state.withLock { $0.applied } }

    /// Puts rows into the log and in the order of work.
    func append(_ source: StreamSource, _ rows: PushedRows, _ admission: consuming LogAdmission, _ payload: consuming [UInt8]) throws(LeibrixError) -> LSN {
        // Both are taken exactly once, inside the lock.
        var admission: LogAdmission? = consume admission
        var payload = consume payload
        let result: Result<LSN, LeibrixError> = state.withLock { state in
            let key = ObjectIdentifier(source)
            let offset = state.offsets[key] ?? source.offset
            RowCodec.setOffset(offset, &payload)
            do throws(LeibrixError) {
                guard let taken = admission.take() else { return .failure(LeibrixError(.internal, "room in the log was taken twice")) }
                let end = unsafe try log.append(Self.pushKind, transaction: 0, payload: payload.span.bytes, taken)
                state.offsets[key] = offset + rows.range.count
                state.waiting.append(Waiting(end: end, source: source, rows: rows))
                return .success(end)
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// The next rows that are durable, in order; nil when there are none. Under the engine's gate.
    func next() -> (source: StreamSource, rows: PushedRows)? {
        let durable = log.durable
        return state.withLock { state in
            guard state.first < state.waiting.count, state.waiting[state.first].end <= durable else { return nil }
            let waiting = state.waiting[state.first]
            state.first += 1
            state.applied = waiting.end
            if state.first == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: true)
                state.first = 0
            } else if state.first >= 1_024 {
                state.waiting.removeFirst(state.first)
                state.first = 0
            }
            return (waiting.source, waiting.rows)
        }
    }

    func forget(_ source: StreamSource) { _ = state.withLock { $0.offsets.removeValue(forKey: ObjectIdentifier(source)) } }
}
