// The rows of before the start on their way into the indexes: at once, or behind an engine that answers already.
//
// Behind: the table's exclusive lock is held under a number of the waiting graph's own, so that writers wait as they would for LOCK
// TABLE. Point reads and ranges look through the columns until their index has everything (TableTransaction+Search), scans need no
// index. A snapshot is held, so that what the loading looks at stays. Small tables come first.
internal import Base
internal import Catalog
internal import Columnar
internal import LearnedIndex
internal import Platform
internal import Synchronization

final class IndexLoading: Sendable {
    private struct Table: Sendable {
        let store: TableStore
        let groups: [RowGroupStore]
        let indexes: [TableIndex]
        /// Whom writers wait for.
        let holder: TransactionID
    }

    private let engine: Unowned
    private let tables: [Table]
    private let snapshot: Mutex<TableTransaction?>
    private let done = Doorbell()
    private let hasStarted = Atomic<Bool>(false)
    private let isOver = Atomic<Bool>(false)

    private struct Unowned: @unchecked Sendable { weak let engine: TableEngine? }

    /// Gives every table its indexes, empty, and holds writers off those that have rows.
    init(_ engine: TableEngine) throws(LeibrixError) {
        self.engine = Unowned(engine: engine)
        var tables: [Table] = []
        let version = engine.published.withLock { $0 }
        for table in version.catalog.tables {
            guard let store = version.stores[table.id] else { continue }
            var indexes: [TableIndex] = []
            for index in table.indexes { indexes.append(try TableIndex(index, of: table)) }
            let groups = store.locked { state in
                state.indexes = indexes
                return state.groups
            }
            guard !indexes.isEmpty, !groups.isEmpty else { continue }
            let holder = engine.waits.begin()
            for index in indexes { index.isLoading.store(true, ordering: .releasing) }
            store.isLoading.store(true, ordering: .releasing)
            store.locked { $0.exclusive = holder }
            tables.append(Table(store: store, groups: groups, indexes: indexes, holder: holder))
        }
        self.tables = tables.sorted { $0.groups.count < $1.groups.count }
        snapshot = Mutex(tables.isEmpty ? nil : try engine.begin(.repeatableRead, readOnly: true))
    }

    /// Loads everything on all processors. Blocks. Throws `corruptSegment` for keys that come twice.
    func run() throws(LeibrixError) {
        hasStarted.store(true, ordering: .relaxed)
        defer { end() }
        for table in tables { try load(table, threads: ParallelWork.threadsMax) }
    }

    /// Loads everything on a thread of its own, once. What cannot be loaded refuses all writes, and is read through the columns on.
    func start() {
        guard !hasStarted.exchange(true, ordering: .relaxed) else { return }
        guard !tables.isEmpty else { return end() }
        BlockingPool(name: "indexes", threads: 1).start { [self] in
            for table in tables {
                do throws(LeibrixError) {
                    try load(table, threads: max(1, Cores.count / 2))
                } catch {
                    Log.error("table.indexes", .text("error", error.description))
                    engine.engine?.refuseWrites(error)
                    release(table)
                }
            }
            end()
        }
    }

    /// Blocks until every table has its indexes, or will have none.
    func waitUntilDone() {
        guard !isOver.load(ordering: .acquiring) else { return }
        start()
        done.wait()
        done.ring()
    }

    private func load(_ table: Table, threads: Int) throws(LeibrixError) {
        let groups = table.groups
        try ParallelWork.run(table.indexes.count, threads: threads) { (place) throws(LeibrixError) in
            let index = table.indexes[place]
            let keys = KeyRuns(groups, index)
            try ParallelWork.run(groups.count, threads: threads) { (number) throws(LeibrixError) in keys.look(number) }
            try keys.fill()
            index.isLoading.store(false, ordering: .releasing)
        }
        table.store.isLoading.store(false, ordering: .releasing)
        release(table)
    }

    private func release(_ table: Table) {
        table.store.locked { if $0.exclusive == table.holder { $0.exclusive = nil } }
        engine.engine?.waits.end(table.holder)
    }

    private func end() {
        snapshot.withLock { held in
            held?.rollback()
            held = nil
        }
        isOver.store(true, ordering: .releasing)
        done.ring()
    }
}
