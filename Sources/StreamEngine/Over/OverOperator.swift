// Window functions (OVER): each row with something computed from the rows of its partition around it, in the order of event time.
//
// A row waits until the watermark has passed its time: then all before it and all its peers are there. It enters its partition's chain,
// and leaves it with its results when all rows that its frames ask for have entered: for frames that end with the current row at once, for those
// that reach so far behind it in time when the watermark has passed that, for those that ask for rows behind it when these have come. Rows of
// a partition leave in the order of their times, so the result does not depend on the order in which they came.
//
// A frame is a pointer to its first row, one to its last, one to the row that enters next, and aggregates that rows enter with +1 and leave with
// -1. Frames without a beginning keep aggregates alone, and what FIRST_VALUE and NTH_VALUE ask of their beginning (pinned rows). The chain
// reaches back to the first row that a frame has or is still to take. LAG and LEAD are frames of one row.
//
//     partition's record   0 oldest row   8 newest   16 rows that have left   24 rank   32 dense rank   40 last time
//                          48 pinned rows   56 how many   64 next row to leave   72 rows that have entered
//                          80 + 48 × frame:  first row | last | next | rows entered | rows gone | the aggregates' record
internal import Base

final class OverOperator: Operator {
    enum Place {
        static let head = 0, tail = 8, number = 16, rank = 24, dense = 32, time = 40, pinned = 48, pinnedCount = 56, current = 64, entered = 72
        static let frames = 80, frameBytes = 48
        // Of a frame.
        static let first = 0, last = 8, next = 16, taken = 24, gone = 32, aggregates = 40
    }

    let plan: OverPlan
    let program: Program
    let childCount: Int
    let keyCount: Int
    let argumentStart: Int
    /// Rows that wait, rows of chains, and pinned ones: child's columns, keys, arguments.
    let rows: RowStore
    let directory: KeyTable
    let states: [AggregateState]
    let timers = TimerHeap()
    /// By partition: when a row may leave for the time behind it.
    let leaving = TimerHeap()
    let waiting = SerialMap()
    let staged: Lane<Vector>
    /// One row of a store as vectors.
    let probe: RowBuffer
    let out: RowBuffer
    let weights: Lane<Int8>
    let rowOfOne: Lane<Int32>
    let found: Lane<Memory>
    let partitions = AddressBuffer()
    let limit: Int
    var outRows = 0
    var serial: Int64 = 0
    var mark = Int64.min
    let base: Int
    let aggregateColumns: [Int]
    let rowsAhead: Int64
    let timeAhead: Int64
    /// How far rows have been let out.
    var released = Int64.min
    let pinnedMax: Int
    private let arena = Arena()

    init(_ plan: OverPlan, child: PlanNode, limit: Int, next: Operator) {
        self.plan = plan
        self.limit = limit
        rowsAhead = plan.rowsAhead
        timeAhead = plan.timeAhead
        pinnedMax = plan.pinnedMax
        program = ProgramCompiler.compile(plan.keys + plan.arguments, inputTypes: child.types)
        childCount = child.kinds.count
        keyCount = plan.keys.count
        argumentStart = childCount + keyCount
        let kinds = child.kinds + (plan.keys + plan.arguments).map { $0.type.laneKind ?? .int }
        rows = RowStore(kinds)
        let resultKinds = plan.functionTypes.map { $0.laneKind ?? .int }
        directory = KeyTable(
            kinds: plan.keys.map { $0.type.laneKind ?? .int }, stateBytes: Place.frames + Place.frameBytes * plan.frames.count, limit: limit)
        base = directory.stateOffset
        states = plan.aggregates.map { AggregateState(layout: $0.layout, limit: limit) }
        staged = arena.lane(Vector.self, count: kinds.count)
        probe = RowBuffer(kinds)
        // Results of frames' aggregates lie behind the functions' columns, each frame's beside each other, and are copied from there.
        var columns: [Int] = []
        var next0 = childCount + resultKinds.count
        for frame in plan.aggregates {
            columns.append(next0)
            next0 += frame.resultTypes.count
        }
        aggregateColumns = columns
        out = RowBuffer(child.kinds + resultKinds + plan.aggregates.flatMap { $0.resultTypes.map { $0.laneKind ?? .int } })
        weights = arena.lane(Int8.self, count: 1)
        rowOfOne = arena.lane(Int32.self, count: 1)
        found = arena.lane(Memory.self, count: 1)
        super.init("over", next: next)
    }

    override var stateBytes: Int { rows.byteCount + directory.byteCount + states.reduce(0) { $0 + $1.byteCount } }
    override var stateKeys: Int { directory.count }
    override var bounds: [OperatorBound] {
        var bounds = [OperatorBound(unit: "partition", bytes: directory.bytesPerKey, countMax: limit, timeToLive: nil, note: "stays as long as the stream")]
        bounds.append(OperatorBound(unit: "row", bytes: rows.rowBytes + 112, countMax: limit, timeToLive: reach, note: "waits for the watermark, then as far back as frames reach"))
        return bounds
    }

