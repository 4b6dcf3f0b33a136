// A row's way through its partition: it enters the frames that have its peers, then, row by row, those that have not, and leaves
// with its results.

extension OverOperator {
    @inline(__always)
    private func word(_ partition: Memory, _ place: Int) -> Int64 { partition.load(base + place, as: Int64.self) }

    @inline(__always)
    private func set(_ partition: Memory, _ place: Int, _ value: Int64) { partition.store(value, at: base + place) }

    @inline(__always)
    func link(_ partition: Memory, _ place: Int) -> UInt { partition.load(base + place, as: UInt.self) }

    @inline(__always)
    func setLink(_ partition: Memory, _ place: Int, _ value: UInt) { partition.store(value, at: base + place) }

    @inline(__always)
    func framePlace(_ frame: Int) -> Int { Place.frames + frame * Place.frameBytes }

    /// The record's partition, made where it is not there.
    func partition(of record: Memory) -> Memory {
        rows.read(record, into: probe.columns, first: 0, row: 0)
        for column in childCount..<argumentStart { probe.columns[column].hasNulls = true }
        rowOfOne[0] = 0
        let keys = probe.columns.advanced(by: childCount)
        _ = directory.locate(keys, rowOfOne, 1, into: found)
        let partition = found[0]
        bindStates(partition)
        return partition
    }

    /// Finds or makes the records of the frames' aggregates of the partition whose keys `probe` holds.
    private func bindStates(_ partition: Memory) {
        var frame = 0
        while frame < states.count {
            let place = framePlace(frame) + 16
            if link(partition, place) == 0 {
                _ = states[frame].table.locate(probe.columns.advanced(by: childCount), rowOfOne, 1, into: found)
                setLink(partition, place, found[0].address)
            }
            frame += 1
        }
    }

    /// Puts a row at the end of its partition's chain, and into the frames that have its peers.
    func enter(_ record: Memory) -> Memory {
        let partition = partition(of: record)
        record.next = 0
        let tail = link(partition, Place.tail)
        if tail == 0 { setLink(partition, Place.head, record.address) } else { Memory(address: tail).next = record.address }
        setLink(partition, Place.tail, record.address)
        var frame = 0
        while frame < plan.frames.count {
            if plan.frames[frame].hasPeers { add(record, partition, frame) }
            frame += 1
        }
        return partition
    }

    private func add(_ record: Memory, _ partition: Memory, _ frame: Int) {
        let place = framePlace(frame)
        if plan.frames[frame].isBounded && link(partition, place) == 0 { setLink(partition, place, record.address) }
        set(partition, place + 8, word(partition, place + 8) + 1)
        update(record, partition, frame, 1)
    }

    private func update(_ record: Memory, _ partition: Memory, _ frame: Int, _ weight: Int8) {
        let aggregates = plan.aggregates[frame]
        if aggregates.resultTypes.isEmpty { return }
        let state = states[frame]
        rows.read(record, into: probe.columns, first: 0, row: 0)
        var index = 0
        while index < aggregates.arguments.count {
            var vector = probe.columns[argumentStart + aggregates.arguments[index]]
            vector.hasNulls = true
            state.arguments[index] = vector
            index += 1
        }
        index = 0
        while index < keyCount {
            var vector = probe.columns[childCount + index]
            vector.hasNulls = true
            state.keys[index] = vector
            index += 1
        }
        weights[0] = weight
        rowOfOne[0] = 0
        found[0] = Memory(address: link(partition, framePlace(frame) + 16))
        var chunk = Chunk(count: 1, columns: probe.columns)
        chunk.weights = weights
        chunk.hasWeights = true
        state.update(found, rowOfOne, 1, chunk)
    }

