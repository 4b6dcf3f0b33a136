// Running aggregates: groups without a window. The state lives as long as the stream; its bound is the limit of keys.
internal import Base

final class GroupOperator: Operator {
    private let input: AggregateInput
    private let state: AggregateState
    private let mode: EmitMode
    private let out: RowBuffer
    private let keyCount: Int
    private let resultCount: Int
    /// Offset of the count of rows in a record.
    private let rowsOffset: Int
    private var outRows = 0
    private var mark = Int64.min
    private var lastTick = Int64.min
    private let dirty = AddressList()
    private let retracts: Bool
    private let keepsValues: Bool
    /// Without keys there is one group, which is there without rows too: where rows may be taken back it is seen from the first push on.
    private let isWhole: Bool
    private var hasEmitted = false
    private let firstRow: Lane<Int32>
    private let arena = Arena()

    /// `layout`'s first primitive counts rows.
    init(
        _ input: AggregateInput, layout: AggregateLayout, resultKinds: [LaneKind], mode: EmitMode, retracts: Bool, limit: Int, next: Operator
    ) {
        self.input = input
        self.retracts = retracts
        keepsValues = layout.keepsValues
        isWhole = retracts && layout.keyKinds.isEmpty && (mode == .changes || mode == .onUpdate)
        firstRow = arena.lane(Int32.self, count: 1)
        state = AggregateState(layout: layout, limit: limit)
        self.mode = mode
        keyCount = layout.keyKinds.count
        resultCount = resultKinds.count
        out = RowBuffer(layout.keyKinds + resultKinds)
        rowsOffset = state.table.stateOffset
        super.init("group", next: next)
    }

    override var stateBytes: Int { state.byteCount }
    override var stateKeys: Int { state.table.count }
    override var bounds: [OperatorBound] {
        let note = retracts ? "goes when its last row is taken back" : "stays as long as the stream"
        return state.bounds(unit: "key", countMax: keyCount == 0 ? 1 : state.limit, timeToLive: nil, note: note)
    }

    override func push(_ chunk: Chunk) {
        state.settle()
        var (selection, count) = input.run(chunk, counts)
        input.bind(state)
        mark = chunk.mark
        if retracts { return pushChanges(chunk, selection, count) }
        if keepsValues && state.isFull(count) { return counts.fail(count, HotPathError.stateFull.rawValue) }
        if !state.table.locate(state.keys, selection, count, into: input.records) {
            (selection, count) = input.dropRefused(selection, count, state.table.trash, counts)
        }
        switch mode {
        case .onUpdate: update(chunk, selection, count)
        case .changes: updateWithChanges(chunk, selection, count)
        default: collect(chunk, selection, count)
        }
    }

    /// After each row, its group's new result.
    @inline(__always)
    private func update(_ chunk: Chunk, _ selection: Lane<Int32>, _ count: Int) {
        var index = 0
        while index < count {
            let record = input.records.advanced(by: index)
            state.update(record, selection.advanced(by: index), 1, chunk)
            state.readResults(record, 1, into: out.columns, start: index, resultColumn: keyCount)
            copyKeys(Int(selection[index]), index)
            index += 1
        }
        counts.emitted += count
        outRows = count
        flush()
    }

    @inline(__always)
    private func copyKeys(_ row: Int, _ target: Int) {
        var key = 0
        while key < keyCount {
            copyValue(out.kinds[key], state.keys[key], row, out.columns[key], target)
            key += 1
        }
    }

    /// After each row that changes something, the old result with -1 and the new with +1.
    private func updateWithChanges(_ chunk: Chunk, _ selection: Lane<Int32>, _ count: Int) {
        for index in 0..<count {
            change(chunk, input.records.advanced(by: index), selection.advanced(by: index))
        }
        counts.emitted += count
        flush()
    }

    /// Rows that may take others back: a group may go with one and come again with the next.
    private func pushChanges(_ chunk: Chunk, _ selection: Lane<Int32>, _ count: Int) {
        for index in 0..<count {
            let row = selection.advanced(by: index)
            let isNew = chunk.weight(Int(row[0])) > 0
            guard !(isNew && keepsValues && state.isFull(1)), state.table.locate(state.keys, row, 1, into: input.records) else {
                counts.fail(1, HotPathError.stateFull.rawValue)
                continue
            }
            if mode == .changes || mode == .onUpdate {
                change(chunk, input.records, row)
                counts.emitted += 1
            } else {
                state.update(input.records, row, 1, chunk)
                counts.buffered += 1
                if mode != .final { dirty.addOnce(input.records[0]) }
            }
        }
        flush()
    }

