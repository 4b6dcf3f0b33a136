// Finding a key in a leaf: from the model's slot outward (galloping), or by halving where there is no model. Both touch
// only slots inside the leaf whatever a writer does meanwhile, and end after at most 2 log2(slots) + 4 steps.

extension Leaf {
    static let nowhere = -1

    /// A slot that holds the key, or `nowhere`. The leaf must have entries for the answer to mean anything.
    @inline(__always) func find(_ key: UInt64, from hint: Int, hasModel: Bool) -> Int {
        guard hasModel else { return findByHalving(key) }
        let there = self.key(hint)
        if there == key { return hint }
        if there < key {
            var slot = hint &+ 1
            let near = min(hint &+ 6, slots)
            while slot < near {
                let there = self.key(slot)
                if there >= key { return there == key ? slot : Self.nowhere }
                slot &+= 1
            }
            return slot < slots ? exact(gallopRight(key, from: slot), key) : Self.nowhere
        }
        var slot = hint &- 1
        let near = max(hint &- 6, -1)
        while slot > near {
            let there = self.key(slot)
            if there <= key { return there == key ? slot : Self.nowhere }
            slot &-= 1
        }
        return slot >= 0 ? exact(gallopLeft(key, from: slot), key) : Self.nowhere
    }

    @inline(__always) private func exact(_ slot: Int, _ key: UInt64) -> Int { slot < slots && self.key(slot) == key ? slot : Self.nowhere }

    @inline(never) private func findByHalving(_ key: UInt64) -> Int { exact(lowerBound(key, in: 0, slots), key) }

    /// The first slot whose key is at least `key`; `slots` when there is none.
    @inline(__always) func lowerBound(_ key: UInt64, from hint: Int, hasModel: Bool) -> Int {
        guard hasModel else { return lowerBound(key, in: 0, slots) }
        if self.key(hint) < key { return hint &+ 1 < slots ? gallopRight(key, from: hint &+ 1) : slots }
        return hint > 0 ? gallopLeft(key, from: hint &- 1) : 0
    }

    /// The lower bound, known to be at `from` or after it.
    @inline(never) private func gallopRight(_ key: UInt64, from: Int) -> Int {
        var low = from
        var step = 1
        var high = from
        while high < slots, self.key(high) < key {
            low = high &+ 1
            high = low &+ step
            step &*= 2
        }
        return lowerBound(key, in: low, min(high, slots))
    }

    /// The lower bound, known to be at `from + 1` or before it.
    @inline(never) private func gallopLeft(_ key: UInt64, from: Int) -> Int {
        var high = from &+ 1
        var step = 1
        var low = from
        while low >= 0, self.key(low) >= key {
            high = low
            low = high &- 1 &- step
            step &*= 2
        }
        return lowerBound(key, in: max(low &+ 1, 0), high)
    }

    /// The first slot of `low..<high` whose key is at least `key`; `high` when there is none.
    @inline(__always) func lowerBound(_ key: UInt64, in low: Int, _ high: Int) -> Int {
        var base = low
        var length = high &- low
        while length > 0 {
            let half = length &>> 1
            if self.key(base &+ half) < key {
                base = base &+ half &+ 1
                length = length &- half &- 1
            } else {
                length = half
            }
        }
        return base
    }

    /// The first slot of the run that `slot` is in, and the first after it.
    @inline(__always) func runStart(_ slot: Int) -> Int {
        let key = key(slot)
        var start = slot
        while start > 0, self.key(start &- 1) == key { start &-= 1 }
        return start
    }
    @inline(__always) func runEnd(_ slot: Int) -> Int {
        let key = key(slot)
        var end = slot &+ 1
        while end < slots, self.key(end) == key { end &+= 1 }
        return end
    }
}
