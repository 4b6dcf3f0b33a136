internal import Base

/// UNION ALL: rows of several inputs as they come, time as the slowest of them has it.
final class UnionOperator: Operator {
    private let watermarks: Lane<Int64>
    private let marks: Lane<Int64>
    private let inputCount: Int
    private var finished = 0
    private var mark = Int64.min
    private let arena = Arena()

    init(inputs: Int, next: Operator) {
        inputCount = inputs
        marks = arena.lane(Int64.self, count: StreamLimits.chunkRowsMax)
        watermarks = arena.lane(Int64.self, count: inputs)
        for index in 0..<inputs { watermarks[index] = .min }
        super.init("union", next: next)
    }

    fileprivate func push(_ chunk: Chunk, _ input: Int) {
        counts.rowsIn += chunk.count
        counts.emitted += chunk.count
        counts.rowsOut += chunk.count
        // A row meets the watermark of all inputs together, as it was when the row came.
        var others = Int64.max
        for index in 0..<inputCount where index != input { others = min(others, watermarks[index]) }
        for row in 0..<chunk.count { marks[row] = max(mark, min(chunk.mark(row), others)) }
        var out = chunk
        out.marks = marks
        out.hasMarks = true
        next!.push(out)
    }

    fileprivate func advance(_ watermark: Int64, _ input: Int) {
        watermarks[input] = max(watermarks[input], watermark)
        var least = Int64.max
        for index in 0..<inputCount { least = min(least, watermarks[index]) }
        if least > mark {
            mark = least
            next!.advance(least)
        }
    }

    /// Processing time comes once, by the first input.
    fileprivate func tick(_ now: Int64, _ input: Int) { if input == 0 { next!.tick(now) } }

    fileprivate func finish(_ input: Int) {
        advance(.max, input)
        finished += 1
        if finished == inputCount { next!.finish() }
    }

    override func save(_ writer: inout StateWriter) {
        writer.add(mark)
        for index in 0..<inputCount { writer.add(watermarks[index]) }
    }

    override func load(_ reader: inout StateReader) throws(LeibrixError) {
        mark = max(mark, try reader.word())
        for index in 0..<inputCount { watermarks[index] = max(watermarks[index], try reader.word()) }
    }
}

/// One input of a union.
final class UnionPort: Operator {
    private let union: UnionOperator
    private let input: Int

    init(_ union: UnionOperator, _ input: Int) {
        self.union = union
        self.input = input
        super.init("union input", next: nil)
    }

    override func push(_ chunk: Chunk) { union.push(chunk, input) }
    override func advance(_ watermark: Int64) { union.advance(watermark, input) }
    override func tick(_ now: Int64) { union.tick(now, input) }
    override func finish() { union.finish(input) }
    override func settle() { union.settle() }
}
