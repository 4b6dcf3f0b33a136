// Building leaves anew, by cost: a leaf that is full gets more slots and a new model (expansion); one that has as many
// as a leaf may have, or whose entries no line fits, becomes two (a split sideways, whose separator the parent takes up;
// the parent splits in its turn). Keys that arrive in order fill leaves to the last slot, as appends to a B+-tree do.

extension LearnedTree {
    /// Builds anew the leaf that `key` belongs to, with the key when `value` is given.
    @inline(never) func rebuild(at key: UInt64, adding value: UInt64?, _ heap: NodeHeap) {
        let path = Path(self, to: key)
        let old = path.leaf.link.leaf
        var pattern = old.pattern
        var count: Int
        if let value {
            let place = old.gatherAdding(heap, key, value)
            count = old.count + 1
            if pattern == .ascending, place != count - 1 { pattern = .spread }
            if pattern == .descending, place != 0 { pattern = .spread }
        } else {
            count = old.gather(heap)
        }
        let pieces = Self.leaves(heap, count, old, separator: path.leaf.separator, pattern)
        if pieces.count > 1 { heap.splits.add(1) } else { heap.expansions.add(1) }
        install(pieces, path, depth: path.steps.count, heap)
        heap.retire(old.block, bytes: Leaf.bytes(slots: old.slots))
    }

    private static func leaves(_ heap: NodeHeap, _ count: Int, _ old: Leaf, separator: UInt64, _ pattern: Leaf.Pattern) -> [Entry] {
        if pattern != .spread, old.slots < Limits.leafSlotsMax {
            let leaf = grown(heap, count, old, pattern)
            if leaf.isGoodEnough { return [Entry(separator: separator, leaf: leaf)] }
            heap.free(leaf.block, bytes: Leaf.bytes(slots: leaf.slots))
        }
        let whole = Segment(start: 0, count: count, low: old.low, high: old.high)
        var entries: [Entry] = []
        switch pattern {
        case .spread:
            guard count > Limits.leafKeysMax - 16 else {
                whole.build(heap, isDense: false, to: &entries)
                break
            }
            let parts = whole.cut(heap, at: count / 2)
            parts.0.build(heap, isDense: false, to: &entries)
            parts.1.build(heap, isDense: false, to: &entries)
        case .ascending:
            let parts = whole.cut(heap, at: count - 1)
            parts.0.build(heap, isDense: true, to: &entries)
            parts.1.build(heap, isDense: false, to: &entries)
            entries[entries.count - 1].link.leaf.markOrdered(pattern)
        case .descending:
            let parts = whole.cut(heap, at: 1)
            parts.0.build(heap, isDense: false, to: &entries)
            entries[0].link.leaf.markOrdered(pattern)
            parts.1.build(heap, isDense: true, to: &entries)
        }
        entries[0].separator = separator
        return entries
    }

    private static func grown(_ heap: NodeHeap, _ count: Int, _ old: Leaf, _ pattern: Leaf.Pattern) -> Leaf {
        let slots = min(max(old.slots * 2, (count + 11) & ~3), Limits.leafSlotsMax)
        let leaf = Leaf.build(heap, from: 0, count: count, slots: slots, low: old.low, high: old.high, pattern: pattern)
        leaf.markOrdered(pattern)
        return leaf
    }

    /// Puts `pieces` in the place of the child that step `depth` of the path leads to (the root at zero).
    func install(_ pieces: [Entry], _ path: Path, depth level: Int, _ heap: NodeHeap) {
        if level == 0 {
            if pieces.count == 1 {
                pieces[0].store(control, at: 0)
            } else {
                let above = Inner.build(heap, pieces[...], level: depth + 1)
                control[Self.depthWord] = UInt64(depth + 1)
                Entry(separator: 0, inner: above).store(control, at: 0)
            }
            return
        }
        let step = path.steps[level - 1]
        if pieces.count == 1 {
            pieces[0].store(step.node.block, at: step.node.word(of: step.index))
            return
        }
        var entries = step.node.entries
        entries.replaceSubrange(step.index...step.index, with: pieces)
        let isAppend = step.index == step.node.count - 1
        install(Self.inners(heap, entries, level: step.node.level, separator: entries[0].separator, isAppend: isAppend), path, depth: level - 1, heap)
        heap.retire(step.node.block, bytes: step.node.bytes)
    }

    /// One node over the entries, or two where they are too many.
    private static func inners(_ heap: NodeHeap, _ entries: [Entry], level: Int, separator: UInt64, isAppend: Bool) -> [Entry] {
        if entries.count <= Limits.fanoutMax(level: level) {
            return [Entry(separator: separator, inner: Inner.build(heap, entries[...], level: level))]
        }
        let middle = isAppend ? entries.count - 2 : entries.count / 2
        return [
            Entry(separator: separator, inner: Inner.build(heap, entries[..<middle], level: level)),
            Entry(separator: entries[middle].separator, inner: Inner.build(heap, entries[middle...], level: level)),
        ]
    }
}

extension Leaf {
    /// Whether the leaf keeps the bound with some room, or is too small to be worth a split.
    var isGoodEnough: Bool {
        count <= Limits.unmodelledKeysMax || (errorBound <= Limits.errorAccepted && meanError <= Limits.meanErrorMax)
    }

    /// Where the inserts since the leaf was built came to.
    var pattern: Pattern {
        let seen = inserted
        guard seen.all >= 8 else { return .spread }
        return seen.after * 8 >= seen.all * 7 ? .ascending : seen.before * 8 >= seen.all * 7 ? .descending : .spread
    }

    /// A leaf that continues another's order: its first inserts are taken to be in order, too.
    func markOrdered(_ pattern: Pattern) { block[7] = 8 | (pattern == .ascending ? 8 << 16 : 8 << 32) }

    /// Copies the entries to scratch with one more among them, and says which it is.
    func gatherAdding(_ heap: NodeHeap, _ key: UInt64, _ value: UInt64) -> Int {
        let count = gather(heap, at: 0)
        var place = count
        while place > 0, heap.scratchKey(place - 1) > key {
            heap.setScratch(place, heap.scratchKey(place - 1), heap.scratchValue(place - 1))
            place -= 1
        }
        heap.setScratch(place, key, value)
        return place
    }
}
