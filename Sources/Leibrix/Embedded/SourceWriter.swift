public import Base
public import Columnar
internal import Connectors
internal import Platform
internal import StreamHost
internal import Synchronization

/// What a writer does with a row that `offer` finds no room for.
public enum BackPressure: Sendable, Hashable {
    /// `offer` takes nothing and says false.
    case block
    /// The oldest rows in the buffer go, and are counted.
    case dropOldest
    /// `offer` throws LDB-5001.
    case reject
}

/// Pushes records into a source. Any task and any thread; records keep the order in which their calls began.
public final class SourceWriter<Record: Encodable>: Sendable {
    public let name: String
    public let columns: [DataType.Field]
    private let core: SourceWriterCore

    init(_ core: SourceWriterCore) {
        name = core.name
        columns = core.columns
        self.core = core
    }

    /// Takes a record. When it returns the row is durable where the database has storage, and every view has what follows from it.
    public func push(_ record: Record) async throws(LeibrixError) { try await core.push(try core.batches([record])) }

    /// Takes records as batches of up to 1,024 rows: all or none where they do not fit the columns.
    public func push(_ records: [Record]) async throws(LeibrixError) { try await core.push(try core.batches(records)) }

    /// Takes rows as columns: the source's, in their order.
    public func push(_ batch: Batch) async throws(LeibrixError) { try await core.push([batch]) }

    /// Says that no record before this event time will come: windows up to it close. Microseconds since 1970 for a source whose time is a TIMESTAMP,
    /// milliseconds for a BIGINT. Event time never goes back. Throws LDB-2003 for a source without event time.
    public func advance(to time: Int64) async throws(LeibrixError) { try await core.advance(to: time) }

    /// The event time the source has come to, in the same unit; nil before the first row.
    public var watermark: Int64? { core.watermark }

    /// Puts a record into the writer's buffer without waiting; a thread of its own pushes what is there. False where there is no
    /// room and the writer blocks. Errors of that thread are thrown by `flush`.
    @discardableResult
    public func offer(_ record: Record) throws(LeibrixError) -> Bool { try core.offer(record) }

    /// Waits until all that was offered has been pushed. Throws the first error since the last `flush`: rows behind it are lost, and counted as
    /// dropped.
    public func flush() async throws(LeibrixError) { try await core.flush() }

    /// Rows in the buffer.
    public var pending: Int { core.pending }
    /// Rows that were dropped from the buffer, for want of room or after an error.
    public var dropped: Int { core.dropped }
    /// Whether less than a quarter of the buffer is free: time to slow down.
    public var isBackpressured: Bool { core.isBackpressured }
}

/// What does not depend on the record's type.
final class SourceWriterCore: Sendable {
    let name: String
    let columns: [DataType.Field]
    private let host: StreamHost
    private let bufferRows: Int
    private let mode: BackPressure
    private let drain: BlockingPool
    private let intake: SourceIntake
    private let state: Mutex<State>

    private struct State: ~Copyable {
        let sink: RowSink
        let buffer: RowSink
        /// Full batches, oldest first.
        var queue: [Batch] = []
        var queued = 0
        /// Rows the thread is pushing now.
        var moving = 0
        var dropped = 0
        var isDraining = false
        var failure: LeibrixError?
        var waiters: [CheckedContinuation<Void, Never>] = []

        var pending: Int { queued + buffer.builder.count + moving }
    }

    init(_ name: String, _ columns: [DataType.Field], _ host: StreamHost, bufferRows: Int, mode: BackPressure) throws(LeibrixError) {
        self.name = name
        self.columns = columns
        self.host = host
        self.bufferRows = bufferRows
        self.mode = mode
        drain = BlockingPool(name: "push-\(name)", threads: 1)
        intake = host.intake(name)
        let sinks = (try RowSink(columns), try RowSink(columns))
        state = Mutex(State(sink: sinks.0, buffer: sinks.1))
    }

