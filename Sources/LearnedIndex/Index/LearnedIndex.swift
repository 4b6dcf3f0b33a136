public import Base

/// An ordered index from unique 64-bit keys to 64-bit values: a multi-level learned index with gapped leaves (after ALEX,
/// Ding et al., SIGMOD 2020) whose every node has a bound on its search (docs/internals/LearnedIndex.md).
///
/// One writer at a time, which is the caller's to see to: `insert`, `upsert`, `update`, `erase` and `checkInvariants` are
/// the writer's. Everything else may be called from any thread meanwhile, takes no lock, and sees each entry as it is at
/// some moment of the call.
public final class LearnedIndex: @unchecked Sendable {
    let heap: NodeHeap
    let tree: LearnedTree

    public init(domain: EpochDomain = .shared) {
        heap = NodeHeap(domain: domain)
        tree = LearnedTree(heap)
    }

    /// Loads strictly ascending keys, `values[i]` for `keys[i]`. O(n), about 10 ns a key.
    /// - Throws: `internal` when the keys are not strictly ascending or the counts differ.
    public init(ascending keys: Span<UInt64>, values: Span<UInt64>, domain: EpochDomain = .shared) throws(LeibrixError) {
        let heap = NodeHeap(domain: domain)
        guard keys.count == values.count, let tree = LearnedTree(heap, count: keys.count, entry: { (keys[$0], values[$0]) }) else {
            throw LeibrixError(.internal, "an index is loaded from keys that are not strictly ascending")
        }
        self.heap = heap
        self.tree = tree
    }

    /// As with spans, from a source that is asked for one entry after the other, for some of them twice.
    public init(
        count: Int, domain: EpochDomain = .shared, entry: (Int) -> (key: UInt64, value: UInt64)
    ) throws(LeibrixError) {
        let heap = NodeHeap(domain: domain)
        guard let tree = LearnedTree(heap, count: count, entry: entry) else {
            throw LeibrixError(.internal, "an index is loaded from keys that are not strictly ascending")
        }
        self.heap = heap
        self.tree = tree
    }

    deinit { tree.free(heap) }

    public var count: Int { heap.keys.now }
    public var isEmpty: Bool { count == 0 }
    /// Every byte held from the system, as `IndexReport.bytes`. O(1).
    public var bytes: Int { heap.held }

    // MARK: Readers

    /// The value of a key. O(log n) at worst, one or two waits for memory in the usual case; allocates nothing.
    public func lookup(_ key: UInt64) -> UInt64? {
        let pin = heap.domain.enter()
        let answer = tree.lookup(key)
        heap.domain.leave(pin)
        return answer
    }

    /// Looks up many keys with overlapping waits for memory: `values[i]` becomes the value of `keys[i]`, or `missing`.
    /// Returns how many were found. The keys need no order. `values` must be as long as `keys`.
    public func lookup(_ keys: Span<UInt64>, into values: inout MutableSpan<UInt64>, missing: UInt64 = .max) -> Int {
        precondition(keys.count == values.count, "as many values as keys")
        let pin = heap.domain.enter()
        var found = 0
        tree.lookup(count: keys.count, key: { keys[$0] }) { index, value in
            values[index] = value ?? missing
            found += value == nil ? 0 : 1
        }
        heap.domain.leave(pin)
        return found
    }

    /// The same into an array of its own.
    public func lookup(_ keys: Span<UInt64>, missing: UInt64 = .max) -> [UInt64] {
        [UInt64](capacity: keys.count) { values in
            let pin = heap.domain.enter()
            tree.lookup(count: keys.count, key: { keys[$0] }) { _, value in values.append(value ?? missing) }
            heap.domain.leave(pin)
        }
    }

    /// The first entry whose key is at least `key`, and the last whose key is at most `key`.
    public func first(from key: UInt64 = 0) -> (key: UInt64, value: UInt64)? {
        var first: (key: UInt64, value: UInt64)?
        scan(from: key, through: .max, limit: 1) { (first = ($0, $1), false).1 }
        return first
    }

    public func last(through key: UInt64 = .max) -> (key: UInt64, value: UInt64)? {
        var last: (key: UInt64, value: UInt64)?
        scanReverse(from: key, through: 0, limit: 1) { (last = ($0, $1), false).1 }
        return last
    }

