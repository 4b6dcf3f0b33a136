// Sessions: the rows of a key that follow each other within the gap.
//
// A key's sessions are a chain of records in one table, whose key is a serial number. A record holds, before the states:
//
//     start | end (last time + gap) | next session's record, 0 = none | the key's record | rows waiting
//
// A row extends the session it falls into, may join several to one, or begins one. Sessions never depend on how rows are
// cut into chunks: a session is closed for a row once the watermark the row met has passed its end and the lateness.
// Columns that leave: keys, start, end (last time + gap), results.
internal import Base

final class SessionOperator: Operator {
    private let input: AggregateInput
    private let gap: Int64
    private let slack: Int64
    private let directory: KeyTable
    private let keyVectors: Lane<Vector>
    private let sessions: AggregateState
    private let serials: Vector
    private let timers = TimerHeap()
    private let out: RowBuffer
    private let keyCount: Int
    private let resultCount: Int
    private let lateOutput: Operator?
    private let lateBuffer: RowBuffer
    private let rowOfOne: Lane<Int32>
    private let found: Lane<Memory>
    private let owner: Lane<Memory>
    private let partition: [Int]
    private var outRows = 0
    private var mark = Int64.min
    private var serial: Int64 = 0
    private let arena = Arena()

    /// Offsets in a session's record, from the start of its states.
    private let base: Int
    private var startOffset: Int { base }
    private var endOffset: Int { base + 8 }
    private var nextOffset: Int { base + 16 }
    private var ownerOffset: Int { base + 24 }
    private var waitingOffset: Int { base + 32 }
    static let headerBytes = 40

    init(_ input: AggregateInput, layout: AggregateLayout, _ settings: WindowOperator.Settings, late: Operator?, next: Operator) {
        self.input = input
        gap = settings.spec.size
        slack = settings.lateness + settings.inputLag
        keyCount = layout.keyKinds.count
        resultCount = settings.resultKinds.count
        partition = layout.partition
        directory = KeyTable(kinds: layout.keyKinds, stateBytes: 8, limit: settings.limit)
        keyVectors = arena.lane(Vector.self, count: max(keyCount, 1))
        var sessionLayout = layout
        sessionLayout.keyKinds = [.int]
        sessionLayout.partition = []
        sessionLayout.headerBytes = Self.headerBytes
        sessions = AggregateState(layout: sessionLayout, limit: settings.limit)
        base = sessions.table.stateOffset
        serials = arena.vector(.int, count: StreamLimits.chunkRowsMax)
        sessions.keys[0] = serials
        out = RowBuffer(layout.keyKinds + [.int, .int] + settings.resultKinds)
        lateOutput = late
        lateBuffer = RowBuffer(settings.inputKinds)
        rowOfOne = arena.lane(Int32.self, count: 1)
        found = arena.lane(Memory.self, count: 1)
        owner = arena.lane(Memory.self, count: 1)
        super.init("session", next: next)
    }

    override var stateBytes: Int { directory.byteCount + sessions.byteCount }
    override var stateKeys: Int { sessions.table.count }
    override var bounds: [OperatorBound] {
        let bytes = directory.bytesPerKey + sessions.table.bytesPerKey
        return [OperatorBound(unit: "session", bytes: bytes, countMax: sessions.limit, timeToLive: gap + slack, note: "goes when the watermark has passed its end and the lateness")]
    }

    override func push(_ chunk: Chunk) {
        let (selection, count) = input.run(chunk, counts)
        directory.heap.settle()
        sessions.heap.settle()
        for key in 0..<keyCount { keyVectors[key] = input.program.result(key) }
        for argument in 0..<input.argumentCount { sessions.arguments[argument] = input.program.result(keyCount + argument) }
        let times = input.program.result(keyCount + input.argumentCount)
        for index in 0..<count {
            let row = Int(selection[index])
            rowOfOne[0] = Int32(row)
            if times.isNull(row) { counts.fail(1, HotPathError.nullEventTime.rawValue) } else { add(chunk, row, times.ints[row]) }
        }
        flush()
    }

    private func add(_ chunk: Chunk, _ row: Int, _ time: Int64) {
        let watermark = chunk.mark(row)
        guard directory.locate(keyVectors, rowOfOne, 1, into: owner) else { return counts.fail(1, HotPathError.stateFull.rawValue) }
        let key = owner[0]
        let place = directory.stateOffset
        var session = joined(key, time, watermark)
        if session == nil {
            if time.addingReportingOverflow(gap + slack).partialValue <= watermark {
                if key.load(place, as: UInt.self) == 0 { directory.remove(key, number: directory.number(of: key)) }
                return pushLate(chunk)
            }
            session = begin(key, time)
        }
        guard let session else { return counts.fail(1, HotPathError.stateFull.rawValue) }
        found[0] = session
        sessions.update(found, rowOfOne, 1, chunk)
        session.store(session.load(waitingOffset, as: Int64.self) + 1, at: waitingOffset)
        counts.buffered += 1
    }

    private func isOpen(_ session: Memory, _ watermark: Int64) -> Bool {
        session.load(endOffset, as: Int64.self).addingReportingOverflow(slack).partialValue > watermark
    }

