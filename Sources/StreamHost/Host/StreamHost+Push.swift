public import Base
public import Columnar
internal import Platform
public import StreamEngine
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
        let check = { () throws(LeibrixError) in try self.checkRows(batches, for: source) }
        let made = try recorded(payload, InputRecord.rowsKind, urgency: .now, checking: check) { () throws(LeibrixError) in
            guard let handle = self.state.withLock({ $0.handles[source] }) else {
                throw LeibrixError(.streamUndefined, "source \"\(source)\" does not exist")
            }
            try Self.push(batches, position, handle)
        }
        try waitForLog(made.end)
        show(made.number, made.touched)
        return made.number
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
        let made = try recorded(payload, kind, urgency: urgency, checking: nil, body)
        return (made.number, made.end)
    }

    /// The same, with the streams that got rows. What `check` throws leaves no record.
    private func recorded(
        _ payload: [UInt8], _ kind: LogKind, urgency: LogUrgency, checking check: (() throws(LeibrixError) -> Void)?,
        _ body: () throws(LeibrixError) -> Void
    ) throws(LeibrixError) -> (number: Int64, end: LSN?, touched: TouchedOutputs) {
        var room = try admitted(payload.count)
        let result = order.withLock { _ -> Result<(Int64, LSN?, TouchedOutputs), LeibrixError> in
            do throws(LeibrixError) {
                try check?()
                let number = state.withLock { $0.position } + 1
                let micros = max(configuration.clock.wallMicros(), moment.micros)
                var bytes = payload
                if log != nil { for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: micros >> (Int64(index) * 8)) } }
                if state.withLock({ $0.asksLookups }) {
                    let end = try toldFirst(number, micros, bytes, kind, urgency, body)
                    return .success((number, end, touched.take()))
                }
                var end: LSN?
                if let log, let admission = room.take() {
                    end = try unsafe log.append(kind, transaction: UInt64(number), payload: bytes.span.bytes, admission, urgency: urgency)
                }
                enter(number, micros, end)
                try body()
                return .success((number, end, touched.take()))
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

    /// Gives one row to a source where there is no log: all of it on this thread, and nothing is allocated. The row's position.
    @inline(__always)
    func pushRow(_ port: SourcePort, _ body: (borrowing RowWriter) -> Void) throws(LeibrixError) -> Int64 {
        try waitForSinks()
        var number: Int64 = -1
        var made = TouchedOutputs()
        order.withLock { _ in
            guard let handle = port.handle(self) else { return }
            let asksLookups = state.withLock { state in
                state.position += 1
                number = state.position
                return state.asksLookups
            }
            moment.enter(number, micros: max(configuration.clock.wallMicros(), moment.micros))
            if checkpointStore != nil { countRecord() }
            handle.pushRow(body)
            // There is no log that wants the answers.
            if asksLookups { _ = lookups.take() }
            made = touched.take()
        }
        guard number >= 0 else { throw port.undefined }
        show(number, made)
        return number
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
        try waitForLog(end)
        becameDurable(number)
    }

    private func waitForLog(_ end: LSN?) throws(LeibrixError) {
        guard let log, let end else { return }
        let bell = Doorbell()
        let failure = Mutex<LeibrixError?>(nil)
        log.whenDurable(end) { error in
            failure.withLock { $0 = error }
            bell.ring()
        }
        bell.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Records up to `number` are durable; these streams have rows of the last.
    private func show(_ number: Int64, _ made: TouchedOutputs) {
        let hasSinks = state.withLock { state in
            state.durable = max(state.durable, number)
            return !state.sinks.isEmpty
        }
        made.forEach { $0.becameDurable(number) }
        if hasSinks { wakeSinks() }
    }

    /// Records up to `number` are durable.
    func becameDurable(_ number: Int64) {
        let (buffers, views) = state.withLock { state in
            state.durable = max(state.durable, number)
            return (Array(state.buffers.values), Array(state.views.values))
        }
        for buffer in buffers { buffer.advance(number) }
        for view in views { view.advance() }
        for buffer in buffers { buffer.deliver() }
        wakeSinks()
    }

    /// Rows wait where a sink is too far behind.
    func waitForSinks() throws(LeibrixError) {
        while state.withLock({ state in
            !state.sinks.isEmpty && state.buffers.values.contains { $0.heldRows > StreamHostLimits.sinkLagRowsMax }
        }) {
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
            guard let told = try? told(InputRecord.tick(micros: 0), InputRecord.tickKind, urgency: .later, { () throws(LeibrixError) in self.engine.tick() })
            else { return }
            try? settle(told.number, told.end)
        }
    }

    // MARK: rows out

    /// What takes a stream's rows from the engine. Runs where the engine runs, under the order.
    func capture(_ output: StreamOutput) -> (borrowing StreamRows) -> Void {
        let (moment, touched, buffer) = (moment, touched, output.buffer)
        return { rows in
            buffer.append(rows, position: moment.position)
            touched.add(output)
        }
    }

    /// Calls `body` with every row that leaves a stream from now on, as soon as it is durable, on the thread that pushed what made it; calls come one at
    /// a time and in the order of the rows. Nothing is locked meanwhile, and nothing allocated. It ends with the handle.
    public func listen(_ name: String, _ body: @escaping @Sendable (borrowing PageRows) -> Void) throws(LeibrixError) -> StreamListener {
        try readable(name).listen(body)
    }

    /// The rows of a stream, of a view or of those that came too late.
    private func readable(_ name: String) throws(LeibrixError) -> OutputBuffer {
        let object = try required(name)
        if object.kind == .source {
            throw LeibrixError(
                .streamNotSupported, "\"\(name)\" is a source: its rows cannot be subscribed to",
                hint: "CREATE STREAM s AS SELECT * FROM \(name), and SUBSCRIBE s.")
        }
        if let buffer = state.withLock({ $0.buffers[name] }) { return buffer }
        throw LeibrixError(.streamUndefined, "stream \"\(name)\" does not exist", hint: "SHOW STREAMS lists what there is.")
    }

    /// Reads a stream's rows from now on, or behind an epoch. Throws `streamUndefined`, `streamNotSupported`, `streamRejected` when rows
    /// behind the epoch are gone.
    public func subscribe(_ name: String, after epoch: Int64? = nil, filter text: String? = nil) throws(LeibrixError) -> StreamSubscription {
        let buffer = try readable(name)
        guard let columns = columns(of: name) else {
            throw LeibrixError(.streamUndefined, "stream \"\(name)\" does not exist", hint: "SHOW STREAMS lists what there is.")
        }
        let filter = try text.map { (text) throws(LeibrixError) in try RowFilter(text, name, columns, parser) }
        guard let epoch else { return StreamSubscription(name, columns, buffer, buffer.end, filter) }
        let last = state.withLock { $0.durable }
        try checkEpoch(epoch)
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
