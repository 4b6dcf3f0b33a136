// What an index that is still being loaded would answer, found in the columns. Nobody writes to such a table, so that every key has one
// version; groups whose bounds exclude what is looked for are passed over.
internal import Base
internal import Columnar
internal import LearnedIndex
internal import Synchronization

extension TableTransaction {
    /// As `lookup`. O(rows of the groups that may have the key).
    @inline(never)
    func search(_ handle: IndexHandle, _ key: IndexKey) -> RowID? {
        let index = handle.index
        switch key {
        case .word(let word):
            for (group, rows) in handle.store.groups(of: index, within: word...word) {
                let cells = unsafe group.access.pointee.columns
                for slot in 0..<rows where unsafe index.word(cells, slot) == word {
                    if unsafe group.access.pointee.isVisible(slot, view) { return RowID(group: group.number, slot: slot) }
                }
            }
        case .bytes(let bytes):
            var writer = KeyWriter()
            for (group, rows) in handle.store.groups(of: index, within: nil) {
                let cells = unsafe group.access.pointee.columns
                for slot in 0..<rows where unsafe group.access.pointee.isVisible(slot, view) {
                    let row = RowID(group: group.number, slot: slot)
                    _ = unsafe index.write(cells, slot, row, &writer)
                    if writer.bytes == bytes { return row }
                }
            }
        }
        return nil
    }

    /// As `range`, in passes that take twice as many rows each as the one before.
    @inline(never)
    func search(_ handle: IndexHandle, _ lower: IndexBound, _ upper: IndexBound, _ reverse: Bool, _ body: (RowID) -> Bool) {
        switch handle.index.tree {
        case .words:
            guard let low = lower.firstWord, let high = upper.lastWord, low <= high else { return }
            searchWords(handle, low, high, reverse, body)
        case .bytes: searchBytes(handle, lower, upper, reverse, body)
        }
    }

    private func searchWords(_ handle: IndexHandle, _ low: UInt64, _ high: UInt64, _ reverse: Bool, _ body: (RowID) -> Bool) {
        var (low, high) = (low, high)
        var most = TableEngineLimits.searchedAtOnce
        while low <= high {
            var found = FoundRows<UInt64>(most: most, reverse: reverse)
            for (group, rows) in handle.store.groups(of: handle.index, within: low...high) {
                let cells = unsafe group.access.pointee.columns
                for slot in 0..<rows {
                    guard let word = unsafe handle.index.word(cells, slot), word >= low, word <= high, found.mayTake(word),
                        unsafe group.access.pointee.isVisible(slot, view)
                    else { continue }
                    found.add(word, RowID(group: group.number, slot: slot))
                }
            }
            for (_, row) in found.sorted where !body(row) { return }
            guard found.isCut, let last = found.sorted.last?.key, last != (reverse ? low : high) else { return }
            if reverse { high = last - 1 } else { low = last + 1 }
            most = min(most * 2, TableEngineLimits.searchedAtOnceMax)
        }
    }

    private func searchBytes(
        _ handle: IndexHandle, _ lower: IndexBound, _ upper: IndexBound, _ reverse: Bool, _ body: (RowID) -> Bool
    ) {
        let (start, end) = (lower.start, upper.end)
        var most = TableEngineLimits.searchedAtOnce
        var after: OrderedBytes?
        var writer = KeyWriter()
        while true {
            var found = FoundRows<OrderedBytes>(most: most, reverse: reverse)
            for (group, rows) in handle.store.groups(of: handle.index, within: nil) {
                let cells = unsafe group.access.pointee.columns
                for slot in 0..<rows where unsafe group.access.pointee.isVisible(slot, view) {
                    let row = RowID(group: group.number, slot: slot)
                    _ = unsafe handle.index.write(cells, slot, row, &writer)
                    let key = OrderedBytes(bytes: writer.bytes)
                    if let after, reverse ? !(key < after) : !(after < key) { continue }
                    if let bytes = start.key, key < OrderedBytes(bytes: bytes) { continue }
                    if let bytes = end.key, !(key < OrderedBytes(bytes: bytes)) { continue }
                    if found.mayTake(key) { found.add(key, row) }
                }
            }
            for (_, row) in found.sorted where !body(row) { return }
            guard found.isCut else { return }
            after = found.sorted.last?.key
            most = min(most * 2, TableEngineLimits.searchedAtOnceMax)
        }
    }
}

private struct OrderedBytes: Comparable {
    let bytes: [UInt8]
    static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

/// The first rows by their keys, or the last, of however many come. Amortised O(log most) a row.
private struct FoundRows<Key: Comparable> {
    private let most: Int
    private let reverse: Bool
    private var rows: [(key: Key, row: RowID)] = []
    private var border: Key?
    /// Whether rows were left out.
    private(set) var isCut = false

    init(most: Int, reverse: Bool) {
        self.most = most
        self.reverse = reverse
    }

    /// False for a key behind all that will be kept.
    func mayTake(_ key: Key) -> Bool { border.map { reverse ? key > $0 : key < $0 } ?? true }

    mutating func add(_ key: Key, _ row: RowID) {
        rows.append((key, row))
        if rows.count >= most * 2 { cut() }
    }

    private mutating func cut() {
        let reverse = reverse
        rows.sort { reverse ? $0.key > $1.key : $0.key < $1.key }
        guard rows.count > most else { return }
        rows.removeLast(rows.count - most)
        border = rows.last?.key
        isCut = true
    }

    var sorted: [(key: Key, row: RowID)] {
        mutating get {
            cut()
            return rows
        }
    }
}

extension TableStore {
    /// Groups that may have keys of an index of words in a range, with their rows; all groups without a range.
    fileprivate func groups(of index: TableIndex, within range: ClosedRange<UInt64>?) -> [(group: RowGroupStore, rows: Int)] {
        locked { state in
            state.groups.compactMap { group in
                if let range, let bounds = group.words(of: index), !bounds.overlaps(range) { return nil }
                return (group, group.publishedRows)
            }
        }
    }
}

extension RowGroupStore {
    /// Between which words the group's keys are; nil where that is not known. Under the table's lock.
    fileprivate func words(of index: TableIndex) -> ClosedRange<UInt64>? {
        let part = index.parts[0]
        guard part.kind == .signed || part.kind == .unsigned else { return nil }
        let statistics = frozen?.layouts[part.column].statistics ?? columns[part.column].statistics
        guard case .integer(let low)? = statistics.min, case .integer(let high)? = statistics.max else { return nil }
        let ends = (part.word(UInt64(truncatingIfNeeded: low)), part.word(UInt64(truncatingIfNeeded: high)))
        return min(ends.0, ends.1)...max(ends.0, ends.1)
    }
}
