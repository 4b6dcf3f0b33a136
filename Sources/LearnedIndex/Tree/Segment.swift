/// A stretch of the scratch entries that becomes leaves: one where a line fits it, more where none does.
struct Segment {
    let start: Int
    let count: Int
    let low: UInt64
    let high: UInt64

    /// The entries before `index`, and those from it on; the border is the first key of the second part, or another one above the last
    /// of the first.
    func cut(_ heap: NodeHeap, at index: Int, border other: UInt64? = nil) -> (Segment, Segment) {
        let border = other ?? heap.scratchKey(start + index)
        return (
            Segment(start: start, count: index, low: low, high: border - 1),
            Segment(start: start + index, count: count - index, low: border, high: high)
        )
    }

    /// Leaves over the segment, left to right; without gaps when `isDense`. Halves it until every leaf keeps its bound.
    func build(_ heap: NodeHeap, isDense: Bool, to entries: inout [Entry]) {
        let slots = isDense ? max((count + 3) & ~3, Limits.leafSlotsMin) : Limits.slots(forKeys: count)
        let leaf = Leaf.build(heap, from: start, count: count, slots: slots, low: low, high: high)
        if leaf.isGoodEnough {
            entries.append(Entry(separator: low, leaf: leaf))
            return
        }
        heap.free(leaf.block, bytes: Leaf.bytes(slots: leaf.slots))
        let parts = cut(heap, at: count / 2)
        parts.0.build(heap, isDense: isDense, to: &entries)
        parts.1.build(heap, isDense: isDense, to: &entries)
    }
}
