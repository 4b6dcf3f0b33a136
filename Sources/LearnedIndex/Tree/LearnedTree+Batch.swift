// Many lookups at once. One lookup waits for memory two or three times in a row; a group of them goes down level by level
// together and names to the processor what it will read next, so that those waits overlap.

extension LearnedTree {
    /// Looks up `count` keys: `key` gives them, `store` gets the index and the value or nil, in order within a group. The
    /// caller is counted in the epoch domain.
    @inline(__always) func lookup(count: Int, key: (Int) -> UInt64, store: (Int, UInt64?) -> Void) {
        var group = InlineArray<32, Entry>(repeating: root)
        var start = 0
        while start < count {
            let size = min(Limits.batchGroup, count &- start)
            descend(&group, size, start, key)
            for index in 0..<size {
                let wanted = key(start &+ index)
                store(start &+ index, Self.read(group[index], wanted) ?? lookAgain(wanted))
            }
            start &+= size
        }
    }

    /// Leaves the group's leaf entries in `group`, their slots on the way to the cache.
    @inline(__always) private func descend(_ group: inout InlineArray<32, Entry>, _ size: Int, _ start: Int, _ key: (Int) -> UInt64) {
        let root = root
        for index in 0..<size { group[index] = root }
        var isInner = root.link.isInner
        while isInner {
            isInner = false
            for index in 0..<size { group[index].link.inner.prefetch(for: key(start &+ index)) }
            for index in 0..<size {
                let wanted = key(start &+ index)
                let node = group[index].link.inner
                let entry = node.entry(node.child(for: wanted))
                group[index] = entry
                if entry.link.isInner {
                    isInner = true
                    entry.link.block.prefetch(0)
                } else {
                    let leaf = entry.link.leaf
                    let hint = entry.hint(wanted)
                    leaf.prefetch(hint &- 1)
                    leaf.prefetch(hint &+ 2)
                }
            }
        }
    }
}
