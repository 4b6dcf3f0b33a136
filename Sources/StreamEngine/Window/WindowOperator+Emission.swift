// What leaves a window, and when.

extension WindowOperator {
    /// Fires and drops the windows that a watermark has passed, earliest end first.
    func fire(_ watermark: Int64) {
        var dropped = 0
        var place = -1
        while place + 1 < windows.open.count {
            place += 1
            let window = windows.open[place]
            if mode == .onWatermark {
                if window.end + inputLag > watermark { break }
                if !window.hasFired { emitAll(window) }
                window.hasFired = true
            }
            if isOpen(window.end, watermark) { if mode == .onWatermark { continue } else { break } }
            switch mode {
            case .onWindowClose, .final: emitAll(window)
            case .every: emitDirty(window)
            default: break
            }
            settle(window)
            flush()
            dropped += 1
        }
        flush()
        if dropped > 0 { windows.drop(dropped) }
    }

    /// The rows of the window have had their effect.
    private func settle(_ window: OpenWindow) {
        counts.buffered -= window.waiting
        counts.emitted += window.waiting
        window.waiting = 0
    }

    private func emitAll(_ window: OpenWindow) {
        let table = window.state.table
        for number in 0..<table.used {
            let record = table.record(number)
            if table.isLive(record) && record.load(rowsOffset, as: Int64.self) > 0 { append(record, window, 1) }
        }
        settle(window)
        flush()
    }

    func emitDirty(_ window: OpenWindow) {
        for index in 0..<window.dirty.count {
            let record = window.dirty[index]
            AddressList.clear(record)
            if record.load(rowsOffset, as: Int64.self) > 0 { append(record, window, 1) }
        }
        window.dirty.removeAll()
        settle(window)
        flush()
    }

    /// Writes one group's row.
    func append(_ record: Memory, _ window: OpenWindow, _ weight: Int8) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        out.columns[keyCount].nulls[outRows] = 0
        out.columns[keyCount].ints[outRows] = window.start
        out.columns[keyCount + 1].nulls[outRows] = 0
        out.columns[keyCount + 1].ints[outRows] = window.end
        single[0] = record
        window.state.read(single, 1, into: out.columns, start: outRows, resultColumn: keyCount + 2)
        out.weights[outRows] = weight
        if weight < 0 { hasOutWeights = true }
        outRows += 1
    }

    /// Room for the address of one record.
    private var single: Lane<Memory> { input.records.advanced(by: StreamLimits.chunkRowsMax - 1) }

    func flush() {
        if outRows == 0 { return }
        var chunk = out.chunk(outRows, mark: mark)
        chunk.hasWeights = mode.retracts(lateness: lateness)
        chunk.weights = out.weights
        counts.rowsOut += outRows
        outRows = 0
        next!.push(chunk)
    }

    /// Row by row through all of its windows: for modes in which each row's effect leaves with it.
    func updateByRow(_ chunk: Chunk, _ accepted: Int) {
        let times = input.program.result(input.keyCount + input.argumentCount).ints
        for place in windows.open.indices { windows.open[place].state.settle() }
        for index in 0..<accepted {
            let row = Int(chosen[index])
            if mode == .onWatermark { fireReached(chunk.mark(row)) }
            var step = spec.windowsPerRow - 1
            while step >= 0 {
                if let end = spec.end(times[row], step), isOpen(end, chunk.mark(row)) { updateOne(chunk, row, end, step) }
                step -= 1
            }
        }
        flush()
    }

    /// First results of the windows that a watermark has reached, earliest end first: before the row that met it.
    private func fireReached(_ watermark: Int64) {
        var place = 0
        while place < windows.open.count, windows.open[place].end + inputLag <= watermark {
            if !windows.open[place].hasFired { emitAll(windows.open[place]) }
            windows.open[place].hasFired = true
            place += 1
        }
    }

    private func updateOne(_ chunk: Chunk, _ row: Int, _ end: Int64, _ step: Int) {
        guard let place = windows.place(end: end, spec) else {
            if step == 0 { counts.fail(1, HotPathError.stateFull.rawValue) }
            return
        }
        let window = windows.open[place]
        input.bind(window.state)
        bucket[0] = Int32(row)
        let record = input.records
        guard !(keepsValues && window.state.isFull(1)), window.state.table.locate(window.state.keys, bucket, 1, into: record) else {
            if step == 0 { counts.fail(1, HotPathError.stateFull.rawValue) }
            return
        }
        // Before its end a window of ON WATERMARK only collects; the watermark the row met decides, as with one-row chunks.
        let waits = mode == .onWatermark && end + inputLag > chunk.mark(row)
        let retracts = mode == .changes || mode == .onWatermark
        if !waits { window.hasFired = true }
        if outRows + 2 > StreamLimits.chunkRowsMax { flush() }
        let start = outRows
        let hadRows = record[0].load(rowsOffset, as: Int64.self) > 0
        if !waits && retracts && hadRows { append(record[0], window, -1) }
        window.state.update(record, bucket, 1, chunk)
        if step == 0 { account(window, waits) }
        if waits { return }
        if record[0].load(rowsOffset, as: Int64.self) > 0 { append(record[0], window, 1) }
        if retracts && outRows == start + 2 && isSame(start, start + 1) { outRows = start }
    }

    private func account(_ window: OpenWindow, _ waits: Bool) {
        if waits {
            window.waiting += 1
            counts.buffered += 1
        } else {
            counts.emitted += 1
        }
    }

    private func isSame(_ first: Int, _ second: Int) -> Bool {
        for column in keyCount + 2..<keyCount + 2 + resultCount {
            var vector = out.columns[column]
            vector.hasNulls = true
            if !sameValue(out.kinds[column], vector, first, vector, second) { return false }
        }
        return true
    }
}