    /// The open session the row falls into, all that it connects made one; nil when there is none.
    private func joined(_ key: Memory, _ time: Int64, _ watermark: Int64) -> Memory? {
        var link = key.load(directory.stateOffset, as: UInt.self)
        var first: Memory?
        while link != 0 {
            let session = Memory(address: link)
            link = session.load(nextOffset, as: UInt.self)
            guard isOpen(session, watermark), time < session.load(endOffset, as: Int64.self),
                time + gap > session.load(startOffset, as: Int64.self)
            else { continue }
            guard let into = first else {
                first = session
                extend(session, time, time + gap)
                continue
            }
            extend(into, session.load(startOffset, as: Int64.self), session.load(endOffset, as: Int64.self))
            sessions.merge(session, into: into)
            into.store(into.load(waitingOffset, as: Int64.self) + session.load(waitingOffset, as: Int64.self), at: waitingOffset)
            unlink(session, key)
            sessions.remove(session)
        }
        return first
    }

    private func extend(_ session: Memory, _ start: Int64, _ end: Int64) {
        session.store(min(session.load(startOffset, as: Int64.self), start), at: startOffset)
        session.store(max(session.load(endOffset, as: Int64.self), end), at: endOffset)
    }

    private func begin(_ key: Memory, _ time: Int64) -> Memory? {
        serial += 1
        return make(key, serial, time, time + gap)
    }

    /// A session's record at the head of its key's chain, with its timer.
    private func make(_ key: Memory, _ serial: Int64, _ start: Int64, _ end: Int64) -> Memory? {
        serials.ints[Int(rowOfOne[0])] = serial
        guard sessions.table.locate(sessions.keys, rowOfOne, 1, into: found) else { return nil }
        let session = found[0]
        session.store(start, at: startOffset)
        session.store(end, at: endOffset)
        session.store(key.load(directory.stateOffset, as: UInt.self), at: nextOffset)
        session.store(key.address, at: ownerOffset)
        key.store(session.address, at: directory.stateOffset)
        timers.add(end, serial)
        return session
    }

    private func unlink(_ session: Memory, _ key: Memory) {
        var place = key
        var offset = directory.stateOffset
        while place.load(offset, as: UInt.self) != session.address {
            place = Memory(address: place.load(offset, as: UInt.self))
            offset = nextOffset
        }
        place.store(session.load(nextOffset, as: UInt.self), at: offset)
    }

    private func pushLate(_ chunk: Chunk) {
        counts.late += 1
        lateOutput?.push(lateBuffer.gather(chunk, rowOfOne, 1))
    }

    override func advance(_ watermark: Int64) {
        fire(watermark)
        let held = watermark == .max ? watermark : watermark < .min + slack ? .min : watermark - slack
        if held > mark {
            mark = held
            next!.advance(held)
        }
    }

    /// Closes the sessions that the watermark has passed, by their ends.
    private func fire(_ watermark: Int64) {
        while timers.count > 0, timers.earliest.addingReportingOverflow(slack).partialValue <= watermark {
            let (time, owner) = timers.removeFirst()
            rowOfOne[0] = 0
            serials.ints[0] = owner
            guard let session = sessions.table.find(sessions.keys, 0) else { continue }
            let end = session.load(endOffset, as: Int64.self)
            if end != time {
                timers.add(end, owner)
            } else {
                emit(session)
            }
        }
        flush()
    }

    private func emit(_ session: Memory) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        let key = Memory(address: session.load(ownerOffset, as: UInt.self))
        for index in 0..<keyCount { directory.readKey(key, index, into: out.columns[index], outRows) }
        out.columns[keyCount].nulls[outRows] = 0
        out.columns[keyCount].ints[outRows] = session.load(startOffset, as: Int64.self)
        out.columns[keyCount + 1].nulls[outRows] = 0
        out.columns[keyCount + 1].ints[outRows] = session.load(endOffset, as: Int64.self)
        found[0] = session
        sessions.readResults(found, 1, into: out.columns, start: outRows, resultColumn: keyCount + 2)
        outRows += 1
        let waiting = Int(session.load(waitingOffset, as: Int64.self))
        counts.buffered -= waiting
        counts.emitted += waiting
        unlink(session, key)
        sessions.remove(session)
        if key.load(directory.stateOffset, as: UInt.self) == 0 { directory.remove(key, number: directory.number(of: key)) }
    }

    private func flush() {
        if outRows == 0 { return }
        counts.rowsOut += outRows
        let chunk = out.chunk(outRows, mark: mark)
        outRows = 0
        next!.push(chunk)
    }

    override func finish() {
        advance(.max)
        super.finish()
    }

    override func save(_ writer: inout StateWriter) {
        writer.add(mark)
        writer.add(sessions.table.count)
        for number in 0..<sessions.table.used where sessions.table.isLive(sessions.table.record(number)) {
            let session = sessions.table.record(number)
            directory.saveKeys(Memory(address: session.load(ownerOffset, as: UInt.self)), &writer)
            writer.add(session.load(startOffset, as: Int64.self))
            writer.add(session.load(endOffset, as: Int64.self))
            writer.add(session.load(waitingOffset, as: Int64.self))
            sessions.saveStates(session, &writer)
        }
    }

    override func load(_ reader: inout StateReader) throws(LeibrixError) {
        mark = max(mark, try reader.word())
        let row = KeyRow(directory.kinds)
        let scratch = TextScratch()
        for _ in 0..<(try reader.integer()) {
            scratch.reset()
            try row.read(&reader)
            let (start, end, waiting) = (try reader.word(), try reader.word(), try reader.word())
            guard row.belongs(partition, reader) else {
                try sessions.loadStates(sessions.table.trash, &reader, scratch)
                continue
            }
            rowOfOne[0] = 0
            serial += 1
            guard let key = row.record(in: directory), let session = make(key, serial, start, end) else {
                throw LeibrixError(.streamStateFull, "a checkpoint holds more sessions than the operator may")
            }
            session.store(waiting, at: waitingOffset)
            counts.buffered += Int(waiting)
            try sessions.loadStates(session, &reader, scratch)
        }
    }
}
