// Walking the whole tree: what it holds, and whether it is what it says.
internal import Base

/// What a walk over the nodes adds up.
struct NodeSums {
    var inners = 0
    var leaves = 0
    var unmodelled = 0
    var slots = 0
    var keys = 0
    var worst = 0
    var worstInner = 0
    var errorSum = 0.0
}

extension LearnedTree {
    /// Adds up the nodes. O(nodes). The caller is counted in the epoch domain, or is the writer.
    func sums() -> NodeSums {
        var sums = NodeSums()
        Self.add(root.link, to: &sums)
        return sums
    }

    private static func add(_ link: Link, to sums: inout NodeSums) {
        if link.isInner {
            sums.inners += 1
            let node = link.inner
            sums.worstInner = max(sums.worstInner, node.worstSearch)
            for index in 0..<node.count { add(node.link(index), to: &sums) }
            return
        }
        let leaf = link.leaf
        sums.leaves += 1
        sums.slots += leaf.slots
        sums.keys += leaf.count
        if link.hasModel {
            sums.worst = max(sums.worst, leaf.errorBound)
            sums.errorSum += leaf.meanError * Double(leaf.count)
        } else {
            sums.unmodelled += 1
        }
    }

    /// Frees every node and the control block. No reader may be left.
    func free(_ heap: NodeHeap) {
        freeNodes(heap)
        heap.free(control, bytes: Self.controlBytes)
    }

    func freeNodes(_ heap: NodeHeap) { Self.free(root.link, heap) }

    private static func free(_ link: Link, _ heap: NodeHeap) {
        if link.isInner {
            let node = link.inner
            for index in 0..<node.count { free(node.link(index), heap) }
            heap.free(node.block, bytes: node.bytes)
        } else {
            heap.free(link.block, bytes: Leaf.bytes(slots: link.slots))
        }
    }

    /// Goes through every entry, node and bound, and names the first that is not as described. Only the writer may call it.
    /// Returns the bytes that the nodes take.
    func checkNodes() throws(LeibrixError) -> Int {
        var check = TreeCheck()
        try check.node(root, low: 0, high: .max, level: depth)
        return check.bytes
    }
}

struct TreeCheck {
    var bytes = 0
    var keys = 0

    private func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(LeibrixError) {
        if !condition { throw LeibrixError(.internal, "learned index: \(what())") }
    }

    mutating func node(_ entry: Entry, low: UInt64, high: UInt64, level: Int) throws(LeibrixError) {
        try require(entry.separator == low, "separator \(entry.separator) for a child from \(low)")
        try require(entry.link.isInner == (level > 0), "the depth is not the same everywhere")
        guard entry.link.isInner else { return try leaf(entry, low: low, high: high) }
        let node = entry.link.inner
        bytes += Arena.rounded(node.bytes)
        try require(node.level == level, "a node of level \(node.level) where \(level) should be")
        try require((1...Limits.fanoutMax(level: level)).contains(node.count), "\(node.count) children at level \(level)")
        for index in 0..<node.count {
            let child = node.entry(index)
            let next = index + 1 < node.count ? node.separator(index + 1) : nil
            try require(next.map { $0 > child.separator } ?? true, "separators out of order")
            let last = next.map { $0 - 1 } ?? high
            try require(node.child(for: child.separator) == index && node.child(for: last) == index, "child \(index) is not found by its keys")
            try self.node(child, low: child.separator, high: last, level: level - 1)
        }
    }

    private mutating func leaf(_ entry: Entry, low: UInt64, high: UInt64) throws(LeibrixError) {
        let leaf = entry.link.leaf
        bytes += Arena.rounded(Leaf.bytes(slots: leaf.slots))
        try require((leaf.count == 0) == (leaf.slots == 0), "\(leaf.count) entries in \(leaf.slots) slots")
        try require(leaf.version & 1 == 0, "a leaf is left being written")
        try require(leaf.low == low && leaf.high == high, "fences \(leaf.low)...\(leaf.high) of a leaf for \(low)...\(high)")
        try require(leaf.block[1] >> 32 == UInt64(leaf.slots), "\(leaf.slots) slots in the link, \(leaf.block[1] >> 32) in the leaf")
        let model = leaf.model
        try require(model.shift == entry.link.shift && (!entry.link.hasModel || (model.base == entry.base && model.multiplier == entry.multiplier)), "the parent's model is another")
        try require(entry.link.hasModel ? leaf.measuredBound() <= leaf.errorBound : leaf.errorBound >= leaf.slots, "error bound \(leaf.errorBound), found \(leaf.measuredBound())")
        try require(!entry.link.hasModel || leaf.errorBound <= Limits.errorMax, "an error bound of \(leaf.errorBound)")
        var found = 0
        var slot = 0
        while leaf.count > 0, slot < leaf.slots {
            let key = leaf.key(slot)
            try require(key >= low && key <= high, "key \(key) outside the fences \(low)...\(high)")
            if slot == 0 || key != leaf.key(slot - 1) {
                try require(slot == 0 || key > leaf.key(slot - 1), "keys out of order at slot \(slot)")
                try require(leaf.find(key, from: entry.hint(key), hasModel: entry.link.hasModel) != Leaf.nowhere, "key \(key) is not found")
                found += 1
            } else {
                try require(leaf.value(slot) == leaf.value(slot - 1), "a gap holds another value than its entry")
            }
            slot += 1
        }
        try require(found == leaf.count, "\(found) entries in a leaf that counts \(leaf.count)")
        keys += found
    }
}
