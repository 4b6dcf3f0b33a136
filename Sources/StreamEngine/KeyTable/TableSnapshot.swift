// A table as it was at one moment, while it goes on changing. Before its owner changes a record that is not written away yet, it puts
// the record as it was on its page's list; the writer copies a page and puts back what the list has. Nobody waits for anybody:
//
//     owner    the record to the list, then the change
//     writer   the page, then the list
//
// so a record that changed before or while it was copied is on the list when that is read. A list whose page is read is closed:
// its records need not be kept. Texts that the owner releases meanwhile stay where they are (`TextHeap.isHeld`). Records that
// were not used at that moment are not the snapshot's.
internal import Synchronization

@safe
final class TableSnapshot: @unchecked Sendable {
    /// Pages of a slice: what is written, or left because nothing in it changed, as one.
    static let slicePages = 64
    private static let blockBytes = 1 << 20
    /// A list that is closed.
    private static let closed: UInt = 1

    private let pages: [Memory]
    private let used: Int
    private let stride: Int
    /// By page: the newest record of its list.
    private let lists: UnsafeMutablePointer<Atomic<UInt>>
    /// The owner's: a bit for each record that is on a list.
    private let listed: Lane<UInt64>
    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private var cursor: UInt = 0
    private var end: UInt = 0
    private let scratch: Memory
    private let changed: [Bool]
    private let arena = Arena()
    /// Live records at that moment.
    let count: Int

    /// `changed`, by page: whether a record of it was looked for since the snapshot before.
    init(pages: [Memory], changed: [Bool], used: Int, count: Int, stride: Int) {
        self.pages = pages
        self.changed = changed
        self.used = used
        self.count = count
        self.stride = stride
        unsafe lists = .allocate(capacity: max(pages.count, 1))
        for page in 0..<pages.count { unsafe (lists + page).initialize(to: Atomic(0)) }
        listed = arena.lane(UInt64.self, count: used / 64 + 1)
        scratch = arena.take(bytes: KeyTable.pageRows * stride)
    }

    deinit {
        unsafe lists.deinitialize(count: pages.count)
        unsafe lists.deallocate()
        for unsafe block in unsafe blocks { unsafe block.deallocate() }
    }

    /// The owner is about to change a record.
    @inline(never)
    func preserve(_ number: Int) {
        guard number < used else { return }
        let bit: UInt64 = 1 << UInt64(number & 63)
        if listed[number >> 6] & bit != 0 { return }
        let page = number >> KeyTable.pageShift
        let first = unsafe lists[page].load(ordering: .relaxed)
        if first == Self.closed { return }
        let entry = room(16 + stride)
        entry.store(first, at: 0)
        entry.store(number, at: 8)
        entry.advanced(by: 16).copy(from: pages[page].advanced(by: (number & (KeyTable.pageRows - 1)) * stride), count: stride)
        unsafe lists[page].store(entry.address, ordering: .releasing)
        listed[number >> 6] |= bit
        // The list before the change.
        atomicMemoryFence(ordering: .acquiringAndReleasing)
    }

    private func room(_ bytes: Int) -> Memory {
        if cursor == 0 || end - cursor < UInt(bytes) {
            let size = max(Self.blockBytes, bytes)
            let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
            unsafe blocks.append(block)
            cursor = UInt(bitPattern: block)
            end = cursor + UInt(size)
        }
        defer { cursor += UInt((bytes + 7) & ~7) }
        return Memory(address: cursor)
    }

    /// A page as it was, valid until the next. For the one that writes away, once a page.
    private func page(_ page: Int) -> Memory {
        scratch.copy(from: pages[page], count: KeyTable.pageRows * stride)
        // The page before the list.
        atomicMemoryFence(ordering: .acquiringAndReleasing)
        var link = unsafe lists[page].exchange(Self.closed, ordering: .acquiringAndReleasing)
        while link != 0 {
            let entry = Memory(address: link)
            let slot = entry.load(8, as: Int.self) & (KeyTable.pageRows - 1)
            scratch.advanced(by: slot * stride).copy(from: entry.advanced(by: 16), count: stride)
            link = entry.load(0, as: UInt.self)
        }
        return scratch
    }

    var sliceCount: Int { (pages.count + Self.slicePages - 1) / Self.slicePages }

    private func pages(of slice: Int) -> Range<Int> { slice * Self.slicePages..<min((slice + 1) * Self.slicePages, pages.count) }

    /// Whether no record of a slice has changed since the snapshot before.
    func isUnchanged(_ slice: Int) -> Bool { !changed[pages(of: slice)].contains(true) }

    /// Every live record of a slice as it was, in the table's order. Once.
    func each(_ slice: Int, _ body: (Memory) -> Void) {
        for number in pages(of: slice) {
            let base = page(number)
            for slot in 0..<min(KeyTable.pageRows, used - number * KeyTable.pageRows) {
                let record = base.advanced(by: slot * stride)
                if record.load(4, as: UInt32.self) & KeyTable.live != 0 { body(record) }
            }
        }
    }

    /// The slice is not wanted.
    func pass(_ slice: Int) { for number in pages(of: slice) { unsafe lists[number].store(Self.closed, ordering: .releasing) } }
}

extension KeyTable {
    /// The table as it is now, to be written away while it changes. `endSnapshot` must follow.
    func beginSnapshot() -> TableSnapshot {
        let pageCount = (used + Self.pageRows - 1) / Self.pageRows
        let made = TableSnapshot(
            pages: (0..<pageCount).map { pagePlace($0) }, changed: (0..<pageCount).map { takeChange($0) }, used: used, count: count, stride: stride)
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