    /// The entries of `from...through` in ascending order, at most `limit`, until `body` returns false. Each entry is as it was at some moment of the
    /// call; those of one leaf at the same moment. `body` runs outside of any lock or pin and may call the index.
    public func scan(from: UInt64, through: UInt64, limit: Int = .max, _ body: (UInt64, UInt64) throws -> Bool) rethrows {
        try scan(from: from, through: through, limit: limit, isUp: true, body)
    }

    /// The entries of `through...from` in descending order, from `from` on.
    public func scanReverse(from: UInt64, through: UInt64, limit: Int = .max, _ body: (UInt64, UInt64) throws -> Bool) rethrows {
        try scan(from: from, through: through, limit: limit, isUp: false, body)
    }

    private func scan(from: UInt64, through: UInt64, limit: Int, isUp: Bool, _ body: (UInt64, UInt64) throws -> Bool) rethrows {
        guard limit > 0, isUp ? from <= through : from >= through else { return }
        try unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: min(limit, Limits.scanChunk) * 2) { chunk in
            var left = limit
            var next: UInt64? = from
            while let key = next, left > 0 {
                let pin = heap.domain.enter()
                let most = min(left, Limits.scanChunk)
                let step =
                    isUp
                    ? tree.scanUp(from: key, through: through, limit: most) { unsafe (chunk[$0 &* 2], chunk[$0 &* 2 &+ 1]) = ($1, $2) }
                    : tree.scanDown(from: key, through: through, limit: most) { unsafe (chunk[$0 &* 2], chunk[$0 &* 2 &+ 1]) = ($1, $2) }
                heap.domain.leave(pin)
                for index in 0..<step.count where try unsafe !body(chunk[index * 2], chunk[index * 2 + 1]) { return }
                left -= step.count
                next = step.next
            }
        }
    }

    // MARK: The writer

    /// Inserts a key. Returns nil, or, when the key is there, its value, and changes nothing.
    public func insert(_ key: UInt64, _ value: UInt64) -> UInt64? { tree.insert(key, value, replacing: false, heap) }

    /// Inserts a key or replaces its value, which is returned.
    public func upsert(_ key: UInt64, _ value: UInt64) -> UInt64? { tree.insert(key, value, replacing: true, heap) }

    /// Replaces the value of a key that is there and returns the old one; nil, and no change, when it is not.
    public func update(_ key: UInt64, _ value: UInt64) -> UInt64? { tree.update(key, value) }

    /// Takes a key out and returns its value; nil when it is not there.
    public func erase(_ key: UInt64) -> UInt64? { tree.erase(key, heap) }

    /// Loads `count` strictly ascending entries into an empty index, as `init` does. Readers meanwhile find nothing, and from one moment
    /// on everything. The writer's; O(n).
    /// - Throws: `internal` when the keys are not strictly ascending: then nothing has changed.
    public func load(count: Int, entry: (Int) -> (key: UInt64, value: UInt64)) throws(LeibrixError) {
        precondition(isEmpty, "an index is loaded once")
        guard tree.load(heap, count: count, entry: entry) else {
            throw LeibrixError(.internal, "an index is loaded from keys that are not strictly ascending")
        }
    }

    /// Frees what was replaced and is no longer looked at. The writer's; done by itself now and then.
    public func reclaim() { heap.sweep(atMost: .max) }

    // MARK: What it is made of

    /// O(nodes).
    public func report() -> IndexReport {
        let pin = heap.domain.enter()
        defer { heap.domain.leave(pin) }
        var report = IndexReport(heap)
        report.depth = tree.depth
        report.add(tree.sums())
        return report
    }

    /// Checks every node, entry and bound, and that the memory counted is the memory there. The writer's; O(n).
    public func checkInvariants() throws(LeibrixError) {
        let bytes = try tree.checkNodes() + LearnedTree.controlBytes
        let held = heap.bytes.now - heap.waitingBytes.now
        guard bytes == held else { throw LeibrixError(.internal, "learned index: nodes take \(bytes) bytes, \(held) are counted") }
        let keys = tree.sums().keys
        guard keys == count else { throw LeibrixError(.internal, "learned index: \(keys) keys in the leaves, \(count) are counted") }
    }
}
