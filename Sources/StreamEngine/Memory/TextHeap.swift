// Long strings that state keeps: size classes of powers of two with free lists inside blocks of 64 KiB. A string that goes
// leaves its place to the next of its class, so a table whose keys come and go stops allocating.

@safe
final class TextHeap {
    private static let blockBytes = 65_536
    private static let smallest = 4  // 16 bytes
    private static let largest = 16  // 64 KiB; longer texts have a block of their own

    private var blocks: [(memory: UnsafeMutableRawPointer, isBig: Bool)] = unsafe []
    private var blocksInUse = 0
    private var pending: [TextRef] = []
    private var cursor: UInt = 0
    private var end: UInt = 0
    private let free: Lane<UInt>
    /// Somebody reads texts that were released meanwhile: they stay.
    var isHeld = false
    private let arena = Arena()
    /// Bytes of blocks.
    private(set) var byteCount = 0

    init() { free = arena.lane(UInt.self, count: 17) }

    deinit { for unsafe block in unsafe blocks { unsafe block.memory.deallocate() } }

    private static func sizeClass(_ count: Int) -> Int {
        max(smallest, Int.bitWidth - (count - 1).leadingZeroBitCount)
    }

    /// A copy of `text` that lives until it is released or the heap is reset. Inline texts are their own copy.
    @inline(__always)
    func keep(_ text: TextRef) -> TextRef { text.isInline ? text : keepLong(text) }

    @inline(never)
    private func keepLong(_ text: TextRef) -> TextRef {
        let place = room(text.count)
        place.copy(from: text.far, count: text.count)
        return TextRef(head: text.head, tail: UInt64(place.address))
    }

    /// Gives back what `keep` took. The bytes stay readable until `settle`: rows on their way may still show them.
    @inline(__always)
    func release(_ text: TextRef) {
        if !text.isInline { pending.append(text) }
    }

    /// Makes room of what was released. Called when no row on its way can show it: at the start of a chunk.
    @inline(__always)
    func settle() {
        if !pending.isEmpty && !isHeld { settlePending() }
    }

    @inline(never)
    private func settlePending() {
        for text in pending { releaseLong(text) }
        pending.removeAll(keepingCapacity: true)
    }

    @inline(never)
    private func releaseLong(_ text: TextRef) {
        let size = Self.sizeClass(text.count)
        guard size <= Self.largest else { return releaseBig(text) }
        text.far.store(free[size], at: 0)
        free[size] = text.far.address
    }

    private func room(_ count: Int) -> Memory {
        let size = Self.sizeClass(count)
        guard size <= Self.largest else { return bigBlock(count) }
        if free[size] != 0 {
            let place = Memory(address: free[size])
            free[size] = place.load(0, as: UInt.self)
            return place
        }
        let bytes = UInt(1) << UInt(size)
        if end &- cursor < bytes || cursor == 0 { nextBlock() }
        let place = Memory(address: cursor)
        cursor += bytes
        return place
    }

    private func nextBlock() {
        if unsafe blocksInUse == blocks.count {
            unsafe blocks.append((.allocate(byteCount: Self.blockBytes, alignment: 64), false))
            byteCount += Self.blockBytes
        }
        cursor = unsafe UInt(bitPattern: blocks[blocksInUse].memory)
        end = cursor + UInt(Self.blockBytes)
        blocksInUse += 1
    }

    private func bigBlock(_ count: Int) -> Memory {
        let block = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
        unsafe blocks.insert((block, true), at: 0)
        blocksInUse += 1
        byteCount += count
        return unsafe Memory(block)
    }

    private func releaseBig(_ text: TextRef) {
        let place = unsafe blocks.firstIndex { unsafe $0.memory == text.far.base }
        guard let place else { return }
        unsafe blocks.remove(at: place).memory.deallocate()
        blocksInUse -= 1
        byteCount -= text.count
    }

    /// Forgets every text and keeps the blocks for the next.
    func reset() {
        pending.removeAll(keepingCapacity: true)
        for size in 0...Self.largest { free[size] = 0 }
        while let first = unsafe blocks.first, unsafe first.isBig {
            unsafe first.memory.deallocate()
            unsafe blocks.removeFirst()
        }
        blocksInUse = 0
        cursor = 0
        end = 0
    }
}
