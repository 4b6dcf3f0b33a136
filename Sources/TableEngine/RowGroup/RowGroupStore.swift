// The memory of one row group: first hot, in one reservation that rows are appended to; later frozen, encoded by ColumnStore.
// Slots never move while the group lives, so row ids stay valid through freezing.
//
//   reservation:  inserted stamps | deleted stamps | links | per column: validity, values, heap
//
// Stamps and links are pages of zeros until they are written, which is also what they mean: visible to all, ended by nobody,
// following nothing. Old insert stamps are forgotten by giving their pages back.
internal import Base
internal import Columnar
internal import ColumnStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

@safe
final class RowGroupStore: @unchecked Sendable {
    let number: Int
    let capacity: Int
    /// Stamps and links.
    private let memory: ReservedMemory
    let access: RowGroupReader
    /// nil once the group is frozen. The table's lock guards everything below.
    private(set) var hot: HotRows?
    private(set) var frozen: FrozenRows?
    /// Rows appended, published or not.
    private(set) var rows = 0
    /// Slots that have or had a delete stamp, or were rolled back; some more than once. Only they need a look at their stamps once
    /// all inserts are old.
    var endedSlots: [UInt32] = []
    /// Rows with a committed delete stamp or never there: what a compaction would win.
    var ended = 0
    /// Rows from the first on whose insert stamps every snapshot sees, but for those in `endedSlots`.
    var settledRows = 0
    /// All rows as the scan takes them, made when they were first scanned.
    var whole: RowGroup?
    /// The largest commit number among the insert stamps, once all are committed.
    var newestInsert: UInt64 = 0
    /// Rows whose insert stamp is a running transaction's.
    var uncommitted = 0

    /// When a scan last took the group, and whether its file's pages were let go of since. Any thread.
    private let scanned = Atomic<UInt64>(0)
    private static let scans = Atomic<UInt64>(1)

    /// It cannot be encoded: larger than an encoder takes.
    var staysHot = false
    /// Versions that nobody can see any more, out of the indexes.
    var collected = 0

    init(number: Int, types: [DataType], capacity: Int) throws(LeibrixError) {
        self.number = number
        self.capacity = capacity
        let memory = try ReservedMemory(bytes: 3 * Self.stampBytes(capacity))
        let hot = try HotRows(types: types, capacity: capacity)
        self.memory = memory
        self.hot = hot
        unsafe access = Self.access(number, capacity, memory, hot.cells)
    }

    /// A group that is encoded already, all of whose rows are older than every snapshot and published.
    init(number: Int, capacity: Int, frozen: FrozenRows, rows: Int) throws(LeibrixError) {
        self.number = number
        self.capacity = capacity
        let memory = try ReservedMemory(bytes: 3 * Self.stampBytes(capacity))
        self.memory = memory
        self.frozen = frozen
        self.rows = rows
        settledRows = rows
        unsafe access = Self.access(number, capacity, memory, frozen.cells)
        unsafe access.pointee.published.store(rows, ordering: .releasing)
    }

    private static func stampBytes(_ capacity: Int) -> Int { (capacity * 8 + 4_095) & ~4_095 }

    private static func access(
        _ number: Int, _ capacity: Int, _ memory: ReservedMemory, _ cells: UnsafeMutablePointer<CellLayout>
    ) -> RowGroupReader {
        func stamps(_ place: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
            unsafe (memory.base + place * stampBytes(capacity)).bindMemory(to: Atomic<UInt64>.self, capacity: capacity)
        }
        let access = RowGroupReader.allocate(capacity: 1)
        unsafe access.initialize(
            to: RowGroupAccess(number: number, inserted: stamps(0), deleted: stamps(1), previous: stamps(2), cells: cells))
        return unsafe access
    }

    deinit {
        unsafe access.deinitialize(count: 1)
        unsafe access.deallocate()
    }

