/// What an index is made of and holds, all of its memory included.
public struct IndexReport: Sendable, Hashable {
    /// Levels of inner nodes above the leaves.
    public var depth = 0
    /// Trees that the index consists of: one over 64-bit keys, more over bytes.
    public var layers = 1
    /// Inner nodes, leaves, and leaves without a model (searched by halving).
    public var nodes = 0
    public var leaves = 0
    public var unmodelledLeaves = 0
    public var keys = 0
    /// Entries of leaves: the keys, and in an index over bytes links to layers, too.
    public var entries = 0
    /// Slots for entries, gaps included; 16 bytes each, a key's and a value's.
    public var slots = 0
    /// Every byte held from the system: keys, values, gaps, models, tables, key bytes, what waits for readers, free blocks,
    /// the allocator's headers.
    public var bytes = 0
    /// Of `bytes`, what is replaced and waits for readers to leave.
    public var waitingBytes = 0
    /// Distance between the slot a model names and the entry's own, in slots: mean when the leaves were built, and the
    /// greatest bound kept now.
    public var meanError = 0.0
    public var maxError = 0
    /// The most children that one slot of an inner node's table holds.
    public var maxInnerSearch = 0
    public var splits = 0
    public var merges = 0
    public var expansions = 0
    public var retrains = 0
}

extension IndexReport {
    /// Bytes of keys and values in the leaves.
    public var entryBytes: Int { entries * 16 }
    /// Bytes of free slots among them.
    public var gapBytes: Int { max(0, slots - entries) * 16 }
    /// The rest: models, inner nodes, the bytes of long keys, what waits for readers, free blocks.
    public var structureBytes: Int { max(0, bytes - slots * 16) }

    init(_ heap: NodeHeap) {
        keys = heap.keys.now
        bytes = heap.held
        waitingBytes = heap.waitingBytes.now
        splits = heap.splits.now
        merges = heap.merges.now
        expansions = heap.expansions.now
        retrains = heap.retrains.now
    }

    mutating func add(_ sums: NodeSums) {
        nodes += sums.inners
        leaves += sums.leaves
        unmodelledLeaves += sums.unmodelled
        slots += sums.slots
        entries += sums.keys
        meanError += sums.errorSum / Double(max(keys, 1))
        maxError = max(maxError, sums.worst)
        maxInnerSearch = max(maxInnerSearch, sums.worstInner)
    }
}
