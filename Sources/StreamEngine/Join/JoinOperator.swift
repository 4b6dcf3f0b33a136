// What joins of two streams share: two inputs, one order of rows, one event time, the slower of the two.
//
// Each row is worked on at the watermark it met, and what that watermark makes due happens first, so that the result does
// not depend on how rows are cut into chunks. A row older than the watermark is late. Columns that leave: the left's, then
// (but for SEMI and ANTI) the right's.
internal import Base

class JoinOperator: Operator {
    final let plan: JoinPlan
    final let left: JoinSide
    final let right: JoinSide
    final let out: RowBuffer
    final let leftCount: Int
    final let rightCount: Int
    final let limit: Int
    private var outRows = 0
    /// What downstream has been told.
    private var mark = Int64.min
    private var finished = 0
    final var serial: Int64 = 0
    private let candidate: RowBuffer
    private let residual: Program?

    init(_ name: String, _ plan: JoinPlan, left: PlanNode, right: PlanNode, limit: Int, next: Operator) {
        self.plan = plan
        self.limit = limit
        self.left = JoinSide(ProgramCompiler.compile(plan.leftKeys, inputTypes: left.types), timeColumn: plan.leftTime, lag: plan.leftLag, kinds: left.kinds, limit: limit)
        self.right = JoinSide(ProgramCompiler.compile(plan.rightKeys, inputTypes: right.types), timeColumn: plan.rightTime, lag: plan.rightLag, kinds: right.kinds, limit: limit)
        leftCount = left.kinds.count
        let isHalf = plan.kind == .semi || plan.kind == .anti
        rightCount = isHalf ? 0 : right.kinds.count
        out = RowBuffer(left.kinds + (isHalf ? [] : right.kinds))
        candidate = RowBuffer(left.kinds + right.kinds)
        residual = plan.residual.map { ProgramCompiler.compile([$0], inputTypes: left.types + right.types) }
        super.init(name, next: next)
    }

    override final var stateBytes: Int { left.byteCount + right.byteCount }
    override final var stateKeys: Int { left.rows.count + right.rows.count }
    override final var bounds: [OperatorBound] {
        let (ofLeft, ofRight) = plan.asof == nil ? (plan.upper, -plan.lower) : (max(plan.upper, 0), Int64?.none)
        let bytes = { (side: JoinSide) in side.directory.bytesPerKey + side.rows.rowBytes + 112 }
        return [
            OperatorBound(unit: "row of the left", bytes: bytes(left), countMax: limit, timeToLive: max(ofLeft, 0), note: "goes when no partner can come any more"),
            OperatorBound(
                unit: "row of the right", bytes: bytes(right), countMax: limit, timeToLive: ofRight.map { max($0, 0) },
                note: plan.asof == nil ? "goes when no partner can come any more" : "the last of each key stays"),
        ]
    }

    // MARK: what a kind of join does

    /// One row that is not late, and the watermark it met.
    func take(_ chunk: Chunk, _ row: Int, _ time: Int64, isLeft: Bool, mark: Int64) {}

    /// Lets happen what is due before rows from `watermark` on.
    func expire(_ watermark: Int64) {}

    // MARK: rows and time

    final func push(_ chunk: Chunk, isLeft: Bool) {
        let side = isLeft ? left : right
        let other = isLeft ? right : left
        side.bind(chunk)
        other.directory.heap.settle()
        other.rows.heap.settle()
        counts.rowsIn += chunk.count
        let times = chunk.columns[side.timeColumn]
        for row in 0..<chunk.count {
            let own = chunk.mark(row)
            let watermark = min(own < .min + side.lag ? .min : own - side.lag, other.watermark)
            if side.program.failed && side.program.errors[row] != 0 {
                counts.fail(1, 9_000 + UInt16(side.program.errors[row]))
            } else if times.isNull(row) {
                counts.fail(1, HotPathError.nullEventTime.rawValue)
            } else if times.ints[row] < watermark {
                counts.late += 1
            } else {
                expire(watermark)
                take(chunk, row, times.ints[row], isLeft: isLeft, mark: watermark)
            }
        }
        flush()
    }

    final func advance(_ watermark: Int64, isLeft: Bool) {
        let side = isLeft ? left : right
        side.watermark = max(side.watermark, watermark == .max ? .max : watermark < .min + side.lag ? .min : watermark - side.lag)
        let least = min(left.watermark, right.watermark)
        if least <= mark { return }
        expire(least)
        flush()
        mark = least
        next!.advance(least)
    }

    final func finish(isLeft: Bool) {
        advance(.max, isLeft: isLeft)
        finished += 1
        if finished == 2 { next!.finish() }
    }

    // MARK: output

