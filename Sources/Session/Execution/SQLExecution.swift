// The rows of one statement on their way to a door. A result that ended in its first hop is a list of batches; a larger
// one is fetched a group at a time, one group ahead of the door, so that encoding and executing overlap and at most two
// groups are in memory. The door that does not ask stops the engine: back-pressure.
public import Base
public import Columnar
internal import Platform
internal import Synchronization

public final class SQLExecution: DoorExecution {
    enum Tag: Sendable {
        /// "SELECT" with the rows sent.
        case rows(String)
        case fixed(String)
        /// "COPY" with the rows taken.
        case copied
    }

    struct End: Sendable {
        var rows: Int
        var bytes: Int
        var error: LeibrixError?
        /// Closed before its last row.
        var isPartial: Bool
    }

    private struct State {
        var ready: [Batch]
        var head = 0
        var isFinished: Bool
        var isFetching = false
        var isClosed = false
        var failure: LeibrixError?
        var waiters: [CheckedContinuation<Void, Never>] = []
        var rows = 0
        var bytes = 0
        var notices: [LeibrixError]
        var onEnd: (@Sendable (End) -> Void)?

        mutating func pop() -> Batch? {
            guard head < ready.count else { return nil }
            let batch = ready[head]
            head += 1
            rows += batch.rowCount
            // Only the statement's record wants it.
            if onEnd != nil { bytes += batch.compactBytes }
            if head == ready.count {
                ready = []
                head = 0
            }
            return batch
        }
    }

    public let columns: [ResultColumn]
    private let tag: Tag
    private let stream: EngineStream?
    private let engine: Engine?
    private let givenControl: StatementControl?
    private let ownControl = AtomicLazyReference<StatementControl>()
    private let copy: CopyIn?
    private let feed: SubscriptionFeed?
    /// The tenant's max_result_rows.
    private let rowsMax: Int?
    private let state: Mutex<State>

    /// A result that is all there.
    init(columns: [ResultColumn] = [], batches: [Batch] = [], tag: Tag, notices: [LeibrixError] = [], onEnd: (@Sendable (End) -> Void)? = nil) {
        self.columns = columns
        self.tag = tag
        stream = nil
        engine = nil
        givenControl = nil
        rowsMax = nil
        copy = nil
        feed = nil
        state = Mutex(State(ready: batches, isFinished: true, notices: notices, onEnd: onEnd))
    }

    /// A COPY from the client.
    init(copyingInto copy: CopyIn) {
        columns = []
        tag = .copied
        stream = nil
        engine = nil
        givenControl = nil
        rowsMax = nil
        self.copy = copy
        feed = nil
        state = Mutex(State(ready: [], isFinished: true, notices: []))
    }

    /// Rows of a subscription as they come.
    init(columns: [ResultColumn], feed: SubscriptionFeed, tag: Tag, control: StatementControl, onEnd: @escaping @Sendable (End) -> Void) {
        self.columns = columns
        self.tag = tag
        stream = nil
        engine = nil
        givenControl = control
        rowsMax = nil
        copy = nil
        self.feed = feed
        state = Mutex(State(ready: [], isFinished: true, notices: [], onEnd: onEnd))
    }

    /// The way to stop it; one that has all its rows has its own only if somebody asks.
    var control: StatementControl { givenControl ?? ownControl.load() ?? ownControl.storeIfNil(StatementControl()) }

    public var mayWait: Bool { feed.map { !$0.polls } ?? false }

    private func next(_ feed: SubscriptionFeed) async throws(LeibrixError) -> Batch? {
        do throws(LeibrixError) {
            guard let batch = try await feed.next() else {
                if !feed.polls { end(error: nil, isPartial: false) }
                return nil
            }
            state.withLock { state in
                state.rows += batch.rowCount
                state.bytes += batch.compactBytes
            }
            return batch
        } catch {
            end(error: error, isPartial: true)
            throw error
        }
    }

    public func copy(_ rows: [[Value]]) async throws(LeibrixError) { try await copy?.take(rows) }
    public func endCopy() async throws(LeibrixError) { try await copy?.end() }

    /// A result of the engine's, from its first rows on.
    init(
        columns: [ResultColumn], _ started: Engine.Started, tag: Tag, engine: Engine, control: StatementControl,
        rowsMax: Int? = nil, onEnd: @escaping @Sendable (End) -> Void
    ) {
        self.columns = columns
        self.tag = tag
        stream = started.stream
        self.engine = engine
        givenControl = control
        copy = nil
        feed = nil
        self.rowsMax = rowsMax
        state = Mutex(State(ready: started.batches, isFinished: started.isFinished, notices: [], onEnd: onEnd))
    }

    deinit {
        // A door that forgets to close must not keep an executor.
        stream.map { stream in engine?.pool.start { stream.release() } }
    }

