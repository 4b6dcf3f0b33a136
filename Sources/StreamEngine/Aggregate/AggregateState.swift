// The groups of an aggregation: a key table whose records hold the primitives' states, and the sets of DISTINCT.

final class AggregateState {
    let layout: AggregateLayout
    let table: KeyTable
    let primitives: Lane<PlacedPrimitive>
    let primitiveCount: Int
    let distinctSets: [DistinctSet]
    /// One for each primitive that keeps its values.
    let trees: [RowTree]
    private let treeRow: Lane<Vector>
    /// Different values that DISTINCT and trees may hold.
    let limit: Int
    let heap: TextHeap
    /// Argument vectors of the batch at hand; set by the operator before `update`.
    let arguments: Lane<Vector>
    /// Key vectors of the batch at hand.
    let keys: Lane<Vector>
    private let finals: Lane<Final>
    private let finalCount: Int
    private let arena = Arena()

    init(layout: AggregateLayout, limit: Int = StreamLimits.keysMax) {
        self.layout = layout
        self.limit = limit
        trees = layout.primitives.filter(\.isTree).map { primitive in
            if case .pairTree(let kind, let other) = primitive.operation { return RowTree([kind, other]) }
            if case .tree(let kind) = primitive.operation { return RowTree([kind]) }
            return RowTree([])
        }
        treeRow = arena.lane(Vector.self, count: 2)
        table = KeyTable(kinds: layout.keyKinds, stateBytes: layout.headerBytes + layout.stateBytes, limit: limit)
        heap = table.heap
        primitiveCount = layout.primitives.count
        primitives = arena.lane(PlacedPrimitive.self, count: primitiveCount)
        for (index, placed) in layout.placed(from: table.stateOffset + layout.headerBytes).enumerated() { primitives[index] = placed }
        arguments = arena.lane(Vector.self, count: layout.argumentKinds.count)
        keys = arena.lane(Vector.self, count: layout.keyKinds.count)
        finals = arena.lane(Final.self, count: layout.finals.count)
        finalCount = layout.finals.count
        for (index, final) in layout.finals.enumerated() { finals[index] = final.moved(by: table.stateOffset + layout.headerBytes) }
        let places = layout.placed(from: table.stateOffset + layout.headerBytes)
        distinctSets = layout.distinctArguments.enumerated().map { number, argument in
            DistinctSet(
                keyKinds: layout.keyKinds, valueKind: layout.argumentKinds[argument], argument: argument,
                firstOffset: places.first { Int($0.distinctSet) == number }?.offset ?? -1, limit: limit)
        }
    }

    var byteCount: Int {
        table.byteCount + distinctSets.reduce(0) { $0 + $1.table.byteCount } + trees.reduce(0) { $0 + $1.store.byteCount }
    }

    /// Whether values of so many more rows might be more than may be held.
    func isFull(_ rows: Int) -> Bool {
        var index = 0
        while index < distinctSets.count {
            if distinctSets[index].table.count + rows > limit { return true }
            index += 1
        }
        index = 0
        while index < trees.count {
            if trees[index].count + rows > limit { return true }
            index += 1
        }
        return false
    }

    /// No row on its way shows what was released before.
    @inline(__always)
    func settle() {
        heap.settle()
        var index = 0
        while index < trees.count {
            trees[index].store.heap.settle()
            index += 1
        }
    }

    /// Forgets all groups.
    func reset() {
        table.reset()
        for index in distinctSets.indices { distinctSets[index].table.reset() }
        for tree in trees { tree.store.reset() }
    }

    /// Takes one group out. Values of DISTINCT arguments have left with the rows they came with, or leave with `reset`.
    func remove(_ record: Memory) {
        releaseTexts(record)
        table.remove(record, number: table.number(of: record))
    }

    func releaseTexts(_ record: Memory) {
        for index in 0..<primitiveCount {
            let primitive = primitives[index]
            let state = record.advanced(by: Int(primitive.offset))
            switch primitive.code {
            case .least, .greatest, .first, .last: Kernel.clear(primitive.kind, state, heap)
            case .atLeast, .atGreatest:
                Kernel.clear(primitive.kind, state, heap)
                Kernel.clear(primitive.byKind, state.advanced(by: Kernel.flagOffset(primitive.kind) + 8), heap)
            case .tree:
                trees[Int(primitive.tree)].remove(state.load(0, as: UInt.self))
                state.store(UInt(0), at: 0)
            default: break
            }
        }
    }

