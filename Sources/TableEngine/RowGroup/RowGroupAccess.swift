// What a reader needs of a row group, in raw memory that is found without counting references.
//
// `published` is stored with release after a row's cells, stamps and links are written; the scan takes rows below it. Point reads
// find rows through an index, whose own publication orders them.
internal import Synchronization

@safe
struct RowGroupAccess: ~Copyable {
    let number: Int
    let published = Atomic<Int>(0)
    /// Stamp of whoever made a row; 0 is older than every snapshot.
    let inserted: UnsafeMutablePointer<Atomic<UInt64>>
    /// Stamp of whoever ended a row; 0 is nobody.
    let deleted: UnsafeMutablePointer<Atomic<UInt64>>
    /// The version that a row follows, as row id + 1; 0 is none. The top bit: more of them in the table's overflow map.
    let previous: UnsafeMutablePointer<Atomic<UInt64>>
    /// The columns' cells; replaced once, when the group is frozen.
    let cells: Atomic<UInt>

    init(
        number: Int, inserted: UnsafeMutablePointer<Atomic<UInt64>>, deleted: UnsafeMutablePointer<Atomic<UInt64>>,
        previous: UnsafeMutablePointer<Atomic<UInt64>>, cells: UnsafeMutablePointer<CellLayout>
    ) {
        self.number = number
        unsafe self.inserted = unsafe inserted
        unsafe self.deleted = unsafe deleted
        unsafe self.previous = unsafe previous
        self.cells = Atomic(UInt(bitPattern: cells))
    }

    static let overflowBit: UInt64 = 1 << 63

    @inline(__always)
    var columns: UnsafeMutablePointer<CellLayout> {
        unsafe UnsafeMutablePointer(bitPattern: cells.load(ordering: .acquiring))!
    }

    @inline(__always)
    func isVisible(_ slot: Int, _ view: ReadView) -> Bool {
        unsafe view.sees(inserted: inserted[slot].load(ordering: .acquiring), deleted: deleted[slot].load(ordering: .acquiring))
    }
}

typealias RowGroupReader = UnsafeMutablePointer<RowGroupAccess>

/// Row groups by number, found without a lock. Two levels that never move; entries come and go under the table's lock.
@safe
final class RowGroupDirectory: @unchecked Sendable {
    private static let span = 4_096
    static let groupsMax = span * span
    private let top: UnsafeMutablePointer<Atomic<UInt>>

    init() {
        unsafe top = .allocate(capacity: Self.span)
        for index in 0..<Self.span { unsafe (top + index).initialize(to: Atomic(0)) }
    }

    deinit {
        for index in 0..<Self.span { unsafe Self.chunk(top[index].load(ordering: .relaxed))?.deallocate() }
        unsafe top.deallocate()
    }

    private static func chunk(_ bits: UInt) -> UnsafeMutablePointer<Atomic<UInt>>? { unsafe UnsafeMutablePointer(bitPattern: bits) }

    /// nil for a group that is gone: its rows are nobody's.
    @inline(__always)
    subscript(_ number: Int) -> RowGroupReader? {
        guard number < Self.groupsMax, let chunk = unsafe Self.chunk(top[number &>> 12].load(ordering: .acquiring)) else { return nil }
        return unsafe RowGroupReader(bitPattern: chunk[number & 4_095].load(ordering: .acquiring))
    }

    /// Under the table's lock.
    func set(_ number: Int, _ reader: RowGroupReader?) {
        let bits = unsafe top[number >> 12].load(ordering: .relaxed)
        let chunk: UnsafeMutablePointer<Atomic<UInt>>
        if let there = unsafe Self.chunk(bits) {
            unsafe chunk = unsafe there
        } else {
            unsafe chunk = .allocate(capacity: Self.span)
            for index in 0..<Self.span { unsafe (chunk + index).initialize(to: Atomic(0)) }
            unsafe top[number >> 12].store(UInt(bitPattern: chunk), ordering: .releasing)
        }
        unsafe chunk[number & 4_095].store(UInt(bitPattern: reader), ordering: .releasing)
    }
}
