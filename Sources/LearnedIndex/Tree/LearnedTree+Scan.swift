// Ranges, a leaf at a time: what a leaf holds of the range is copied out under its version, then the next leaf is found
// from the root by the fence. There are no links between leaves to keep right.

/// What one step of a scan found: entries copied, and the key to go on from, nil at the end of the range.
struct ScanStep {
    var count: Int
    var next: UInt64?
}

extension LearnedTree {
    /// Copies entries of `from...through` in ascending order out of the leaf that `from` belongs to: `store` gets the
    /// index in the step, key and value, at most `limit`.
    @inline(__always) func scanUp(
        from: UInt64, through: UInt64, limit: Int, _ store: (Int, UInt64, UInt64) -> Void
    ) -> ScanStep {
        var tries = 0
        while true {
            let entry = leafEntry(for: from)
            let leaf = entry.link.leaf
            let version = leaf.version
            var found = 0
            var slot = leaf.count > 0 ? leaf.lowerBound(from, from: entry.hint(from), hasModel: entry.link.hasModel) : leaf.slots
            var last: UInt64 = 0
            var isPast = false
            while slot < leaf.slots, found < limit {
                let key = leaf.key(slot)
                if found == 0 || key != last {
                    if key > through {
                        isPast = true
                        break
                    }
                    store(found, key, leaf.value(slot))
                    found &+= 1
                    last = key
                }
                slot &+= 1
            }
            let high = leaf.high
            guard version & 1 == 0, leaf.isStill(version) else {
                Fence.pause(&tries)
                continue
            }
            if found == limit, slot < leaf.slots { return ScanStep(count: found, next: last < through ? last &+ 1 : nil) }
            return ScanStep(count: found, next: isPast || high >= through ? nil : high &+ 1)
        }
    }

    /// The same downwards: entries of `through...from`, from `from` on.
    @inline(__always) func scanDown(
        from: UInt64, through: UInt64, limit: Int, _ store: (Int, UInt64, UInt64) -> Void
    ) -> ScanStep {
        var tries = 0
        while true {
            let entry = leafEntry(for: from)
            let leaf = entry.link.leaf
            let version = leaf.version
            var found = 0
            var slot = leaf.count > 0 ? lastSlot(leaf, entry, from) : -1
            var last: UInt64 = 0
            var isPast = false
            while slot >= 0, found < limit {
                let key = leaf.key(slot)
                if found == 0 || key != last {
                    if key < through {
                        isPast = true
                        break
                    }
                    store(found, key, leaf.value(slot))
                    found &+= 1
                    last = key
                }
                slot &-= 1
            }
            let low = leaf.low
            guard version & 1 == 0, leaf.isStill(version) else {
                Fence.pause(&tries)
                continue
            }
            if found == limit, slot >= 0 { return ScanStep(count: found, next: last > through ? last &- 1 : nil) }
            return ScanStep(count: found, next: isPast || low <= through ? nil : low &- 1)
        }
    }

    /// The last slot whose key is at most `key`.
    @inline(__always) private func lastSlot(_ leaf: Leaf, _ entry: Entry, _ key: UInt64) -> Int {
        if key == .max { return leaf.slots &- 1 }
        return leaf.lowerBound(key &+ 1, from: entry.hint(key), hasModel: entry.link.hasModel) &- 1
    }
}
