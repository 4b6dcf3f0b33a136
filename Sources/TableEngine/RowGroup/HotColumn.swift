// One column of a row group that takes rows: arrays in reserved memory that only grow, so that readers of earlier rows are never
// disturbed. One writer at a time, under the table's lock.
//
//   form        values                     beside them
//   fixed       width bytes a row
//   text        rows + 1 offsets, 32 bits  heap
//   list, map   rows + 1 offsets, 32 bits  one child of its own length
//   structure   -                          a child a field, of the same length
//   array       -                          one child of size times the length
//
// Validity is nil until the first NULL comes; then every row has a bit, 1 = valid.
internal import Columnar
internal import ColumnStore

@safe
final class HotColumn {
    let type: DataType
    let form: PhysicalForm
    let width: Int
    /// Values there is room for.
    let capacity: Int
    let heapBytesMax: Int
    let children: [HotColumn]
    /// Where readers find the arrays.
    let layout: UnsafeMutablePointer<CellLayout>
    /// The children's, which this column owns.
    private let childCells: UnsafeMutablePointer<CellLayout>?
    let values: UnsafeMutableRawPointer
    let validityWords: UnsafeMutablePointer<UInt64>
    let heap: UnsafeMutablePointer<UInt8>?

    var rows = 0
    var nulls = 0
    var hasValidity = false
    var bounds = HotBounds()

    /// Builds the column at `plan`'s places; `layout` is where the parent keeps it.
    init(_ type: DataType, _ plan: HotColumnPlan, at base: UnsafeMutableRawPointer, layout: UnsafeMutablePointer<CellLayout>) {
        self.type = type.base
        form = plan.form
        width = plan.form.width
        capacity = plan.capacity
        heapBytesMax = plan.heapBytes
        unsafe self.layout = unsafe layout
        unsafe values = unsafe base + plan.values
        unsafe validityWords = unsafe (base + plan.validity).assumingMemoryBound(to: UInt64.self)
        unsafe heap = unsafe plan.form == .bytes ? (base + plan.heap).assumingMemoryBound(to: UInt8.self) : nil
        var below: UnsafeMutablePointer<CellLayout>?
        var built: [HotColumn] = []
        if !plan.children.isEmpty {
            let cells = UnsafeMutablePointer<CellLayout>.allocate(capacity: plan.children.count)
            for (index, child) in plan.children.enumerated() {
                built.append(unsafe HotColumn(child.type, child, at: base, layout: cells + index))
            }
            unsafe below = unsafe cells
        }
        children = built
        unsafe childCells = unsafe below
        var size: UInt32 = 0
        if case .array(let count) = plan.form { size = UInt32(count) }
        unsafe layout.initialize(
            to: CellLayout(
                encoding: plan.form.hotEncoding, width: UInt8(width), childCount: UInt32(built.count), arraySize: size, base: 0,
                validity: nil, data: UnsafeRawPointer(values), dictionaryOffsets: nil, heap: heap.map { unsafe UnsafePointer($0) },
                children: below))
    }

    // Not by way of `layout`: the parent's cells are gone already when a column goes.
    deinit { unsafe childCells?.deallocate() }

    var offsets: UnsafeMutablePointer<UInt32> { unsafe values.assumingMemoryBound(to: UInt32.self) }
    var heapUsed: Int { form == .bytes ? Int(unsafe offsets[rows]) : 0 }

    @inline(__always)
    func isNull(_ row: Int) -> Bool { hasValidity && (unsafe validityWords[row &>> 6] &>> UInt64(row & 63)) & 1 == 0 }
}

extension PhysicalForm {
    /// How a column that takes rows lies.
    var hotEncoding: ColumnEncoding {
        switch self {
        case .integer, .real, .double, .interval: .plain
        case .bytes: .strings
        case .list: .list
        case .structure: .structure
        case .array: .array
        case .null: .allNull
        }
    }
}

/// Where a column's arrays lie in the group's memory.
struct HotColumnPlan {
    var type: DataType
    var form: PhysicalForm
    var capacity: Int
    var values = 0
    var validity = 0
    var heap = 0
    var heapBytes = 0
    var children: [HotColumnPlan] = []

    /// Places the column's arrays from `cursor` on, each on pages of its own.
    init(_ type: DataType, _ form: PhysicalForm, capacity: Int, cursor: inout Int) {
        self.type = type
        self.form = form
        self.capacity = capacity
        func take(_ bytes: Int) -> Int {
            defer { cursor += (bytes + 4_095) & ~4_095 }
            return cursor
        }
        validity = take((capacity + 63) / 64 * 8)
        switch form {
        case .integer, .real, .double, .interval: values = take(capacity * form.width)
        case .bytes:
            values = take((capacity + 1) * 4)
            heapBytes = TableEngineLimits.heapBytesMax
            heap = take(heapBytes)
        case .list: values = take((capacity + 1) * 4)
        case .structure, .array, .null: break
        }
        var below = capacity
        if case .array(let size) = form { below = capacity * size }
        if form == .list { below = TableEngineLimits.listElementsMax }
        for child in type.childTypes {
            guard let form = child.physicalForm else { continue }
            children.append(HotColumnPlan(child, form, capacity: below, cursor: &cursor))
        }
    }
}
