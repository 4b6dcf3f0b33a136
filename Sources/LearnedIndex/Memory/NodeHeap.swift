// The memory of one index: every block it holds is counted here, and what was replaced waits here for its readers.
// Only the writer calls it; counters are read by anyone.
final class NodeHeap: @unchecked Sendable {
    struct Retired {
        let block: Block
        let bytes: Int
        let stamp: UInt64
    }

    let domain: EpochDomain
    /// Bytes of all blocks, those that wait included; of those that wait.
    let bytes = Counter()
    let waitingBytes = Counter()
    let keys = Counter()
    /// Entries of trees, layers' links included; records of an index over bytes, and its layers below the top.
    let records = Counter()
    let layers = Counter()
    let splits = Counter()
    let merges = Counter()
    let expansions = Counter()
    let retrains = Counter()
    private var retired: [Retired] = []
    /// Where a leaf's entries are laid out while it is built anew.
    let scratch: Block

    static let scratchEntries = Limits.leafSlotsMax * 2 + 8
    /// What the allocator keeps beside a block.
    static let headerBytes = 16
    let scratchBytes = scratchEntries * 16 + headerBytes

    init(domain: EpochDomain) {
        self.domain = domain
        scratch = Block.allocate(bytes: Self.scratchEntries * 16)
        bytes.add(Self.scratchEntries * 16 + Self.headerBytes)
    }

    deinit {
        for item in retired { item.block.deallocate() }
        scratch.deallocate()
    }

    func allocate(bytes wanted: Int) -> Block {
        bytes.add(wanted + Self.headerBytes)
        return Block.allocate(bytes: wanted)
    }

    /// A block of any size that need not start a cache line.
    func allocateSmall(bytes wanted: Int) -> Block {
        bytes.add(wanted + Self.headerBytes)
        return Block.allocateSmall(bytes: wanted)
    }

    /// Frees at once what no reader has ever seen.
    func free(_ block: Block, bytes size: Int) {
        bytes.add(-(size + Self.headerBytes))
        block.deallocate()
    }

    /// Takes what was just unlinked.
    func retire(_ block: Block, bytes size: Int) {
        retired.append(Retired(block: block, bytes: size, stamp: domain.stamp()))
        waitingBytes.add(size + Self.headerBytes)
        if retired.count >= Limits.retiredBeforeSweep { sweep() }
    }

    @inline(never) func sweep() {
        var epoch = domain.advance()
        if let last = retired.last, last.stamp &+ 2 > epoch { epoch = domain.advance() }
        let free = retired.firstIndex { $0.stamp &+ 2 > epoch } ?? retired.count
        for item in retired[..<free] {
            waitingBytes.add(-(item.bytes + Self.headerBytes))
            self.free(item.block, bytes: item.bytes)
        }
        retired.removeFirst(free)
    }

    // Scratch entries: key and value, two words each.
    @inline(__always) func scratchKey(_ index: Int) -> UInt64 { scratch[index &* 2] }
    @inline(__always) func scratchValue(_ index: Int) -> UInt64 { scratch[index &* 2 &+ 1] }
    @inline(__always) func setScratch(_ index: Int, _ key: UInt64, _ value: UInt64) {
        scratch[index &* 2] = key
        scratch[index &* 2 &+ 1] = value
    }
}
