// Building leaves anew, by cost: a leaf that is full gets more slots and a new model (expansion); one that has as many
// as a leaf may have, or whose entries no line fits, becomes two (a split sideways, whose separator the parent takes up;
// the parent splits in its turn). Keys that arrive in order fill leaves to the last slot, as appends to a B+-tree do; so do keys in
// order between others, once those lie in leaves of their own.

extension LearnedTree {
    /// Builds anew the leaf that `key` belongs to, with the key when `value` is given.
    @inline(never) func rebuild(at key: UInt64, adding value: UInt64?, _ heap: NodeHeap) {
        let path = Path(self, to: key)
        let old = path.leaf.link.leaf
        var pattern = old.pattern
        if let value, old.slots >= Limits.orderedSlots, pattern != .spread, continueOrder(path, old, pattern, key, value, heap) { return }
        var count: Int
        var hot: Hot?
        if let value {
            let place = old.gatherAdding(heap, key, value)
            count = old.count + 1
            if pattern == .ascending, place != count - 1 { pattern = .spread }
            if pattern == .descending, place != 0 { pattern = .spread }
            if pattern == .spread { hot = Self.hot(heap, old, place, count) }
        } else {
            count = old.gather(heap)
        }
        let mayStay = value == nil || old.slots < Limits.orderedSlots
        let pieces = Self.leaves(heap, count, old, separator: path.leaf.separator, pattern, hot: hot, mayStay: mayStay)
        if pieces.count > 1 { heap.splits.add(1) } else { heap.expansions.add(1) }
        install(pieces, path, depth: path.steps.count, heap)
        heap.retire(old.block, bytes: Leaf.bytes(slots: old.slots))
    }

    /// Where a leaf comes apart between keys that arrive in order: those before the cut go on upwards, those behind it downwards.
    private struct Hot {
        var cut: Int
        /// Who gets a key between the two sides.
        var border: UInt64
        var isUp: Bool
        var isDown: Bool
    }

    /// Every key goes right behind the one before it, or right before it, or to one of two that grow towards each other: then what is
    /// widest apart is where they will meet.
    private static func hot(_ heap: NodeHeap, _ old: Leaf, _ place: Int, _ count: Int) -> Hot? {
        let seen = old.inserted
        guard seen.all >= 8, (seen.following + seen.preceding) * 8 >= seen.all * 6 else { return nil }
        if seen.following * 8 >= seen.all * 7 {
            return place + 1 < count ? Hot(cut: place + 1, border: heap.scratchKey(place + 1), isUp: true, isDown: false) : nil
        }
        if seen.preceding * 8 >= seen.all * 7 {
            return place > 0 ? Hot(cut: place, border: heap.scratchKey(place - 1) + 1, isUp: false, isDown: true) : nil
        }
        var (cut, widest) = (1, UInt64(0))
        for index in 1..<count where heap.scratchKey(index) - heap.scratchKey(index - 1) > widest {
            (cut, widest) = (index, heap.scratchKey(index) - heap.scratchKey(index - 1))
        }
        return Hot(cut: cut, border: heap.scratchKey(cut) - widest / 2, isUp: true, isDown: true)
    }

    /// A leaf of no fewer slots than keys in order get, with the key at the end that its inserts come to: the key gets a leaf of its own there,
    /// and the full one stays as it is but for that fence.
    private func continueOrder(_ path: Path, _ old: Leaf, _ pattern: Leaf.Pattern, _ key: UInt64, _ value: UInt64, _ heap: NodeHeap) -> Bool {
        let isUp = pattern == .ascending
        let border = isUp ? key : old.key(0)
        guard isUp ? key > old.key(old.slots - 1) : key < border else { return false }
        heap.setScratch(0, key, value)
        let next = Leaf.build(
            heap, from: 0, count: 1, slots: Limits.orderedSlots, low: isUp ? key : old.low, high: isUp ? old.high : border - 1, pattern: pattern,
            model: old.continued(by: key, isUp: isUp))
        next.markOrdered(pattern)
        let model = old.model
        let link = Link(leaf: old.block, slots: old.slots, shift: Int(model.shift))
        let first = path.leaf.separator
        let stays = Entry(separator: isUp ? first : border, link: link, base: model.base, multiplier: model.multiplier)
        let added = Entry(separator: isUp ? border : first, leaf: next)
        heap.splits.add(1)
        install(isUp ? [stays, added] : [added, stays], path, depth: path.steps.count, heap)
        old.moveFence(isUp: isUp, border)
        return true
    }