    /// Lets go the rows of a frame that the current one no longer reaches.
    private func trim(_ partition: Memory, _ frame: Int, _ time: Int64) {
        let place = framePlace(frame)
        while link(partition, place) != 0 {
            let first = Memory(address: link(partition, place))
            switch plan.frames[frame].extent {
            case .unbounded: return
            case .rows(let count): if word(partition, place + 8) <= Int64(count) + 1 { return }
            case .range(let units): if first.time >= time.subtractingReportingOverflow(units).partialValue { return }
            }
            update(first, partition, frame, -1)
            setLink(partition, place, first.next)
            set(partition, place + 8, word(partition, place + 8) - 1)
        }
    }

    /// Computes a row's results and hands it on.
    func leave(_ record: Memory, _ partition: Memory, _ time: Int64) {
        number(partition, time)
        pin(record, partition)
        var frame = 0
        while frame < plan.frames.count {
            if !plan.frames[frame].hasPeers { add(record, partition, frame) }
            if plan.frames[frame].isBounded { trim(partition, frame, time) }
            frame += 1
        }
        if outRows == StreamLimits.chunkRowsMax { flush() }
        write(record, partition)
        out.marks[outRows] = time
        if leadMax > 0 {
            delay(record, partition)
        } else {
            outRows += 1
            counts.buffered -= 1
            counts.emitted += 1
        }
        forget(partition, upTo: record)
    }

    private func number(_ partition: Memory, _ time: Int64) {
        let number = word(partition, Place.number) + 1
        set(partition, Place.number, number)
        if number == 1 || word(partition, Place.time) != time {
            set(partition, Place.rank, number)
            set(partition, Place.dense, word(partition, Place.dense) + 1)
            set(partition, Place.time, time)
        }
    }

    /// Keeps the first rows of a partition where a frame without a bound asks for them.
    private func pin(_ record: Memory, _ partition: Memory) {
        let count = word(partition, Place.pinnedCount)
        guard count < pinnedMax else { return }
        rows.read(record, into: probe.columns, first: 0, row: 0)
        let copy = rows.add(probe.chunk(1, mark: .min), 0, time: record.time, serial: record.serial)
        append(copy, partition, Place.pinned)
        set(partition, Place.pinnedCount, count + 1)
    }

    func append(_ record: Memory, _ partition: Memory, _ place: Int) {
        record.next = 0
        if link(partition, place) == 0 { return setLink(partition, place, record.address) }
        var last = Memory(address: link(partition, place))
        while last.next != 0 { last = Memory(address: last.next) }
        last.next = record.address
    }

    /// Gives back the rows before and at the current one that no frame reaches.
    private func forget(_ partition: Memory, upTo record: Memory) {
        while link(partition, Place.head) != 0 {
            let head = Memory(address: link(partition, Place.head))
            var frame = 0
            while frame < plan.frames.count {
                if link(partition, framePlace(frame)) == head.address { return }
                frame += 1
            }
            setLink(partition, Place.head, head.next)
            if head.next == 0 { setLink(partition, Place.tail, 0) }
            let isLast = head.address == record.address
            rows.remove(head)
            if isLast { return }
        }
    }

    // MARK: results

    private func write(_ record: Memory, _ partition: Memory) {
        rows.read(record, childCount, into: out.columns, first: 0, row: outRows)
        var frame = 0
        while frame < states.count {
            if !plan.aggregates[frame].resultTypes.isEmpty {
                found[0] = Memory(address: link(partition, framePlace(frame) + 16))
                states[frame].readResults(found, 1, into: out.columns, start: outRows, resultColumn: aggregateColumns[frame])
            }
            frame += 1
        }
        var index = 0
        while index < plan.functions.count {
            write(plan.functions[index], childCount + index, record, partition)
            index += 1
        }
    }

