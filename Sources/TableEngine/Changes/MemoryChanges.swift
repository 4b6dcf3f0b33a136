// The commits of an engine without a log, for its readers: encoded as for a log, numbered one after the other, as many bytes as the
// bound allows. Who needs one that went is lost.
internal import Synchronization
internal import WriteAheadLog

final class MemoryChanges: Sendable {
    private struct State {
        var records: [LogRecord] = []
        /// Of the first record.
        var first: UInt64 = 1
        var bytes = 0
        var waiting: [(position: UInt64, body: @Sendable () -> Void)] = []

        var end: UInt64 { first + UInt64(records.count) }
    }

    private let state = Mutex(State())
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Called under the commit lock.
    func append(_ payload: [UInt8], number: UInt64, micros: Int64) {
        let ready = state.withLock { state -> [@Sendable () -> Void] in
            let start = state.end
            state.records.append(
                LogRecord(
                    start: LSN(rawValue: start), end: LSN(rawValue: start + 1), kind: TableRecord.commit, transaction: number, micros: micros,
                    payload: payload))
            state.bytes += payload.count
            var gone = 0
            while state.bytes > bytesMax, gone < state.records.count {
                state.bytes -= state.records[gone].payload.count
                gone += 1
            }
            state.records.removeFirst(gone)
            state.first += UInt64(gone)
            let ready = state.waiting.filter { $0.position <= start }.map(\.body)
            state.waiting.removeAll { $0.position <= start }
            return ready
        }
        for body in ready { body() }
    }

    /// Where the first commit after `number` is, or will be.
    func start(after number: UInt64) -> UInt64 {
        state.withLock { state in state.records.first { $0.transaction > number }?.start.rawValue ?? state.end }
    }

    /// The record at `position`; nil when there is none yet. False for one that went.
    func record(_ position: UInt64) -> (isThere: Bool, record: LogRecord?) {
        state.withLock { state in
            guard position >= state.first else { return (false, nil) }
            return (true, position < state.end ? state.records[Int(position - state.first)] : nil)
        }
    }

    /// Calls `body` once when there is a record at `position`, or at once.
    func whenReady(_ position: UInt64, _ body: @escaping @Sendable () -> Void) {
        let isReady = state.withLock { state in
            if position < state.end { return true }
            state.waiting.append((position, body))
            return false
        }
        if isReady { body() }
    }

    /// Nobody needs what lies before.
    func forget(before position: UInt64) {
        state.withLock { state in
            let gone = min(state.records.count, Int(max(position, state.first) - state.first))
            for record in state.records[..<gone] { state.bytes -= record.payload.count }
            state.records.removeFirst(gone)
            state.first += UInt64(gone)
        }
    }
}
