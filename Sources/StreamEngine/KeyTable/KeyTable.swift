// Groups by typed keys: open addressing over records that never move.
//
//   slot    8 bytes   high half: tag (the hash's low 32 bits); low half: record number + 1, 0 = empty
//   record  stride    0: tag  4: NULL bit a key, bit 30 = listed, 31 = live  8: keys (8 bytes each, texts and 128-bit numbers 16)  then states
//
// The slot's home is tag & mask, so growing and deleting need the slots alone. Linear probing; deletion shifts back what
// follows, so there are no tombstones. Records lie in pages that stay where they are: callers hold addresses of records
// while they work on a batch. Freed records are reused before new pages are taken; a table whose keys come and go
// within its high-water mark allocates nothing.
internal import Base

@safe
final class KeyTable {
    static let pageShift = 8
    static let pageRows = 256
    static let live: UInt32 = 1 << 31

    let kinds: [LaneKind]
    let keyCount: Int
    let stateOffset: Int
    let stride: Int
    private let kindLane: Lane<LaneKind>
    private let offsets: Lane<Int32>
    private let hashes: Lane<UInt64>
    private let isSingleInt: Bool
    let heap = TextHeap()
    private let arena = Arena()

    private var slots: Lane<UInt64>
    private var mask: Int
    private var pages: [UnsafeMutableRawPointer] = unsafe []
    private var pageTable: Lane<Memory>
    /// By page: whether one of its records was looked for since the last snapshot.
    private var changed: Lane<UInt8>
    private var pageCapacity: Int
    /// Live groups.
    private(set) var count = 0
    /// Records ever used since the last reset.
    private(set) var used = 0
    private var freeRecord = -1
    let limit: Int
    /// Set while the table's pages are written away.
    var snapshot: TableSnapshot?
    var isSnapshotting = false
    /// Takes the states of keys that the limit refuses.
    let trash: Memory

    init(kinds: [LaneKind], stateBytes: Int, limit: Int = StreamLimits.keysMax) {
        precondition(kinds.count < 30)
        self.kinds = kinds
        self.limit = limit
        keyCount = kinds.count
        kindLane = arena.lane(LaneKind.self, count: kinds.count)
        offsets = arena.lane(Int32.self, count: kinds.count)
        var offset = 8
        for (index, kind) in kinds.enumerated() {
            kindLane[index] = kind
            offsets[index] = Int32(offset)
            offset += max(kind.width, 8)
        }
        stateOffset = offset
        stride = (offset + stateBytes + 7) & ~7
        isSingleInt = kinds == [.int]
        hashes = arena.lane(UInt64.self, count: StreamLimits.chunkRowsMax)
        trash = arena.take(bytes: stride)
        mask = 63
        unsafe slots = Lane(.allocate(capacity: 64))
        slots.fill(0, count: 64)
        pageCapacity = 16
        unsafe pageTable = Lane(.allocate(capacity: 16))
        unsafe changed = Lane(.allocate(capacity: 16))
        changed.fill(1, count: 16)
    }

    deinit {
        unsafe slots.base.deallocate()
        unsafe pageTable.base.deallocate()
        unsafe changed.base.deallocate()
        for unsafe page in unsafe pages { unsafe page.deallocate() }
    }

    /// Bytes held, for budgets and statistics.
    var byteCount: Int {
        let pageCount = unsafe pages.count
        return (mask + 1) * 8 + pageCount * Self.pageRows * stride + heap.byteCount
    }

    @inline(__always)
    func record(_ number: Int) -> Memory {
        pageTable[number >> Self.pageShift].advanced(by: (number & (Self.pageRows - 1)) &* stride)
    }

    @inline(__always)
    func isLive(_ record: Memory) -> Bool { record.load(4, as: UInt32.self) & Self.live != 0 }

    func keyOffset(_ index: Int) -> Int { Int(offsets[index]) }

    // MARK: finding