    private func write(_ function: OverPlan.Function, _ column: Int, _ record: Memory, _ partition: Memory) {
        let vector = out.columns[column]
        switch function {
        case .rowNumber: vector.ints[outRows] = word(partition, Place.number)
        case .rank: vector.ints[outRows] = word(partition, Place.rank)
        case .denseRank: vector.ints[outRows] = word(partition, Place.dense)
        case .lag(let frame, let count, let argument, let otherwise):
            let isThere = word(partition, framePlace(frame) + 8) == Int64(count) + 1
            return isThere
                ? read(Memory(address: link(partition, framePlace(frame))), argument, vector) : readDefault(record, otherwise, vector)
        // Written when the row it asks for comes.
        case .lead(_, _, let otherwise): return readDefault(record, otherwise, vector)
        case .first(let frame, let argument): return read(nth(1, partition, frame), argument, vector)
        case .nth(let frame, let place, let argument): return read(nth(place, partition, frame), argument, vector)
        case .last(let frame, let argument):
            return read(plan.frames[frame].hasPeers ? Memory(address: link(partition, Place.tail)) : record, argument, vector)
        case .aggregate(let frame, let result):
            var from = out.columns[aggregateColumns[frame] + result]
            from.hasNulls = true
            return copyValue(out.kinds[column], from, outRows, vector, outRows)
        }
        vector.nulls[outRows] = 0
    }

    private func read(_ record: Memory?, _ argument: Int, _ vector: Vector) {
        guard let record else {
            vector.nulls[outRows] = 1
            return
        }
        rows.readColumn(record, argumentStart + argument, into: vector, outRows)
    }

    private func readDefault(_ record: Memory, _ otherwise: Int?, _ vector: Vector) {
        read(otherwise == nil ? nil : record, otherwise ?? 0, vector)
    }

    /// The row at a place of a frame, counted from 1.
    private func nth(_ place: Int, _ partition: Memory, _ frame: Int) -> Memory? {
        guard word(partition, framePlace(frame) + 8) >= Int64(place) else { return nil }
        var address = link(partition, plan.frames[frame].isBounded ? framePlace(frame) : Place.pinned)
        var left = place - 1
        while left > 0 && address != 0 {
            address = Memory(address: address).next
            left -= 1
        }
        return address == 0 ? nil : Memory(address: address)
    }

    // MARK: LEAD

    /// The row in `out` waits for those behind it; those before it get from `record` what they ask for, and the one that is complete leaves.
    private func delay(_ record: Memory, _ partition: Memory) {
        let chunk = Chunk(count: 1, columns: out.columns)
        for column in 0..<childCount + plan.functions.count { out.columns[column].hasNulls = true }
        let made = delayed.add(chunk, outRows, time: record.time, serial: record.serial)
        append(made, partition, Place.delayed)
        let count = word(partition, Place.delayedCount) + 1
        set(partition, Place.delayedCount, count)
        var behind = Int(count) - 1
        var address = link(partition, Place.delayed)
        while behind > 0 {
            let waiting = Memory(address: address)
            var index = 0
            while index < plan.functions.count {
                if case .lead(let rows0, let argument, _) = plan.functions[index], rows0 == behind {
                    rows.readColumn(record, argumentStart + argument, into: out.columns[childCount + index], outRows)
                    delayed.replace(waiting, childCount + index, out.columns[childCount + index], outRows)
                }
                index += 1
            }
            address = waiting.next
            behind -= 1
        }
        if count > Int64(leadMax) { leaveDelayed(partition, mark: record.time) }
    }

    private func leaveDelayed(_ partition: Memory, mark: Int64) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        let first = Memory(address: link(partition, Place.delayed))
        delayed.read(first, into: out.columns, first: 0, row: outRows)
        out.marks[outRows] = mark
        outRows += 1
        counts.buffered -= 1
        counts.emitted += 1
        setLink(partition, Place.delayed, first.next)
        set(partition, Place.delayedCount, word(partition, Place.delayedCount) - 1)
        delayed.remove(first)
    }

    /// At the end of the input nothing comes behind.
    func flushDelayed() {
        if leadMax == 0 { return }
        for number in 0..<directory.used where directory.isLive(directory.record(number)) {
            let partition = directory.record(number)
            while link(partition, Place.delayed) != 0 { leaveDelayed(partition, mark: mark) }
        }
        flush()
    }
}
