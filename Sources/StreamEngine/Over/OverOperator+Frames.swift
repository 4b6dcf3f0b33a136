// A row's way through its partition: into the chain, into and out of frames as these move, and away with its results.

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
            let place = framePlace(frame) + Place.aggregates
            if link(partition, place) == 0 {
                _ = states[frame].table.locate(probe.columns.advanced(by: childCount), rowOfOne, 1, into: found)
                setLink(partition, place, found[0].address)
            }
            frame += 1
        }
    }

    /// Puts a row at the end of its partition's chain; returns the partition.
    func enter(_ record: Memory) -> Memory {
        let partition = partition(of: record)
        record.next = 0
        let tail = link(partition, Place.tail)
        if tail == 0 { setLink(partition, Place.head, record.address) } else { Memory(address: tail).next = record.address }
        setLink(partition, Place.tail, record.address)
        if link(partition, Place.current) == 0 { setLink(partition, Place.current, record.address) }
        set(partition, Place.entered, word(partition, Place.entered) + 1)
        var frame = 0
        while frame < plan.frames.count {
            let place = framePlace(frame) + Place.next
            if link(partition, place) == 0 { setLink(partition, place, record.address) }
            frame += 1
        }
        pin(record, partition)
        return partition
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
        found[0] = Memory(address: link(partition, framePlace(frame) + Place.aggregates))
        var chunk = Chunk(count: 1, columns: probe.columns)
        chunk.weights = weights
        chunk.hasWeights = true
        state.update(found, rowOfOne, 1, chunk)
    }

    /// Lets a frame take the rows up to its end around the row at a place of the partition, and let go those before its beginning.
    private func move(_ partition: Memory, _ frame: Int, _ row: Int64, _ time: Int64) {
        let place = framePlace(frame)
        let bounds = plan.frames[frame]
        let isByRows = bounds.unit == .rows
        let end = isByRows ? row + bounds.to : Self.sum(time, bounds.to)
        while link(partition, place + Place.next) != 0 {
            let next = Memory(address: link(partition, place + Place.next))
            if isByRows ? word(partition, place + Place.taken) >= end : next.time > end { break }
            if bounds.isBounded && link(partition, place) == 0 { setLink(partition, place, next.address) }
            setLink(partition, place + Place.last, next.address)
            setLink(partition, place + Place.next, next.next)
            set(partition, place + Place.taken, word(partition, place + Place.taken) + 1)
            update(next, partition, frame, 1)
        }
        guard let from = bounds.from else { return }
        let start = isByRows ? row + from : Self.sum(time, from)
        while link(partition, place) != 0 {
            let first = Memory(address: link(partition, place))
            if isByRows ? word(partition, place + Place.gone) + 1 >= start : first.time >= start { return }
            update(first, partition, frame, -1)
            let isLast = first.address == link(partition, place + Place.last)
            setLink(partition, place, isLast ? 0 : first.next)
            if isLast { setLink(partition, place + Place.last, 0) }
            set(partition, place + Place.gone, word(partition, place + Place.gone) + 1)
        }
    }

    /// Rows that a frame has.
    private func size(_ partition: Memory, _ frame: Int) -> Int64 {
        word(partition, framePlace(frame) + Place.taken) - word(partition, framePlace(frame) + Place.gone)
    }

    /// Hands on the rows of a partition that have all they ask for.
    func letOut(_ partition: Memory, isEnd: Bool = false) {
        while link(partition, Place.current) != 0 {
            let record = Memory(address: link(partition, Place.current))
            if !isEnd && (word(partition, Place.number) + 1 + rowsAhead > word(partition, Place.entered) || Self.sum(record.time, timeAhead) > released) { return }
            leave(record, partition)
        }
    }

    /// At the end of the input nothing comes behind.
    func letAllOut() {
        if rowsAhead == 0 && timeAhead == 0 { return }
        for number in 0..<directory.used where directory.isLive(directory.record(number)) {
            letOut(directory.record(number), isEnd: true)
        }
        flush()
    }

    /// Computes a row's results and hands it on.
    private func leave(_ record: Memory, _ partition: Memory) {
        let time = record.time
        number(partition, time)
        var frame = 0
        while frame < plan.frames.count {
            move(partition, frame, word(partition, Place.number), time)
            frame += 1
        }
        if outRows == StreamLimits.chunkRowsMax { flush() }
        write(record, partition)
        out.marks[outRows] = rowsAhead > 0 ? mark : Self.sum(time, timeAhead)
        outRows += 1
        counts.buffered -= 1
        counts.emitted += 1
        setLink(partition, Place.current, record.next)
        forget(partition)
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

    /// Keeps the first rows of a partition where a frame without a beginning asks for them.
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

    /// Gives back the rows before the next one to leave that no frame reaches.
    private func forget(_ partition: Memory) {
        while link(partition, Place.head) != 0 {
            let head = Memory(address: link(partition, Place.head))
            if link(partition, Place.current) == head.address { return }
            var frame = 0
            while frame < plan.frames.count {
                let place = framePlace(frame)
                if link(partition, place) == head.address || link(partition, place + Place.next) == head.address { return }
                // What LAST_VALUE shows lies behind all that a frame has; one that ends before the current row keeps it.
                if plan.frames[frame].to < 0 && link(partition, place + Place.last) == head.address { return }
                frame += 1
            }
            setLink(partition, Place.head, head.next)
            if head.next == 0 { setLink(partition, Place.tail, 0) }
            rows.remove(head)
        }
    }

    // MARK: results

    private func write(_ record: Memory, _ partition: Memory) {
        rows.read(record, childCount, into: out.columns, first: 0, row: outRows)
        var frame = 0
        while frame < states.count {
            if !plan.aggregates[frame].resultTypes.isEmpty {
                found[0] = Memory(address: link(partition, framePlace(frame) + Place.aggregates))
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
        case .shifted(let frame, let argument, let otherwise):
            let place = framePlace(frame)
            return size(partition, frame) > 0 ? read(Memory(address: link(partition, place)), argument, vector) : readDefault(record, otherwise, vector)
        case .first(let frame, let argument): return read(nth(1, partition, frame), argument, vector)
        case .nth(let frame, let place, let argument): return read(nth(place, partition, frame), argument, vector)
        case .last(let frame, let argument):
            let place = framePlace(frame)
            return read(size(partition, frame) > 0 ? Memory(address: link(partition, place + Place.last)) : nil, argument, vector)
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
        guard size(partition, frame) >= Int64(place) else { return nil }
        var address = link(partition, plan.frames[frame].isBounded ? framePlace(frame) : Place.pinned)
        var left = place - 1
        while left > 0 && address != 0 {
            address = Memory(address: address).next
            left -= 1
        }
        return address == 0 ? nil : Memory(address: address)
    }
}
