// One group's states into another's: sessions that grow together, and windows made of panes.

extension AggregateState {
    /// Adds the states of `from` to those of `into`. Texts change their owner within the table.
    func merge(_ from: Memory, into: Memory) {
        for index in 0..<primitiveCount {
            let primitive = primitives[index]
            let offset = Int(primitive.offset)
            mergeState(primitive, from.advanced(by: offset), into.advanced(by: offset))
        }
    }

    private func mergeState(_ primitive: PlacedPrimitive, _ from: Memory, _ into: Memory) {
        switch primitive.code {
        case .rows, .count: into.store(into.load(0, as: Int64.self) + from.load(0, as: Int64.self), at: 0)
        case .sumInt, .sumHuge: into.storeHuge(into.loadHuge(0) &+ from.loadHuge(0), at: 0)
        case .sumDouble: into.store(into.load(0, as: Double.self) + from.load(0, as: Double.self), at: 0)
        case .least, .greatest, .first, .last: mergeValue(primitive, from, into)
        case .atLeast, .atGreatest: mergeExtreme(primitive, from, into)
        case .moments: mergeMoments(from, into)
        case .powers:
            into.store(into.load(0, as: Int64.self) + from.load(0, as: Int64.self), at: 0)
            for place in [8, 16, 24, 32] { into.store(into.load(place, as: Double.self) + from.load(place, as: Double.self), at: place) }
        case .comoments: mergeComoments(from, into)
        case .allTrue, .anyTrue, .bitAnd, .bitOr, .bitXor, .product: mergeFlagged(primitive, from, into)
        // Sessions, which alone merge, have no trees.
        case .tree: break
        case .distinctSketch:
            for place in 0..<1_024 { into.store(max(into.load(place, as: UInt8.self), from.load(place, as: UInt8.self)), at: place) }
        }
    }

    /// A one-row vector over a state's value.
    private func view(_ state: Memory) -> Vector { Vector(data: state, nulls: .absent, hasNulls: false) }

    private func mergeValue(_ primitive: PlacedPrimitive, _ from: Memory, _ into: Memory) {
        let flag = Kernel.flagOffset(primitive.kind)
        let state = from.load(flag, as: Int64.self)
        if state == 0 { return }
        let takes =
            switch primitive.code {
            case .least, .greatest: Kernel.isBefore(view(from), 0, primitive.kind, into, greatest: primitive.code == .greatest)
            case .first: into.load(flag, as: Int64.self) == 0
            default: true
            }
        guard takes else { return }
        if state == 2 {
            Kernel.clear(primitive.kind, into, heap)
            into.store(Int64(2), at: flag)
        } else {
            Kernel.store(view(from), 0, primitive.kind, into, heap)
        }
    }

    private func mergeExtreme(_ primitive: PlacedPrimitive, _ from: Memory, _ into: Memory) {
        let start = Kernel.flagOffset(primitive.kind) + 8
        let key = from.advanced(by: start)
        if key.load(Kernel.flagOffset(primitive.byKind), as: Int64.self) == 0 { return }
        let mine = into.advanced(by: start)
        guard Kernel.isBefore(view(key), 0, primitive.byKind, mine, greatest: primitive.code == .atGreatest) else { return }
        Kernel.store(view(key), 0, primitive.byKind, mine, heap)
        Kernel.store(view(from), 0, primitive.kind, into, heap)
    }

    private func mergeMoments(_ from: Memory, _ into: Memory) {
        let (a, b) = (into.load(0, as: Int64.self), from.load(0, as: Int64.self))
        if b == 0 { return }
        if a == 0 { return into.copy(from: from, count: 24) }
        let count = Double(a + b)
        let delta = from.load(8, as: Double.self) - into.load(8, as: Double.self)
        into.store(a + b, at: 0)
        into.store(into.load(8, as: Double.self) + delta * Double(b) / count, at: 8)
        into.store(
            into.load(16, as: Double.self) + from.load(16, as: Double.self) + delta * delta * Double(a) * Double(b) / count, at: 16)
    }

    private func mergeComoments(_ from: Memory, _ into: Memory) {
        let (a, b) = (into.load(0, as: Int64.self), from.load(0, as: Int64.self))
        if b == 0 { return }
        if a == 0 { return into.copy(from: from, count: 48) }
        let count = Double(a + b)
        let deltaY = from.load(8, as: Double.self) - into.load(8, as: Double.self)
        let deltaX = from.load(16, as: Double.self) - into.load(16, as: Double.self)
        let factor = Double(a) * Double(b) / count
        into.store(a + b, at: 0)
        into.store(into.load(8, as: Double.self) + deltaY * Double(b) / count, at: 8)
        into.store(into.load(16, as: Double.self) + deltaX * Double(b) / count, at: 16)
        into.store(into.load(24, as: Double.self) + from.load(24, as: Double.self) + deltaY * deltaX * factor, at: 24)
        into.store(into.load(32, as: Double.self) + from.load(32, as: Double.self) + deltaY * deltaY * factor, at: 32)
        into.store(into.load(40, as: Double.self) + from.load(40, as: Double.self) + deltaX * deltaX * factor, at: 40)
    }

    private func mergeFlagged(_ primitive: PlacedPrimitive, _ from: Memory, _ into: Memory) {
        if from.load(8, as: Int64.self) == 0 { return }
        let isFirst = into.load(8, as: Int64.self) == 0
        into.store(Int64(1), at: 8)
        if primitive.code == .product {
            return into.store((isFirst ? 1 : into.load(0, as: Double.self)) * from.load(0, as: Double.self), at: 0)
        }
        let (old, value) = (into.load(0, as: Int64.self), from.load(0, as: Int64.self))
        let new =
            switch primitive.code {
            case .bitXor: old ^ value
            case .anyTrue, .bitOr: old | value
            default: isFirst ? value : old & value
            }
        into.store(new, at: 0)
    }
}
