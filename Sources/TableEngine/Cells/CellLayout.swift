// One column of a row group as point reads see it: the same arrays that the scan reads, without its statistics. Trivial, in raw
// memory, so that a reader follows two pointers to a value and counts no references.
//
// A hot group's writer changes `validity` once, from nil to a bitmap, before a row with a NULL can be found; everything else of
// a layout never changes. Arrays grow beyond what readers were told of, in place.
internal import Columnar

@safe
struct CellLayout {
    var encoding: ColumnEncoding
    /// Bytes of a stored value or code.
    var width: UInt8
    var childCount: UInt32
    /// Of fixed-size arrays.
    var arraySize: UInt32
    var base: Int64
    var validity: UnsafePointer<UInt64>?
    var data: UnsafeRawPointer?
    var dictionaryOffsets: UnsafePointer<UInt32>?
    var heap: UnsafePointer<UInt8>?
    var children: UnsafeMutablePointer<CellLayout>?
}

extension CellLayout {
    @inline(__always)
    func isNull(_ row: Int) -> Bool {
        guard let validity = unsafe validity else { return encoding == .allNull }
        return unsafe validity[row &>> 6] &>> UInt64(row & 63) & 1 == 0
    }

    /// A fixed-width value's bits. `T` has the type's physical width; not for NULLs of all-null columns.
    @inline(__always)
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ row: Int, as _: T.Type) -> T {
        switch encoding {
        case .plain: return unsafe data!.load(fromByteOffset: row &* MemoryLayout<T>.size, as: T.self)
        case .constant: return unsafe data!.load(as: T.self)
        default: return T(truncatingIfNeeded: base) &+ T(truncatingIfNeeded: code(row))
        }
    }

    /// A stored narrow integer: a frame's difference or a dictionary's code.
    @inline(__always)
    func code(_ row: Int) -> UInt64 {
        switch width {
        case 1: UInt64(unsafe data!.load(fromByteOffset: row, as: UInt8.self))
        case 2: UInt64(unsafe data!.load(fromByteOffset: row &* 2, as: UInt16.self))
        case 4: UInt64(unsafe data!.load(fromByteOffset: row &* 4, as: UInt32.self))
        default: unsafe data!.load(fromByteOffset: row &* 8, as: UInt64.self)
        }
    }

    /// The bytes of a string or blob; empty for NULL.
    @inline(__always)
    func bytes(_ row: Int) -> UnsafeRawBufferPointer {
        if isNull(row) { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        let (offsets, index): (UnsafePointer<UInt32>, Int) =
            switch encoding {
            case .dictionary: unsafe (dictionaryOffsets!, Int(code(row)))
            case .constant: unsafe (data!.assumingMemoryBound(to: UInt32.self), 0)
            default: unsafe (data!.assumingMemoryBound(to: UInt32.self), row)
            }
        let start = Int(unsafe offsets[index])
        return unsafe UnsafeRawBufferPointer(start: heap! + start, count: Int(offsets[index &+ 1]) &- start)
    }

    /// A list's elements in `children[0]`.
    @inline(__always)
    func elements(_ row: Int) -> Range<Int> {
        let ends = unsafe data!.assumingMemoryBound(to: UInt32.self)
        return unsafe Int(ends[row])..<Int(ends[row &+ 1])
    }

    /// Any fixed-width value's bits, zero-extended.
    func bits(_ row: Int, width: Int) -> UInt128 {
        switch width {
        case 1: UInt128(load(row, as: UInt8.self))
        case 2: UInt128(load(row, as: UInt16.self))
        case 4: UInt128(load(row, as: UInt32.self))
        case 8: UInt128(load(row, as: UInt64.self))
        default: load(row, as: UInt128.self)
        }
    }
}
