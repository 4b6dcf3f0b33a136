// ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) <= n, and ORDER BY … LIMIT n.
//
// A group is a chain of its best rows, best first, equal ones as they came. A row that gets in leaves with +1, the one it
// pushes out with -1: what a reader holds is at every moment the answer over all rows so far. A row that does not get in
// can never come back, because nothing that is in ever goes away by itself.
internal import Base

final class TopOperator: Operator {
    private let plan: TopPlan
    private let program: Program
    private let directory: KeyTable
    private let rows: RowStore
    private let keys: Lane<Vector>
    private let columnCount: Int
    private let out: RowBuffer
    private let probe: RowBuffer
    private let staged: Lane<Vector>
    private let limit: Int
    private let rowOfOne: Lane<Int32>
    private let found: Lane<Memory>
    private let timers = TimerHeap()
    private var outRows = 0
    private var mark = Int64.min
    private let arena = Arena()
    /// Offset of the number of rows in a group's record; the chain is before it.
    private let lengthOffset: Int

    init(_ plan: TopPlan, child: PlanNode, limit: Int, next: Operator) {
        self.plan = plan
        self.limit = limit
        program = ProgramCompiler.compile(plan.keys + plan.order.map(\.scalar), inputTypes: child.types)
        directory = KeyTable(kinds: plan.keys.map { $0.type.laneKind ?? .int }, stateBytes: 16, limit: limit)
        lengthOffset = directory.stateOffset + 8
        columnCount = child.kinds.count
        let kinds = child.kinds + plan.order.map { $0.scalar.type.laneKind ?? .int }
        rows = RowStore(kinds)
        probe = RowBuffer(kinds)
        out = RowBuffer(child.kinds)
        keys = arena.lane(Vector.self, count: plan.keys.count)
        staged = arena.lane(Vector.self, count: kinds.count)
        rowOfOne = arena.lane(Int32.self, count: 1)
        found = arena.lane(Memory.self, count: 1)
        super.init("top", next: next)
    }

    override var stateBytes: Int { directory.byteCount + rows.byteCount }
    override var stateKeys: Int { rows.count }
    override var bounds: [OperatorBound] {
        let note = "\(plan.count) rows a group at most"
        return [
            OperatorBound(unit: "group", bytes: directory.bytesPerKey, countMax: plan.keys.isEmpty ? 1 : limit, timeToLive: plan.timeKey == nil ? nil : plan.timeLag, note: note),
            OperatorBound(unit: "row", bytes: rows.rowBytes, countMax: limit, timeToLive: plan.timeKey == nil ? nil : plan.timeLag, note: note),
        ]
    }

    override func push(_ chunk: Chunk) {
        directory.heap.settle()
        rows.heap.settle()
        program.run(chunk)
        counts.rowsIn += chunk.count
        mark = max(mark, chunk.mark)
        for key in 0..<plan.keys.count { keys[key] = program.result(key) }
        for column in 0..<columnCount { staged[column] = chunk.columns[column] }
        for index in 0..<plan.order.count { staged[columnCount + index] = program.result(plan.keys.count + index) }
        let whole = Chunk(count: chunk.count, columns: staged)
        for row in 0..<chunk.count {
            if program.failed && program.errors[row] != 0 {
                counts.fail(1, 9_000 + UInt16(program.errors[row]))
            } else {
                take(whole, row)
            }
        }
        flush()
    }

    private func take(_ chunk: Chunk, _ row: Int) {
        rowOfOne[0] = Int32(row)
        let before = directory.count
        guard rows.count < limit, directory.locate(keys, rowOfOne, 1, into: found) else { return counts.fail(1, HotPathError.stateFull.rawValue) }
        let key = found[0]
        if directory.count != before, let timeKey = plan.timeKey, !keys[timeKey].isNull(row) {
            timers.add(keys[timeKey].ints[row], Int64(directory.number(of: key)))
        }
        let length = Int(key.load(lengthOffset, as: Int64.self))
        guard let behind = place(chunk, row, key, length) else {
            counts.filtered += 1
            return
        }
        let record = rows.add(chunk, row, time: 0, serial: 0)
        insert(record, key, behind)
        key.store(Int64(length + 1), at: lengthOffset)
        counts.buffered += 1
        if length == plan.count { removeLast(key) }
        if !plan.isFinal { emit(record, 1) }
    }

    /// Behind how many rows of the group the row stands; nil when behind all of a full group.
    private func place(_ chunk: Chunk, _ row: Int, _ key: Memory, _ length: Int) -> Int? {
        var link = key.load(directory.stateOffset, as: UInt.self)
        var behind = 0
        while link != 0 {
            let record = Memory(address: link)
            rows.read(record, into: probe.columns, first: 0, row: 0)
            if isBetter(chunk, row) { return behind }
            behind += 1
            link = record.next
        }
        return length < plan.count ? behind : nil
    }

    /// Whether the row stands before the one in `probe`.
    private func isBetter(_ chunk: Chunk, _ row: Int) -> Bool {
        for index in plan.order.indices {
            let column = columnCount + index
            var other = probe.columns[column]
            other.hasNulls = true
            let order = compareValues(probe.kinds[column], chunk.columns[column], row, other, 0, nullsFirst: plan.order[index].nullsFirst, descending: plan.order[index].isDescending)
            if order != 0 { return order < 0 }
        }
        return false
    }

