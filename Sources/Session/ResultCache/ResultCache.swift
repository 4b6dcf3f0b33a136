// Exact results of small statements: the route "cache". A key holds everything an answer depends on (text, parameters,
// settings that change answers, the version of the published relations), so an entry is never stale, only unused: a new
// version makes new keys, and the old entries fall out by age.
//
// Bounds: bytes in all, and bytes an entry. Least recently used go first. One lock, held for a few pointer moves.
package import Columnar
internal import Synchronization

/// Everything an answer depends on.
package struct ResultKey: Hashable, Sendable {
    package var sql: String
    package var parameters: [Value]
    /// Settings that change answers (TimeZone, search_path ..), spelled in one fixed order.
    package var settings: String
    package var version: UInt64

    package init(sql: String, parameters: [Value], settings: String, version: UInt64) {
        self.sql = sql
        self.parameters = parameters
        self.settings = settings
        self.version = version
    }
}

/// A whole answer in memory of its own.
package final class CachedResult: Sendable {
    package let columns: [ResultColumn]
    package let batches: [Batch]
    package let rows: Int
    package let bytes: Int

    /// Copies `batches`, whose memory may reserve far more than they hold.
    package init(columns: [ResultColumn], batches: [Batch]) {
        let copies = batches.map { $0.compacted() }
        self.columns = columns
        self.batches = copies.map(\.batch)
        self.rows = batches.reduce(0) { $0 + $1.rowCount }
        self.bytes = copies.reduce(512) { $0 + $1.bytes }
    }
}

package final class ResultCache: Sendable {
    package struct Counts: Sendable, Hashable {
        package var entries = 0
        package var bytes = 0
        package var hits: UInt64 = 0
        package var misses: UInt64 = 0
    }

    /// An answer larger than this is not worth keeping.
    package let entryBytesMax: Int
    private let bytesMax: Int
    private let state = Mutex(State())

    package init(bytesMax: Int, entryBytesMax: Int) {
        self.bytesMax = bytesMax
        self.entryBytesMax = min(entryBytesMax, bytesMax)
    }

    package var counts: Counts { state.withLock { $0.counts } }

    /// The answer for exactly this key. Constant time.
    package func lookup(_ key: ResultKey) -> CachedResult? {
        state.withLock { state in
            guard let slot = state.slots[key] else {
                state.counts.misses += 1
                return nil
            }
            state.counts.hits += 1
            state.moveToFront(slot)
            return state.entries[slot].result
        }
    }

    /// Whether the answer is there, without counting the question. Constant time.
    package func contains(_ key: ResultKey) -> Bool { state.withLock { $0.slots[key] != nil } }

    /// Keeps an answer, if it is small enough, and lets the least recently used go for it.
    package func insert(_ key: ResultKey, _ result: CachedResult) {
        guard result.bytes + key.sql.utf8.count <= entryBytesMax else { return }
        state.withLock { state in
            if let slot = state.slots[key] { state.remove(slot) }
            state.add(key, result)
            while state.counts.bytes > bytesMax { state.remove(state.oldest) }
        }
    }

    package func removeAll() { state.withLock { $0 = State(counts: Counts(hits: $0.counts.hits, misses: $0.counts.misses)) } }
}

/// Entries in an array, linked by use; -1 ends the list. Freed slots are used again.
private struct State {
    struct Entry {
        var key: ResultKey
        var result: CachedResult?
        var bytes: Int
        var newer = -1
        var older = -1
    }

    var counts = ResultCache.Counts()
    var slots: [ResultKey: Int] = [:]
    var entries: [Entry] = []
    var free: [Int] = []
    var newest = -1
    var oldest = -1

    mutating func add(_ key: ResultKey, _ result: CachedResult) {
        let entry = Entry(key: key, result: result, bytes: result.bytes + key.sql.utf8.count)
        let slot = free.popLast() ?? entries.count
        if slot == entries.count { entries.append(entry) } else { entries[slot] = entry }
        slots[key] = slot
        counts.entries += 1
        counts.bytes += entry.bytes
        link(slot)
    }

    mutating func remove(_ slot: Int) {
        unlink(slot)
        slots[entries[slot].key] = nil
        counts.entries -= 1
        counts.bytes -= entries[slot].bytes
        entries[slot].result = nil
        free.append(slot)
    }

    mutating func moveToFront(_ slot: Int) {
        guard slot != newest else { return }
        unlink(slot)
        link(slot)
    }

    private mutating func link(_ slot: Int) {
        entries[slot].newer = -1
        entries[slot].older = newest
        if newest >= 0 { entries[newest].newer = slot }
        newest = slot
        if oldest < 0 { oldest = slot }
    }

    private mutating func unlink(_ slot: Int) {
        let (newer, older) = (entries[slot].newer, entries[slot].older)
        if newer >= 0 { entries[newer].older = older } else { newest = older }
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
    }
}
