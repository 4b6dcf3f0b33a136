// The tree over 64-bit keys: inner nodes of uniform depth, leaves, and a control block that holds the root as an entry.
//
//   control: words 0..3   the root's entry (Link.swift), its separator zero     word 4   levels of inner nodes
//
// Readers go down by links alone and keep nothing: every node they meet is whole and stays so for as long as they are
// counted in the epoch domain. A reader in a leaf that was just replaced sees the tree as it was a moment ago, which is
// one of the states between its call and its return.

struct LearnedTree {
    let control: Block

    static let controlBytes = 64
    static let depthWord = 4

    /// An empty tree.
    init(_ heap: NodeHeap) {
        let leaf = Leaf.build(heap, from: 0, count: 0, slots: 0, low: 0, high: .max)
        self.init(heap, root: Entry(separator: 0, leaf: leaf), depth: 0)
    }

    init(_ heap: NodeHeap, root: Entry, depth: Int) {
        control = heap.allocate(bytes: Self.controlBytes)
        control[Self.depthWord] = UInt64(depth)
        root.store(control, at: 0)
    }

    @inline(__always) init(control: Block) { self.control = control }

    @inline(__always) var root: Entry { Entry(control, at: 0) }
    var depth: Int { Int(control[Self.depthWord]) }

    /// The leaf that a key belongs to, as its parent knows it.
    @inline(__always) func leafEntry(for key: UInt64) -> Entry {
        var entry = root
        while entry.link.isInner {
            let node = entry.link.inner
            entry = node.entry(node.child(for: key))
        }
        return entry
    }

    /// The value of a key. The caller is counted in the epoch domain, or is the writer.
    @inline(__always) func lookup(_ key: UInt64) -> UInt64? {
        let entry = leafEntry(for: key)
        return Self.read(entry, key) ?? lookAgain(key)
    }

    /// The value of a key where the first look finds it; the slot is one atomic pair, so a hit is true as it stands.
    @inline(__always) static func read(_ entry: Entry, _ key: UInt64) -> UInt64? {
        guard entry.link.slots > 0 else { return nil }
        let leaf = entry.link.leaf
        let slot = leaf.find(key, from: entry.hint(key), hasModel: entry.link.hasModel)
        guard slot >= 0 else { return nil }
        let pair = leaf.pair(slot)
        return pair.key == key ? pair.value : nil
    }

    /// The same under the leaf's version: that a key is absent is only true of a leaf that nobody is changing.
    @inline(never) func lookAgain(_ key: UInt64) -> UInt64? {
        var tries = 0
        while true {
            let entry = leafEntry(for: key)
            guard entry.link.slots > 0 else { return nil }
            let version = entry.link.leaf.version
            let value = Self.read(entry, key)
            if value != nil || (version & 1 == 0 && entry.link.leaf.isStill(version)) { return value }
            Fence.pause(&tries)
        }
    }
}
