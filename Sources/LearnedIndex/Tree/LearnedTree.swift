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
        let leaf = Leaf.build(heap, from: 0, count: 0, slots: Limits.leafSlotsMin, low: 0, high: .max)
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
        var tries = 0
        while true {
            let entry = leafEntry(for: key)
            if case .some(let answer) = Self.read(entry, key) { return answer }
            Fence.pause(&tries)
        }
    }

    /// What a leaf says about a key; nil when the writer was inside.
    @inline(__always) static func read(_ entry: Entry, _ key: UInt64) -> UInt64?? {
        let leaf = entry.link.leaf
        let version = leaf.version
        let slot = leaf.find(key, from: entry.hint(key), hasModel: entry.link.hasModel)
        let value = slot >= 0 ? leaf.value(slot) : 0
        let isHere = slot >= 0 && leaf.count > 0
        guard version & 1 == 0, leaf.isStill(version) else { return .none }
        return .some(isHere ? value : nil)
    }
}
