/// Passes on the rows for which the predicate is true.
final class FilterOperator: Operator {
    private let predicate: Program
    private let selection: Lane<Int32>
    private let buffer: RowBuffer
    private let arena = Arena()

    init(_ predicate: Program, kinds: [LaneKind], needed: Set<Int>? = nil, next: Operator) {
        self.predicate = predicate
        buffer = RowBuffer(kinds, needed: needed)
        selection = arena.lane(Int32.self, count: StreamLimits.chunkRowsMax)
        super.init("filter", next: next)
    }

    override func push(_ chunk: Chunk) {
        predicate.run(chunk)
        let result = predicate.result(0)
        let bools = result.bools
        var count = 0
        if !result.hasNulls && !predicate.failed {
            for row in 0..<chunk.count {
                selection[count] = Int32(truncatingIfNeeded: row)
                count &+= Int(bools[row])
            }
        } else {
            count = selectCarefully(chunk.count, result)
        }
        counts.rowsIn += chunk.count
        counts.emitted += count
        counts.rowsOut += count
        counts.filtered += chunk.count - count
        if count == chunk.count { return next!.push(chunk) }
        if count > 0 { next!.push(buffer.gather(chunk, selection, count)) }
    }

    private func selectCarefully(_ rows: Int, _ result: Vector) -> Int {
        var count = 0
        for row in 0..<rows {
            if predicate.failed && predicate.errors[row] != 0 {
                counts.failed += 1
                counts.lastError = 9_000 + Int(predicate.errors[row])
            } else if result.bools[row] != 0 && !result.isNull(row) {
                selection[count] = Int32(row)
                count += 1
            }
        }
        return count
    }
}
