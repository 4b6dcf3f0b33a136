public import Base
public import Columnar
internal import Platform
internal import StreamEngine
internal import Synchronization
internal import WriteAheadLog

extension StreamHost {
    /// Gives rows to a source. When it returns they are durable, and every view has what follows from them. Returns their
    /// position, the epoch of the rows they make. Blocks: not on an event loop.
    ///
    /// `position` is the producer's own, kept with the rows. Throws `streamUndefined`, `streamSchema`, and what the log throws.
    @discardableResult
    public func push(_ source: String, _ batches: [Batch], position: String = "") throws(LeibrixError) -> Int64 {
        guard let object = object(source), object.kind == .source else {
            throw LeibrixError(.streamUndefined, "source \"\(source)\" does not exist", hint: "SHOW SOURCES lists what there is.")
        }
        let batches = batches.filter { $0.rowCount > 0 }
        guard !batches.isEmpty || !position.isEmpty else { return state.withLock { $0.position } }
        try waitForSinks()
        let payload = log == nil ? [] : InputRecord.rows(micros: 0, object: object.number, position: position, batches[...])
        let (number, end) = try told(payload, InputRecord.rowsKind, urgency: .now) { () throws(LeibrixError) in
            guard let handle = self.state.withLock({ $0.handles[source] }) else {
                throw LeibrixError(.streamUndefined, "source \"\(source)\" does not exist")
            }
            try Self.push(batches, position, handle)
        }
        let rows = batches.reduce(0) { $0 + $1.rowCount }
        state.withLock { $0.rowsPushed[source, default: 0] += rows }
        try settle(number, end)
        return number
    }

    /// The position goes with the last rows.
    static func push(_ batches: [Batch], _ position: String, _ handle: SourceHandle) throws(LeibrixError) {
        for (index, batch) in batches.enumerated() {
            try handle.push(batch, position: index == batches.count - 1 && !position.isEmpty ? position : nil)
        }
        if batches.isEmpty, !position.isEmpty { handle.pass(to: position) }
    }

