/// Room for texts that one run of a program makes. Emptied by `reset`; blocks stay.
@safe
final class TextScratch {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private var sizes: [Int] = []
    private var block = 0
    private var used = 0

    init() {}

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    @inline(__always)
    func reset() {
        block = 0
        used = 0
    }

    /// `count` bytes, valid until the next reset.
    func take(_ count: Int) -> Memory {
        while block < sizes.count {
            if used + count <= sizes[block] {
                defer { used += count }
                return unsafe Memory(blocks[block] + used)
            }
            block += 1
            used = 0
        }
        let size = max(count, 65_536)
        unsafe blocks.append(.allocate(byteCount: size, alignment: 16))
        sizes.append(size)
        used = count
        return unsafe Memory(blocks[block])
    }

    /// A text of these bytes.
    func text(_ string: String) -> TextRef {
        var string = string
        return string.withUTF8 { bytes in
            if bytes.isEmpty { return .empty }
            let place = take(bytes.count)
            unsafe place.base.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
            return TextRef.over(place, count: bytes.count)
        }
    }
}
