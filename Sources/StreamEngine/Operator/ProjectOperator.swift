/// Computes columns. Columns that are passed on as they are cost nothing.
final class ProjectOperator: Operator {
    private let program: Program
    private let outputs: Lane<Vector>
    private let outputCount: Int
    private let selection: Lane<Int32>
    private let buffer: RowBuffer
    private let arena = Arena()

    init(_ program: Program, next: Operator) {
        self.program = program
        outputCount = program.results.count
        outputs = arena.lane(Vector.self, count: outputCount)
        selection = arena.lane(Int32.self, count: StreamLimits.chunkRowsMax)
        buffer = RowBuffer(program.resultTypes.map { $0.laneKind ?? .int })
        super.init("project", next: next)
    }

    override func push(_ chunk: Chunk) {
        program.run(chunk)
        var index = 0
        while index < outputCount {
            outputs[index] = program.result(index)
            index += 1
        }
        var out = chunk
        out.columns = outputs
        counts.rowsIn += chunk.count
        if program.failed { return pushWhole(out) }
        counts.emitted += chunk.count
        counts.rowsOut += chunk.count
        next!.push(out)
    }

    /// Leaves out the rows that failed.
    @inline(never)
    private func pushWhole(_ chunk: Chunk) {
        var count = 0
        for row in 0..<chunk.count {
            if program.errors[row] != 0 {
                counts.fail(1, 9_000 + UInt16(program.errors[row]))
            } else {
                selection[count] = Int32(row)
                count += 1
            }
        }
        counts.emitted += count
        counts.rowsOut += count
        if count > 0 { next!.push(buffer.gather(chunk, selection, count)) }
    }
}
