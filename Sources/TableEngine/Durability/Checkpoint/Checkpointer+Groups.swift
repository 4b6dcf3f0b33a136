// Row groups on their way into files: which have to be written, as what, and which of their rows are live.
internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import Synchronization

/// One checkpoint under way.
struct CheckpointPlan {
    typealias Files = [Checkpointer.GroupKey: (rows: Int, file: String)]

    let number: UInt64
    let snapshot: UInt64
    let before: Files
    var after: Files = [:]
    /// Encoded groups that were in memory and have a file now.
    var mappable: [(store: TableStore, group: RowGroupStore, frozen: FrozenRows, file: String)] = []
}

/// A group as it is under the table's lock.
private struct GroupLook {
    let group: RowGroupStore
    let rows: Int
    let frozen: FrozenRows?
    /// Slots that may not be live; nil when every row has to be looked at.
    let doubtful: [UInt32]?

    init(_ group: RowGroupStore, _ snapshot: UInt64) {
        self.group = group
        rows = group.publishedRows
        frozen = group.frozen
        doubtful = group.uncommitted == 0 && group.newestInsert <= snapshot ? group.endedSlots : nil
    }

    /// Which rows the snapshot sees: nil for none, nothing for all. O(doubtful rows, and rows / 8 where one is not live).
    func live(_ snapshot: UInt64) -> [UInt8]? {
        let view = ReadView(snapshot: snapshot, own: 0, command: 0)
        var bits: [UInt8] = []
        var hidden = 0
        func look(_ slot: Int) {
            guard slot < rows, unsafe !group.access.pointee.isVisible(slot, view) else { return }
            if bits.isEmpty { bits = Self.all(rows) }
            let bit: UInt8 = 1 << UInt8(slot & 7)
            if bits[slot >> 3] & bit != 0 { hidden += 1 }
            bits[slot >> 3] &= ~bit
        }
        if let doubtful { for slot in doubtful { look(Int(slot)) } } else { for slot in 0..<rows { look(slot) } }
        return hidden == rows ? nil : bits
    }

    private static func all(_ rows: Int) -> [UInt8] {
        var bits = [UInt8](repeating: 0xFF, count: (rows + 7) / 8)
        if rows & 7 != 0 { bits[rows >> 3] = 1 << UInt8(rows & 7) - 1 }
        return bits
    }
}

extension Checkpointer {
    func write(_ store: TableStore, _ plan: inout CheckpointPlan) throws(LeibrixError) -> CheckpointManifest.Table {
        let (looks, nextGroup) = store.locked { state in (state.groups.map { GroupLook($0, plan.snapshot) }, state.nextGroup) }
        var table = CheckpointManifest.Table(id: store.id, nextGroup: nextGroup, groups: [])
        for look in looks {
            guard let live = look.live(plan.snapshot) else { continue }
            let key = GroupKey(table: store.id, generation: store.generation, group: look.group.number)
            let file: (rows: Int, file: String)
            if let there = plan.before[key], look.isIn(there) { file = there } else { file = try write(look, store, &plan) }
            plan.after[key] = file
            table.groups.append(.init(number: look.group.number, rows: look.rows, file: file.file, live: live.isEmpty ? nil : live))
        }
        return table
    }

    private func write(
        _ look: GroupLook, _ store: TableStore, _ plan: inout CheckpointPlan
    ) throws(LeibrixError) -> (rows: Int, file: String) {
        let name = "\(store.id)-\(look.group.number)-\(plan.number)"
        if let frozen = look.frozen, case .memory(let image) = frozen.place, frozen.rows == look.rows {
            let file = name + GroupFile.segmentSuffix
            try DiskFiles.write(GroupFile.encode(image, store, group: look.group.number), directory + "/" + file, disk)
            plan.mappable.append((store, look.group, frozen, file))
            return (look.rows, file)
        }
        let file = name + GroupFile.rowsSuffix
        try DiskFiles.write(GroupFile.encode(store, look.group, rows: look.rows), directory + "/" + file, disk)
        return (look.rows, file)
    }

    /// Step 6.
    func mapWritten(_ plan: CheckpointPlan, newest: UInt64) throws(LeibrixError) {
        for (store, group, frozen, file) in plan.mappable {
            let mapped = try GroupFile.map(
                directory + "/" + file, disk, table: store.id, group: group.number, rows: frozen.rows, types: store.types, isTrusted: true)
            store.locked { state in
                guard group.frozen === frozen, let old = group.move(to: mapped) else { return }
                state.retired.append((newest, old))
                state.changes += 1
                state.kept = nil
            }
        }
    }
}

extension GroupLook {
    /// Whether a file of before has these rows, and as they are now.
    fileprivate func isIn(_ file: (rows: Int, file: String)) -> Bool {
        guard file.rows == rows else { return false }
        if case .memory? = frozen?.place { return file.file.hasSuffix(GroupFile.segmentSuffix) }
        return true
    }
}
