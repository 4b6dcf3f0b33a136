// One moment of a table for the scan.
//
// 1. Under the table's lock each group is looked at: its published rows, its columns' arrays, and which of its rows need a look at
//    their stamps. That is all a writer waits for.
// 2. Without the lock the stamps are read. What a view sees does not change, whatever is committed meanwhile: the view's transaction
//    is registered, so nothing that it needs is collected.
//
// A group whose rows are all old and that lost none costs nothing: its row group is made once. For the others a bitmap is made from
// the list of ended slots and from the rows behind the settled ones. The last snapshot is used again while nothing has changed.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Synchronization

/// The snapshot that was made last, for whoever would get the same.
struct KeptSnapshot {
    let changes: UInt64
    let names: [RelationColumn]
    let snapshot: RelationSnapshot
}

/// What is noted of a group under the lock.
private struct GroupGlance {
    let group: RowGroupStore
    let rows: Int
    /// Made before: all rows are visible.
    let whole: RowGroup?
    let layouts: [ColumnLayout]
    let owner: AnyObject
    /// Slots from here on may have insert stamps that the view does not see.
    let settled: Int
    let endedSlots: [UInt32]
}

extension TableStore {
    /// `horizon`: what every running transaction sees.
    func snapshot(_ view: ReadView, columns: [RelationColumn], horizon: UInt64) throws(LeibrixError) -> RelationSnapshot {
        let glance = locked { state -> (kept: RelationSnapshot?, groups: [GroupGlance], changes: UInt64?, version: UInt64) in
            let isQuiet = state.writers.isEmpty && view.snapshot >= state.newestCommit
            if isQuiet, let kept = state.kept, kept.changes == state.changes, kept.names == columns { return (kept.snapshot, [], nil, 0) }
            let groups = state.groups.compactMap { $0.glance(view, horizon) }
            return (nil, groups, isQuiet ? state.changes : nil, state.bounds.version)
        }
        if let kept = glance.kept { return kept }
        let groups = glance.groups.compactMap { $0.rowGroup(view) }
        let snapshot = try RelationSnapshot(columns: columns, rowGroups: groups, statisticsVersion: glance.version)
        if let changes = glance.changes {
            locked { state in
                if state.changes == changes { state.kept = KeptSnapshot(changes: changes, names: columns, snapshot: snapshot) }
            }
        }
        return snapshot
    }
}

extension RowGroupStore {
    /// Under the table's lock.
    fileprivate func glance(_ view: ReadView, _ horizon: UInt64) -> GroupGlance? {
        let rows = publishedRows
        guard rows > 0 else { return nil }
        settle(rows, horizon)
        warm()
        let isSettled = uncommitted == 0 && newestInsert <= view.snapshot
        if isSettled, endedSlots.isEmpty {
            return GroupGlance(
                group: self, rows: rows, whole: wholeRowGroup(rows), layouts: [], owner: self, settled: rows, endedSlots: [])
        }
        return GroupGlance(
            group: self, rows: rows, whole: nil, layouts: layouts, owner: cellsOwner, settled: isSettled ? rows : min(settledRows, rows),
            endedSlots: endedSlots)
    }

    /// Counts on from the settled rows those that everybody sees. Amortised O(1) a row.
    private func settle(_ rows: Int, _ horizon: UInt64) {
        while settledRows < rows {
            let stamp = unsafe access.pointee.inserted[settledRows].load(ordering: .relaxed)
            guard stamp <= horizon || stamp == Stamps.never else { return }
            settledRows += 1
        }
    }

    /// The group with all its rows, made once for as many rows.
    private func wholeRowGroup(_ rows: Int) -> RowGroup {
        if let whole, whole.rows == rows { return whole }
        let made = unsafe RowGroup(rows: rows, columns: layouts, visible: nil, firstRowID: firstRowID, owner: cellsOwner)
        whole = made
        return made
    }

    fileprivate var firstRowID: Int64 { Int64(RowID(group: number, slot: 0).rawValue) }
}

extension GroupGlance {
    /// nil when the view sees none of the rows.
    func rowGroup(_ view: ReadView) -> RowGroup? {
        if let whole { return whole }
        let (bitmap, hidden) = visible(view)
        if hidden == rows { return nil }
        return unsafe RowGroup(
            rows: rows, columns: layouts, visible: hidden == 0 ? nil : bitmap.pointer, firstRowID: group.firstRowID, owner: bitmap)
    }

    /// Which rows the view sees, and how many it does not.
    private func visible(_ view: ReadView) -> (rows: VisibleRows, hidden: Int) {
        let bitmap = VisibleRows(rows: rows, owner: owner)
        let reader = unsafe group.access
        var hidden = 0
        for slot in settled..<rows where unsafe !reader.pointee.isVisible(slot, view) {
            bitmap.hide(slot)
            hidden += 1
        }
        for slot in endedSlots where Int(slot) < settled {
            if unsafe !reader.pointee.isVisible(Int(slot), view), bitmap.hide(Int(slot)) { hidden += 1 }
        }
        return (bitmap, hidden)
    }

    /// Calls `body` with the rows that a scan hands over.
    func forEachVisible(_ view: ReadView, _ body: (RowID) -> Void) {
        let bitmap = whole == nil ? visible(view).rows : nil
        for slot in 0..<rows where bitmap?.isVisible(slot) ?? true { body(RowID(group: group.number, slot: slot)) }
    }
}

extension TableStore {
    /// Calls `body` with the rows that a scan at the view hands over.
    func forEachScanned(_ view: ReadView, horizon: UInt64, _ body: (RowID) -> Void) {
        for glance in locked({ state in state.groups.compactMap { $0.glance(view, horizon) } }) { glance.forEachVisible(view, body) }
    }
}

/// A bit a row, lowest first, 1 = visible; and the group's memory.
@safe
private final class VisibleRows: @unchecked Sendable {
    private let words: UnsafeMutablePointer<UInt64>
    private let owner: AnyObject

    init(rows: Int, owner: AnyObject) {
        let count = (rows + 63) / 64
        unsafe words = .allocate(capacity: count)
        unsafe words.initialize(repeating: .max, count: count)
        if rows % 64 > 0 { unsafe words[count - 1] = 1 << UInt64(rows % 64) - 1 }
        self.owner = owner
    }

    deinit { unsafe words.deallocate() }

    var pointer: UnsafePointer<UInt64> { unsafe UnsafePointer(words) }

    func isVisible(_ slot: Int) -> Bool { unsafe words[slot >> 6] >> UInt64(slot & 63) & 1 == 1 }

    /// Whether it was visible before.
    @discardableResult
    func hide(_ slot: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(slot & 63)
        let was = unsafe words[slot >> 6] & bit != 0
        unsafe words[slot >> 6] &= ~bit
        return was
    }
}
