internal import Base
internal import Columnar
internal import Platform
internal import Synchronization

/// A sink at work: takes durable rows from its stream's buffer and hands them to its writer, on a thread of its own. What fails is
/// tried again; meanwhile rows wait in the buffer, and beyond a bound those who push.
final class SinkRunner: Sendable {
    private struct State {
        var status = SinkStatus()
        var cursor: Int
        var isOpen = false
        var isScheduled = false
        var isStopped = false
        var failedNanos: UInt64 = 0
    }

    /// Rows written at once.
    private static let rowsMax = 8_192
    private static let retryNanos: UInt64 = 500_000_000

    let writer: any SinkWriter
    private let buffer: OutputBuffer
    private let hold: Int
    private let createdAt: Int64
    private let pool: BlockingPool
    private let clock: Clock
    private let state: Mutex<State>

    /// Rows behind `createdAt` are its.
    init(_ name: String, _ writer: any SinkWriter, _ buffer: OutputBuffer, createdAt: Int64, clock: Clock) {
        self.writer = writer
        self.buffer = buffer
        self.createdAt = createdAt
        self.clock = clock
        let cursor = buffer.cursor(after: createdAt) ?? buffer.end
        hold = buffer.hold(cursor)
        pool = BlockingPool(name: "sink", threads: 1)
        state = Mutex(State(cursor: cursor))
    }

    var status: SinkStatus { state.withLock { $0.status } }

    /// Looks for rows, soon. Any thread.
    func wake() {
        let now = clock.monotonicNanos()
        let isWanted = state.withLock { state -> Bool in
            if state.isStopped || state.isScheduled { return false }
            if state.status.error != nil, now &- state.failedNanos < Self.retryNanos { return false }
            state.isScheduled = true
            return true
        }
        if isWanted { pool.start { [self] in work() } }
    }

    private func work() {
        do throws(LeibrixError) {
            try open()
            while try step() {}
            state.withLock { state in
                state.isScheduled = false
                state.status.error = nil
                state.status.state = "RUNNING"
            }
            // Rows that came between the last look and here.
            if !buffer.take(state.withLock { $0.cursor }, rowsMax: 1).entries.isEmpty { wake() }
        } catch {
            Log.warning("streams.sink", .text("error", error.message))
            state.withLock { state in
                state.isScheduled = false
                state.failedNanos = clock.monotonicNanos()
                state.status.error = error.description
                state.status.state = "RETRYING"
            }
        }
    }

    private func open() throws(LeibrixError) {
        guard !state.withLock({ $0.isOpen }) else { return }
        let position = try writer.open() ?? createdAt
        guard let cursor = buffer.cursor(after: max(position, createdAt)) else {
            throw LeibrixError(.streamRejected, "rows behind epoch \(position) are gone", hint: "Drop the sink and make it again.")
        }
        state.withLock { state in
            state.isOpen = true
            state.cursor = cursor
            state.status.position = position
        }
        buffer.move(hold, to: cursor)
    }

    /// Writes what is there, up to a bound; false when there was nothing.
    private func step() throws(LeibrixError) -> Bool {
        let (cursor, isStopped, written) = state.withLock { ($0.cursor, $0.isStopped, $0.status.position) }
        // A replay makes rows again that are written already.
        let (entries, next) = buffer.take(cursor, after: written, rowsMax: Self.rowsMax)
        guard !isStopped, next > cursor else { return false }
        guard let last = entries.last else {
            state.withLock { $0.cursor = next }
            buffer.move(hold, to: next)
            return true
        }
        try writer.write(entries, through: last.position)
        let rows = entries.reduce(0) { $0 + $1.batch.rowCount }
        state.withLock { state in
            state.cursor = next
            state.status.position = last.position
            state.status.rows += rows
        }
        buffer.move(hold, to: next)
        return true
    }

    /// Whether all durable rows are written.
    var isIdle: Bool {
        let (cursor, isScheduled, isOpen) = state.withLock { ($0.cursor, $0.isScheduled, $0.isOpen) }
        return isOpen && !isScheduled && buffer.take(cursor, rowsMax: 1).entries.isEmpty
    }

    /// Ends it; waits for what is being written. Blocks.
    func stop(isDropped: Bool) {
        state.withLock { $0.isStopped = true }
        let bell = Doorbell()
        let writer = writer
        pool.start {
            if isDropped { writer.forget() } else { writer.close() }
            bell.ring()
        }
        bell.wait()
        buffer.release(hold)
    }
}
