// Batches into the connection's output buffer, as DataRow messages or as COPY data. A slice of rows is rendered column by
// column (Cells), then written row by row until the buffer is full enough; the caller sends it and comes back for the rest.
// What is held is the buffer, one slice of at most 256 rows, and the batch.
internal import Base
internal import Columnar
internal import Reactor
internal import Session

final class RowEncoder {
    enum Layout {
        case dataRows
        case copy(CopyLayout)
    }

    private let formats: [WireFormat]
    private let layout: Layout
    private let cells: Cells
    var context: FormatContext

    /// One format a column. `rows` is how many the first batch has: small results take little scratch.
    init(formats: [WireFormat], layout: Layout, rows: Int, context: FormatContext) {
        self.formats = formats
        self.layout = layout
        self.context = context
        cells = Cells(columns: formats.count, rows: rows)
    }

    /// Whether a batch of so many rows can be rendered in slices that are not needlessly small.
    func suits(_ rows: Int) -> Bool { cells.capacity >= min(rows, DoorLimits.sliceRows) }

    /// Writes rows from `row` on until `end`, or until the buffer holds `DoorLimits.outputBytes`. Returns the next row to write.
    func encode(_ batch: Batch, from row: Int, to end: Int, into out: ByteBuffer) throws(LeibrixError) -> Int {
        var next = row
        while next < end && out.count < DoorLimits.outputBytes {
            try render(batch, from: next, rows: min(end - next, cells.capacity))
            next += write(into: out)
        }
        return next
    }

    private func render(_ batch: Batch, from start: Int, rows: Int) throws(LeibrixError) {
        cells.begin(rows: rows)
        for index in formats.indices {
            switch formats[index] {
            case .text: cells.renderText(index, batch.columns[index], from: start, context)
            case .binary: try cells.renderBinary(index, batch.columns[index], from: start, context)
            }
        }
    }

    /// Rows of the slice that were written: all, or as many as fit.
    private func write(into out: ByteBuffer) -> Int {
        switch layout {
        case .dataRows: return writeDataRows(into: out)
        case .copy(let copy):
            for row in 0..<cells.rows {
                if row > 0 && out.count >= DoorLimits.outputBytes { return row }
                copy.append(cells, row, to: out)
            }
            return cells.rows
        }
    }

    private func writeDataRows(into out: ByteBuffer) -> Int {
        let columns = cells.columns
        for row in 0..<cells.rows {
            if row > 0 && out.count >= DoorLimits.outputBytes { return row }
            var size = 6
            for column in 0..<columns { size &+= 4 &+ Int(max(0, cells.cell(row, column).length)) }
            unsafe out.withFreeSpace(size &+ 1) { space in
                unsafe space.storeBytes(of: UInt8(ascii: "D"), as: UInt8.self)
                unsafe space.storeBytes(of: UInt32(truncatingIfNeeded: size).bigEndian, toByteOffset: 1, as: UInt32.self)
                unsafe space.storeBytes(of: UInt16(truncatingIfNeeded: columns).bigEndian, toByteOffset: 5, as: UInt16.self)
                var next = unsafe space + 7
                for column in 0..<columns {
                    let cell = cells.cell(row, column)
                    unsafe next.storeBytes(of: cell.length.bigEndian, as: Int32.self)
                    unsafe next += 4
                    let length = Int(cell.length)
                    if length > 0 {
                        unsafe copyCell(cell.bytes, length, to: next)
                        unsafe next += length
                    }
                }
                return size &+ 1
            }
        }
        return cells.rows
    }
}
