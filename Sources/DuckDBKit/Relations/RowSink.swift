// Rows of a query, handed over in batches on all of DuckDB's threads.
public import Base
internal import CDuckDB
public import Columnar
internal import Glibc
internal import Synchronization

/// Takes the rows of one statement.
public protocol RowSink: Sendable {
    associatedtype Lane: RowSinkLane
    /// Called once a thread of DuckDB's, before its first batch.
    func makeLane() throws(LeibrixError) -> Lane
}

/// One thread's part of a sink. Calls come from one thread at a time.
public protocol RowSinkLane: AnyObject {
    /// The batch is valid for the call only. Throwing ends the statement.
    func consume(_ batch: Batch) throws(LeibrixError)
    /// After the last batch. Lanes finish one at a time.
    func finish() throws(LeibrixError)
    /// Instead of `finish`, when the statement failed.
    func abandon()
}

extension Connection {
    /// Runs a query and gives its rows to the sink, in parallel and in no order. Blocks. Returns the number of rows.
    /// Throws the sink's own error when that ended the statement.
    @discardableResult
    public func copy(_ query: String, into sink: some RowSink) throws(LeibrixError) -> Int {
        let columns = try prepare(query).columns ?? []
        // One at a time: two connections that put it into one catalog at once conflict.
        let message = unsafe RowSinks.installing.withLock { _ in unsafe lbx_sink_install(handle) }
        if let message = unsafe message { throw unsafe .taken(message) }
        let run = SinkRun(sink, columns)
        defer { run.close() }
        do {
            let rows = try rows("COPY (\(query)\n) TO '\(run.key)' (FORMAT lbx_sink)")
            guard case .integer(let count)? = rows.first?.first else { return 0 }
            return Int(count)
        } catch {
            throw run.failure ?? error
        }
    }
}

private enum RowSinks {
    static let installing = Mutex(())
}

/// One statement's sink under its key.
private final class SinkRun: Sendable {
    private static let counter = Atomic<UInt64>(0)

    let key: String
    private let makeLane: @Sendable () throws(LeibrixError) -> any RowSinkLane
    private let columns: [DataType.Field]
    private let firstFailure = Mutex<LeibrixError?>(nil)

    var failure: LeibrixError? { firstFailure.withLock { $0 } }

    init(_ sink: some RowSink, _ columns: [DataType.Field]) {
        key = "lbx_sink_\(Self.counter.add(1, ordering: .relaxed).newValue)"
        self.columns = columns
        makeLane = { () throws(LeibrixError) in try sink.makeLane() }
        // Unretained: the registration ends in `close`, before the run goes.
        var callbacks = unsafe lbx_sink()
        unsafe callbacks.context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe callbacks.open = { context in unsafe SinkRun.of(context).open() }
        unsafe callbacks.consume = { context, state, chunk in unsafe SinkRun.of(context).consume(state, chunk!) }
        unsafe callbacks.finish = { context, state in unsafe SinkRun.of(context).finish(state) }
        unsafe callbacks.abandon = { context, state in unsafe LaneState.take(state).lane?.abandon() }
        unsafe lbx_sink_register(key, &callbacks)
    }

    func close() { unsafe lbx_sink_unregister(key) }

    private static func of(_ context: UnsafeMutableRawPointer?) -> SinkRun {
        unsafe Unmanaged<SinkRun>.fromOpaque(context!).takeUnretainedValue()
    }

    private func open() -> UnsafeMutableRawPointer? {
        let state = LaneState()
        do { state.lane = try makeLane() } catch { note(error) }
        return unsafe Unmanaged.passRetained(state).toOpaque()
    }

    private func consume(_ state: UnsafeMutableRawPointer?, _ chunk: duckdb_data_chunk) -> UnsafeMutablePointer<CChar>? {
        let state = unsafe Unmanaged<LaneState>.fromOpaque(state!).takeUnretainedValue()
        guard let lane = state.lane else { return unsafe strdup(failure?.codedText ?? "the sink has no lane") }
        do {
            try lane.consume(unsafe DataChunk.batch(over: chunk, columns, owner: nil))
            return nil
        } catch {
            return unsafe strdup(note(error).codedText)
        }
    }

    private func finish(_ state: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<CChar>? {
        guard let lane = unsafe LaneState.take(state).lane else {
            return unsafe strdup(failure?.codedText ?? "the sink has no lane")
        }
        do {
            try lane.finish()
            return nil
        } catch {
            return unsafe strdup(note(error).codedText)
        }
    }

    @discardableResult
    private func note(_ error: LeibrixError) -> LeibrixError {
        firstFailure.withLock { $0 = $0 ?? error }
        return error
    }
}

/// What the C side holds of a lane.
private final class LaneState {
    var lane: (any RowSinkLane)?

    static func take(_ state: UnsafeMutableRawPointer?) -> LaneState {
        unsafe Unmanaged<LaneState>.fromOpaque(state!).takeRetainedValue()
    }
}