    var columns: [HotColumn] { hot?.columns ?? [] }
    var isFull: Bool { rows >= capacity || frozen != nil }
    var room: Int { frozen == nil ? capacity - rows : 0 }
    /// Who keeps the cells that `layouts` points at.
    var cellsOwner: AnyObject {
        if let frozen { return frozen }
        return hot.map { $0 as AnyObject } ?? self
    }
    /// Memory of encoded cells, none where they are in a file; of hot ones the whole width of their rows.
    var bytes: Int { frozen?.bytes ?? columns.reduce(rows * 24) { $0 + $1.bytes } }

    var lastScan: UInt64 { scanned.load(ordering: .relaxed) }
    var isWarm: Bool { lastScan > 0 }
    func warm() { scanned.store(Self.scans.add(1, ordering: .relaxed).newValue, ordering: .relaxed) }
    func cool() { scanned.store(0, ordering: .relaxed) }

    /// Gives back the pages of insert stamps: every row is older than every snapshot, or ended by its delete stamp.
    func forgetInsertStamps() {
        memory.discard(offset: 0, count: capacity * 8)
    }

    /// Readers find the encoded cells from now on. Returns the hot ones, which whoever still reads them needs: they are to be kept
    /// until every transaction that runs now has ended.
    func freeze(_ rows: FrozenRows) -> HotRows? {
        defer { hot = nil }
        frozen = rows
        whole = nil
        unsafe access.pointee.cells.store(UInt(bitPattern: rows.cells), ordering: .releasing)
        return hot
    }

    /// The same encoded rows from elsewhere. Returns what readers may still look at, as `freeze`.
    func move(to rows: FrozenRows) -> FrozenRows? {
        defer { frozen = rows }
        whole = nil
        unsafe access.pointee.cells.store(UInt(bitPattern: rows.cells), ordering: .releasing)
        return frozen
    }
}

// MARK: Appending, under the table's lock

extension RowGroupStore {
    /// Appends as many rows of `batch` from `range` on as fit, unpublished, and returns how many.
    func append(_ batch: Batch, _ range: Range<Int>, stamp: Stamp) -> Int {
        var count = min(range.count, room)
        while count > 0, !zip(columns, batch.columns).allSatisfy({ $0.fits($1, range.lowerBound..<range.lowerBound + count) }) {
            count /= 2
        }
        guard count > 0 else { return 0 }
        let taken = range.lowerBound..<range.lowerBound + count
        for (column, source) in zip(columns, batch.columns) { column.append(source, taken) }
        for slot in rows..<rows + count { unsafe access.pointee.inserted[slot].store(stamp, ordering: .relaxed) }
        rows += count
        return count
    }

    /// Appends one row, unpublished; false when it does not fit.
    func append(_ row: [Value], stamp: Stamp) throws(LeibrixError) -> Bool {
        guard room > 0 else { return false }
        do throws(LeibrixError) {
            for (column, value) in zip(columns, row) where try !column.append(value) {
                takeBackColumns()
                return false
            }
        } catch {
            takeBackColumns()
            throw error
        }
        unsafe access.pointee.inserted[rows].store(stamp, ordering: .relaxed)
        rows += 1
        return true
    }

    func takeBackColumns() { for column in columns { column.truncate(to: rows) } }
    func countRow() { rows += 1 }

    /// Takes back rows that were not published and that no index names.
    func truncate(to count: Int) {
        precondition(unsafe count >= access.pointee.published.load(ordering: .relaxed))
        for slot in count..<rows {
            unsafe access.pointee.inserted[slot].store(0, ordering: .relaxed)
            unsafe access.pointee.previous[slot].store(0, ordering: .relaxed)
            unsafe access.pointee.deleted[slot].store(0, ordering: .relaxed)
        }
        rows = count
        takeBackColumns()
    }

    func publish() { unsafe access.pointee.published.store(rows, ordering: .releasing) }
}

// MARK: Reading

extension RowGroupStore {
    /// The columns as the scan takes them. Under the table's lock while hot.
    var layouts: [ColumnLayout] { frozen?.layouts ?? hot?.layouts ?? [] }
}
