// The rendered values of a slice of rows: for each a pointer and a length. Columns are rendered one after the other, each in
// a loop of its own type; rows are then put together by copying, with no regard to types.
//
// Pointers lead into the arena of the column, or, for strings, into the batch itself. Both outlive the slice.
internal import Columnar
internal import Reactor

/// A value's bytes; a negative length is NULL.
@safe
struct Cell {
    var bytes: UnsafePointer<UInt8>
    var length: Int32

    static let nullLength: Int32 = -1
}

@safe
final class Cells {
    let columns: Int
    /// Rows there is room for.
    let capacity: Int
    private let cells: UnsafeMutablePointer<Cell>
    private var arenas: [ByteBuffer]
    /// Rows that are rendered in full: fewer than asked when a column grew past `DoorLimits.sliceBytes`.
    private(set) var rows = 0

    init(columns: Int, rows: Int) {
        self.columns = columns
        capacity = max(1, min(rows, DoorLimits.sliceRows))
        unsafe cells = .allocate(capacity: max(1, columns * capacity))
        arenas = (0..<columns).map { _ in ByteBuffer() }
    }

    deinit { unsafe cells.deallocate() }

    func begin(rows: Int) {
        precondition(rows <= capacity)
        self.rows = rows
        for arena in arenas { arena.discardContents() }
    }

    /// The cells of a column.
    @inline(__always)
    func column(_ index: Int) -> UnsafeMutablePointer<Cell> { unsafe cells + index &* capacity }

    @inline(__always)
    func cell(_ row: Int, _ column: Int) -> Cell { unsafe cells[column &* capacity &+ row] }

    func arena(_ index: Int) -> ByteBuffer { arenas[index] }

    func cut(rows: Int) { self.rows = min(self.rows, rows) }

    /// Renders values of at most `slot` bytes each. `write` returns how many it wrote.
    @inline(__always)
    func fill<T: BitwiseCopyable>(
        _ index: Int, _ source: Column, from start: Int, slot: Int, as _: T.Type, _ write: (T, Bytes) -> Int
    ) {
        let arena = arenas[index]
        arena.reserve(rows &* slot)
        let rows = rows
        let cells = unsafe column(index)
        let values = source.values(as: T.self)
        let hasNulls = source.hasNulls
        unsafe arena.withFreeSpace(rows &* slot) { space in
            let space = unsafe space.assumingMemoryBound(to: UInt8.self)
            var used = 0
            for row in 0..<rows {
                let out = unsafe space + used
                if hasNulls && !source.isValid(start &+ row) {
                    unsafe cells[row] = Cell(bytes: out, length: Cell.nullLength)
                    continue
                }
                let length = unsafe write(values[unchecked: start &+ row], out)
                unsafe cells[row] = Cell(bytes: out, length: Int32(truncatingIfNeeded: length))
                used &+= length
            }
            return used
        }
    }

    /// Strings and blobs as they are: pointers into the batch.
    func fillStrings(_ index: Int, _ source: Column, from start: Int) {
        let cells = unsafe column(index)
        let hasNulls = source.hasNulls
        for row in 0..<rows {
            let bytes = source.bytes(at: start &+ row)
            let isNull = hasNulls && !source.isValid(start &+ row)
            unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe cells[row] = unsafe Cell(
                    bytes: buffer.baseAddress ?? UnsafePointer(cells).withMemoryRebound(to: UInt8.self, capacity: 1) { unsafe $0 },
                    length: isNull ? Cell.nullLength : Int32(truncatingIfNeeded: buffer.count))
            }
        }
    }

    /// Values of any width, through an arena that grows; cuts the slice short when it grows too far.
    func fillGrowing<E: Error>(_ index: Int, _ source: Column, from start: Int, _ append: (Int, ByteBuffer) throws(E) -> Void) throws(E) {
        let arena = arenas[index]
        let cells = unsafe column(index)
        var done = 0
        while done < rows {
            let before = arena.count
            if source.isValid(start + done) {
                try append(start + done, arena)
                unsafe cells[done].length = Int32(arena.count - before)
            } else {
                unsafe cells[done].length = Cell.nullLength
            }
            done += 1
            if arena.count > DoorLimits.sliceBytes { break }
        }
        cut(rows: done)
        arena.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { buffer in
                var next = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(self.column(index)).withMemoryRebound(to: UInt8.self, capacity: 1) { unsafe $0 }
                for row in 0..<done {
                    unsafe cells[row].bytes = unsafe next
                    unsafe next += Int(max(0, cells[row].length))
                }
            }
        }
    }
}

extension ByteBuffer {
    /// Forgets the bytes and keeps the memory.
    func discardContents() { truncate(to: 0) }
}

/// Copies without reading or writing outside either range. Short values, the usual case, take two overlapping moves.
@inline(__always)
func copyCell(_ source: UnsafePointer<UInt8>, _ length: Int, to target: UnsafeMutableRawPointer) {
    let from = unsafe UnsafeRawPointer(source)
    if length >= 8 {
        if length > 16 { return unsafe target.copyMemory(from: from, byteCount: length) }
        let head = unsafe from.loadUnaligned(as: UInt64.self)
        let tail = unsafe from.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
        unsafe target.storeBytes(of: head, as: UInt64.self)
        unsafe target.storeBytes(of: tail, toByteOffset: length &- 8, as: UInt64.self)
    } else if length >= 4 {
        let head = unsafe from.loadUnaligned(as: UInt32.self)
        let tail = unsafe from.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self)
        unsafe target.storeBytes(of: head, as: UInt32.self)
        unsafe target.storeBytes(of: tail, toByteOffset: length &- 4, as: UInt32.self)
    } else if length > 0 {
        let out = unsafe target.assumingMemoryBound(to: UInt8.self)
        unsafe out[0] = source[0]
        unsafe out[length &- 1] = source[length &- 1]
        if length == 3 { unsafe out[1] = source[1] }
    }
}
