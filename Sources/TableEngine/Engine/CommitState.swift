// The commits that have a number and are not yet published. Pure bookkeeping, under the engine's commit lock.
internal import Catalog

struct CommitState {
    struct Entry {
        let number: UInt64
        let transaction: TransactionID
        var isDecided = false
        /// Published with it, when it did not fail.
        var catalog: CatalogVersion?
    }

    private(set) var last: UInt64 = 1
    /// What commits changed that SERIALIZABLE transactions may have to be validated against.
    private(set) var recent: [CommittedWrites] = []
    private(set) var open: [Entry] = []
    private var waiting: [UInt64: [@Sendable () -> Void]] = [:]

    /// Takes the next number.
    mutating func add(_ transaction: TransactionID, _ catalog: (UInt64) -> CatalogVersion?) -> UInt64 {
        last += 1
        open.append(Entry(number: last, transaction: transaction, catalog: catalog(last)))
        return last
    }

    mutating func note(_ writes: CommittedWrites) { recent.append(writes) }

    /// Nobody needs what was changed up to this number.
    mutating func forget(upTo number: UInt64) {
        var count = 0
        while count < recent.count, recent[count].number <= number { count += 1 }
        recent.removeFirst(count)
    }

    /// A commit is durable, or failed and undone. Returns what may be published now: the newest number all of whose predecessors are
    /// decided, the newest catalog among them, and who waits for one of them.
    mutating func decide(_ number: UInt64, hasFailed: Bool) -> (number: UInt64, catalog: CatalogVersion?, waiting: [@Sendable () -> Void]) {
        var result: (number: UInt64, catalog: CatalogVersion?, waiting: [@Sendable () -> Void]) = (0, nil, [])
        if let place = open.firstIndex(where: { $0.number == number }) {
            open[place].isDecided = true
            if hasFailed { open[place].catalog = nil }
        }
        var decided = 0
        while decided < open.count, open[decided].isDecided {
            let entry = open[decided]
            result.number = entry.number
            result.catalog = entry.catalog ?? result.catalog
            if let bodies = waiting.removeValue(forKey: entry.number) { result.waiting += bodies }
            decided += 1
        }
        open.removeFirst(decided)
        return result
    }

    /// Whether a number has yet to be published; then `resume` is called when it is.
    mutating func wait(for number: UInt64, _ resume: @escaping @Sendable () -> Void) -> Bool {
        guard open.contains(where: { $0.number == number }) else { return false }
        waiting[number, default: []].append(resume)
        return true
    }

    func transaction(_ number: UInt64) -> TransactionID? { open.first { $0.number == number }?.transaction }

    /// Recovery: numbers go on after this one.
    mutating func start(after number: UInt64) { last = number }
}
