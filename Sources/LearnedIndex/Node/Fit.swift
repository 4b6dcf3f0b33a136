// Choosing a leaf's model by what it will cost: a line through the first and last entry; where that leaves the entries
// far from their slots, a line through the quartiles, which a few outliers cannot bend. The better of the two stays,
// or none: where both are poor and the leaf is small, it is searched by halving, as a B-tree's node.

struct Fit {
    var model: Model
    /// Distances from the named slot to the entry's own: of the worst entry, and the mean.
    var worst: Int
    var mean: Double

    /// The line through the first and the last entry.
    static func ends(_ heap: NodeHeap, from start: Int, count: Int, slots: Int, _ pattern: Leaf.Pattern) -> Model {
        line(heap, start, count, slots, from: 0, to: count - 1, pattern)
    }

    /// That line's fit, or a better one, or none.
    static func better(_ ends: Fit, _ heap: NodeHeap, from start: Int, count: Int, slots: Int, _ pattern: Leaf.Pattern) -> Fit {
        let middle = measured(line(heap, start, count, slots, from: count / 4, to: count - 1 - count / 4, pattern), heap, start, count, slots)
        return (middle.mean < ends.mean ? middle : ends).orNone(count, slots)
    }

    /// The bound is what every node keeps: a model that cannot meet it is worth less than none.
    private func orNone(_ count: Int, _ slots: Int) -> Fit {
        worst <= Limits.errorAccepted || count > Limits.unmodelledKeysMax ? self : Fit(model: .none, worst: slots, mean: 0)
    }

    /// A line through the entries `first` and `last`, which go where equal distances would put them.
    private static func line(
        _ heap: NodeHeap, _ start: Int, _ count: Int, _ slots: Int, from first: Int, to last: Int, _ pattern: Leaf.Pattern
    ) -> Model {
        let (offset, step) =
            switch pattern {
            case .spread: (0.0, Double(slots) / Double(count))
            case .ascending: (0.0, 1.0)
            case .descending: (Double(slots - count), 1.0)
            }
        return Model(
            from: heap.scratchKey(start + first), at: offset + Double(first) * step + 0.25, to: heap.scratchKey(start + last),
            at: offset + Double(last) * step + 0.25)
    }

    static func measured(_ model: Model, _ heap: NodeHeap, _ start: Int, _ count: Int, _ slots: Int) -> Fit {
        var worst = 0
        var sum = 0
        var last = -1
        var index = 0
        while index < count {
            let wanted = model.place(heap.scratchKey(start &+ index), of: slots)
            let slot = Leaf.slot(wanted, after: last, index: index, of: count, slots: slots)
            let distance = slot > wanted ? slot &- wanted : wanted &- slot
            worst = max(worst, distance)
            sum &+= distance
            last = slot
            index &+= 1
        }
        return Fit(model: model, worst: worst, mean: Double(sum) / Double(max(count, 1)))
    }
}
