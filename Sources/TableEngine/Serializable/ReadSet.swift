// SERIALIZABLE, by validation at commit: a transaction that writes may commit only when nothing it has read was changed by a commit
// after its snapshot. Then its reads hold at the moment of its commit, so it could have run there alone: commits in the order of
// their numbers are a serial order of all transactions that write. One that only reads sees a prefix of that order, and stands
// there: it needs no validation (backward validation after Kung and Robinson, 1981).
//
// It refuses some histories that a search for dangerous structures would let pass (a single rw-dependency is enough), and accepts
// none that has no serial order. What is read is kept as keys, ranges of keys, and whole tables where DuckDB scans.
internal import Base

final class ReadSet {
    private struct Range {
        let index: TableIndex
        let lower: IndexBound
        let upper: IndexBound
    }

    private struct Reads {
        var isWhole = false
        var keys: [ObjectIdentifier: (index: TableIndex, keys: Set<IndexKey>)] = [:]
        var ranges: [Range] = []
        var count = 0
    }

    private var tables: [ObjectIdentifier: Reads] = [:]

    /// A scan of everything.
    func add(_ store: TableStore) { tables[ObjectIdentifier(store), default: Reads()] = Reads(isWhole: true) }

    func add(_ store: TableStore, _ index: TableIndex, _ key: IndexKey) {
        change(store) { $0.keys[ObjectIdentifier(index), default: (index, [])].keys.insert(key) }
    }

    func add(_ store: TableStore, _ index: TableIndex, _ lower: IndexBound, _ upper: IndexBound) {
        change(store) { $0.ranges.append(Range(index: index, lower: lower, upper: upper)) }
    }

    /// Many reads of one table become one of the whole.
    private func change(_ store: TableStore, _ body: (inout Reads) -> Void) {
        var reads = tables[ObjectIdentifier(store)] ?? Reads()
        guard !reads.isWhole else { return }
        body(&reads)
        reads.count += 1
        if reads.count > TableEngineLimits.readsTrackedMax { reads = Reads(isWhole: true) }
        tables[ObjectIdentifier(store)] = reads
    }

    /// Whether a commit has changed what was read. O(rows written * ranges), bounded: larger ones count as changes of everything.
    func isChanged(by commit: CommittedWrites) -> Bool {
        for (place, store) in commit.touched.enumerated() {
            guard let reads = tables[ObjectIdentifier(store)] else { continue }
            if reads.isWhole { return true }
            let entries = commit.writes.filter { $0.store == UInt32(place) }
            let rows = entries.reduce(0) { $0 + Int($1.count) }
            if rows > TableEngineLimits.rowsValidatedMax { return true }
            for entry in entries {
                for slot in entry.row.slot..<entry.row.slot + Int(entry.count) {
                    if Self.contains(reads, store, RowID(group: entry.row.group, slot: slot)) { return true }
                }
            }
        }
        return false
    }

    private static func contains(_ reads: Reads, _ store: TableStore, _ row: RowID) -> Bool {
        guard let reader = unsafe store.reader(row) else { return true }
        let cells = unsafe reader.pointee.columns
        for (index, keys) in reads.keys.values {
            if let key = unsafe index.key(of: cells, row), keys.contains(key) { return true }
        }
        return reads.ranges.contains { range in
            guard let key = unsafe range.index.key(of: cells, row) else { return false }
            return range.lower.admits(above: key) && range.upper.admits(below: key)
        }
    }
}

/// What a commit changed, for those who still look from before it.
struct CommittedWrites {
    let number: UInt64
    let writes: ContiguousArray<WriteEntry>
    let touched: ContiguousArray<TableStore>
}

extension TableIndex {
    /// A row's key as lookups and ranges write it; nil where the index has no entry.
    func key(of cells: UnsafeMutablePointer<CellLayout>, _ row: RowID) -> IndexKey? {
        if usesWords { return unsafe word(cells, row.slot).map { .word($0) } }
        var writer = KeyWriter()
        let addsRow = unsafe write(cells, row.slot, row, &writer)
        return .bytes(addsRow ? writer.bytes.dropLast(8) : writer.bytes)
    }
}

extension IndexBound {
    /// Whether a key is not below this lower bound.
    func admits(above key: IndexKey) -> Bool {
        switch (self, key) {
        case (.unbounded, _): true
        case (.inclusive(.word(let bound)), .word(let key)): key >= bound
        case (.exclusive(.word(let bound)), .word(let key)): key > bound
        case (.inclusive(.bytes(let bound)), .bytes(let key)): !key.lexicographicallyPrecedes(bound)
        case (.exclusive(.bytes(let bound)), .bytes(let key)): !key.lexicographicallyPrecedes(bound) && !key.starts(with: bound)
        default: true
        }
    }

    /// Whether a key is not above this upper bound.
    func admits(below key: IndexKey) -> Bool {
        switch (self, key) {
        case (.unbounded, _): true
        case (.inclusive(.word(let bound)), .word(let key)): key <= bound
        case (.exclusive(.word(let bound)), .word(let key)): key < bound
        case (.inclusive(.bytes(let bound)), .bytes(let key)): key.lexicographicallyPrecedes(bound) || key.starts(with: bound)
        case (.exclusive(.bytes(let bound)), .bytes(let key)): key.lexicographicallyPrecedes(bound)
        default: true
        }
    }
}
