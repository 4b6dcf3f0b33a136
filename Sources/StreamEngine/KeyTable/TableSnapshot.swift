// A table as it was at one moment, while it goes on changing: its pages are shared, and each is copied when the first of two
// comes to it: the table's owner, before it changes a record there, or the thread that writes the state away.
//
//     a page's state   0 as it was   1 somebody copies it   2 copied, by the owner to `copies`, or read by the writer
//
// Whoever finds a page being copied waits for it: a few microseconds, 256 records. Texts that the owner releases meanwhile stay
// where they are (`TextHeap.isHeld`). New pages are not the snapshot's.
internal import Synchronization

@safe
final class TableSnapshot: @unchecked Sendable {
    private let pages: [Memory]
    private let used: Int
    private let stride: Int
    private let states: UnsafeMutablePointer<Atomic<UInt8>>
    private var copies: [UnsafeMutableRawPointer?]
    private let scratch: UnsafeMutableRawPointer
    /// Live records at that moment.
    let count: Int

    init(pages: [Memory], used: Int, count: Int, stride: Int) {
        self.pages = pages
        self.used = used
        self.count = count
        self.stride = stride
        unsafe states = .allocate(capacity: max(pages.count, 1))
        for page in 0..<pages.count { unsafe (states + page).initialize(to: Atomic(0)) }
        unsafe copies = Array(repeating: nil, count: pages.count)
        unsafe scratch = .allocate(byteCount: KeyTable.pageRows * stride, alignment: 64)
    }

    deinit {
        unsafe states.deinitialize(count: pages.count)
        unsafe states.deallocate()
        unsafe scratch.deallocate()
        for unsafe copy in unsafe copies { unsafe copy?.deallocate() }
    }

    /// The owner is about to change a record of the page.
    @inline(never)
    func preserve(_ page: Int) {
        guard page < pages.count, unsafe states[page].load(ordering: .acquiring) != 2 else { return }
        if unsafe states[page].compareExchange(expected: 0, desired: 1, ordering: .acquiringAndReleasing).exchanged {
            let copy = UnsafeMutableRawPointer.allocate(byteCount: KeyTable.pageRows * stride, alignment: 64)
            unsafe copy.copyMemory(from: pages[page].base, byteCount: KeyTable.pageRows * stride)
            unsafe copies[page] = copy
            unsafe states[page].store(2, ordering: .releasing)
        } else {
            while unsafe states[page].load(ordering: .acquiring) != 2 {}
        }
    }

    /// A page as it was, valid until the next. For the one that writes away, once a page.
    private func page(_ page: Int) -> Memory {
        if unsafe states[page].compareExchange(expected: 0, desired: 1, ordering: .acquiringAndReleasing).exchanged {
            unsafe scratch.copyMemory(from: pages[page].base, byteCount: KeyTable.pageRows * stride)
            unsafe states[page].store(2, ordering: .releasing)
            return unsafe Memory(scratch)
        }
        while unsafe states[page].load(ordering: .acquiring) != 2 {}
        return unsafe Memory(copies[page]!)
    }

    /// Every live record as it was, in the table's order. Once.
    func each(_ body: (Memory) -> Void) {
        for number in 0..<pages.count {
            let base = page(number)
            for slot in 0..<min(KeyTable.pageRows, used - number * KeyTable.pageRows) {
                let record = base.advanced(by: slot * stride)
                if record.load(4, as: UInt32.self) & KeyTable.live != 0 { body(record) }
            }
        }
    }
}

extension KeyTable {
    /// The table as it is now, to be written away while it changes. `endSnapshot` must follow.
    func beginSnapshot() -> TableSnapshot {
        let made = TableSnapshot(pages: (0..<(used + Self.pageRows - 1) / Self.pageRows).map { pagePlace($0) }, used: used, count: count, stride: stride)
        snapshot = made
        isSnapshotting = true
        heap.isHeld = true
        return made
    }

    func endSnapshot() {
        snapshot = nil
        isSnapshotting = false
        heap.isHeld = false
    }
}