    /// Finds or makes the group of each row `selection[0..<count]`; `out` gets the addresses of their records. Returns false
    /// when the limit refused a key: its rows have `trash`.
    func locate(_ keys: Lane<Vector>, _ selection: Lane<Int32>, _ rows: Int, into out: Lane<Memory>) -> Bool {
        if isSingleInt && !keys[0].hasNulls { return locateInts(keys[0].ints, selection, rows, into: out) }
        hash(keys, selection, rows)
        let isSnapshotting = isSnapshotting
        var isWhole = true
        for index in 0..<rows {
            let row = Int(selection[index])
            let tag = UInt32(truncatingIfNeeded: hashes[index])
            var place = Int(tag) & mask
            var found: Memory?
            while slots[place] != 0 {
                if UInt32(truncatingIfNeeded: slots[place] >> 32) == tag {
                    let number = Int(truncatingIfNeeded: slots[place] & 0xFFFF_FFFF) - 1
                    let candidate = record(number)
                    if isEqual(candidate, keys, row) {
                        if isSnapshotting { preserve(number) }
                        changed[number >> Self.pageShift] = 1
                        found = candidate
                        break
                    }
                }
                place = (place + 1) & mask
            }
            if let found { out[index] = found } else { out[index] = insert(tag, keys, row, &isWhole) }
        }
        return isWhole
    }

    private func locateInts(_ ints: Lane<Int64>, _ selection: Lane<Int32>, _ rows: Int, into out: Lane<Memory>) -> Bool {
        var isWhole = true
        var slots = slots
        var mask = mask
        let pageTable = pageTable
        let stride = stride
        let isSnapshotting = isSnapshotting
        for index in 0..<rows { hashes[index] = mixHash(UInt64(bitPattern: ints[Int(selection[index])])) }
        var table = pageTable
        var changed = changed
        for index in 0..<rows {
            let key = ints[Int(selection[index])]
            let tag = UInt32(truncatingIfNeeded: hashes[index])
            var place = Int(tag) & mask
            var found = false
            while slots[place] != 0 {
                let slot = slots[place]
                if UInt32(truncatingIfNeeded: slot >> 32) == tag {
                    let number = Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1
                    let candidate = table[number >> Self.pageShift].advanced(by: (number & (Self.pageRows - 1)) &* stride)
                    if candidate.load(8, as: Int64.self) == key && candidate.load(4, as: UInt32.self) & 1 == 0 {
                        if isSnapshotting { preserve(number) }
                        changed[number >> Self.pageShift] = 1
                        out[index] = candidate
                        found = true
                        break
                    }
                }
                place = (place + 1) & mask
            }
            if !found {
                out[index] = insertInt(tag, key, &isWhole)
                slots = self.slots
                mask = self.mask
                table = self.pageTable
                changed = self.changed
            }
        }
        return isWhole
    }

    /// The record of one row's key, or nil.
    func find(_ keys: Lane<Vector>, _ row: Int) -> Memory? {
        let tag = UInt32(truncatingIfNeeded: hashOne(keys, row))
        var place = Int(tag) & mask
        while slots[place] != 0 {
            if UInt32(truncatingIfNeeded: slots[place] >> 32) == tag {
                let candidate = record(Int(truncatingIfNeeded: slots[place] & 0xFFFF_FFFF) - 1)
                if isEqual(candidate, keys, row) { return candidate }
            }
            place = (place + 1) & mask
        }
        return nil
    }

    private func hash(_ keys: Lane<Vector>, _ selection: Lane<Int32>, _ rows: Int) {
        for index in 0..<rows { hashes[index] = hashOne(keys, Int(selection[index])) }
    }

    @inline(__always)
    private func hashOne(_ keys: Lane<Vector>, _ row: Int) -> UInt64 {
        if isSingleInt && !keys[0].isNull(row) { return mixHash(UInt64(bitPattern: keys[0].ints[row])) }
        return KeyTable.hash(keys, keyCount, kindLane, row)
    }

    /// The hash of a row's keys: also what decides a key's core.
    static func hash(_ keys: Lane<Vector>, _ count: Int, _ kinds: Lane<LaneKind>, _ row: Int) -> UInt64 {
        var state: UInt64 = 0
        for index in 0..<count {
            let vector = keys[index]
            if vector.isNull(row) {
                state = mixHash(state ^ 0xA5A5_A5A5_5A5A_5A5A)
                continue
            }
            switch kinds[index] {
            case .int: state = mixHash(state ^ UInt64(bitPattern: vector.ints[row]))
            case .bool: state = mixHash(state ^ UInt64(vector.bools[row]))
            case .double: state = mixHash(state ^ doubleBits(vector.doubles[row]))
            case .text: state = vector.texts[row].hash(state)
            case .huge:
                let bits = UInt128(truncatingIfNeeded: vector.huges[row])
                state = mixHash(mixHash(state ^ UInt64(truncatingIfNeeded: bits)) ^ UInt64(truncatingIfNeeded: bits >> 64))
            }
        }
        return state
    }

