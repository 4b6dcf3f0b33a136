// A row group's rows, encoded by ColumnStore.
internal import Columnar
internal import ColumnStore

/// A group's rows, encoded: whoever keeps this keeps the memory.
@safe
final class FrozenRows: @unchecked Sendable {
    /// Where they lie: in memory of their own, or in a checkpoint's file, whose pages come and go.
    enum Place {
        case memory(RowGroupImage)
        case file(MappedSegment)
    }

    let place: Place
    let rows: Int
    let layouts: [ColumnLayout]
    let cells: UnsafeMutablePointer<CellLayout>
    /// Distinct values, a column each.
    let sketches: [DistinctSketch]
    private var below: [UnsafeMutablePointer<CellLayout>] = unsafe []

    init(_ place: Place) {
        self.place = place
        switch place {
        case .memory(let image): (rows, layouts, sketches) = (image.rows, image.layouts, image.sketches)
        case .file(let file): (rows, layouts, sketches) = (file.rows, file.layouts(ofRowGroup: 0), file.sketches)
        }
        unsafe cells = .allocate(capacity: max(layouts.count, 1))
        for (index, layout) in layouts.enumerated() { unsafe (cells + index).initialize(to: cell(layout)) }
    }

    private func cell(_ layout: ColumnLayout) -> CellLayout {
        var children: UnsafeMutablePointer<CellLayout>?
        if !layout.children.isEmpty {
            let block = UnsafeMutablePointer<CellLayout>.allocate(capacity: layout.children.count)
            for (index, child) in layout.children.enumerated() { unsafe (block + index).initialize(to: cell(child)) }
            unsafe below.append(block)
            unsafe children = unsafe block
        }
        return unsafe CellLayout(
            encoding: layout.encoding, width: layout.width, childCount: UInt32(layout.children.count), arraySize: 0, base: layout.base,
            validity: layout.validity, data: layout.data, dictionaryOffsets: layout.dictionaryOffsets, heap: layout.heap,
            children: children)
    }

    /// Memory that is this group's alone.
    var bytes: Int {
        if case .memory(let image) = place { return image.bytes }
        return 0
    }

    deinit {
        for unsafe block in unsafe below { unsafe block.deallocate() }
        unsafe cells.deallocate()
    }
}
