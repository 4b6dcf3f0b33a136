// One row into one state, and one state into another. All are inlined into loops over a batch.

enum Kernel {
    /// Value slots are 8 bytes, 16 for texts and 128-bit numbers; the word behind them says whether there is a value.
    @inline(__always)
    static func flagOffset(_ kind: LaneKind) -> Int { kind.width == 16 ? 16 : 8 }

    @inline(__always)
    static func sumInt(_ state: Memory, _ value: Int64, _ weight: Int64) {
        let (low, carry) = state.load(0, as: UInt64.self).addingReportingOverflow(UInt64(bitPattern: value &* weight))
        state.store(low, at: 0)
        state.store(state.load(8, as: Int64.self) &+ ((value &* weight) >> 63) &+ (carry ? 1 : 0), at: 8)
    }

    @inline(__always)
    static func store(_ vector: Vector, _ row: Int, _ kind: LaneKind, _ state: Memory, _ heap: TextHeap) {
        switch kind {
        case .int, .double: state.store(vector.ints[row], at: 0)
        case .bool: state.store(Int64(vector.bools[row]), at: 0)
        case .huge: state.storeHuge(vector.huges[row], at: 0)
        case .text:
            clear(.text, state, heap)
            state.store(heap.keep(vector.texts[row]), at: 0)
        }
        state.store(Int64(1), at: flagOffset(kind))
    }

    /// Gives back a state's text.
    @inline(__always)
    static func clear(_ kind: LaneKind, _ state: Memory, _ heap: TextHeap) {
        if kind == .text && state.load(16, as: Int64.self) == 1 { heap.release(state.load(0, as: TextRef.self)) }
    }

    /// Whether the row's value is less (or greater) than the state's.
    @inline(__always)
    static func isBefore(_ vector: Vector, _ row: Int, _ kind: LaneKind, _ state: Memory, greatest: Bool) -> Bool {
        if state.load(flagOffset(kind), as: Int64.self) == 0 { return true }
        switch kind {
        case .int: return greatest ? vector.ints[row] > state.load(0, as: Int64.self) : vector.ints[row] < state.load(0, as: Int64.self)
        case .bool:
            let value = Int64(vector.bools[row])
            return greatest ? value > state.load(0, as: Int64.self) : value < state.load(0, as: Int64.self)
        case .double:
            let old = state.load(0, as: Double.self)
            return greatest ? isLess(old, vector.doubles[row]) : isLess(vector.doubles[row], old)
        case .huge: return greatest ? vector.huges[row] > state.loadHuge(0) : vector.huges[row] < state.loadHuge(0)
        case .text:
            let order = TextRef.compare(vector.texts[row], state.load(0, as: TextRef.self))
            return greatest ? order > 0 : order < 0
        }
    }

    @inline(__always)
    static func number(_ vector: Vector, _ row: Int) -> Double { vector.doubles[row] }

    @inline(__always)
    static func moments(_ state: Memory, _ value: Double, _ weight: Int64) {
        let old = state.load(0, as: Int64.self)
        let count = old + weight
        if count == 0 { return state.zero(count: 24) }
        let mean = state.load(8, as: Double.self)
        let delta = value - mean
        let newMean = mean + delta * Double(weight) / Double(count)
        state.store(count, at: 0)
        state.store(newMean, at: 8)
        state.store(state.load(16, as: Double.self) + Double(weight) * delta * (value - newMean), at: 16)
    }

    @inline(__always)
    static func powers(_ state: Memory, _ value: Double, _ weight: Int64) {
        let sign = Double(weight)
        state.store(state.load(0, as: Int64.self) + weight, at: 0)
        state.store(state.load(8, as: Double.self) + sign * value, at: 8)
        state.store(state.load(16, as: Double.self) + sign * value * value, at: 16)
        state.store(state.load(24, as: Double.self) + sign * value * value * value, at: 24)
        state.store(state.load(32, as: Double.self) + sign * value * value * value * value, at: 32)
    }

    @inline(__always)
    static func comoments(_ state: Memory, _ y: Double, _ x: Double, _ weight: Int64) {
        let sign = Double(weight)
        let count = state.load(0, as: Int64.self) + weight
        if count == 0 { return state.zero(count: 48) }
        let (meanY, meanX) = (state.load(8, as: Double.self), state.load(16, as: Double.self))
        let (deltaY, deltaX) = (y - meanY, x - meanX)
        let (newY, newX) = (meanY + deltaY * sign / Double(count), meanX + deltaX * sign / Double(count))
        state.store(count, at: 0)
        state.store(newY, at: 8)
        state.store(newX, at: 16)
        state.store(state.load(24, as: Double.self) + sign * deltaX * (y - newY), at: 24)
        state.store(state.load(32, as: Double.self) + sign * deltaY * (y - newY), at: 32)
        state.store(state.load(40, as: Double.self) + sign * deltaX * (x - newX), at: 40)
    }

    @inline(__always)
    static func sketch(_ state: Memory, _ hash: UInt64) {
        let index = Int(hash & 1_023)
        let rank = UInt8((hash >> 10 | 1 << 54).trailingZeroBitCount + 1)
        if state.load(index, as: UInt8.self) < rank { state.store(rank, at: index) }
    }
}