    public func next() async throws(LeibrixError) -> Batch? {
        if let feed { return try await next(feed) }
        while true {
            enum Step { case batch(Batch, fetch: Bool), wait, end, failed(LeibrixError) }
            let step = state.withLock { state -> Step in
                if let batch = state.pop() {
                    let fetch = state.ready.isEmpty && !state.isFinished && !state.isFetching && !state.isClosed
                    if fetch { state.isFetching = true }
                    return .batch(batch, fetch: fetch)
                }
                if let failure = state.failure { return .failed(failure) }
                return state.isFinished || state.isClosed ? .end : .wait
            }
            switch step {
            case .batch(let batch, let fetch):
                if fetch { startFetch() }
                if let rowsMax, state.withLock({ $0.rows }) > rowsMax { throw await tooManyRows(rowsMax) }
                return batch
            case .failed(let error):
                end(error: error, isPartial: true)
                throw error
            case .end:
                end(error: nil, isPartial: false)
                return nil
            case .wait: await waitForGroup()
            }
        }
    }

    public func poll() throws(LeibrixError) -> PolledRows {
        guard stream == nil, feed == nil, rowsMax == nil else { return .unknown }
        if let batch = state.withLock({ $0.pop() }) { return .batch(batch) }
        end(error: nil, isPartial: false)
        return .end
    }

    private func tooManyRows(_ rowsMax: Int) async -> LeibrixError {
        let error = LeibrixError(
            .limitExceeded, "the result has more than \(rowsMax) rows, the tenant's max_result_rows",
            hint: "Aggregate or LIMIT, or ask an administrator to raise the bound.")
        end(error: error, isPartial: true)
        await close()
        return error
    }

    private func waitForGroup() async {
        await withCheckedContinuation { continuation in
            enum Action { case resume, fetch, none }
            let action = state.withLock { state -> Action in
                if !state.ready.isEmpty || state.isFinished || state.failure != nil { return .resume }
                state.waiters.append(continuation)
                if state.isFetching { return .none }
                state.isFetching = true
                return .fetch
            }
            switch action {
            case .resume: continuation.resume()
            case .fetch: startFetch()
            case .none: break
            }
        }
    }

    private func startFetch() {
        guard let engine, let stream else { return }
        engine.admission.start { [self] in
            var batches: [Batch] = []
            var isFinished = false
            var failure: LeibrixError?
            do throws(LeibrixError) {
                (batches, isFinished) = try stream.fetchGroup(control)
            } catch {
                failure = error
            }
            let (waiters, isClosed) = state.withLock { state in
                state.isFetching = false
                state.ready.append(contentsOf: batches)
                state.isFinished = isFinished
                state.failure = failure
                defer { state.waiters = [] }
                return (state.waiters, state.isClosed)
            }
            if isClosed { stream.release() }
            for waiter in waiters { waiter.resume() }
        }
    }

    public func commandTag(rows: Int) -> String {
        switch tag {
        case .rows(let word): "\(word) \(rows)"
        case .fixed(let text): text
        case .copied: "COPY \(copy?.count ?? 0)"
        }
    }

    public func takeNotices() -> [LeibrixError] {
        state.withLock { state in
            defer { state.notices = [] }
            return state.notices
        }
    }

    public func closeNow() -> Bool {
        guard stream == nil, feed == nil, copy == nil else { return false }
        state.withLock { state in
            state.isClosed = true
            state.ready = []
        }
        end(error: nil, isPartial: false)
        return true
    }

    /// Ends the query; a group on its way is stopped first, so that the executor is free when this returns.
    public func close() async {
        await copy?.close()
        feed?.close()
        enum Action { case release, stop, none }
        let action = state.withLock { state -> Action in
            guard !state.isClosed else { return .none }
            state.isClosed = true
            state.ready = []
            if state.isFinished || stream == nil { return .none }
            return state.isFetching ? .stop : .release
        }
        switch action {
        case .release: await releaseStream()
        case .stop:
            control.stop(.closed)
            await fetchEnded()
        case .none: break
        }
        end(error: nil, isPartial: action != .none)
    }

    private func fetchEnded() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isFetching { state.waiters.append(continuation) }
                return !state.isFetching
            }
            if isOver { continuation.resume() }
        }
    }

    private func releaseStream() async {
        guard let engine, let stream else { return }
        await withCheckedContinuation { continuation in
            engine.pool.start {
                stream.release()
                continuation.resume()
            }
        }
    }

    private func end(error: LeibrixError?, isPartial: Bool) {
        let (onEnd, rows, bytes) = state.withLock { state in
            defer { state.onEnd = nil }
            return (state.onEnd, state.rows, state.bytes)
        }
        onEnd?(End(rows: rows, bytes: bytes, error: error, isPartial: isPartial))
    }

    /// Brings all that is left into memory and gives the executor back, for a result that outlives its snapshot's
    /// holder. Throws `limitExceeded` over `bytesMax`.
    func materialize(bytesMax: Int) async throws(LeibrixError) {
        guard stream != nil else { return }
        var batches: [Batch] = []
        var bytes = 0
        let rowsBefore = state.withLock { $0.rows }
        while let batch = try await next() {
            let compact = batch.compacted()
            bytes += compact.bytes
            guard bytes <= bytesMax else {
                await close()
                throw LeibrixError(
                    .limitExceeded, "the rows of an open cursor take more than \(bytesMax) bytes",
                    hint: "Read it to its end first, or read less.")
            }
            batches.append(compact.batch)
        }
        state.withLock { state in
            state.ready = batches
            state.head = 0
            state.rows = rowsBefore
            state.isFinished = true
        }
    }
}