    private func change(_ chunk: Chunk, _ record: Lane<Memory>, _ selection: Lane<Int32>) {
        if outRows + 2 > StreamLimits.chunkRowsMax { flush() }
        let row = Int(selection[0])
        let start = outRows
        let wasThere = isWhole ? hasEmitted : record[0].load(rowsOffset, as: Int64.self) > 0
        if wasThere && mode == .changes { append(record, row, -1) }
        state.update(record, selection, 1, chunk)
        if isWhole || record[0].load(rowsOffset, as: Int64.self) > 0 {
            append(record, row, 1)
            hasEmitted = true
        } else {
            // A reader of ON UPDATE learns from a row with -1 that the group is there no more.
            if wasThere && mode == .onUpdate { append(record, row, -1) }
            if keyCount > 0 { state.remove(record[0]) }
        }
        if outRows == start + 2 && isSame(start, start + 1) { outRows = start }
    }

    /// The one group, before its first row.
    override func settle() {
        if isWhole && !hasEmitted {
            _ = state.table.locate(state.keys, firstRow, 1, into: input.records)
            append(input.records, 0, 1)
            hasEmitted = true
            flush()
        }
        super.settle()
    }

    private func append(_ record: Lane<Memory>, _ row: Int, _ weight: Int8) {
        state.readResults(record, 1, into: out.columns, start: outRows, resultColumn: keyCount)
        copyKeys(row, outRows)
        out.weights[outRows] = weight
        outRows += 1
    }

    private func isSame(_ first: Int, _ second: Int) -> Bool {
        for column in keyCount..<keyCount + resultCount {
            var vector = out.columns[column]
            vector.hasNulls = true
            if !sameValue(out.kinds[column], vector, first, vector, second) { return false }
        }
        return true
    }

    private func flush() {
        if outRows == 0 { return }
        var chunk = out.chunk(outRows, mark: mark)
        if mode == .changes || retracts && mode != .final {
            chunk.weights = out.weights
            chunk.hasWeights = true
        }
        counts.rowsOut += outRows
        outRows = 0
        next!.push(chunk)
    }

    /// For `every` and `final`: results wait.
    private func collect(_ chunk: Chunk, _ selection: Lane<Int32>, _ count: Int) {
        state.update(input.records, selection, count, chunk)
        counts.buffered += count
        if mode != .final { for index in 0..<count { dirty.addOnce(input.records[index]) } }
    }

    override func tick(_ now: Int64) {
        if case .every(let micros) = mode, lastTick == .min || now - lastTick >= micros {
            lastTick = now
            emitDirty()
        }
        next?.tick(now)
    }

    private func emitDirty() {
        counts.emitted += counts.buffered
        counts.buffered = 0
        for index in 0..<dirty.count {
            let record = dirty[index]
            AddressList.clear(record)
            if record.load(rowsOffset, as: Int64.self) > 0 || retracts && keyCount == 0 {
                emit(record)
            } else if retracts {
                emit(record, -1)
                state.remove(record)
            }
        }
        dirty.removeAll()
        flush()
    }

    private func emit(_ record: Memory, _ weight: Int8 = 1) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        input.records[0] = record
        state.read(input.records, 1, into: out.columns, start: outRows, resultColumn: keyCount)
        out.weights[outRows] = weight
        outRows += 1
    }

    override func finish() {
        if case .every = mode { emitDirty() }
        if mode == .final {
            counts.emitted += counts.buffered
            counts.buffered = 0
            if keyCount == 0 && state.table.count == 0 {
                input.records[0] = state.table.trash
                state.table.trash.zero(count: state.table.stride)
                state.readResults(input.records, 1, into: out.columns, start: 0, resultColumn: 0)
                outRows = 1
            }
            for number in 0..<state.table.used where state.table.isLive(state.table.record(number)) {
                let record = state.table.record(number)
                if record.load(rowsOffset, as: Int64.self) > 0 || keyCount == 0 { emit(record) }
            }
            flush()
        }
        super.finish()
    }

    override func save(_ writer: inout StateWriter) {
        writer.add(counts.buffered)
        state.save(&writer)
    }

    override func capture() -> OperatorCapture {
        var capture = OperatorCapture()
        var writer = StateWriter()
        writer.add(counts.buffered)
        capture.add(writer)
        capture.add(state, isSteady: true)
        return capture
    }

    override func load(_ reader: inout StateReader) throws(LeibrixError) {
        counts.buffered += try reader.integer()
        try state.load(&reader) { record in if self.mode != .final { self.dirty.addOnce(record) } }
        hasEmitted = isWhole && state.table.count > 0
    }
}
