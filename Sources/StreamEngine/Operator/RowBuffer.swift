/// Room for one chunk of rows that an operator makes or picks.
final class RowBuffer {
    let kinds: [LaneKind]
    let columns: Lane<Vector>
    let columnCount: Int
    let marks: Lane<Int64>
    let weights: Lane<Int8>
    private let kindLane: Lane<LaneKind>
    private let neededColumns: Lane<Int32>
    private let neededCount: Int
    private let arena = Arena()

    /// Columns that are not `needed` are left out when rows are gathered: nobody downstream reads them.
    init(_ kinds: [LaneKind], needed: Set<Int>? = nil) {
        self.kinds = kinds
        let wanted = needed.map { $0.sorted() } ?? Array(kinds.indices)
        neededCount = wanted.count
        neededColumns = arena.lane(Int32.self, count: wanted.count)
        for (index, column) in wanted.enumerated() { neededColumns[index] = Int32(column) }
        columnCount = kinds.count
        columns = arena.lane(Vector.self, count: kinds.count)
        kindLane = arena.lane(LaneKind.self, count: kinds.count)
        for (index, kind) in kinds.enumerated() {
            let isNeeded = needed?.contains(index) ?? true
            columns[index] = isNeeded
                ? arena.vector(kind, count: StreamLimits.chunkRowsMax) : Vector(data: .absent, nulls: .absent, hasNulls: false)
            kindLane[index] = kind
        }
        marks = arena.lane(Int64.self, count: StreamLimits.chunkRowsMax)
        weights = arena.lane(Int8.self, count: StreamLimits.chunkRowsMax)
    }

    /// The first `count` rows, with NULL bytes that are all written.
    func chunk(_ count: Int, mark: Int64) -> Chunk {
        for index in 0..<columnCount { columns[index].hasNulls = true }
        return Chunk(count: count, columns: columns, mark: mark)
    }

    /// The rows `selection[0..<count]` of a chunk's first columns (those of this buffer's kinds).
    func gather(_ chunk: Chunk, _ selection: Lane<Int32>, _ count: Int) -> Chunk {
        for place in 0..<neededCount {
            let index = Int(neededColumns[place])
            let from = chunk.columns[index]
            let to = columns[index]
            columns[index].hasNulls = from.hasNulls
            if from.hasNulls { for row in 0..<count { to.nulls[row] = from.nulls[Int(selection[row])] } }
            switch kindLane[index].width {
            case 1: for row in 0..<count { to.bools[row] = from.bools[Int(selection[row])] }
            case 8: for row in 0..<count { to.ints[row] = from.ints[Int(selection[row])] }
            default: for row in 0..<count { to.texts[row] = from.texts[Int(selection[row])] }
            }
        }
        var result = Chunk(count: count, columns: columns, mark: chunk.mark)
        if chunk.hasMarks {
            for row in 0..<count { marks[row] = chunk.marks[Int(selection[row])] }
            result.marks = marks
            result.hasMarks = true
        }
        if chunk.hasWeights {
            for row in 0..<count { weights[row] = chunk.weights[Int(selection[row])] }
            result.weights = weights
            result.hasWeights = true
        }
        return result
    }

    /// Copies one row of a chunk's columns to row `row`.
    @inline(__always)
    func copyRow(_ chunk: Chunk, _ from: Int, to row: Int) {
        for index in 0..<columnCount { copyValue(kindLane[index], chunk.columns[index], from, columns[index], row) }
    }
}

/// Copies one value and its NULL byte.
@inline(__always)
func copyValue(_ kind: LaneKind, _ from: Vector, _ source: Int, _ to: Vector, _ target: Int) {
    to.nulls[target] = from.isNull(source) ? 1 : 0
    switch kind.width {
    case 1: to.bools[target] = from.bools[source]
    case 8: to.ints[target] = from.ints[source]
    default: to.texts[target] = from.texts[source]
    }
}
