// Aggregates over tumbling, hopping and cumulating windows: one table of groups a window.
//
// Whether a row is late depends on the watermark that row met, not on when a chunk is worked on; a window fires after
// the chunk in which the watermark passed it. Both together make the result independent of how rows are cut into chunks.
//
// The columns that leave are: keys, the window's start, its end, results. The watermark that leaves is held back so far
// that no row that is still to come is before it.
internal import Base

final class WindowOperator: Operator {
    let input: AggregateInput
    let spec: WindowSpec
    let lateness: Int64
    private let slack: Int64
    let mode: EmitMode
    let windows: WindowList
    let out: RowBuffer
    let keyCount: Int
    let resultCount: Int
    var outRows = 0
    var hasOutWeights = false
    /// The watermark downstream has seen.
    var mark = Int64.min
    /// Units the event time that comes in may be before the watermark: a column that is earlier than the time rows are ordered by.
    let inputLag: Int64
    /// Where late rows go, if anywhere.
    private let lateOutput: Operator?
    private let lateBuffer: RowBuffer
    private let lateRows: Lane<Int32>
    private var lateCount = 0
    let chosen: Lane<Int32>
    private let places: Lane<Int32>
    private let touched: Lane<Int32>
    let bucket: Lane<Int32>
    private var lastTick = Int64.min
    let rowsOffset: Int
    let keepsValues: Bool
    private let layout: AggregateLayout
    private let limit: Int
    private let arena = Arena()

    struct Settings {
        var spec: WindowSpec
        var lateness: Int64
        var mode: EmitMode
        var limit = StreamLimits.keysMax
        /// Units by which event times may lie before the watermark they come with.
        var inputLag: Int64 = 0
        var inputKinds: [LaneKind]
        var resultKinds: [LaneKind]
    }

    /// `input`'s program evaluates keys, arguments, and last the event time. `layout`'s first primitive counts rows.
    init(_ input: AggregateInput, layout: AggregateLayout, _ settings: Settings, late: Operator?, next: Operator) {
        self.input = input
        spec = settings.spec
        lateness = settings.lateness
        mode = settings.mode
        windows = WindowList(layout, limit: settings.limit)
        keyCount = layout.keyKinds.count
        resultCount = settings.resultKinds.count
        out = RowBuffer(layout.keyKinds + [.int, .int] + settings.resultKinds)
        inputLag = settings.inputLag
        slack = settings.lateness + settings.inputLag
        lateOutput = late
        lateBuffer = RowBuffer(settings.inputKinds)
        let rows = StreamLimits.chunkRowsMax
        lateRows = arena.lane(Int32.self, count: rows)
        chosen = arena.lane(Int32.self, count: rows)
        places = arena.lane(Int32.self, count: rows)
        touched = arena.lane(Int32.self, count: StreamLimits.openWindowsMax)
        bucket = arena.lane(Int32.self, count: rows)
        keepsValues = layout.keepsValues
        self.layout = layout
        limit = settings.limit
        rowsOffset = KeyTable(kinds: layout.keyKinds, stateBytes: layout.stateBytes).stateOffset
        super.init("window", next: next)
    }

    override var stateBytes: Int { windows.byteCount }
    override var stateKeys: Int { windows.keyCount }
    override var bounds: [OperatorBound] {
        let note = "each row is in \(spec.windowsPerRow) windows; goes when the watermark has passed the window's end and the lateness"
        return AggregateState(layout: layout).bounds(unit: "key and window", countMax: limit, timeToLive: spec.size + slack, note: note)
    }

    @inline(__always)
    private var times: Vector { input.program.result(input.keyCount + input.argumentCount) }

    override func push(_ chunk: Chunk) {
        let (selection, count) = input.run(chunk, counts)
        let accepted = admit(chunk, selection, count)
        if lateCount > 0 { pushLate(chunk) }
        if accepted == 0 { return }
        if mode == .onUpdate || mode == .changes || mode == .onWatermark && lateness > 0 {
            updateByRow(chunk, accepted)
        } else {
            for step in 0..<spec.windowsPerRow { updateByWindow(chunk, accepted, step) }
        }
    }

    /// Keeps in `chosen` the rows that at least their latest window still takes.
    private func admit(_ chunk: Chunk, _ selection: Lane<Int32>, _ count: Int) -> Int {
        let times = times
        var accepted = 0
        lateCount = 0
        if count == 0 { return 0 }
        // Times from `low` to `high` have one latest window, which takes every row of the chunk: marks only grow.
        let lastMark = chunk.mark(chunk.count - 1)
        var low = Int64.max
        var high = Int64.min
        for index in 0..<count {
            let row = Int(selection[index])
            let time = times.ints[row]
            if time >= low && time < high && !times.isNull(row) {
                chosen[accepted] = Int32(truncatingIfNeeded: row)
                accepted &+= 1
                continue
            }
            if !times.isNull(row), isOpen(spec.lastEnd(time), lastMark) {
                low = spec.lastEnd(time) &- spec.size
                high = low &+ (spec.kind == .hop ? spec.step : spec.size)
            }
            if times.isNull(row) {
                counts.fail(1, HotPathError.nullEventTime.rawValue)
            } else if isOpen(spec.lastEnd(times.ints[row]), chunk.mark(row)) {
                chosen[accepted] = Int32(row)
                accepted += 1
            } else {
                lateRows[lateCount] = Int32(row)
                lateCount += 1
            }
        }
        return accepted
    }

    /// Whether a window takes rows that met this watermark.
    @inline(__always)
    func isOpen(_ end: Int64, _ watermark: Int64) -> Bool { end.addingReportingOverflow(slack).partialValue > watermark }

