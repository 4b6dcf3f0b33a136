// What survives: rows that wait, and of each partition its counters, its chain with where each frame stands in it, and pinned
// rows; the aggregates as every aggregation's.
internal import Base

extension OverOperator {
    func saveAll(_ writer: inout StateWriter) {
        writer.add(mark)
        writer.add(released)
        writer.add(serial)
        writer.add(waiting.count)
        waiting.each { record in
            rows.save(record, &writer)
        }
        writer.add(directory.count)
        for number in 0..<directory.used where directory.isLive(directory.record(number)) { save(directory.record(number), &writer) }
        for state in states { state.save(&writer) }
    }

    private func save(_ partition: Memory, _ writer: inout StateWriter) {
        directory.saveKeys(partition, &writer)
        for place in Self.counters { writer.add(partition.load(base + place, as: Int64.self)) }
        let chain = records(link(partition, Place.head))
        let number = { (address: UInt) in address == 0 ? -1 : chain.firstIndex { $0.address == address } ?? -1 }
        writer.add(number(link(partition, Place.current)))
        for frame in plan.frames.indices {
            for place in Self.links { writer.add(number(link(partition, framePlace(frame) + place))) }
            for place in Self.sizes { writer.add(partition.load(base + framePlace(frame) + place, as: Int64.self)) }
        }
        for list in [chain, records(link(partition, Place.pinned))] {
            writer.add(list.count)
            for record in list { rows.save(record, &writer) }
        }
    }

    private static let counters = [Place.number, Place.rank, Place.dense, Place.time, Place.entered]
    private static let links = [Place.first, Place.last, Place.next]
    private static let sizes = [Place.taken, Place.gone]

    private func records(_ first: UInt) -> [Memory] {
        var list: [Memory] = []
        var address = first
        while address != 0 {
            list.append(Memory(address: address))
            address = Memory(address: address).next
        }
        return list
    }

    func loadAll(_ reader: inout StateReader) throws(LeibrixError) {
        guard reader.format >= 2 else {
            throw LeibrixError(
                .streamCheckpointCorrupt, "window functions' state of format \(reader.format) cannot be read", hint: "Make the stream anew, or restore without it.")
        }
        mark = max(mark, try reader.word())
        released = max(released, try reader.word())
        let from = serial
        serial = max(serial, from + (try reader.word()))
        let loader = RowLoader(rows.kinds)
        for _ in 0..<(try reader.integer()) {
            let (time, _, number) = (try reader.word(), try reader.word(), try reader.word())
            try loader.read(&reader)
            guard reader.cores == 1 || Partition.core(loader.chunk.columns.advanced(by: childCount), plan.partition, directory.kinds, 0, cores: reader.cores) == reader.core
            else { continue }
            // Serials of several cores' states do not meet: they are counted on.
            wait(rows.add(loader.chunk, 0, time: time, serial: from + number))
            counts.buffered += 1
        }
        let keys = KeyRow(directory.kinds)
        for _ in 0..<(try reader.integer()) { try loadPartition(keys, loader, &reader) }
        for state in states { try state.load(&reader) }
        rebind()
    }

    private func loadPartition(_ keys: KeyRow, _ loader: RowLoader, _ reader: inout StateReader) throws(LeibrixError) {
        try keys.read(&reader)
        let isMine = keys.belongs(plan.partition, reader)
        guard let partition = isMine ? keys.record(in: directory) : directory.trash else {
            throw LeibrixError(.streamStateFull, "a checkpoint holds more partitions than there may be")
        }
        for place in Self.counters { partition.store(try reader.word(), at: base + place) }
        let current = try reader.integer()
        var links: [[Int]] = []
        for frame in plan.frames.indices {
            var numbers: [Int] = []
            for _ in Self.links { numbers.append(try reader.integer()) }
            links.append(numbers)
            for place in Self.sizes { partition.store(try reader.word(), at: base + framePlace(frame) + place) }
        }
        let chain = try loadRows(rows, loader, isMine, &reader)
        let pinned = try loadRows(rows, loader, isMine, &reader)
        guard isMine else { return directory.trash.zero(count: directory.stride) }
        let address = { (number: Int) in chain.indices.contains(number) ? chain[number].address : 0 }
        setLink(partition, Place.head, chain.first?.address ?? 0)
        setLink(partition, Place.tail, chain.last?.address ?? 0)
        setLink(partition, Place.current, address(current))
        setLink(partition, Place.pinned, pinned.first?.address ?? 0)
        partition.store(Int64(pinned.count), at: base + Place.pinnedCount)
        for (frame, numbers) in links.enumerated() {
            for (index, place) in Self.links.enumerated() { setLink(partition, framePlace(frame) + place, address(numbers[index])) }
        }
        guard chain.indices.contains(current) else { return }
        counts.buffered += chain.count - current
        if timeAhead > 0 { for record in chain[current...] { leaving.add(Self.sum(record.time, timeAhead), Int64(directory.number(of: partition))) } }
    }

    private func loadRows(_ store: RowStore, _ loader: RowLoader, _ keeps: Bool, _ reader: inout StateReader) throws(LeibrixError) -> [Memory] {
        var list: [Memory] = []
        for _ in 0..<(try reader.integer()) {
            let (time, _, number) = (try reader.word(), try reader.word(), try reader.word())
            try loader.read(&reader)
            if !keeps { continue }
            let record = store.add(loader.chunk, 0, time: time, serial: number)
            list.last?.next = record.address
            list.append(record)
        }
        return list
    }

    /// Aggregates' records lie elsewhere now.
    private func rebind() {
        let row = arenaRow
        for number in 0..<directory.used where directory.isLive(directory.record(number)) {
            let partition = directory.record(number)
            for key in 0..<keyCount {
                directory.readKey(partition, key, into: row[key], 0)
                row[key].hasNulls = true
            }
            rowOfOne[0] = 0
            for frame in states.indices {
                _ = states[frame].table.locate(row, rowOfOne, 1, into: found)
                setLink(partition, framePlace(frame) + Place.aggregates, found[0].address)
            }
        }
    }

    /// Room for one row of keys.
    private var arenaRow: Lane<Vector> { probe.columns.advanced(by: childCount) }
}
