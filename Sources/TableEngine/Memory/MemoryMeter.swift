// What tables hold in memory, and its bound. Everything is counted that no file could give back: rows that are not in a checkpoint's
// segment file, stamps, indexes, what was replaced and waits for readers.
//
// Counting walks the row groups, so it is done now and then: by the maintenance, and by a writer once so much was written since that
// the bound may be passed. A writer looks before each step, so the bound is passed by one step's rows at most.
internal import Base
internal import Synchronization

final class MemoryMeter: Sendable {
    private let counted = Atomic<Int>(0)
    private let written = Atomic<Int>(0)
    private let limit: Atomic<Int>

    init(limit: Int?) { self.limit = Atomic(limit ?? .max) }

    /// What is held, as far as is known.
    var used: Int { counted.load(ordering: .relaxed) + written.load(ordering: .relaxed) }

    /// nil: there is no bound.
    var bytesMax: Int? {
        get {
            let limit = limit.load(ordering: .relaxed)
            return limit == .max ? nil : limit
        }
        set { limit.store(newValue ?? .max, ordering: .relaxed) }
    }

    @inline(__always) var isOver: Bool { used > limit.load(ordering: .relaxed) }

    func count(_ bytes: Int) {
        counted.store(bytes, ordering: .relaxed)
        written.store(0, ordering: .relaxed)
    }

    @inline(__always) func wrote(_ bytes: Int) { written.add(bytes, ordering: .relaxed) }
}

final class WeakStore: Sendable {
    private let store: Mutex<Reference>

    private struct Reference { weak var store: TableStore? }

    init(_ store: TableStore) { self.store = Mutex(Reference(store: store)) }

    var value: TableStore? { store.withLock { $0.store } }
}

extension TableEngine {
    /// Bytes that tables may hold in memory: rows that no checkpoint has, stamps and indexes. What is in files is not counted, for it
    /// comes and goes. A write beyond is refused with 53200. nil: no bound.
    public var memoryMax: Int? {
        get { memory.bytesMax }
        set { memory.bytesMax = newValue }
    }

    /// Bytes that tables hold in memory now. O(row groups and indexes).
    public func countMemory() -> Int {
        let stores = everyStore.withLock { known in
            known.removeAll { $0.value == nil }
            return known
        }
        let bytes = stores.reduce(0) { $0 + ($1.value?.memoryBytes ?? 0) }
        memory.count(bytes)
        return bytes
    }

    /// Before a step that adds rows. Throws `memoryBudget`.
    @inline(__always)
    func requireMemory() throws(LeibrixError) {
        if memory.isOver { try requireMemoryCounted() }
    }

    @inline(never)
    private func requireMemoryCounted() throws(LeibrixError) {
        let used = countMemory()
        guard let most = memory.bytesMax, used > most else { return }
        throw LeibrixError(
            .memoryBudget, "the tables would need more than the \(most) bytes of memory that they may take",
            detail: "They hold \(used) bytes: indexes, versions that are in use, and rows that no checkpoint has yet.",
            hint: "Commit in smaller parts, delete rows, drop indexes, or raise table_memory.")
    }

    /// Whether a checkpoint would give memory back that is needed soon.
    var needsRoom: Bool {
        guard let most = memory.bytesMax, durability != nil, countMemory() > most / 10 * 6 else { return false }
        let encoded = everyStore.withLock { $0 }.reduce(0) { sum, store in
            sum + (store.value?.locked { state in state.groups.reduce(0) { $0 + ($1.frozen?.bytes ?? 0) } } ?? 0)
        }
        return encoded > most / 16
    }
}

extension TableStore {
    var memoryBytes: Int {
        locked { state in
            let groups = state.groups.reduce(0) { $0 + $1.bytes + $1.stampBytes }
            let indexes = state.indexes.reduce(0) { $0 + $1.tree.bytes }
            let waiting = state.retired.reduce(0) { $0 + (($1.memory as? HotRows)?.bytes ?? ($1.memory as? FrozenRows)?.bytes ?? 0) }
            return groups + indexes + waiting + state.endedRows.count * 16
        }
    }
}

extension HotRows {
    var bytes: Int { columns.reduce(0) { $0 + $1.bytes } }
}

extension HotColumn {
    /// Bytes written to.
    var bytes: Int { rows * width + heapUsed + children.reduce(0) { $0 + $1.bytes } + (hasValidity ? capacity / 8 : 0) }
}

extension RowGroupStore {
    /// Pages of stamps that were written to, at most.
    var stampBytes: Int { hot == nil ? min(rows * 16, ended * 8_192) : 0 }
}

extension TableStore {
    /// About what a row takes in the group that takes rows, its stamps, its index entries and its place in a transaction included.
    func rowBytes(_ state: TableState) -> Int {
        state.rowBytes.asked &+= 1
        if state.rowBytes.asked & 511 == 1, let hot = state.hot, hot.rows > 0, hot.frozen == nil {
            state.rowBytes.known = hot.bytes / hot.rows + 24 + state.indexes.count * 32
        }
        return state.rowBytes.known
    }
}
