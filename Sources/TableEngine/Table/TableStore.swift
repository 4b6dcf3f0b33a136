// A table's rows and indexes, of one shape: altering what rows look like makes a new store. Writers take the store's lock for the
// time of a few rows; point reads take none; a scan takes it for the time of looking at each row group once.
//
// Row versions lie in row groups in the order they came. The last group is hot; full ones are frozen. A version is found by row id,
// through an index by key, and older ones of a key through links.
internal import Base
internal import Catalog
internal import Columnar
internal import ColumnStore
internal import Synchronization

final class TableStore: Sendable {
    let id: TableID
    let types: [DataType]
    /// A column each.
    let notNull: Mutex<[Bool]>
    let rowsPerGroup: Int
    let directory = RowGroupDirectory()
    /// The number of this store's shape: plans and scans of another are of another table.
    let generation: UInt64
    private let state: Mutex<TableState>
    /// Once the store was replaced or dropped by a committed transaction; nobody may write to it then.
    let isRetired = Atomic<Bool>(false)
    /// Until its indexes have the rows of before the start; nobody may write to it, and nothing is maintained, meanwhile.
    let isLoading = Atomic<Bool>(false)

    init(_ table: TableDefinition, rowsPerGroup: Int, generation: UInt64) throws(LeibrixError) {
        id = table.id
        types = table.columns.map(\.type)
        notNull = Mutex(table.columns.map(\.isNotNull))
        self.rowsPerGroup = rowsPerGroup
        self.generation = generation
        for type in types { _ = try type.requiredForm() }
        var indexes: [TableIndex] = []
        for index in table.indexes { indexes.append(try TableIndex(index, of: table)) }
        state = Mutex(TableState(types: types, indexes: indexes))
    }

    /// Everything that changes rows or their order of groups.
    @inline(__always)
    func locked<T, E: Error>(_ body: (TableState) throws(E) -> T) throws(E) -> T {
        try state.withLock { (state) throws(E) in UnsafeTransfer(try body(state)) }.value
    }

    /// All indexes, those of a transaction that is about to make one included.
    var indexes: [TableIndex] { locked { $0.indexes } }

    /// A group's reader; nil when the group is gone.
    @inline(__always)
    func reader(_ row: RowID) -> RowGroupReader? { unsafe directory[row.group] }
}

/// Carries a value out of a lock.
private struct UnsafeTransfer<T>: @unchecked Sendable {
    let value: T
    init(_ value: T) { self.value = value }
}

/// What the table's lock guards.
final class TableState {
    var groups: [RowGroupStore] = []
    var nextGroup = 0
    var indexes: [TableIndex]
    var locks = RowLocks()
    /// Transactions that have written here and run; the exclusive one when there is one.
    var writers: Set<TransactionID> = []
    var exclusive: TransactionID?
    /// Links beyond a row's first.
    var overflow: [RowID: [RowID]] = [:]
    var keyWriter = KeyWriter()
    /// Grows with every change that a new scan could see.
    var changes: UInt64 = 0
    /// The newest commit that changed something here.
    var newestCommit: UInt64 = 0
    var kept: KeptSnapshot?
    /// Ended versions in the order of their ends: what garbage collection takes from the front.
    var endedRows: [(number: UInt64, row: RowID)] = []
    /// Of `endedRows`, the first not collected.
    var endedFirst = 0
    /// What readers may still look at, with the newest commit when it was let go of.
    var retired: [(newest: UInt64, memory: AnyObject)] = []
    /// Versions that are there for the newest snapshot: inserts less deletes, counted at commit.
    var liveRows = 0
    var bounds: TableBounds
    var distinct: TableDistinct
    /// About what a row takes, and how often that was asked.
    var rowBytes = (known: 64, asked: 0)

    init(types: [DataType], indexes: [TableIndex]) {
        self.indexes = indexes
        bounds = TableBounds(columns: types.count)
        distinct = TableDistinct(columns: types.count)
    }

    /// Takes an encoded group's values into the estimates.
    func sketch(_ frozen: FrozenRows) { distinct.add(frozen) }

    var hot: RowGroupStore? { groups.last }
}
