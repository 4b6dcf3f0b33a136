/// Where the long texts of a page lie. Emptied with the page; its blocks stay.
@safe
final class PageTexts {
    private static let blockBytes = 16_384
    /// Blocks beyond this many are given back when the page is emptied.
    private static let blocksKept = 16

    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private var sizes: [Int] = []
    private var block = 0
    private var used = 0

    init() {}

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    /// The same text, in this memory.
    @inline(__always)
    func kept(_ text: TextRef) -> TextRef {
        if text.isInline { return text }
        let place = take(text.count)
        place.copy(from: text.far, count: text.count)
        return TextRef(head: text.head, tail: UInt64(place.address))
    }

    private func take(_ count: Int) -> Memory {
        while block < sizes.count {
            if used + count <= sizes[block] {
                defer { used += count }
                return unsafe Memory(blocks[block] + used)
            }
            block += 1
            used = 0
        }
        let size = max(count, Self.blockBytes)
        unsafe blocks.append(.allocate(byteCount: size, alignment: 16))
        sizes.append(size)
        used = count
        return unsafe Memory(blocks[block])
    }

    func reset() {
        (block, used) = (0, 0)
        while sizes.count > Self.blocksKept || (sizes.last ?? 0) > Self.blockBytes {
            sizes.removeLast()
            let last = unsafe blocks.removeLast()
            unsafe last.deallocate()
        }
    }
}
