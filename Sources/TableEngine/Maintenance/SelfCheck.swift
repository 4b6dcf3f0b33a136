// Do the index side and the scan side of a table show the same rows? For one index at a time: the row ids that a scan hands over
// (through the bitmaps that DuckDB gets) and those that the index leads to, both at one snapshot, as sums of hashes: equal in any
// order, and unequal for all but one in 2^64 of differences.
//
// The check reads everything once, so it takes at most a twentieth of a thread: after one the next waits twenty times as long as it
// took.
internal import Base
internal import Catalog
internal import Platform
internal import Synchronization

struct SelfCheck {
    struct Result: Sendable {
        var micros: Int64
        var rows: Int
        var isEqual: Bool
        var changes: UInt64
    }

    var results: [TableID: Result] = [:]
    var notBefore: UInt64 = 0
}

extension TableEngine {
    /// Checks the index that was checked longest ago among those of changed tables, when it is time.
    func checkSome() {
        let clock = configuration.clock
        let start = clock.monotonicNanos()
        guard selfCheck.withLock({ $0.notBefore <= start }) else { return }
        let known = selfCheck.withLock { $0.results }
        let stores = published.withLock { $0 }.stores.values
        var oldest: (store: TableStore, index: TableIndex, micros: Int64)?
        for store in stores where !store.isLoading.load(ordering: .acquiring) {
            let (indexes, changes) = store.locked { ($0.indexes, $0.changes) }
            for index in indexes {
                let last = known[index.definition.id]
                if let last, last.changes == changes { continue }
                if last?.micros ?? 0 < oldest?.micros ?? .max { oldest = (store, index, last?.micros ?? 0) }
            }
        }
        guard let oldest else { return }
        check(oldest.store, oldest.index)
        let end = clock.monotonicNanos()
        selfCheck.withLock { $0.notBefore = end + (end - start) * 20 }
    }

    /// Compares the two sides of one index now; whether they are equal, nil when there was no transaction to be had.
    @discardableResult
    func check(_ store: TableStore, _ index: TableIndex) -> Bool? {
        guard let transaction = try? begin(.repeatableRead, readOnly: true) else { return nil }
        defer { transaction.rollback() }
        guard transaction.current.stores[store.id] === store else { return nil }
        let changes = store.locked { $0.changes }
        var scanned = RowSum()
        store.forEachScanned(transaction.view, horizon: snapshots.horizon(newest: snapshot)) { row in
            if let reader = unsafe store.reader(row), unsafe index.key(of: reader.pointee.columns, row) != nil { scanned.add(row) }
        }
        var indexed = RowSum()
        transaction.range(IndexHandle(store: store, index: index), from: .unbounded, to: .unbounded) { row in
            indexed.add(row)
            return true
        }
        let isEqual = scanned == indexed
        let result = SelfCheck.Result(micros: configuration.clock.wallMicros(), rows: scanned.count, isEqual: isEqual, changes: changes)
        selfCheck.withLock { $0.results[index.definition.id] = result }
        if !isEqual {
            Log.error(
                "table.check", .text("index", index.definition.name), .number("rows", scanned.count), .number("indexed", indexed.count))
        }
        return isEqual
    }
}

/// A sum over a set of rows that does not depend on their order.
struct RowSum: Equatable {
    var count = 0
    private var sum: UInt64 = 0

    mutating func add(_ row: RowID) {
        // SplitMix64's finalizer.
        var hash = row.rawValue &+ 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        sum &+= hash ^ (hash >> 31)
        count += 1
    }
}
