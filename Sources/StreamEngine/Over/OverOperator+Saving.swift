// What survives: rows that wait, and of each partition its counters, its chain with where each frame begins in it, pinned and
// delayed rows; the aggregates as every aggregation's.
internal import Base

extension OverOperator {
    func saveAll(_ writer: inout StateWriter) {
        writer.add(mark)
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
        for place in [Place.number, Place.rank, Place.dense, Place.time] { writer.add(partition.load(base + place, as: Int64.self)) }
        for frame in plan.frames.indices { writer.add(partition.load(base + framePlace(frame) + 8, as: Int64.self)) }
        let chain = records(link(partition, Place.head))
        for frame in plan.frames.indices {
            let first = link(partition, framePlace(frame))
            writer.add(chain.firstIndex { $0.address == first } ?? -1)
        }
        for (store, list) in [(rows, chain), (rows, records(link(partition, Place.pinned))), (delayed, records(link(partition, Place.delayed)))] {
            writer.add(list.count)
            for record in list { store.save(record, &writer) }
        }
    }

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
        mark = max(mark, try reader.word())
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
        for place in [Place.number, Place.rank, Place.dense, Place.time] { partition.store(try reader.word(), at: base + place) }
        for frame in plan.frames.indices { partition.store(try reader.word(), at: base + framePlace(frame) + 8) }
        var firsts: [Int] = []
        for _ in plan.frames { firsts.append(try reader.integer()) }
        let chain = try loadRows(rows, loader, isMine, &reader)
        let pinned = try loadRows(rows, loader, isMine, &reader)
        let late = try loadRows(delayed, RowLoader(delayed.kinds), isMine, &reader)
        guard isMine else { return directory.trash.zero(count: directory.stride) }
        counts.buffered += late.count
        setLink(partition, Place.head, chain.first?.address ?? 0)
        setLink(partition, Place.tail, chain.last?.address ?? 0)
        setLink(partition, Place.pinned, pinned.first?.address ?? 0)
        partition.store(Int64(pinned.count), at: base + Place.pinnedCount)
        setLink(partition, Place.delayed, late.first?.address ?? 0)
        partition.store(Int64(late.count), at: base + Place.delayedCount)
        for (frame, first) in firsts.enumerated() where chain.indices.contains(first) { setLink(partition, framePlace(frame), chain[first].address) }
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
                setLink(partition, framePlace(frame) + 16, found[0].address)
            }
        }
    }

    /// Room for one row of keys.
    private var arenaRow: Lane<Vector> { probe.columns.advanced(by: childCount) }
}
