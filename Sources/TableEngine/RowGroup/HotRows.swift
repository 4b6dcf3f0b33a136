internal import Base
internal import Columnar
internal import ColumnStore
internal import Platform

/// The cells of a group that takes rows. Scans of a hot group keep this, so its memory outlives the group's freezing.
@safe
final class HotRows: @unchecked Sendable {
    let columns: [HotColumn]
    let cells: UnsafeMutablePointer<CellLayout>
    private let memory: ReservedMemory

    init(types: [DataType], capacity: Int) throws(LeibrixError) {
        var cursor = 0
        var plans: [HotColumnPlan] = []
        for type in types {
            plans.append(HotColumnPlan(type, try type.requiredForm(), capacity: capacity, cursor: &cursor))
        }
        memory = try ReservedMemory(bytes: max(cursor, 1))
        let base = unsafe memory.base
        unsafe cells = .allocate(capacity: max(types.count, 1))
        var columns: [HotColumn] = []
        for (index, plan) in plans.enumerated() {
            columns.append(unsafe HotColumn(types[index], plan, at: base, layout: cells + index))
        }
        self.columns = columns
    }

    deinit { unsafe cells.deallocate() }

    var layouts: [ColumnLayout] { columns.map(\.columnLayout) }
}