    @inline(never)
    private func pushLate(_ chunk: Chunk) {
        counts.late += lateCount
        lateOutput?.push(lateBuffer.gather(chunk, lateRows, lateCount))
    }

    /// The rows' windows that lie `step` steps before their latest, all rows of a window at once.
    private func updateByWindow(_ chunk: Chunk, _ accepted: Int, _ step: Int) {
        let times = times.ints
        var lastEnd = Int64.min
        var lastStart = Int64.max
        var lastPlace = -1
        var touchedCount = 0
        var isOne = true
        var opened = false
        for index in 0..<accepted {
            let row = Int(chosen[index])
            let time = times[row]
            if step == 0 && spec.kind == .tumble && time >= lastStart && time < lastEnd {
                places[index] = Int32(lastPlace)
                continue
            }
            guard let end = spec.end(time, step), step == 0 || isOpen(end, chunk.mark(row)) else {
                places[index] = -1
                isOne = false
                continue
            }
            lastEnd = end
            lastStart = end &- spec.size
            let before = windows.open.count
            guard let place = windows.place(end: end, spec) else {
                refuse(step)
                places[index] = -1
                isOne = false
                lastEnd = .min
                continue
            }
            if windows.open.count != before {
                // Places of later windows moved by one.
                for earlier in 0..<index where Int(places[earlier]) >= place { places[earlier] += 1 }
                opened = true
            }
            if index > 0 && place != lastPlace { isOne = false }
            lastPlace = place
            places[index] = Int32(place)
        }
        _ = opened
        if isOne { return update(windows.open[lastPlace], chunk, chosen, accepted, step) }
        for index in 0..<accepted where places[index] >= 0 {
            let window = windows.open[Int(places[index])]
            if window.chunkRows == 0 {
                touched[touchedCount] = places[index]
                touchedCount += 1
            }
            window.chunkRows += 1
        }
        distribute(chunk, accepted, touchedCount, step)
    }

    /// A row with no room for its window: counted once, with its latest.
    private func refuse(_ step: Int) {
        if step == 0 { counts.fail(1, HotPathError.stateFull.rawValue) }
    }

    private func distribute(_ chunk: Chunk, _ accepted: Int, _ touchedCount: Int, _ step: Int) {
        var offset = 0
        for index in 0..<touchedCount {
            let window = windows.open[Int(touched[index])]
            window.chunkOffset = offset
            offset += window.chunkRows
            window.chunkRows = 0
        }
        for index in 0..<accepted where places[index] >= 0 {
            let window = windows.open[Int(places[index])]
            bucket[window.chunkOffset + window.chunkRows] = chosen[index]
            window.chunkRows += 1
        }
        for index in 0..<touchedCount {
            let window = windows.open[Int(touched[index])]
            let count = window.chunkRows
            window.chunkRows = 0
            update(window, chunk, bucket.advanced(by: window.chunkOffset), count, step)
        }
    }

    private func update(_ window: OpenWindow, _ chunk: Chunk, _ rows: Lane<Int32>, _ rowCount: Int, _ step: Int) {
        var (rows, count) = (rows, rowCount)
        let state = window.state
        input.bind(state)
        state.settle()
        if keepsValues && state.isFull(count) {
            if step == 0 { counts.fail(count, HotPathError.stateFull.rawValue) }
            return
        }
        if !state.table.locate(state.keys, rows, count, into: input.records) {
            (rows, count) = input.dropRefused(rows, count, state.table.trash, counts)
        }
        state.update(input.records, rows, count, chunk)
        if step == 0 {
            window.waiting += count
            counts.buffered += count
        }
        if case .every = mode { for index in 0..<count { window.dirty.addOnce(input.records[index]) } }
    }

    override func advance(_ watermark: Int64) {
        fire(watermark)
        let held = watermark == .max ? watermark : watermark < .min + slack ? .min : watermark - slack
        if held > mark {
            mark = held
            next!.advance(held)
        }
    }

    override func tick(_ now: Int64) {
        if case .every(let micros) = mode, lastTick == .min || now - lastTick >= micros {
            lastTick = now
            for window in windows.open { emitDirty(window) }
            flush()
        }
        next?.tick(now)
    }

    override func finish() {
        advance(.max)
        super.finish()
    }

    override func save(_ writer: inout StateWriter) {
        writer.add(mark)
        writer.add(windows.open.count)
        for window in windows.open {
            writer.add(window.end)
            writer.add(window.hasFired ? 1 : 0)
            writer.add(window.waiting)
            window.state.save(&writer)
        }
    }

    override func capture() -> OperatorCapture {
        var capture = OperatorCapture()
        var writer = StateWriter()
        writer.add(mark)
        writer.add(windows.open.count)
        capture.add(writer)
        for window in windows.open {
            var writer = StateWriter()
            writer.add(window.end)
            writer.add(window.hasFired ? 1 : 0)
            writer.add(window.waiting)
            capture.add(writer)
            capture.add(window.state)
        }
        return capture
    }

    override func load(_ reader: inout StateReader) throws(LeibrixError) {
        mark = max(mark, try reader.word())
        for _ in 0..<(try reader.integer()) {
            let end = try reader.word()
            guard let place = windows.place(end: end, spec) else {
                throw LeibrixError(.streamStateFull, "a checkpoint has more open windows than there may be")
            }
            let window = windows.open[place]
            window.hasFired = try reader.integer() == 1
            let waiting = try reader.integer()
            window.waiting += reader.core == 0 ? waiting : 0
            counts.buffered += reader.core == 0 ? waiting : 0
            try window.state.load(&reader) { record in if case .every = self.mode { window.dirty.addOnce(record) } }
        }
    }
}
