// A batch copied into one allocation of exactly its size: DuckDB's chunks reserve 2,048 rows a column, which a cached
// result of one row must not keep.
//
// Two passes over the same walk: the first adds up sizes, the second copies. Every piece starts on 16 bytes.

extension Batch {
    /// The same rows in memory of their own, with that memory's size in bytes. Linear in the bytes copied.
    public func compacted() -> (batch: Batch, bytes: Int) {
        var size = 0
        for column in columns { size += column.compactSize(0..<rowCount) }
        let arena = Arena(bytes: max(size, 16))
        var cursor = 0
        let copies = columns.map { $0.compact(0..<rowCount, into: arena, &cursor) }
        return (Batch(rowCount: rowCount, columns: copies, owner: arena), size)
    }
}

extension Batch {
    /// Some of the rows, copied into memory of their own. Linear in the bytes copied.
    public func slice(_ rows: Range<Int>) -> Batch {
        if rows == 0..<rowCount { return self }
        var size = 0
        for column in columns { size += column.compactSize(rows) }
        let arena = Arena(bytes: max(size, 16))
        var cursor = 0
        let copies = columns.map { $0.compact(rows, into: arena, &cursor) }
        return Batch(rowCount: rows.count, columns: copies, owner: arena)
    }

    /// Bytes the rows take when compacted. Linear in the number of strings.
    public var compactBytes: Int { columns.reduce(0) { $0 + $1.compactSize(0..<rowCount) } }
}

@safe
private final class Arena: @unchecked Sendable {
    let start: UnsafeMutableRawPointer

    init(bytes: Int) { unsafe start = .allocate(byteCount: bytes, alignment: 16) }

    deinit { unsafe start.deallocate() }
}

/// Rounds up to 16 bytes.
private func aligned(_ bytes: Int) -> Int { (bytes + 15) & ~15 }

extension Column {
    private var isText: Bool {
        switch type.base {
        case .varchar, .blob, .bit: true
        default: false
        }
    }

    private var isList: Bool {
        switch type.base {
        case .list, .map: true
        default: false
        }
    }

    /// The children's values that rows `rows` of this column refer to. A list's elements are taken from its first to its last.
    private func childRange(_ rows: Range<Int>) -> Range<Int> {
        if case .array(_, let size) = type.base { return rows.lowerBound * size..<rows.upperBound * size }
        guard isList else { return rows }
        var low = Int.max
        var high = 0
        for row in rows where isValid(row) {
            let range = listRange(at: row)
            if range.isEmpty { continue }
            low = min(low, range.lowerBound)
            high = max(high, range.upperBound)
        }
        return low < high ? low..<high : 0..<0
    }

    fileprivate func compactSize(_ rows: Range<Int>) -> Int {
        var size = hasNulls ? aligned((rows.count + 63) / 64 * 8) : 0
        size += aligned(rows.count * type.physicalWidth)
        if isText {
            for row in rows where isValid(row) {
                let length = bytes(at: row).count
                if length > 12 { size += aligned(length) }
            }
        }
        let range = childRange(rows)
        for child in children { size += child.compactSize(range) }
        return size
    }

    fileprivate func compact(_ rows: Range<Int>, into arena: Arena, _ cursor: inout Int) -> Column {
        let validity = unsafe copyValidity(rows, arena, &cursor)
        let width = type.physicalWidth
        let values = unsafe arena.start + cursor
        cursor += aligned(rows.count * width)
        if width > 0, !rows.isEmpty, let data = unsafe data {
            unsafe values.copyMemory(from: data + rows.lowerBound * width, byteCount: rows.count * width)
        }
        if isText { unsafe moveStrings(rows, values, arena, &cursor) }
        let range = childRange(rows)
        if isList { unsafe rebase(rows, values, by: range.lowerBound) }
        let copies = children.map { $0.compact(range, into: arena, &cursor) }
        return unsafe Column(type: type, count: rows.count, validity: validity, data: UnsafeRawPointer(values), children: copies)
    }

    private func copyValidity(_ rows: Range<Int>, _ arena: Arena, _ cursor: inout Int) -> UnsafePointer<UInt64>? {
        guard hasNulls else { return nil }
        let words = (rows.count + 63) / 64
        let copy = unsafe (arena.start + cursor).bindMemory(to: UInt64.self, capacity: max(words, 1))
        cursor += aligned(words * 8)
        for word in 0..<words {
            var bits: UInt64 = 0
            for bit in 0..<min(64, rows.count - word * 64) where isValid(rows.lowerBound + word * 64 + bit) { bits |= 1 << UInt64(bit) }
            unsafe copy[word] = bits
        }
        return unsafe UnsafePointer(copy)
    }

    /// Long strings move beside the entries that point to them; NULL entries become empty.
    private func moveStrings(_ rows: Range<Int>, _ entries: UnsafeMutableRawPointer, _ arena: Arena, _ cursor: inout Int) {
        for row in rows {
            let entry = unsafe entries + (row - rows.lowerBound) * 16
            guard isValid(row) else {
                unsafe entry.initializeMemory(as: UInt8.self, repeating: 0, count: 16)
                continue
            }
            let text = bytes(at: row)
            guard text.count > 12 else { continue }
            let copy = unsafe arena.start + cursor
            cursor += aligned(text.count)
            unsafe text.withUnsafeBytes { unsafe copy.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            unsafe entry.storeBytes(of: UInt(bitPattern: copy), toByteOffset: 8, as: UInt.self)
        }
    }

    /// Lists' offsets count from the first element that was copied.
    private func rebase(_ rows: Range<Int>, _ entries: UnsafeMutableRawPointer, by first: Int) {
        for row in rows {
            let entry = unsafe entries + (row - rows.lowerBound) * 16
            let range = isValid(row) ? listRange(at: row) : 0..<0
            unsafe entry.storeBytes(of: UInt64(range.isEmpty ? 0 : range.lowerBound - first), as: UInt64.self)
            unsafe entry.storeBytes(of: UInt64(range.count), toByteOffset: 8, as: UInt64.self)
        }
    }
}
