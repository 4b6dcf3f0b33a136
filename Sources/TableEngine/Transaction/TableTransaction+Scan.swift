// A table's visible rows in the order they lie, for who reads all of them without DuckDB.
public import Base
public import Catalog
public import Columnar
internal import Synchronization

extension TableTransaction {
    /// Calls `body` with the visible rows, at most 2,048 at once. Another thread may not use the transaction meanwhile.
    public func scan(_ table: TableID, _ body: (Batch) throws(LeibrixError) -> Void) throws(LeibrixError) {
        let store = try store(table)
        reads?.add(store)
        var gathered = try GatheredRows(store.types)
        let groups = store.locked { state in state.groups.map { ($0, $0.publishedRows) } }
        for (group, rows) in groups {
            for slot in 0..<rows where unsafe group.access.pointee.isVisible(slot, view) {
                if try unsafe gathered.append(group.access.pointee.columns, slot) { continue }
                if let batch = gathered.batch { try body(batch) }
                gathered = try GatheredRows(store.types)
                guard try unsafe gathered.append(group.access.pointee.columns, slot) else { throw GatheredRows.tooLarge }
            }
        }
        if let batch = gathered.batch { try body(batch) }
    }
}

/// Rows from wherever they lie, side by side.
struct GatheredRows {
    static let rowsMax = 2_048
    static let tooLarge = LeibrixError(.limitExceeded, "a row is larger than a table's row can be")
    private let types: [DataType]
    private let rows: HotRows
    private(set) var count = 0

    init(_ types: [DataType]) throws(LeibrixError) {
        self.types = types
        rows = try HotRows(types: types, capacity: Self.rowsMax)
    }

    /// False, with nothing changed, when there is no room.
    mutating func append(_ cells: UnsafeMutablePointer<CellLayout>, _ slot: Int) throws(LeibrixError) -> Bool {
        guard count < Self.rowsMax else { return false }
        for (place, column) in rows.columns.enumerated() {
            guard unsafe try !column.append(copying: cells[place], slot) else { continue }
            for column in rows.columns { column.truncate(to: count) }
            return false
        }
        count += 1
        return true
    }

    /// nil without rows. Nothing may be appended afterwards.
    var batch: Batch? {
        guard count > 0 else { return nil }
        let entries = ViewEntries()
        return Batch(rowCount: count, columns: rows.columns.map { $0.view(entries) }, owner: Owner(rows: rows, entries: entries))
    }

    private final class Owner: Sendable {
        let rows: HotRows
        nonisolated(unsafe) let entries: ViewEntries

        init(rows: HotRows, entries: ViewEntries) {
            self.rows = rows
            unsafe self.entries = entries
        }
    }

    /// The rows as a commit's columns.
    func encode(into out: inout [UInt8]) {
        for (place, type) in types.enumerated() { unsafe rows.cells[place].encode(0..<count, type, into: &out) }
    }
}
