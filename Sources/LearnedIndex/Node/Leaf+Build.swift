// Laying out a leaf: the model is chosen first, then every entry goes to the slot that the model names or the nearest
// free one after it, with room kept for those that follow; gaps copy the entry before them.

extension Leaf {
    /// Where the free slots go: between the entries, or all at the end that the inserts so far came to.
    enum Pattern { case spread, ascending, descending }

    /// Builds a leaf of the `count` scratch entries from `start` on, which are strictly ascending and inside the fences. With a `model`
    /// that one is taken: the entries that will come are known better than from those that are there.
    static func build(
        _ heap: NodeHeap, from start: Int, count: Int, slots wanted: Int, low: UInt64, high: UInt64, pattern: Pattern = .spread, model: Model? = nil
    ) -> Leaf {
        let slots = count == 0 ? 0 : wanted
        let leaf = Leaf(block: heap.allocate(bytes: bytes(slots: slots)), slots: slots)
        leaf.block[0] = 0
        leaf.block[2] = low
        leaf.block[3] = high
        leaf.block[7] = 0
        leaf.setCount(count)
        guard count > 0 else {
            leaf.setModel(.none, errorBound: slots, meanError: 0)
            return leaf
        }
        var fit = leaf.place(heap, from: start, count: count, model ?? Fit.ends(heap, from: start, count: count, slots: slots, pattern))
        if model == nil, fit.mean > 1.5, count >= 8 {
            let other = Fit.better(fit, heap, from: start, count: count, slots: slots, pattern)
            if other.model != fit.model { fit = leaf.place(heap, from: start, count: count, other.model) }
        }
        leaf.setModel(fit.model, errorBound: fit.worst, meanError: fit.mean)
        return leaf
    }

    /// Where entry `index` of `count` lies when the model names `wanted` and the entry before took `last`. Without a model
    /// entries lie at equal distances.
    @inline(__always) static func slot(_ wanted: Int, after last: Int, index: Int, of count: Int, slots: Int) -> Int {
        max(last &+ 1, min(wanted, slots &- (count &- index)))
    }

    /// Places the entries by a model, or at equal distances without one, and says how well it fits.
    private func place(_ heap: NodeHeap, from start: Int, count: Int, _ model: Model) -> Fit {
        let hasModel = model.shift != UInt64(Link.noModel)
        var last = -1
        var worst = 0
        var sum = 0
        var key: UInt64 = 0
        var value: UInt64 = 0
        for index in 0..<count {
            let nextKey = heap.scratchKey(start &+ index)
            let nextValue = heap.scratchValue(start &+ index)
            let wanted = hasModel ? model.place(nextKey, of: slots) : index &* slots / count
            let slot = Self.slot(wanted, after: last, index: index, of: count, slots: slots)
            if last < 0 { (key, value) = (nextKey, nextValue) }
            var gap = last &+ 1
            while gap < slot {
                set(gap, key, value)
                gap &+= 1
            }
            set(slot, nextKey, nextValue)
            (key, value, last) = (nextKey, nextValue, slot)
            let distance = slot > wanted ? slot &- wanted : wanted &- slot
            worst = max(worst, distance)
            sum &+= distance
        }
        var gap = last &+ 1
        while gap < slots {
            set(gap, key, value)
            gap &+= 1
        }
        return hasModel ? Fit(model: model, worst: worst, mean: Double(sum) / Double(count)) : Fit(model: model, worst: slots, mean: 0)
    }

    /// The distance from the slot that the model names to the run that holds `key`, which is in `start..<end`.
    @inline(__always) static func distance(_ wanted: Int, _ start: Int, _ end: Int) -> Int {
        wanted < start ? start &- wanted : wanted >= end ? wanted &- end &+ 1 : 0
    }

    /// The true error bound of what is here.
    func measuredBound() -> Int {
        let model = model
        guard model.shift != UInt64(Link.noModel) else { return slots }
        guard count > 0 else { return 0 }
        var worst = 0
        var start = 0
        while start < slots {
            let end = runEnd(start)
            worst = max(worst, Self.distance(model.place(key(start), of: slots), start, end))
            start = end
        }
        return worst
    }

    /// Copies the entries to scratch from `start` on.
    func gather(_ heap: NodeHeap, at start: Int = 0) -> Int {
        guard count > 0 else { return 0 }
        var next = start
        var slot = 0
        while slot < slots {
            let key = key(slot)
            heap.setScratch(next, key, value(slot))
            next &+= 1
            slot &+= 1
            while slot < slots, self.key(slot) == key { slot &+= 1 }
        }
        return next - start
    }
}
