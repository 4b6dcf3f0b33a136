// The memory of one index: every block it holds is counted here, and what was replaced waits here for its readers.
// Only the writer calls it; counters are read by anyone.
final class NodeHeap: @unchecked Sendable {
    struct Retired {
        let block: Block
        let bytes: Int
        let isSmall: Bool
        let stamp: UInt64
    }

    let domain: EpochDomain
    /// Bytes of all blocks, those that wait included; of those that wait; and bytes held from the system for them.
    let bytes = Counter()
    let waitingBytes = Counter()
    private let heldBytes = Counter()
    private var arena = Arena()
    let keys = Counter()
    /// Entries of trees, layers' links included; records of an index over bytes, and its layers below the top.
    let records = Counter()
    let layers = Counter()
    let splits = Counter()
    let merges = Counter()
    let expansions = Counter()
    let retrains = Counter()
    private var retired: [Retired] = []
    /// The first that is not yet freed, and the epoch last seen.
    private var firstRetired = 0
    private var freeEpoch: UInt64 = 0
    /// Where a leaf's entries are laid out while it is built anew.
    let scratch: Block

    static let scratchEntries = Limits.leafSlotsMax * 2 + 8
    /// What the allocator keeps beside a block.
    static let headerBytes = 16

    init(domain: EpochDomain) {
        self.domain = domain
        scratch = Block.allocate(bytes: Self.scratchEntries * 16)
        heldBytes.add(Self.scratchEntries * 16 + Self.headerBytes)
        retired.reserveCapacity(Limits.retiredBeforeSweep * 2)
    }

    deinit {
        for item in retired[firstRetired...] where !arena.holds(item.block) { item.block.deallocate() }
        arena.releaseAll()
        scratch.deallocate()
    }

    /// Every byte held from the system, free ones included.
    var held: Int { heldBytes.now }

    /// A node's block, starting a cache line. Small indexes take theirs from the allocator, large ones from the arena.
    func allocate(bytes wanted: Int) -> Block {
        let units = Arena.units(wanted)
        if bytes.now - waitingBytes.now >= Limits.arenaFromBytes, let block = takeFromArena(units) {
            bytes.add(units * Arena.unitBytes)
            return block
        }
        bytes.add(units * Arena.unitBytes)
        heldBytes.add(units * Arena.unitBytes + Self.headerBytes)
        return Block.allocate(bytes: units * Arena.unitBytes)
    }

    private func takeFromArena(_ units: Int) -> Block? {
        let before = arena.heldBytes
        defer { heldBytes.add(arena.heldBytes - before) }
        return arena.allocate(units: units)
    }

    /// A block of any size that need not start a cache line.
    func allocateSmall(bytes wanted: Int) -> Block {
        bytes.add(wanted)
        heldBytes.add(wanted + Self.headerBytes)
        return Block.allocateSmall(bytes: wanted)
    }

    /// Frees at once what no reader has ever seen.
    func free(_ block: Block, bytes size: Int) {
        let units = Arena.units(size)
        bytes.add(-units * Arena.unitBytes)
        if arena.holds(block) {
            let before = arena.heldBytes
            arena.free(block, units: units)
            heldBytes.add(arena.heldBytes - before)
        } else {
            heldBytes.add(-(units * Arena.unitBytes + Self.headerBytes))
            block.deallocate()
        }
    }

    func freeSmall(_ block: Block, bytes size: Int) {
        bytes.add(-size)
        heldBytes.add(-(size + Self.headerBytes))
        block.deallocate()
    }

    /// Takes what was just unlinked.
    func retire(_ block: Block, bytes size: Int, isSmall: Bool = false) {
        let item = Retired(block: block, bytes: isSmall ? size : Arena.units(size) * Arena.unitBytes, isSmall: isSmall, stamp: domain.stamp())
        retired.append(item)
        waitingBytes.add(item.bytes)
        if retired.count - firstRetired >= Limits.retiredBeforeSweep { sweep(atMost: Limits.freedAtATime) }
    }

    /// Frees what no reader can hold any more, the oldest first.
    @inline(never) func sweep(atMost limit: Int) {
        var left = limit
        while left > 0, firstRetired < retired.count {
            let item = retired[firstRetired]
            if item.stamp &+ 2 > freeEpoch {
                freeEpoch = domain.advance()
                if item.stamp &+ 1 == freeEpoch { freeEpoch = domain.advance() }
                if item.stamp &+ 2 > freeEpoch { break }
            }
            waitingBytes.add(-item.bytes)
            if item.isSmall { freeSmall(item.block, bytes: item.bytes) } else { free(item.block, bytes: item.bytes) }
            firstRetired += 1
            left -= 1
        }
        guard firstRetired == retired.count || firstRetired > 4_096 else { return }
        retired.removeFirst(firstRetired)
        firstRetired = 0
    }

    // Scratch entries: key and value, two words each.
    @inline(__always) func scratchKey(_ index: Int) -> UInt64 { scratch[index &* 2] }
    @inline(__always) func scratchValue(_ index: Int) -> UInt64 { scratch[index &* 2 &+ 1] }
    @inline(__always) func setScratch(_ index: Int, _ key: UInt64, _ value: UInt64) {
        scratch[index &* 2] = key
        scratch[index &* 2 &+ 1] = value
    }
}
