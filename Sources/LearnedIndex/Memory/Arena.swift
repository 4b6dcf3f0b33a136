// Blocks out of chunks of 2 MiB that the kernel backs by large pages: a lookup in a large index then finds its way to
// memory in one step, where small pages take two. Blocks are counted in units of 64 bytes.
//
//   chunk    units 0..63: one bit a unit, set for the first and last unit of each free block     units 64..32767: blocks
//   free     word 0: its units     word 1: next in its bin     word 2: previous (zero: none)     last word: its units
//
// One bin for each size up to 128 units, one for larger ones; a bit says which bins have blocks. A block comes from the
// smallest bin that has one, its rest goes back; a freed block joins the free ones beside it, so that sizes that are no
// longer wanted become those that are. A chunk that is all free is given back.
internal import CLinux

struct Arena {
    static let unitBytes = 64
    static let chunkBytes = Int(LBX_HUGE_BYTES)
    private static let chunkUnits = chunkBytes / unitBytes
    private static let headUnits = chunkUnits / 8 / unitBytes
    private static let exactBins = 128

    /// Chunks by address, ascending.
    private var chunks: [UInt64] = []
    /// The first free block of each bin; bin n has blocks of n units, the last one larger ones.
    private var bins = [UInt64](repeating: 0, count: exactBins + 2)
    private var filled = InlineArray<3, UInt64>(repeating: 0)

    var heldBytes: Int { chunks.count * Self.chunkBytes }

    static func units(_ bytes: Int) -> Int { (bytes + unitBytes - 1) / unitBytes }

    static func rounded(_ bytes: Int) -> Int { units(bytes) * unitBytes }

    func holds(_ block: Block) -> Bool {
        let chunk = block.bits & ~UInt64(Self.chunkBytes - 1)
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle] < chunk { low = middle + 1 } else { high = middle }
        }
        return low < chunks.count && chunks[low] == chunk
    }

    /// A block, or nil when the kernel has no memory.
    mutating func allocate(units: Int) -> Block? {
        guard let found = find(units) ?? grow() else { return nil }
        let size = Int(found[0])
        unlink(found, size)
        if size > units { link(Block(bits: found.bits + UInt64(units * Self.unitBytes)), size - units) }
        return found
    }

    mutating func free(_ block: Block, units: Int) {
        let chunk = block.bits & ~UInt64(Self.chunkBytes - 1)
        var start = Int(block.bits - chunk) / Self.unitBytes
        var size = units
        if start > Self.headUnits, Self.isFree(chunk, start - 1) {
            let before = Int(Self.block(chunk, start)[-1])
            start -= before
            size += before
            unlink(Self.block(chunk, start), before)
        }
        if start + size < Self.chunkUnits, Self.isFree(chunk, start + size) {
            let after = Self.block(chunk, start + size)
            let units = Int(after[0])
            unlink(after, units)
            size += units
        }
        if size == Self.chunkUnits - Self.headUnits {
            release(chunk)
        } else {
            link(Self.block(chunk, start), size)
        }
    }

    /// Gives every chunk back, whatever is in it.
    mutating func releaseAll() { while let chunk = chunks.last { release(chunk) } }

    private mutating func grow() -> Block? {
        guard let piece = unsafe lbx_huge_allocate() else { return nil }
        let chunk = unsafe Block(piece).bits
        let place = chunks.firstIndex { $0 > chunk } ?? chunks.count
        chunks.insert(chunk, at: place)
        let block = Self.block(chunk, Self.headUnits)
        link(block, Self.chunkUnits - Self.headUnits)
        return block
    }

    private mutating func release(_ chunk: UInt64) {
        chunks.removeAll { $0 == chunk }
        Block(bits: chunk).releaseHuge()
    }

    private static func block(_ chunk: UInt64, _ unit: Int) -> Block { Block(bits: chunk + UInt64(unit * unitBytes)) }

    private static func isFree(_ chunk: UInt64, _ unit: Int) -> Bool { Block(bits: chunk)[unit / 64] >> UInt64(unit % 64) & 1 == 1 }

    private static func mark(_ block: Block, _ size: Int, _ isFree: Bool) {
        let chunk = Block(bits: block.bits & ~UInt64(chunkBytes - 1))
        let first = Int(block.bits - chunk.bits) / unitBytes
        mark(chunk, unit: first, isFree)
        mark(chunk, unit: first + size - 1, isFree)
    }

    private static func mark(_ chunk: Block, unit: Int, _ isFree: Bool) {
        let bit = UInt64(1) << UInt64(unit % 64)
        chunk[unit / 64] = isFree ? chunk[unit / 64] | bit : chunk[unit / 64] & ~bit
    }

    private static func bin(_ units: Int) -> Int { min(units, exactBins + 1) }

    /// The first block of the smallest bin that is large enough.
    private func find(_ units: Int) -> Block? {
        var bin = Self.bin(units)
        var word = bin / 64
        var bits = filled[word] & ~0 << UInt64(bin % 64)
        while bits == 0 {
            word += 1
            if word == 3 { return nil }
            bits = filled[word]
        }
        bin = word * 64 + bits.trailingZeroBitCount
        var next = bins[bin]
        while next != 0 {
            let block = Block(bits: next)
            if Int(block[0]) >= units { return block }
            next = block[1]
        }
        return nil
    }

    private mutating func link(_ block: Block, _ size: Int) {
        let bin = Self.bin(size)
        block[0] = UInt64(size)
        block[1] = bins[bin]
        block[2] = 0
        block[size * 8 - 1] = UInt64(size)
        if bins[bin] != 0 { Block(bits: bins[bin])[2] = block.bits }
        bins[bin] = block.bits
        filled[bin / 64] |= 1 << UInt64(bin % 64)
        Self.mark(block, size, true)
    }

    private mutating func unlink(_ block: Block, _ size: Int) {
        let bin = Self.bin(size)
        let (next, previous) = (block[1], block[2])
        if previous != 0 { Block(bits: previous)[1] = next } else { bins[bin] = next }
        if next != 0 { Block(bits: next)[2] = previous }
        if bins[bin] == 0 { filled[bin / 64] &= ~(1 << UInt64(bin % 64)) }
        Self.mark(block, size, false)
    }
}