    /// Equal doubles have equal bits: one zero, one NaN.
    @inline(__always)
    static func doubleBits(_ value: Double) -> UInt64 {
        value == 0 ? 0 : value.isNaN ? 0x7FF8_0000_0000_0000 : value.bitPattern
    }

    @inline(__always)
    private func isEqual(_ record: Memory, _ keys: Lane<Vector>, _ row: Int) -> Bool {
        let bits = record.load(4, as: UInt32.self)
        for index in 0..<keyCount {
            let vector = keys[index]
            let isNull = vector.isNull(row)
            if isNull != (bits & (1 << UInt32(index)) != 0) { return false }
            if isNull { continue }
            let offset = Int(offsets[index])
            switch kindLane[index] {
            case .int: if record.load(offset, as: Int64.self) != vector.ints[row] { return false }
            case .bool: if record.load(offset, as: Int64.self) != Int64(vector.bools[row]) { return false }
            case .double: if record.load(offset, as: UInt64.self) != Self.doubleBits(vector.doubles[row]) { return false }
            case .text: if !(record.load(offset, as: TextRef.self) == vector.texts[row]) { return false }
            case .huge: if record.loadHuge(offset) != vector.huges[row] { return false }
            }
        }
        return true
    }

    // MARK: inserting

    @inline(never)
    private func insertInt(_ tag: UInt32, _ key: Int64, _ isWhole: inout Bool) -> Memory {
        guard let record = take(tag) else {
            isWhole = false
            return trash
        }
        record.store(Self.live, at: 4)
        record.store(key, at: 8)
        return record
    }

    @inline(never)
    private func insert(_ tag: UInt32, _ keys: Lane<Vector>, _ row: Int, _ isWhole: inout Bool) -> Memory {
        guard let record = take(tag) else {
            isWhole = false
            return trash
        }
        var bits = Self.live
        for index in 0..<keyCount {
            let vector = keys[index]
            if vector.isNull(row) {
                bits |= 1 << UInt32(index)
                continue
            }
            let offset = Int(offsets[index])
            switch kindLane[index] {
            case .int: record.store(vector.ints[row], at: offset)
            case .bool: record.store(Int64(vector.bools[row]), at: offset)
            case .double: record.store(Self.doubleBits(vector.doubles[row]), at: offset)
            case .text: record.store(heap.keep(vector.texts[row]), at: offset)
            case .huge: record.storeHuge(vector.huges[row], at: offset)
            }
        }
        record.store(bits, at: 4)
        return record
    }

    /// A zeroed record that its slot points to; nil at the limit.
    private func take(_ tag: UInt32) -> Memory? {
        if count >= limit { return nil }
        if (count + 1) * 2 > mask + 1 { grow() }
        var number = freeRecord
        if number >= 0 {
            freeRecord = Int(record(number).load(8, as: Int64.self))
        } else {
            number = used
            used += 1
            let pageCount = unsafe pages.count
            if number >> Self.pageShift == pageCount { addPage() }
        }
        if isSnapshotting { preserve(number) }
        changed[number >> Self.pageShift] = 1
        let record = record(number)
        record.zero(count: stride)
        record.store(tag, at: 0)
        put(slot: UInt64(tag) << 32 | UInt64(number + 1))
        count += 1
        return record
    }

    private func put(slot: UInt64) {
        var place = Int(slot >> 32) & mask
        while slots[place] != 0 { place = (place + 1) & mask }
        slots[place] = slot
    }

    private func grow() {
        let old = slots
        let oldCount = mask + 1
        mask = oldCount * 4 - 1
        unsafe slots = Lane(.allocate(capacity: mask + 1))
        slots.fill(0, count: mask + 1)
        for place in 0..<oldCount where old[place] != 0 { put(slot: old[place]) }
        unsafe old.base.deallocate()
    }