    /// Adds rows to trees, or takes them back.
    func applyTree(
        _ primitive: PlacedPrimitive, _ records: Lane<Memory>, _ selection: Lane<Int32>, _ count: Int, _ weights: Lane<Int8>,
        _ hasWeights: Bool
    ) {
        let tree = trees[Int(primitive.tree)]
        let isPair = primitive.second >= 0
        treeRow[0] = arguments[Int(isPair ? primitive.second : primitive.argument)]
        treeRow[1] = arguments[Int(primitive.argument)]
        for index in 0..<count {
            let row = Int(selection[index])
            if treeRow[0].isNull(row) || isPair && treeRow[1].isNull(row) { continue }
            let state = records[index].advanced(by: Int(primitive.offset))
            state.store(tree.change(state.load(0, as: UInt.self), treeRow, row, hasWeights ? Int64(weights[row]) : 1), at: 0)
        }
    }

    /// Writes keys to columns from 0 and results behind them, from row `start` of `out`. Texts stay the table's.
    func read(_ records: Lane<Memory>, _ count: Int, into out: Lane<Vector>, start: Int, resultColumn: Int) {
        for key in 0..<layout.keyKinds.count {
            let vector = out[key]
            for index in 0..<count { table.readKey(records[index], key, into: vector, start + index) }
        }
        readResults(records, count, into: out, start: start, resultColumn: resultColumn)
    }

    @inline(__always)
    func readResults(_ records: Lane<Memory>, _ count: Int, into out: Lane<Vector>, start: Int, resultColumn: Int) {
        var index = 0
        while index < finalCount {
            finals[index].read(records, count, into: out[resultColumn + index], start: start)
            index += 1
        }
    }
}

/// The values that DISTINCT has counted, by group: how often each came.
final class DistinctSet {
    let table: KeyTable
    let argument: Int
    /// The offset of the first primitive that uses the set: that one looks up for all.
    let firstOffset: Int32
    let records: Lane<Memory>
    let selection: Lane<Int32>
    let weights: Lane<Int8>
    private(set) var count = 0
    private let keys: Lane<Vector>
    private let keyCount: Int
    private let candidates: Lane<Int32>
    private let places: Lane<Int32>
    private let found: Lane<Memory>
    private let arena = Arena()

    init(keyKinds: [LaneKind], valueKind: LaneKind, argument: Int, firstOffset: Int32, limit: Int) {
        table = KeyTable(kinds: keyKinds + [valueKind], stateBytes: 8, limit: limit)
        self.argument = argument
        self.firstOffset = firstOffset
        keyCount = keyKinds.count
        let rows = StreamLimits.chunkRowsMax
        records = arena.lane(Memory.self, count: rows)
        found = arena.lane(Memory.self, count: rows)
        selection = arena.lane(Int32.self, count: rows)
        candidates = arena.lane(Int32.self, count: rows)
        places = arena.lane(Int32.self, count: rows)
        weights = arena.lane(Int8.self, count: rows)
        keys = arena.lane(Vector.self, count: keyKinds.count + 1)
    }

    /// Keeps in `selection` the rows that change the set of distinct values, their records beside them. `weights` is by row.
    func find(
        _ groupKeys: Lane<Vector>, _ arguments: Lane<Vector>, _ rows: Lane<Int32>, _ rowCount: Int, _ chunk: Chunk,
        _ groups: Lane<Memory>
    ) {
        for index in 0..<keyCount { keys[index] = groupKeys[index] }
        let vector = arguments[argument]
        keys[keyCount] = vector
        var candidateCount = 0
        for index in 0..<rowCount where !vector.isNull(Int(rows[index])) {
            candidates[candidateCount] = rows[index]
            places[candidateCount] = Int32(index)
            candidateCount += 1
        }
        _ = table.locate(keys, candidates, candidateCount, into: found)
        count = 0
        for index in 0..<candidateCount {
            let row = Int(candidates[index])
            let weight = Int64(chunk.weight(row))
            let offset = table.stateOffset
            let old = found[index].load(offset, as: Int64.self)
            found[index].store(old + weight, at: offset)
            let appears = old == 0
            let vanishes = old + weight == 0
            if appears || vanishes {
                records[count] = groups[Int(places[index])]
                selection[count] = Int32(row)
                weights[row] = Int8(weight)
                count += 1
            }
        }
        if chunk.hasWeights { forget(candidateCount) }
    }

    /// Takes out the values that are there no more.
    private func forget(_ candidateCount: Int) {
        for index in 0..<candidateCount where table.isLive(found[index]) && found[index].load(table.stateOffset, as: Int64.self) == 0 {
            table.remove(found[index], number: table.number(of: found[index]))
        }
    }
}
