// Bulk loading: leaves from left to right, filled as after a rebuild, halved while no line fits; then parents level by
// level, evenly filled to three quarters.

extension LearnedTree {
    /// A tree of `count` strictly ascending entries; nil when they are not.
    init?(_ heap: NodeHeap, count: Int, entry: (Int) -> (key: UInt64, value: UInt64)) {
        guard count > 0 else {
            self.init(heap)
            return
        }
        let keysALeaf = Limits.leafSlotsMax * Limits.fillPercent / 100
        let leafCount = (count + keysALeaf - 1) / keysALeaf
        var entries: [Entry] = []
        entries.reserveCapacity(leafCount + leafCount / 8)
        var start = 0
        var low: UInt64 = 0
        for number in 1...leafCount {
            let end = count * number / leafCount
            for index in start..<end {
                let (key, value) = entry(index)
                heap.setScratch(index - start, key, value)
            }
            let next = end < count ? entry(end).key : nil
            guard Self.isAscending(heap, end - start, next) else {
                for entry in entries { heap.free(entry.link.block, bytes: Leaf.bytes(slots: entry.link.slots)) }
                return nil
            }
            Segment(start: 0, count: end - start, low: low, high: next.map { $0 - 1 } ?? .max).build(heap, isDense: false, to: &entries)
            low = next ?? .max
            start = end
        }
        heap.keys.add(count)
        self.init(heap, over: entries)
    }

    /// Fills an empty tree as `init` would, beside readers, who find nothing until all of it is there; false, and no change, when the
    /// entries do not ascend.
    func load(_ heap: NodeHeap, count: Int, entry: (Int) -> (key: UInt64, value: UInt64)) -> Bool {
        guard let loaded = LearnedTree(heap, count: count, entry: entry) else { return false }
        let empty = root.link.block
        control[Self.depthWord] = UInt64(loaded.depth)
        loaded.root.store(control, at: 0)
        heap.free(loaded.control, bytes: Self.controlBytes)
        heap.retire(empty, bytes: Leaf.bytes(slots: 0))
        return true
    }

    private static func isAscending(_ heap: NodeHeap, _ count: Int, _ next: UInt64?) -> Bool {
        for index in 1..<max(count, 1) where heap.scratchKey(index) <= heap.scratchKey(index - 1) { return false }
        return next.map { $0 > heap.scratchKey(count - 1) } ?? true
    }

    private init(_ heap: NodeHeap, over leaves: [Entry]) {
        var entries = leaves
        var level = 0
        while entries.count > 1 {
            level += 1
            let most = Limits.fanoutMax(level: level)
            let nodes = entries.count <= most ? 1 : (entries.count * 4 + most * 3 - 1) / (most * 3)
            var above: [Entry] = []
            above.reserveCapacity(nodes)
            for number in 0..<nodes {
                let part = entries[entries.count * number / nodes..<entries.count * (number + 1) / nodes]
                above.append(Entry(separator: part[part.startIndex].separator, inner: Inner.build(heap, part, level: level)))
            }
            entries = above
        }
        self.init(heap, root: entries[0], depth: level)
    }
}