    private func addPage() {
        let page = UnsafeMutableRawPointer.allocate(byteCount: Self.pageRows * stride, alignment: 64)
        unsafe pages.append(page)
        let number = unsafe pages.count - 1
        if number == pageCapacity {
            let larger: Lane<Memory> = unsafe Lane(.allocate(capacity: pageCapacity * 2))
            larger.copy(from: pageTable, count: pageCapacity)
            unsafe pageTable.base.deallocate()
            pageTable = larger
            let flags: Lane<UInt8> = unsafe Lane(.allocate(capacity: pageCapacity * 2))
            flags.fill(1, count: pageCapacity * 2)
            flags.copy(from: changed, count: pageCapacity)
            unsafe changed.base.deallocate()
            changed = flags
            pageCapacity *= 2
        }
        pageTable[number] = unsafe Memory(page)
    }

    // MARK: removing

    /// Removes a live record. Texts of its states must have been released.
    func remove(_ record: Memory, number: Int) {
        if isSnapshotting { preserve(number) }
        changed[number >> Self.pageShift] = 1
        releaseKeys(record)
        let tag = record.load(0, as: UInt32.self)
        var place = Int(tag) & mask
        while Int(truncatingIfNeeded: slots[place] & 0xFFFF_FFFF) != number + 1 { place = (place + 1) & mask }
        closeGap(place)
        record.store(UInt32(0), at: 4)
        record.store(Int64(freeRecord), at: 8)
        freeRecord = number
        count -= 1
    }

    /// A record is about to change.
    @inline(never)
    private func preserve(_ number: Int) { snapshot?.preserve(number) }

    func pagePlace(_ page: Int) -> Memory { pageTable[page] }

    /// Whether a page has changed since this was asked last.
    func takeChange(_ page: Int) -> Bool {
        defer { changed[page] = 0 }
        return changed[page] != 0
    }

    /// The number of a record, by its slot.
    func number(of record: Memory) -> Int {
        let tag = record.load(0, as: UInt32.self)
        var place = Int(tag) & mask
        while true {
            let number = Int(truncatingIfNeeded: slots[place] & 0xFFFF_FFFF) - 1
            if slots[place] != 0 && self.record(number).address == record.address { return number }
            place = (place + 1) & mask
        }
    }

    private func closeGap(_ start: Int) {
        var gap = start
        var place = (gap + 1) & mask
        while slots[place] != 0 {
            let home = Int(slots[place] >> 32) & mask
            if (place &- home) & mask >= (place &- gap) & mask {
                slots[gap] = slots[place]
                gap = place
            }
            place = (place + 1) & mask
        }
        slots[gap] = 0
    }

    private func releaseKeys(_ record: Memory) {
        let bits = record.load(4, as: UInt32.self)
        for index in 0..<keyCount where kindLane[index] == .text && bits & (1 << UInt32(index)) == 0 {
            heap.release(record.load(Int(offsets[index]), as: TextRef.self))
        }
    }

    /// Forgets every group and keeps the memory for the next.
    func reset() {
        if count > 0 || used > 0 { slots.fill(0, count: mask + 1) }
        heap.reset()
        count = 0
        used = 0
        freeRecord = -1
    }

    // MARK: reading

    /// Copies key `index` of a record to row `row` of a vector. Texts are references into the table.
    @inline(__always)
    func readKey(_ record: Memory, _ index: Int, into vector: Vector, _ row: Int) {
        let isNull = record.load(4, as: UInt32.self) & (1 << UInt32(index)) != 0
        vector.nulls[row] = isNull ? 1 : 0
        let offset = Int(offsets[index])
        switch kindLane[index] {
        case .int, .double: vector.ints[row] = record.load(offset, as: Int64.self)
        case .bool: vector.bools[row] = UInt8(truncatingIfNeeded: record.load(offset, as: Int64.self))
        case .text: vector.texts[row] = record.load(offset, as: TextRef.self)
        case .huge: vector.huges[row] = record.loadHuge(offset)
        }
    }
}

extension Memory {
    @inline(__always)
    func loadHuge(_ offset: Int) -> Int128 {
        Int128(load(offset + 8, as: Int64.self)) << 64 | Int128(load(offset, as: UInt64.self))
    }

    @inline(__always)
    func storeHuge(_ value: Int128, at offset: Int) {
        store(UInt64(truncatingIfNeeded: value), at: offset)
        store(Int64(truncatingIfNeeded: value >> 64), at: offset + 8)
    }
}