    private func insert(_ record: Memory, _ key: Memory, _ behind: Int) {
        let first = key.load(directory.stateOffset, as: UInt.self)
        if behind == 0 {
            record.next = first
            return key.store(record.address, at: directory.stateOffset)
        }
        var place = Memory(address: first)
        for _ in 1..<behind { place = Memory(address: place.next) }
        record.next = place.next
        place.next = record.address
    }

    private func removeLast(_ key: Memory) {
        var place = Memory(address: key.load(directory.stateOffset, as: UInt.self))
        for _ in 1..<plan.count { place = Memory(address: place.next) }
        let last = Memory(address: place.next)
        place.next = 0
        key.store(Int64(plan.count), at: lengthOffset)
        counts.buffered -= 1
        if plan.isFinal {
            counts.filtered += 1
        } else {
            counts.emitted += 1
            emit(last, -1)
        }
        rows.remove(last)
    }

    private func emit(_ record: Memory, _ weight: Int8) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        rows.read(record, into: probe.columns, first: 0, row: 0)
        for column in 0..<columnCount {
            var vector = probe.columns[column]
            vector.hasNulls = true
            copyValue(out.kinds[column], vector, 0, out.columns[column], outRows)
        }
        out.weights[outRows] = weight
        outRows += 1
    }

    private func flush() {
        if outRows == 0 { return }
        var chunk = out.chunk(outRows, mark: mark)
        chunk.weights = out.weights
        chunk.hasWeights = !plan.isFinal && !plan.order.isEmpty
        counts.rowsOut += outRows
        outRows = 0
        next!.push(chunk)
    }

    /// Closes the groups that no row can enter any more.
    override func advance(_ watermark: Int64) {
        if plan.timeKey != nil && !plan.isFinal {
            while timers.earliest.addingReportingOverflow(plan.timeLag).partialValue < watermark && timers.count > 0 { close(Int(timers.removeFirst().owner)) }
        }
        super.advance(watermark)
    }

    private func close(_ number: Int) {
        let key = directory.record(number)
        var link = key.load(directory.stateOffset, as: UInt.self)
        while link != 0 {
            let record = Memory(address: link)
            link = record.next
            counts.buffered -= 1
            counts.emitted += 1
            rows.remove(record)
        }
        directory.remove(key, number: number)
    }

    override func finish() {
        if plan.isFinal {
            for number in 0..<directory.used where directory.isLive(directory.record(number)) {
                var link = directory.record(number).load(directory.stateOffset, as: UInt.self)
                while link != 0 {
                    emit(Memory(address: link), 1)
                    link = Memory(address: link).next
                }
            }
            flush()
        }
        counts.emitted += counts.buffered
        counts.buffered = 0
        super.finish()
    }

    override func save(_ writer: inout StateWriter) {
        writer.add(rows.count)
        for number in 0..<directory.used where directory.isLive(directory.record(number)) {
            let key = directory.record(number)
            var link = key.load(directory.stateOffset, as: UInt.self)
            while link != 0 {
                directory.saveKeys(key, &writer)
                rows.save(Memory(address: link), &writer)
                link = Memory(address: link).next
            }
        }
    }

    override func load(_ reader: inout StateReader) throws(LeibrixError) {
        let row = KeyRow(directory.kinds)
        let loader = RowLoader(rows.kinds)
        for _ in 0..<(try reader.integer()) {
            try row.read(&reader)
            for _ in 0..<3 { _ = try reader.word() }
            try loader.read(&reader)
            guard row.belongs(plan.partition, reader) else { continue }
            let before = directory.count
            guard let key = row.record(in: directory) else { throw LeibrixError(.streamStateFull, "a checkpoint holds more groups than there may be") }
            if directory.count != before, let timeKey = plan.timeKey, row.vectors[timeKey].nulls[0] == 0 {
                timers.add(row.vectors[timeKey].ints[0], Int64(directory.number(of: key)))
            }
            let length = Int(key.load(lengthOffset, as: Int64.self))
            insert(rows.add(loader.chunk, 0, time: 0, serial: 0), key, length)
            key.store(Int64(length + 1), at: lengthOffset)
            counts.buffered += 1
        }
    }
}

/// Negative when the first value stands before the second.
func compareValues(
    _ kind: LaneKind, _ a: Vector, _ first: Int, _ b: Vector, _ second: Int, nullsFirst: Bool, descending: Bool
) -> Int {
    let (isNull, isOtherNull) = (a.isNull(first), b.isNull(second))
    if isNull || isOtherNull { return isNull == isOtherNull ? 0 : isNull == nullsFirst ? -1 : 1 }
    let order: Int
    switch kind {
    case .bool: order = Int(a.bools[first]) - Int(b.bools[second])
    case .int: order = a.ints[first] < b.ints[second] ? -1 : a.ints[first] > b.ints[second] ? 1 : 0
    case .double: order = isLess(a.doubles[first], b.doubles[second]) ? -1 : isLess(b.doubles[second], a.doubles[first]) ? 1 : 0
    case .huge: order = a.huges[first] < b.huges[second] ? -1 : a.huges[first] > b.huges[second] ? 1 : 0
    case .text: order = TextRef.compare(a.texts[first], b.texts[second])
    }
    return descending ? -order : order
}
