// Giving memory back after erasures: a leaf that is mostly gaps joins a neighbour under the same parent, or gets fewer
// slots; a parent left with few children joins its neighbour; a root with one child gives way to it.

extension LearnedTree {
    /// Makes the leaf of `key` smaller. `isEmptied`: its one entry is the one to go.
    @inline(never) func shrink(at key: UInt64, isEmptied: Bool, _ heap: NodeHeap) {
        let path = Path(self, to: key)
        let leaf = path.leaf.link.leaf
        if let step = path.steps.last, let other = partner(step, leaf) {
            merge(step, left: min(step.index, other), path, without: isEmptied ? leaf : nil, heap)
        } else if isEmptied {
            let empty = Leaf.build(heap, from: 0, count: 0, slots: 0, low: leaf.low, high: leaf.high)
            install([Entry(separator: path.leaf.separator, leaf: empty)], path, depth: path.steps.count, heap)
            heap.retire(leaf.block, bytes: Leaf.bytes(slots: leaf.slots))
        } else if Limits.slots(forKeys: leaf.count) < leaf.slots {
            let count = leaf.gather(heap)
            let small = Leaf.build(heap, from: 0, count: count, slots: Limits.slots(forKeys: count), low: leaf.low, high: leaf.high)
            install([Entry(separator: path.leaf.separator, leaf: small)], path, depth: path.steps.count, heap)
            heap.retire(leaf.block, bytes: Leaf.bytes(slots: leaf.slots))
        }
    }

    /// The neighbour that, together with the leaf, fills at most half of a leaf.
    private func partner(_ step: Path.Step, _ leaf: Leaf) -> Int? {
        [step.index + 1, step.index - 1].first { index in
            index >= 0 && index < step.node.count && step.node.link(index).leaf.count + leaf.count <= Limits.leafKeysMax / 2
        }
    }

    private func merge(_ step: Path.Step, left index: Int, _ path: Path, without gone: Leaf?, _ heap: NodeHeap) {
        let left = step.node.link(index).leaf
        let right = step.node.link(index + 1).leaf
        var count = left.block == gone?.block ? 0 : left.gather(heap)
        count += right.block == gone?.block ? 0 : right.gather(heap, at: count)
        let joined = Leaf.build(heap, from: 0, count: count, slots: Limits.slots(forKeys: count), low: left.low, high: right.high)
        heap.merges.add(1)
        var entries = step.node.entries
        entries.replaceSubrange(index...index + 1, with: [Entry(separator: entries[index].separator, leaf: joined)])
        replace(path.steps.count - 1, entries, path, heap)
        heap.retire(left.block, bytes: Leaf.bytes(slots: left.slots))
        heap.retire(right.block, bytes: Leaf.bytes(slots: right.slots))
    }

    /// Gives the node at step `level` these entries, fewer than before; joins it with a neighbour where both are small.
    private func replace(_ level: Int, _ entries: [Entry], _ path: Path, _ heap: NodeHeap) {
        let node = path.steps[level].node
        defer { heap.retire(node.block, bytes: node.bytes) }
        if level == 0, entries.count == 1 {
            control[Self.depthWord] = UInt64(depth - 1)
            Entry(separator: 0, link: entries[0].link, base: entries[0].base, multiplier: entries[0].multiplier).store(control, at: 0)
            return
        }
        let most = Limits.fanoutMax(level: node.level)
        if level > 0, entries.count <= most / 8 {
            let above = path.steps[level - 1]
            for other in [above.index + 1, above.index - 1] where other >= 0 && other < above.node.count {
                let neighbour = above.node.link(other).inner
                guard neighbour.count + entries.count <= most / 2 else { continue }
                let all = other < above.index ? neighbour.entries + entries : entries + neighbour.entries
                let first = min(other, above.index)
                var upper = above.node.entries
                let joined = Inner.build(heap, all[...], level: node.level)
                upper.replaceSubrange(first...first + 1, with: [Entry(separator: upper[first].separator, inner: joined)])
                replace(level - 1, upper, path, heap)
                heap.retire(neighbour.block, bytes: neighbour.bytes)
                return
            }
        }
        let rebuilt = Inner.build(heap, entries[...], level: node.level)
        let separator = level > 0 ? path.steps[level - 1].node.separator(path.steps[level - 1].index) : 0
        install([Entry(separator: separator, inner: rebuilt)], path, depth: level, heap)
    }
}