    func batches(_ records: [some Encodable]) throws(LeibrixError) -> [Batch] {
        let result = state.withLock { state -> Result<[Batch], LeibrixError> in
            var batches: [Batch] = []
            do throws(LeibrixError) {
                for record in records {
                    if state.sink.builder.isFull, let batch = state.sink.builder.take() { batches.append(batch) }
                    try state.sink.add(record)
                }
            } catch {
                _ = state.sink.builder.take()
                return .failure(error)
            }
            if let batch = state.sink.builder.take() { batches.append(batch) }
            return .success(batches)
        }
        return try result.get()
    }

    func push(_ batches: [Batch]) async throws(LeibrixError) {
        if batches.isEmpty { return }
        let (host, name) = (host, name)
        try await host.pool.run { () throws(LeibrixError) in _ = try host.push(name, batches) }
    }

    func advance(to time: Int64) async throws(LeibrixError) {
        let (host, name) = (host, name)
        try await host.pool.run { () throws(LeibrixError) in _ = try host.advance(name, to: time) }
    }

    var watermark: Int64? { host.watermark(of: name) }

    // MARK: the buffer

    func offer(_ record: some Encodable) throws(LeibrixError) -> Bool {
        let result = state.withLock { state -> Result<(taken: Bool, starts: Bool), LeibrixError> in
            if state.pending >= bufferRows {
                switch mode {
                case .block: return .success((false, false))
                case .reject:
                    intake.count { $0.rejected += 1 }
                    return .failure(LeibrixError(.streamRejected, "the buffer of source \"\(name)\" is full", detail: "\(bufferRows) rows wait.", hint: "Offer again later."))
                case .dropOldest: makeRoom(&state)
                }
            }
            do throws(LeibrixError) { try state.buffer.add(record) } catch { return .failure(error) }
            if state.buffer.builder.isFull, let batch = state.buffer.builder.take() {
                state.queue.append(batch)
                state.queued += batch.rowCount
            }
            intake.count { counts in
                counts.offered += 1
                counts.waiting += 1
            }
            defer { state.isDraining = true }
            return .success((true, !state.isDraining))
        }
        let (taken, starts) = try result.get()
        if starts { drain.start { [self] in run() } }
        return taken
    }

    private func makeRoom(_ state: inout State) {
        let oldest = state.queue.isEmpty ? state.buffer.builder.take() : state.queue.removeFirst()
        guard let oldest else { return }
        state.queued = state.queue.reduce(0) { $0 + $1.rowCount }
        state.dropped += oldest.rowCount
        intake.count { counts in
            counts.dropped += oldest.rowCount
            counts.waiting -= oldest.rowCount
        }
    }

    /// Pushes what is in the buffer until nothing is.
    private func run() {
        while true {
            let next = state.withLock { state -> [Batch] in
                var batches = state.queue
                if let last = state.buffer.builder.take() { batches.append(last) }
                state.queue = []
                state.queued = 0
                state.moving = batches.reduce(0) { $0 + $1.rowCount }
                if batches.isEmpty { state.isDraining = false }
                return batches
            }
            if next.isEmpty { return wake() }
            do throws(LeibrixError) {
                _ = try host.push(name, next)
                let rows = next.reduce(0) { $0 + $1.rowCount }
                intake.count { counts in
                    counts.taken += rows
                    counts.waiting -= rows
                }
            } catch { failed(error) }
            state.withLock { $0.moving = 0 }
        }
    }

    private func failed(_ error: LeibrixError) {
        state.withLock { state in
            state.dropped += state.moving
            intake.count { counts in
                counts.dropped += state.moving
                counts.waiting -= state.moving
            }
            if state.failure == nil { state.failure = error }
        }
    }

    private func wake() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func flush() async throws(LeibrixError) {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.isDraining { state.waiters.append(continuation) }
                return !state.isDraining
            }
            if isDone { continuation.resume() }
        }
        let failure = state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
        if let failure { throw failure }
    }

    var pending: Int { state.withLock { $0.pending } }
    var dropped: Int { state.withLock { $0.dropped } }
    var isBackpressured: Bool { pending > bufferRows - bufferRows / 4 }
}