    /// Puts a record into the log and tells the engine, both at one place in the order.
    func told(
        _ payload: [UInt8], _ kind: LogKind, urgency: LogUrgency, _ body: () throws(LeibrixError) -> Void
    ) throws(LeibrixError) -> (number: Int64, end: LSN?) {
        var room = try admitted(payload.count)
        let result = order.withLock { _ -> Result<(Int64, LSN?), LeibrixError> in
            do throws(LeibrixError) {
                let number = state.withLock { $0.position } + 1
                let micros = max(configuration.clock.wallMicros(), moment.micros)
                var bytes = payload
                if log != nil { for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: micros >> (Int64(index) * 8)) } }
                if state.withLock({ $0.asksLookups }) {
                    let end = try toldFirst(number, micros, bytes, kind, urgency, body)
                    return .success((number, end))
                }
                var end: LSN?
                if let log, let admission = room.take() {
                    end = try unsafe log.append(kind, transaction: UInt64(number), payload: bytes.span.bytes, admission, urgency: urgency)
                }
                enter(number, micros, end)
                try body()
                return .success((number, end))
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func enter(_ number: Int64, _ micros: Int64, _ end: LSN?) {
        moment.enter(number, micros: micros)
        state.withLock { state in
            state.position = number
            if let end { state.logEnd = end }
        }
        countRecord()
    }

    /// The engine first: what its lookups are answered goes into the record. See RecordedLookup.
    private func toldFirst(
        _ number: Int64, _ micros: Int64, _ payload: [UInt8], _ kind: LogKind, _ urgency: LogUrgency, _ body: () throws(LeibrixError) -> Void
    ) throws(LeibrixError) -> LSN? {
        enter(number, micros, nil)
        let failure: LeibrixError?
        do throws(LeibrixError) {
            try body()
            failure = nil
        } catch { failure = error }
        let answers = lookups.take()
        guard let log else {
            if let failure { throw failure }
            return nil
        }
        let record = answers.isEmpty ? (kind, payload) : (InputRecord.answeredKind, AnsweredRecord(kind: kind, payload: payload, answers: answers).encoded)
        guard let admission = try admitted(record.1.count) else { return nil }
        let end = try unsafe log.append(record.0, transaction: UInt64(number), payload: record.1.span.bytes, admission, urgency: urgency)
        state.withLock { $0.logEnd = end }
        if let failure { throw failure }
        return end
    }

    private func admitted(_ bytes: Int) throws(LeibrixError) -> LogAdmission? {
        guard let log else { return nil }
        while true {
            if let admission = try log.tryAdmit(bytes) { return admission }
            Pause.milliseconds(1)
        }
    }

    /// Waits until a record is on stable storage, and shows what it made.
    func settle(_ number: Int64, _ end: LSN?) throws(LeibrixError) {
        if let log, let end {
            let bell = Doorbell()
            let failure = Mutex<LeibrixError?>(nil)
            log.whenDurable(end) { error in
                failure.withLock { $0 = error }
                bell.ring()
            }
            bell.wait()
            if let error = failure.withLock({ $0 }) { throw error }
        }
        becameDurable(number)
    }

    /// Records up to `number` are durable.
    func becameDurable(_ number: Int64) {
        let (buffers, views) = state.withLock { state in
            state.durable = max(state.durable, number)
            return (Array(state.buffers.values), Array(state.views.values))
        }
        for buffer in buffers { buffer.advance(number) }
        for view in views { view.advance() }
        wakeSinks()
    }

    /// Rows wait where a sink is too far behind.
    func waitForSinks() throws(LeibrixError) {
        while state.withLock({ $0.buffers.values.contains { $0.heldRows > StreamHostLimits.sinkLagRowsMax } }) {
            if state.withLock({ $0.isClosed }) { throw LeibrixError(.shuttingDown, "the server is shutting down") }
            Pause.milliseconds(2)
        }
    }

    /// Tells the time to streams that wait for it. Called by the clock; does nothing where no stream does.
    func tick() {
        let isWanted = state.withLock { state in
            !state.isClosed && state.objects.values.contains { object in
                if case .every? = object.emit { return true }
                return object.eventTime?.idleMicros != nil
            }
        }
        guard isWanted, !isTicking.exchange(true, ordering: .acquiringAndReleasing) else { return }
        background.start { [weak self] in
            guard let self else { return }
            defer { isTicking.store(false, ordering: .releasing) }
            let engine = engine
            guard let told = try? told(InputRecord.tick(micros: 0), InputRecord.tickKind, urgency: .later, { () throws(LeibrixError) in engine.tick() })
            else { return }
            try? settle(told.number, told.end)
        }
    }

    // MARK: rows out

    /// What takes a stream's rows from the engine. Runs where the engine runs.
    func capture(_ buffer: OutputBuffer, _ columns: [DataType.Field]) -> (borrowing StreamRows) -> Void {
        let moment = moment
        return { rows in
            var values: [[Value]] = []
            values.reserveCapacity(rows.count)
            var weights: [Int8] = []
            var isPlain = true
            for row in 0..<rows.count {
                values.append(columns.indices.map { rows.value($0, row) })
                let weight = rows.weight(row)
                if weight != 1 { isPlain = false }
                weights.append(Int8(clamping: weight))
            }
            buffer.append(OutputEntry(position: moment.position, batch: Batch.rows(values, columns), weights: isPlain ? [] : weights))
        }
    }

    /// Reads a stream's rows from now on, or behind an epoch. Throws `streamUndefined`, `streamNotSupported`, `streamRejected` when rows
    /// behind the epoch are gone.
    public func subscribe(_ name: String, after epoch: Int64? = nil, filter text: String? = nil) throws(LeibrixError) -> StreamSubscription {
        let object = try required(name)
        if object.kind == .source {
            throw LeibrixError(
                .streamNotSupported, "\"\(name)\" is a source: its rows cannot be subscribed to",
                hint: "CREATE STREAM s AS SELECT * FROM \(name), and SUBSCRIBE s.")
        }
        guard let buffer = state.withLock({ $0.buffers[name] }), let columns = columns(of: name) else {
            throw LeibrixError(.streamUndefined, "stream \"\(name)\" does not exist", hint: "SHOW STREAMS lists what there is.")
        }
        let filter = try text.map { (text) throws(LeibrixError) in try RowFilter(text, name, columns, parser) }
        guard let epoch else { return StreamSubscription(name, columns, buffer, buffer.end, filter) }
        let last = state.withLock { $0.durable }
        guard epoch <= last else {
            throw LeibrixError(.streamRejected, "epoch \(epoch) has not been: the last is \(last)", hint: "Leave AS OF EPOCH out.")
        }
        guard let cursor = buffer.cursor(after: epoch) else {
            throw LeibrixError(
                .streamRejected, "rows of \"\(name)\" behind epoch \(epoch) are gone",
                detail: "\(StreamHostLimits.retainedRowsMax) rows of a stream are kept.", hint: "The first epoch to ask for is \(buffer.lostThrough).")
        }
        return StreamSubscription(name, columns, buffer, cursor, filter)
    }
}
