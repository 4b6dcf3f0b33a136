// Every bound of this room. A lookup touches at most depthMax inner nodes, each by a binary search over at most
// innerFanoutMax (upperFanoutMax above the leaves' parents) entries, and one leaf of at most leafSlotsMax slots.
enum Limits {
    /// Slots of a leaf: one insert moves, and one split copies, at most this many.
    static let leafSlotsMax = 256
    static let leafSlotsMin = 4
    /// Slots of a leaf that takes keys in order: each fills what is free behind it.
    static let orderedSlots = 64
    /// Leaves this small need no model: a binary search over them is as short as a B-tree node's.
    static let unmodelledKeysMax = 64
    /// Keys are never further than this from where a leaf's model puts them; beyond it the leaf is retrained, split, or
    /// its model is given up.
    static let errorMax = 32
    /// What a model must meet when a leaf is built, so that the bound is not broken again at once.
    static let errorAccepted = 16
    /// The mean distance that makes two smaller leaves cheaper than one.
    static let meanErrorMax = 6.0

    /// Slots filled when a leaf is built, and before it is built anew, in 1/100. 16 bytes a slot at 72 of 100 is 22.2
    /// bytes an entry.
    static let fillPercent = 72
    static let fullPercent = 85

    /// Children of the leaves' parents, which are copied at every leaf's split.
    static let innerFanoutMax = 128
    /// Children of the nodes above, copied once in a hundred splits.
    static let upperFanoutMax = 4096
    static let depthMax = 12

    /// Bytes of nodes from which on they come out of large pages: as much as one, which is held whole from its first node on.
    static let arenaFromBytes = 2 << 20
    /// Replaced nodes that wait for readers before the writer looks whether they can go.
    static let retiredBeforeSweep = 16
    /// Of those, freed at a time: each may cost a few waits for memory.
    static let freedAtATime = 2
    /// Keys in flight in a batched lookup.
    static let batchGroup = 32
    /// Entries copied out of a leaf at a time by a scan.
    static let scanChunk = leafSlotsMax
    /// Records of an index over bytes that a scan hands out before it lets the writer free what it replaced.
    static let recordChunk = 128

    static func slots(forKeys count: Int) -> Int {
        let wanted = (count * 100 + fillPercent - 1) / fillPercent
        return min(max((wanted + 3) & ~3, leafSlotsMin), leafSlotsMax)
    }

    static func fullKeys(_ slots: Int) -> Int { slots * fullPercent / 100 }
    static let leafKeysMax = fullKeys(leafSlotsMax)
    static func fanoutMax(level: Int) -> Int { level <= 1 ? innerFanoutMax : upperFanoutMax }
}
