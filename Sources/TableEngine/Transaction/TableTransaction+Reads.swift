// Point reads: through an index to the newest version, and from there back to the one that this transaction sees. No locks.
public import Base
public import Catalog
public import Columnar
internal import LearnedIndex
internal import Synchronization

/// An index and its table, found once a plan. Good while the catalog's version is the one it was found in.
public struct IndexHandle: Sendable {
    let store: TableStore
    public let index: TableIndex
}

/// An end of a range of keys. A key of fewer columns than the index stands for all keys that begin with it.
public enum IndexBound: Sendable, Hashable {
    case unbounded
    case inclusive(IndexKey)
    case exclusive(IndexKey)
}

extension TableTransaction {
    /// Throws `undefinedObject` when the table has no such index.
    public func index(_ id: TableID, of table: TableID) throws(LeibrixError) -> IndexHandle {
        if ownVersion == nil, let known = version.handle(id), known.store.id == table { return known }
        let store = try store(table)
        guard let index = store.indexes.first(where: { $0.definition.id == id }) else {
            throw LeibrixError(.undefinedObject, "table \(table) has no index \(id)")
        }
        return IndexHandle(store: store, index: index)
    }

    /// The visible row with a whole key of a unique index. Nothing is allocated for word keys.
    @inline(__always)
    public func lookup(_ handle: IndexHandle, _ key: IndexKey) -> RowID? {
        if let reads { reads.add(handle.store, handle.index, key) }
        // Looked at first: when the tree was whole before the look, what it does not have is nowhere.
        let isLoading = handle.index.isLoading.load(ordering: .acquiring)
        guard let newest = handle.index.find(key) else { return isLoading ? search(handle, key) : nil }
        let row = RowID(rawValue: newest)
        guard let reader = unsafe handle.store.reader(row) else { return nil }
        if unsafe reader.pointee.isVisible(row.slot, view) { return row }
        return older(handle, key, row)
    }

    @inline(never)
    private func older(_ handle: IndexHandle, _ key: IndexKey, _ newest: RowID) -> RowID? {
        var waiting = handle.store.predecessors(of: newest)
        while let row = waiting.popLast() {
            guard let reader = unsafe handle.store.reader(row), unsafe handle.index.matches(key, reader.pointee.columns, row.slot)
            else { continue }
            if unsafe reader.pointee.isVisible(row.slot, view) { return row }
            waiting += handle.store.predecessors(of: row)
        }
        return nil
    }

    /// As many lookups at once; nil where nothing is visible.
    public func lookup(_ handle: IndexHandle, _ keys: [IndexKey]) -> [RowID?] { keys.map { lookup(handle, $0) } }

    /// Calls `body` with the visible rows between two bounds, in the index's order or against it, until it returns false.
    public func range(
        _ handle: IndexHandle, from lower: IndexBound, to upper: IndexBound, reverse: Bool = false, _ body: (RowID) -> Bool
    ) {
        if let reads { reads.add(handle.store, handle.index, lower, upper) }
        if handle.index.isLoading.load(ordering: .acquiring) { return search(handle, lower, upper, reverse, body) }
        switch handle.index.tree {
        case .words(let tree):
            guard let low = lower.firstWord, let high = upper.lastWord, low <= high else { return }
            let step = { (key: UInt64, value: UInt64) -> Bool in
                self.visible(handle, .word(key), RowID(rawValue: value)).map(body) ?? true
            }
            if reverse { tree.scanReverse(from: high, through: low, step) } else { tree.scan(from: low, through: high, step) }
        case .bytes(let tree):
            let (low, high) = (lower.start, upper.end)
            let step = { (key: Span<UInt8>, value: UInt64) -> Bool in
                guard let row = self.visible(handle, value, key) else { return true }
                return body(row)
            }
            if reverse {
                tree.scanReverse(from: high.key, inclusive: high.isIncluded, to: low.key, lowerInclusive: low.isIncluded, step)
            } else {
                tree.scan(from: low.key, inclusive: low.isIncluded, to: high.key, upperInclusive: high.isIncluded, step)
            }
        }
    }

    private func visible(_ handle: IndexHandle, _ value: UInt64, _ key: Span<UInt8>) -> RowID? {
        let row = RowID(rawValue: value)
        guard let reader = unsafe handle.store.reader(row) else { return nil }
        if unsafe reader.pointee.isVisible(row.slot, view) { return row }
        guard handle.index.isUnique else { return nil }
        return older(handle, .bytes(key.indices.map { key[$0] }), row)
    }

    private func visible(_ handle: IndexHandle, _ key: IndexKey, _ row: RowID) -> RowID? {
        guard let reader = unsafe handle.store.reader(row) else { return nil }
        if unsafe reader.pointee.isVisible(row.slot, view) { return row }
        return handle.index.isUnique ? older(handle, key, row) : nil
    }

    /// Reads a row where it lies; nil when it is gone. The row id is one that this transaction has found.
    @inline(__always)
    public func withRow<T, E: Error>(_ handle: IndexHandle, _ row: RowID, _ body: (borrowing RowView) throws(E) -> T) throws(E) -> T? {
        try handle.store.withRow(row, body)
    }

    public func withRow<T>(_ table: TableID, _ row: RowID, _ body: (borrowing RowView) -> T) throws(LeibrixError) -> T? {
        try store(table).withRow(row, body)
    }

    /// A row's values; nil when it is gone.
    public func values(_ table: TableID, _ row: RowID) throws(LeibrixError) -> [Value]? { try withRow(table, row) { $0.values } }

    /// Whether this transaction's statement sees the version.
    public func isVisible(_ table: TableID, _ row: RowID) throws(LeibrixError) -> Bool {
        guard let reader = unsafe try store(table).reader(row) else { return false }
        return unsafe reader.pointee.isVisible(row.slot, view)
    }
}

extension IndexBound {
    var firstWord: UInt64? {
        switch self {
        case .inclusive(.word(let key)): key
        case .exclusive(.word(let key)): key == .max ? nil : key + 1
        default: 0
        }
    }

    var lastWord: UInt64? {
        switch self {
        case .inclusive(.word(let key)): key
        case .exclusive(.word(let key)): key == 0 ? nil : key - 1
        default: .max
        }
    }

    /// The least key that a lower bound admits, or the greatest that it does not; nil for no bound.
    var start: (key: [UInt8]?, isIncluded: Bool) {
        switch self {
        case .inclusive(.bytes(let key)): (key, true)
        case .exclusive(.bytes(let key)): (key.afterPrefix, true)
        default: (nil, true)
        }
    }

    /// What all keys that an upper bound admits lie below.
    var end: (key: [UInt8]?, isIncluded: Bool) {
        switch self {
        case .inclusive(.bytes(let key)): (key.afterPrefix, false)
        case .exclusive(.bytes(let key)): (key, false)
        default: (nil, true)
        }
    }
}

extension [UInt8] {
    /// The least string above all that begin with this one. A key begins with 01 or FF, never with FF alone to its end.
    fileprivate var afterPrefix: [UInt8]? {
        var result = self
        while let last = result.popLast() {
            if last < 0xFF { return result + [last + 1] }
        }
        return nil
    }
}