    /// Whether the rest of the condition is true of two rows.
    final func isPair(_ leftRow: Memory, _ rightRow: Memory) -> Bool {
        guard let residual else { return true }
        left.rows.read(leftRow, into: candidate.columns, first: 0, row: 0)
        right.rows.read(rightRow, into: candidate.columns, first: leftCount, row: 0)
        residual.run(candidate.chunk(1, mark: .min))
        return !residual.failed && !residual.result(0).isNull(0) && residual.result(0).bools[0] != 0
    }

    /// Writes a joined row; a side that is nil is NULL. `mark` is the watermark it leaves with.
    final func emit(_ leftRow: Memory?, _ rightRow: Memory?, mark: Int64) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        if let leftRow {
            left.rows.read(leftRow, into: out.columns, first: 0, row: outRows)
        } else {
            for column in 0..<leftCount { out.columns[column].nulls[outRows] = 1 }
        }
        if rightCount > 0 {
            if let rightRow {
                right.rows.read(rightRow, into: out.columns, first: leftCount, row: outRows)
            } else {
                for column in leftCount..<leftCount + rightCount { out.columns[column].nulls[outRows] = 1 }
            }
        }
        out.marks[outRows] = mark
        outRows += 1
    }

    final func flush() {
        if outRows == 0 { return }
        var chunk = out.chunk(outRows, mark: mark)
        chunk.marks = out.marks
        chunk.hasMarks = true
        counts.rowsOut += outRows
        outRows = 0
        next!.push(chunk)
    }

    // MARK: surviving

    override final func save(_ writer: inout StateWriter) {
        writer.add(mark)
        writer.add(serial)
        for side in [left, right] {
            writer.add(side.watermark)
            writer.add(side.rows.count)
            for number in 0..<side.directory.used where side.directory.isLive(side.directory.record(number)) {
                let key = side.directory.record(number)
                var chain: [Memory] = []
                var link = side.chain(key)
                while link != 0 {
                    chain.append(Memory(address: link))
                    link = Memory(address: link).next
                }
                // Oldest place in the chain first: reading puts each before the last.
                for record in chain.reversed() {
                    side.directory.saveKeys(key, &writer)
                    side.rows.save(record, &writer)
                }
            }
        }
    }

    override final func load(_ reader: inout StateReader) throws(LeibrixError) {
        mark = max(mark, try reader.word())
        // Serials of several cores' states do not meet: they are counted on.
        let from = serial
        serial += try reader.word()
        for side in [left, right] {
            side.watermark = max(side.watermark, try reader.word())
            let keys = KeyRow(side.directory.kinds)
            let loader = RowLoader(side.rows.kinds)
            for _ in 0..<(try reader.integer()) {
                try keys.read(&reader)
                let (time, flags, serial) = (try reader.word(), try reader.word(), try reader.word())
                try loader.read(&reader)
                guard keys.belongs(plan.partition, reader) else { continue }
                guard let key = keys.record(in: side.directory) else {
                    throw LeibrixError(.streamStateFull, "a checkpoint holds more keys than the join may")
                }
                let record = side.rows.add(loader.chunk, 0, time: time, serial: from + serial)
                record.isMatched = flags & 1 != 0
                record.next = side.chain(key)
                side.setChain(key, record.address)
                counts.buffered += 1
                loaded(record, key, isLeft: side === left)
            }
        }
    }

    /// A row has come back from a checkpoint.
    func loaded(_ record: Memory, _ key: Memory, isLeft: Bool) {}
}

/// One row read from a checkpoint.
final class RowLoader {
    let buffer: RowBuffer
    private let scratch = TextScratch()

    init(_ kinds: [LaneKind]) { buffer = RowBuffer(kinds) }

    var chunk: Chunk { buffer.chunk(1, mark: .min) }

    func read(_ reader: inout StateReader) throws(LeibrixError) {
        scratch.reset()
        for (index, kind) in buffer.kinds.enumerated() {
            let vector = buffer.columns[index]
            let isNull = try reader.integer() == 1
            vector.nulls[0] = isNull ? 1 : 0
            if isNull { continue }
            switch kind {
            case .text: vector.texts[0] = try reader.text(scratch)
            case .bool: vector.bools[0] = UInt8(truncatingIfNeeded: try reader.word())
            default: try reader.copy(to: vector.data, count: max(kind.width, 8))
            }
        }
    }
}

/// One input of a join.
final class JoinPort: Operator {
    private let join: JoinOperator
    private let isLeft: Bool

    init(_ join: JoinOperator, isLeft: Bool) {
        self.join = join
        self.isLeft = isLeft
        super.init("join input", next: nil)
    }

    override func push(_ chunk: Chunk) { join.push(chunk, isLeft: isLeft) }
    override func advance(_ watermark: Int64) { join.advance(watermark, isLeft: isLeft) }
    override func tick(_ now: Int64) { if isLeft { join.tick(now) } }
    override func finish() { join.finish(isLeft: isLeft) }
    override func settle() { join.settle() }
}