    /// `mayStay`: there is room for what comes in order, and what is there may only need another line.
    private static func leaves(
        _ heap: NodeHeap, _ count: Int, _ old: Leaf, separator: UInt64, _ pattern: Leaf.Pattern,
        hot: Hot?, mayStay: Bool
    ) -> [Entry] {
        if pattern != .spread, mayStay {
            let leaf = grown(heap, count, old, pattern)
            if leaf.isGoodEnough { return [Entry(separator: separator, leaf: leaf)] }
            heap.free(leaf.block, bytes: Leaf.bytes(slots: leaf.slots))
        }
        let whole = Segment(start: 0, count: count, low: old.low, high: old.high)
        var entries: [Entry] = []
        switch pattern {
        case .spread where hot != nil:
            // What the keys in order lie beside gets out of their way.
            let (isUp, isDown) = (hot?.isUp ?? false, hot?.isDown ?? false)
            let parts = whole.cut(heap, at: hot?.cut ?? 0, border: hot?.border)
            parts.0.build(heap, isDense: isUp, to: &entries)
            if isUp { entries[entries.count - 1].link.leaf.markOrdered(.ascending) }
            let second = entries.count
            parts.1.build(heap, isDense: isDown, to: &entries)
            if isDown { entries[second].link.leaf.markOrdered(.descending) }
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
        let slots = min(max(old.slots * 2, (count + 11) & ~3), max(Limits.orderedSlots, old.slots))
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
        let all = Replacement(node: step.node, index: step.index, pieces: pieces)
        let isAppend = step.index == step.node.count - 1
        install(all.nodes(heap, isAppend: isAppend), path, depth: level - 1, heap)
        heap.retire(step.node.block, bytes: step.node.bytes)
    }
}

/// The entries of an inner node with one of them replaced by several.
struct Replacement {
    let node: Inner
    let index: Int
    let pieces: [Entry]

    private var count: Int { node.count + pieces.count - 1 }

    @inline(__always) private func entry(_ number: Int) -> Entry {
        if number < index { return node.entry(number) }
        let piece = number &- index
        return piece < pieces.count ? pieces[piece] : node.entry(number &- pieces.count &+ 1)
    }

    /// One node, or two where the entries are too many. Appends leave the first one full.
    func nodes(_ heap: NodeHeap, isAppend: Bool) -> [Entry] {
        let middle = count <= Limits.fanoutMax(level: node.level) ? count : isAppend ? count - 2 : count / 2
        let first = Inner.build(heap, count: middle, level: node.level) { entry($0) }
        guard middle < count else { return [Entry(separator: entry(0).separator, inner: first)] }
        let second = Inner.build(heap, count: count - middle, level: node.level) { entry(middle &+ $0) }
        return [Entry(separator: entry(0).separator, inner: first), Entry(separator: entry(middle).separator, inner: second)]
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

    /// The line for keys that go on as this leaf's did, on average a slot each, from a leaf's first slot up or from its last one down.
    fileprivate func continued(by key: UInt64, isUp: Bool) -> Model {
        let (first, last) = (self.key(0), self.key(slots &- 1))
        let step = max((last - first) / UInt64(max(count - 1, 1)), 1)
        let room = (isUp ? UInt64.max - key : key) / step
        let reach = min(room, UInt64(Limits.orderedSlots - 1))
        guard reach > 0 else { return .none }
        return isUp
            ? Model(from: key, at: 0.25, to: key + step * reach, at: Double(reach) + 0.25)
            : Model(
                from: key - step * reach, at: Double(Limits.orderedSlots - 1) - Double(reach) + 0.25, to: key,
                at: Double(Limits.orderedSlots - 1) + 0.25)
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