    /// How long rows are kept, where that is known: frames of rows keep theirs until others come.
    private var reach: Int64? {
        var reach = timeAhead
        for frame in plan.frames {
            if frame.unit == .rows && (frame.isBounded || frame.to != 0) { return nil }
            if let from = frame.from, from < 0 { reach = max(reach, timeAhead - from) }
        }
        return reach
    }

    override func push(_ chunk: Chunk) {
        settleHeaps()
        program.run(chunk)
        counts.rowsIn += chunk.count
        for column in 0..<childCount { staged[column] = chunk.columns[column] }
        for index in 0..<keyCount + plan.arguments.count { staged[childCount + index] = program.result(index) }
        let whole = Chunk(count: chunk.count, columns: staged)
        let times = chunk.columns[plan.time]
        for row in 0..<chunk.count {
            let own = chunk.mark(row)
            let watermark = own < .min + plan.lag ? .min : own - plan.lag
            if program.failed && program.errors[row] != 0 {
                counts.fail(1, 9_000 + UInt16(program.errors[row]))
            } else if times.isNull(row) {
                counts.fail(1, HotPathError.nullEventTime.rawValue)
            } else if times.ints[row] < watermark {
                counts.late += 1
            } else {
                release(watermark)
                take(whole, row, times.ints[row])
            }
        }
        flush()
    }

    private func settleHeaps() {
        rows.heap.settle()
        directory.heap.settle()
        var index = 0
        while index < states.count {
            states[index].settle()
            index += 1
        }
    }

    private func take(_ chunk: Chunk, _ row: Int, _ time: Int64) {
        guard rows.count < limit, !isFull() else { return counts.fail(1, HotPathError.stateFull.rawValue) }
        serial += 1
        wait(rows.add(chunk, row, time: time, serial: serial))
        counts.buffered += 1
    }

    private func isFull() -> Bool {
        var index = 0
        while index < states.count {
            if states[index].isFull(rows.count + 1) { return true }
            index += 1
        }
        return directory.count >= limit
    }

    func wait(_ record: Memory) {
        timers.add(record.time, record.serial)
        waiting.set(record.serial, record, record)
    }

    override func advance(_ watermark: Int64) {
        settleHeaps()
        let reached = watermark == .max ? watermark : watermark < .min + plan.lag ? .min : watermark - plan.lag
        release(reached)
        flush()
        if reached > mark {
            mark = reached
            next!.advance(reached)
        }
    }

    /// Works on the rows before `watermark`, those of one time together, and on those that waited for the time behind them.
    private func release(_ watermark: Int64) {
        while min(timers.earliest, leaving.earliest) < watermark {
            if leaving.earliest < timers.earliest {
                let (time, number) = leaving.removeFirst()
                released = max(released, time)
                let partition = directory.record(Int(number))
                letOut(partition)
                continue
            }
            let time = timers.earliest
            released = max(released, time)
            partitions.removeAll()
            while timers.count > 0, timers.earliest == time { partitions.add(enter(waiting.take(timers.removeFirst().owner).record)) }
            var index = 0
            while index < partitions.count {
                if timeAhead > 0 { leaving.add(Self.sum(time, timeAhead), Int64(directory.number(of: partitions[index]))) } else { letOut(partitions[index]) }
                index += 1
            }
        }
    }

    @inline(__always)
    static func sum(_ time: Int64, _ units: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(units)
        return overflow ? units > 0 ? .max : .min : sum
    }

    func flush() {
        if outRows == 0 { return }
        var chunk = out.chunk(outRows, mark: mark)
        chunk.marks = out.marks
        chunk.hasMarks = true
        counts.rowsOut += outRows
        outRows = 0
        next!.push(chunk)
    }

    override func save(_ writer: inout StateWriter) { saveAll(&writer) }
    override func load(_ reader: inout StateReader) throws(LeibrixError) { try loadAll(&reader) }

    override func finish() {
        advance(.max)
        letAllOut()
        super.finish()
    }
}

/// Addresses in a row, in memory that is used again.
@safe
final class AddressBuffer {
    private var items: Lane<Memory>
    private var capacity = 256
    private(set) var count = 0

    init() { unsafe items = Lane(.allocate(capacity: 256)) }

    deinit { unsafe items.base.deallocate() }

    @inline(__always)
    subscript(_ index: Int) -> Memory { items[index] }

    @inline(__always)
    func add(_ item: Memory) {
        if count == capacity { grow() }
        items[count] = item
        count += 1
    }

    @inline(never)
    private func grow() {
        let larger: Lane<Memory> = unsafe Lane(.allocate(capacity: capacity * 2))
        larger.copy(from: items, count: count)
        unsafe items.base.deallocate()
        items = larger
        capacity *= 2
    }

    func removeAll() { count = 0 }
}
