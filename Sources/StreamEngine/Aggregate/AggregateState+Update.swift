// Batches into states: one switch a primitive and batch, one inlined kernel a row.

extension AggregateState {
    /// Adds rows `selection[0..<count]` of the arguments to the records beside them.
    @inline(__always)
    func update(_ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int, _ chunk: Chunk) {
        var index = 0
        while index < primitiveCount {
            let primitive = primitives[index]
            if primitive.distinctSet < 0 {
                apply(primitive, records, selection, count, chunk.weights, chunk.hasWeights)
            } else {
                applyDistinct(primitive, records, selection, count, chunk)
            }
            index += 1
        }
    }

    @inline(__always)
    private func each(
        _ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int, _ weights: Lane<Int8>,
        _ hasWeights: Bool, _ body: (Memory, Vector, Int, Int64) -> Void
    ) {
        let vector = arguments[Int(primitive.argument)]
        let offset = Int(primitive.offset)
        if !vector.hasNulls && !hasWeights {
            for index in 0..<count { body(records[index].advanced(by: offset), vector, Int(selection[index]), 1) }
            return
        }
        for index in 0..<count {
            let row = Int(selection[index])
            if vector.isNull(row) { continue }
            body(records[index].advanced(by: offset), vector, row, hasWeights ? Int64(weights[row]) : 1)
        }
    }

    func apply(
        _ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int, _ weights: Lane<Int8>,
        _ hasWeights: Bool
    ) {
        switch primitive.code {
        case .rows:
            let offset = Int(primitive.offset)
            for index in 0..<count {
                let weight = hasWeights ? Int64(weights[Int(selection[index])]) : 1
                records[index].store(records[index].load(offset, as: Int64.self) &+ weight, at: offset)
            }
        case .count:
            each(primitive, records, selection, count, weights, hasWeights) { state, _, _, weight in
                state.store(state.load(0, as: Int64.self) &+ weight, at: 0)
            }
        case .sumInt:
            each(primitive, records, selection, count, weights, hasWeights) { state, vector, row, weight in
                Kernel.sumInt(state, vector.ints[row], weight)
            }
        case .sumHuge:
            each(primitive, records, selection, count, weights, hasWeights) { state, vector, row, weight in
                state.storeHuge(state.loadHuge(0) &+ vector.huges[row] &* Int128(weight), at: 0)
            }
        case .sumDouble:
            each(primitive, records, selection, count, weights, hasWeights) { state, vector, row, weight in
                state.store(state.load(0, as: Double.self) + vector.doubles[row] * Double(weight), at: 0)
            }
        case .moments:
            each(primitive, records, selection, count, weights, hasWeights) { state, vector, row, weight in
                Kernel.moments(state, vector.doubles[row], weight)
            }
        case .powers:
            each(primitive, records, selection, count, weights, hasWeights) { state, vector, row, weight in
                Kernel.powers(state, vector.doubles[row], weight)
            }
        case .comoments: applyPairs(primitive, records, selection, count, weights, hasWeights)
        case .tree: applyTree(primitive, records, selection, count, weights, hasWeights)
        default: applyValues(primitive, records, selection, count)
        }
    }

    private func applyPairs(
        _ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int, _ weights: Lane<Int8>,
        _ hasWeights: Bool
    ) {
        let other = arguments[Int(primitive.second)]
        each(primitive, records, selection, count, weights, hasWeights) { state, vector, row, weight in
            if !other.isNull(row) { Kernel.comoments(state, vector.doubles[row], other.doubles[row], weight) }
        }
    }

    private func applyValues(_ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int) {
        let heap = heap
        let kind = primitive.kind
        switch primitive.code {
        case .least, .greatest:
            let greatest = primitive.code == .greatest
            each(primitive, records, selection, count, .absent, false) { state, vector, row, _ in
                if Kernel.isBefore(vector, row, kind, state, greatest: greatest) { Kernel.store(vector, row, kind, state, heap) }
            }
        case .first, .last: applyEnds(primitive, records, selection, count)
        case .atLeast, .atGreatest: applyExtremes(primitive, records, selection, count)
        case .product:
            each(primitive, records, selection, count, .absent, false) { state, vector, row, _ in
                let old = state.load(8, as: Int64.self) == 0 ? 1 : state.load(0, as: Double.self)
                state.store(old * vector.doubles[row], at: 0)
                state.store(Int64(1), at: 8)
            }
        case .distinctSketch:
            each(primitive, records, selection, count, .absent, false) { state, vector, row, _ in
                Kernel.sketch(state, UInt64(bitPattern: vector.ints[row]))
            }
        default: applyBits(primitive, records, selection, count)
        }
    }

    /// The first or last value; with `second` = -2 a NULL counts as one (flag 2).
    private func applyEnds(_ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int) {
        let kind = primitive.kind
        let flag = Kernel.flagOffset(kind)
        let isFirst = primitive.code == .first
        let vector = arguments[Int(primitive.argument)]
        for index in 0..<count {
            let row = Int(selection[index])
            let state = records[index].advanced(by: Int(primitive.offset))
            let isNull = vector.isNull(row)
            if isNull && primitive.second != -2 || isFirst && state.load(flag, as: Int64.self) != 0 { continue }
            if isNull {
                Kernel.clear(kind, state, heap)
                state.store(Int64(2), at: flag)
            } else {
                Kernel.store(vector, row, kind, state, heap)
            }
        }
    }

    private func applyExtremes(_ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int) {
        let (kind, by) = (primitive.kind, primitive.byKind)
        let heap = heap
        let other = arguments[Int(primitive.second)]
        let greatest = primitive.code == .atGreatest
        let start = Kernel.flagOffset(kind) + 8
        each(primitive, records, selection, count, .absent, false) { state, vector, row, _ in
            if other.isNull(row) { return }
            let key = state.advanced(by: start)
            if Kernel.isBefore(other, row, by, key, greatest: greatest) {
                Kernel.store(other, row, by, key, heap)
                Kernel.store(vector, row, kind, state, heap)
            }
        }
    }

    private func applyBits(_ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int) {
        let code = primitive.code
        each(primitive, records, selection, count, .absent, false) { state, vector, row, _ in
            let isFirst = state.load(8, as: Int64.self) == 0
            let old = state.load(0, as: Int64.self)
            let value = code == .allTrue || code == .anyTrue ? Int64(vector.bools[row]) : vector.ints[row]
            let new =
                switch code {
                case .bitXor: old ^ value
                case .anyTrue, .bitOr: old | value
                default: isFirst ? value : old & value
                }
            state.store(new, at: 0)
            state.store(Int64(1), at: 8)
        }
    }

    /// Passes on the rows whose value is new to their group (or, taken back, gone from it).
    private func applyDistinct(
        _ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int, _ chunk: Chunk
    ) {
        let set = distinctSets[Int(primitive.distinctSet)]
        if primitive.offset == set.firstOffset { set.find(keys, arguments, selection, count, chunk, records) }
        apply(primitive, set.records, set.selection, set.count, set.weights, chunk.hasWeights)
    }
}
