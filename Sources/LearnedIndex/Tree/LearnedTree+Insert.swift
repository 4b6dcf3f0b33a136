// Inserting, updating and erasing: in place while the leaf has room and keeps its bound, by building leaves anew otherwise.

extension LearnedTree {
    /// Inserts a key, or leaves (or, when `replacing`, updates) the value that is there and returns what it was.
    func insert(_ key: UInt64, _ value: UInt64, replacing: Bool, _ heap: NodeHeap) -> UInt64? {
        let entry = leafEntry(for: key)
        let leaf = entry.link.leaf
        let count = leaf.count
        if count > 0 {
            let bound = leaf.lowerBound(key, from: entry.hint(key), hasModel: entry.link.hasModel)
            if bound < leaf.slots, leaf.key(bound) == key {
                let old = leaf.value(bound)
                if replacing { leaf.update(bound, value) }
                return old
            }
            if count < leaf.limit(at: bound), leaf.insert(key, value, before: bound) == .done {
                heap.keys.add(1)
                if entry.link.hasModel, leaf.errorBound > Limits.errorMax { keepBound(key, leaf, heap) }
                return nil
            }
        }
        rebuild(at: key, adding: value, heap)
        heap.keys.add(1)
        return nil
    }

    /// The bound grew past what is allowed: find the true one, and build the leaf anew where that is no better.
    @inline(never) private func keepBound(_ key: UInt64, _ leaf: Leaf, _ heap: NodeHeap) {
        let bound = leaf.measuredBound()
        if bound <= Limits.errorMax * 3 / 4 {
            leaf.setErrorBound(bound)
        } else {
            heap.retrains.add(1)
            rebuild(at: key, adding: nil, heap)
        }
    }

    /// Gives a key that is there another value and returns the old one.
    func update(_ key: UInt64, _ value: UInt64) -> UInt64? {
        let entry = leafEntry(for: key)
        let leaf = entry.link.leaf
        guard leaf.count > 0 else { return nil }
        let slot = leaf.find(key, from: entry.hint(key), hasModel: entry.link.hasModel)
        guard slot >= 0 else { return nil }
        let old = leaf.value(slot)
        leaf.update(slot, value)
        return old
    }

    func erase(_ key: UInt64, _ heap: NodeHeap) -> UInt64? {
        let entry = leafEntry(for: key)
        let leaf = entry.link.leaf
        guard leaf.count > 0 else { return nil }
        let slot = leaf.find(key, from: entry.hint(key), hasModel: entry.link.hasModel)
        guard slot >= 0 else { return nil }
        let old = leaf.value(slot)
        heap.keys.add(-1)
        if leaf.count == 1 {
            shrink(at: key, isEmptied: true, heap)
            return old
        }
        leaf.erase(slot)
        if leaf.count * 4 < leaf.slots, leaf.slots > Limits.leafSlotsMin || depth > 0 { shrink(at: key, isEmptied: false, heap) }
        return old
    }
}

extension Leaf {
    /// Entries that the leaf may have before it is built anew, for an insert at `bound`. At either end, where free slots
    /// lie, every slot may be used: nothing moves there.
    @inline(__always) func limit(at bound: Int) -> Int {
        let isFreeEnd = bound == slots ? key(slots &- 1) == key(slots &- 2) : bound == 0 && key(0) == key(1)
        return isFreeEnd ? slots : Limits.fullKeys(slots)
    }
}
