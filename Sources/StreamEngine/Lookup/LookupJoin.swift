// Each row with what a lookup has for its key when the row is worked on: a chunk's keys are asked in one call. Nothing is kept.
internal import Base
internal import Columnar

final class LookupJoin: Operator {
    private let plan: LookupPlan
    private let program: Program
    private let residual: Program?
    private let asked: KeyBatch
    private let reader: ChunkReader
    private let keys: Lane<Vector>
    private let out: RowBuffer
    private let candidate: RowBuffer
    private let leftCount: Int
    private let selection: Lane<Int32>
    private var outRows = 0
    private var hasWeights = false
    private var mark = Int64.min
    private let arena = Arena()

    init(_ plan: LookupPlan, child: PlanNode, next: Operator) {
        self.plan = plan
        let types = plan.definition.columns.map(\.type)
        program = ProgramCompiler.compile(plan.keys, inputTypes: child.types)
        residual = plan.residual.map { ProgramCompiler.compile([$0], inputTypes: child.types + types) }
        asked = KeyBatch(plan.columns.map { types[$0] })
        reader = ChunkReader(types)
        keys = arena.lane(Vector.self, count: plan.keys.count)
        leftCount = child.kinds.count
        let kinds = child.kinds + types.map { $0.laneKind ?? .int }
        out = RowBuffer(kinds)
        candidate = RowBuffer(kinds)
        selection = arena.lane(Int32.self, count: StreamLimits.chunkRowsMax)
        super.init("lookup join", next: next)
    }

    override func push(_ chunk: Chunk) {
        program.run(chunk)
        counts.rowsIn += chunk.count
        mark = chunk.mark
        for key in 0..<plan.keys.count { keys[key] = program.result(key) }
        var count = 0
        for row in 0..<chunk.count where isAsked(row) {
            selection[count] = Int32(row)
            count += 1
        }
        var answer = LookupAnswer(rows: Batch(rowCount: 0, columns: [], owner: nil), keyRows: [])
        var isFailed = false
        if count > 0 {
            do throws(LeibrixError) {
                answer = try plan.definition.source.lookUp(asked.fill(keys, selection, count), columns: plan.columns)
            } catch { isFailed = true }
            if !fits(answer, count) { isFailed = true }
        }
        if isFailed { counts.fail(count, HotPathError.lookupFailed.rawValue) }
        join(chunk, answer, count, isFailed)
        flush()
    }

    private func isAsked(_ row: Int) -> Bool {
        if program.failed && program.errors[row] != 0 { return false }
        for key in 0..<plan.keys.count where keys[key].isNull(row) { return false }
        return true
    }

    /// Whether an answer is one to the question.
    private func fits(_ answer: LookupAnswer, _ count: Int) -> Bool {
        guard answer.rows.rowCount == answer.keyRows.count else { return false }
        if answer.rows.rowCount == 0 { return true }
        guard answer.rows.columns.count == reader.types.count else { return false }
        for (column, type) in zip(answer.rows.columns, reader.types) where column.type.base != type.base { return false }
        var last: Int32 = 0
        for key in answer.keyRows {
            if key < last || Int(key) >= count { return false }
            last = key
        }
        return true
    }

    /// Rows in their order, each with its answers.
    private func join(_ chunk: Chunk, _ answer: LookupAnswer, _ count: Int, _ isFailed: Bool) {
        var asked = 0
        var place = 0
        var read = 0..<0
        for row in 0..<chunk.count {
            if program.failed && program.errors[row] != 0 {
                counts.fail(1, 9_000 + UInt16(program.errors[row]))
                continue
            }
            let isAsked = asked < count && Int(selection[asked]) == row
            if isAsked && isFailed {
                asked += 1
                continue
            }
            var found = false
            while isAsked && place < answer.keyRows.count && Int(answer.keyRows[place]) == asked {
                if !read.contains(place) {
                    read = place..<min(place + StreamLimits.chunkRowsMax, answer.keyRows.count)
                    // Rows at hand may show texts of the answer: it lives until the chunk has left.
                    reader.read(answer.rows, read)
                }
                if isPair(chunk, row, place - read.lowerBound) {
                    append(chunk, row, place - read.lowerBound)
                    found = true
                }
                place += 1
            }
            if isAsked { asked += 1 }
            if !found && plan.isLeft { append(chunk, row, nil) }
            if found || plan.isLeft { counts.emitted += 1 } else { counts.filtered += 1 }
        }
    }

    private func isPair(_ chunk: Chunk, _ row: Int, _ other: Int) -> Bool {
        guard let residual else { return true }
        fill(candidate, chunk, row, other, 0)
        residual.run(candidate.chunk(1, mark: .min))
        return !residual.failed && !residual.result(0).isNull(0) && residual.result(0).bools[0] != 0
    }

    private func fill(_ buffer: RowBuffer, _ chunk: Chunk, _ row: Int, _ other: Int?, _ target: Int) {
        for column in 0..<leftCount { copyValue(buffer.kinds[column], chunk.columns[column], row, buffer.columns[column], target) }
        for column in leftCount..<buffer.columnCount {
            if let other {
                copyValue(buffer.kinds[column], reader.columns[column - leftCount], other, buffer.columns[column], target)
            } else {
                buffer.columns[column].nulls[target] = 1
            }
        }
    }

    private func append(_ chunk: Chunk, _ row: Int, _ other: Int?) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        fill(out, chunk, row, other, outRows)
        out.marks[outRows] = chunk.mark(row)
        out.weights[outRows] = chunk.weight(row)
        hasWeights = hasWeights || chunk.hasWeights
        outRows += 1
    }

    private func flush() {
        if outRows == 0 { return }
        var chunk = out.chunk(outRows, mark: mark)
        chunk.marks = out.marks
        chunk.hasMarks = true
        chunk.weights = out.weights
        chunk.hasWeights = hasWeights
        counts.rowsOut += outRows
        outRows = 0
        hasWeights = false
        next!.push(chunk)
    }
}
