// Rows that wait for partners: fixed-size records in pages that never move, texts in a heap beside them.
//
//     0 next  8 time  16 flags  24 serial  32 NULL bit a column (8 bytes for each 64)  then values, 8 or 16 bytes each

@safe
final class RowStore {
    private static let pageRows = 256

    let kinds: [LaneKind]
    let kindLane: Lane<LaneKind>
    let offsets: Lane<Int32>
    private let stride: Int
    let heap = TextHeap()
    private var pages: [UnsafeMutableRawPointer] = unsafe []
    private var cursor = RowStore.pageRows
    private var free: UInt = 0
    private(set) var count = 0
    private var pagesUsed = 0
    private let arena = Arena()

    init(_ kinds: [LaneKind]) {
        self.kinds = kinds
        kindLane = arena.lane(LaneKind.self, count: kinds.count)
        offsets = arena.lane(Int32.self, count: kinds.count)
        var offset = 32 + (kinds.count + 63) / 64 * 8
        for (index, kind) in kinds.enumerated() {
            kindLane[index] = kind
            offsets[index] = Int32(offset)
            offset += max(kind.width, 8)
        }
        stride = offset
    }

    deinit { for unsafe page in unsafe pages { unsafe page.deallocate() } }

    var byteCount: Int {
        let pageCount = unsafe pages.count
        return pageCount * Self.pageRows * stride + heap.byteCount
    }

    /// Bytes of one row.
    var rowBytes: Int { stride }

    /// A copy of a chunk's row.
    func add(_ chunk: Chunk, _ row: Int, time: Int64, serial: Int64) -> Memory {
        let record = take()
        record.zero(count: 32 + (kinds.count + 63) / 64 * 8)
        record.store(time, at: 8)
        record.store(serial, at: 24)
        for index in 0..<kinds.count {
            let vector = chunk.columns[index]
            if vector.isNull(row) {
                let word = 32 + index / 64 * 8
                record.store(record.load(word, as: UInt64.self) | 1 << UInt64(index % 64), at: word)
                continue
            }
            let offset = Int(offsets[index])
            switch kindLane[index] {
            case .bool: record.store(Int64(vector.bools[row]), at: offset)
            case .int, .double: record.store(vector.ints[row], at: offset)
            case .huge: record.storeHuge(vector.huges[row], at: offset)
            case .text: record.store(heap.keep(vector.texts[row]), at: offset)
            }
        }
        count += 1
        return record
    }

    private func take() -> Memory {
        if free != 0 {
            let record = Memory(address: free)
            free = record.load(0, as: UInt.self)
            return record
        }
        if cursor == Self.pageRows {
            if unsafe pagesUsed == pages.count { unsafe pages.append(.allocate(byteCount: Self.pageRows * stride, alignment: 64)) }
            pagesUsed += 1
            cursor = 0
        }
        cursor += 1
        return unsafe Memory(pages[pagesUsed - 1]).advanced(by: (cursor - 1) * stride)
    }

    /// Forgets every row and keeps the memory for the next.
    func reset() {
        heap.reset()
        free = 0
        cursor = Self.pageRows
        pagesUsed = 0
        count = 0
    }

    func remove(_ record: Memory) {
        for index in 0..<kinds.count where kindLane[index] == .text && !isNull(record, index) {
            heap.release(record.load(Int(offsets[index]), as: TextRef.self))
        }
        record.store(free, at: 0)
        free = record.address
        count -= 1
    }

    @inline(__always)
    func isNull(_ record: Memory, _ index: Int) -> Bool {
        record.load(32 + index / 64 * 8, as: UInt64.self) >> UInt64(index % 64) & 1 == 1
    }

    /// Writes the record's columns to a row of vectors, beginning with column `first`. Texts stay the store's.
    func read(_ record: Memory, into columns: Lane<Vector>, first: Int, row: Int) { read(record, kinds.count, into: columns, first: first, row: row) }

    /// The same of the record's first columns alone.
    func read(_ record: Memory, _ count: Int, into columns: Lane<Vector>, first: Int, row: Int) {
        for index in 0..<count {
            let vector = columns[first + index]
            let isNull = isNull(record, index)
            vector.nulls[row] = isNull ? 1 : 0
            if isNull { continue }
            let offset = Int(offsets[index])
            switch kindLane[index] {
            case .bool: vector.bools[row] = UInt8(truncatingIfNeeded: record.load(offset, as: Int64.self))
            case .int, .double: vector.ints[row] = record.load(offset, as: Int64.self)
            case .huge: vector.huges[row] = record.loadHuge(offset)
            case .text: vector.texts[row] = record.load(offset, as: TextRef.self)
            }
        }
    }

    /// One column of a record.
    @inline(__always)
    func readColumn(_ record: Memory, _ index: Int, into vector: Vector, _ row: Int) {
        let isNull = isNull(record, index)
        vector.nulls[row] = isNull ? 1 : 0
        if isNull { return }
        let offset = Int(offsets[index])
        switch kindLane[index] {
        case .bool: vector.bools[row] = UInt8(truncatingIfNeeded: record.load(offset, as: Int64.self))
        case .int, .double: vector.ints[row] = record.load(offset, as: Int64.self)
        case .huge: vector.huges[row] = record.loadHuge(offset)
        case .text: vector.texts[row] = record.load(offset, as: TextRef.self)
        }
    }

    /// Another value for one column of a record.
    func replace(_ record: Memory, _ index: Int, _ vector: Vector, _ row: Int) {
        let offset = Int(offsets[index])
        if kindLane[index] == .text && !isNull(record, index) { heap.release(record.load(offset, as: TextRef.self)) }
        let word = 32 + index / 64 * 8
        let bit = UInt64(1) << UInt64(index % 64)
        let bits = record.load(word, as: UInt64.self)
        if vector.nulls[row] != 0 { return record.store(bits | bit, at: word) }
        record.store(bits & ~bit, at: word)
        switch kindLane[index] {
        case .bool: record.store(Int64(vector.bools[row]), at: offset)
        case .int, .double: record.store(vector.ints[row], at: offset)
        case .huge: record.storeHuge(vector.huges[row], at: offset)
        case .text: record.store(heap.keep(vector.texts[row]), at: offset)
        }
    }

    func save(_ record: Memory, _ writer: inout StateWriter) {
        writer.add(record.load(8, as: Int64.self))
        writer.add(record.load(16, as: Int64.self))
        writer.add(record.load(24, as: Int64.self))
        for index in 0..<kinds.count {
            let isNull = isNull(record, index)
            writer.add(isNull ? 1 : 0)
            if isNull { continue }
            let offset = Int(offsets[index])
            if kindLane[index] == .text {
                writer.add(record.load(offset, as: TextRef.self))
            } else {
                writer.add(record.advanced(by: offset), count: max(kindLane[index].width, 8))
            }
        }
    }
}

extension Memory {
    // The words every record of a store begins with.
    var next: UInt {
        get { load(0, as: UInt.self) }
        nonmutating set { store(newValue, at: 0) }
    }
    var time: Int64 { load(8, as: Int64.self) }
    var isMatched: Bool {
        get { load(16, as: Int64.self) & 1 != 0 }
        nonmutating set { store(newValue ? Int64(1) : 0, at: 16) }
    }
    var serial: Int64 { load(24, as: Int64.self) }
}
