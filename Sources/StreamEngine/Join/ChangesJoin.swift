// A join of rows that may be taken back: at every moment the join of what is there now, as changes.
//
// Each side keeps its rows, a tree a key (`RowTree`), with how many partners each has in a column behind its own. A row that
// comes or goes makes, for each partner, a joined row come or go; of an outer side, a partner whose first comes loses its
// row of NULLs, one whose last goes gets it back; of a half join the same with the row itself.
//
// There is no event time here, so nothing expires: state is bounded by the limit of rows a side.
internal import Base

final class ChangesJoin: Operator {
    /// One input's rows.
    final class Side {
        let program: Program
        let keyCount: Int
        let columnCount: Int
        let directory: KeyTable
        let tree: RowTree
        let keys: Lane<Vector>
        /// The columns of the chunk at hand, and the count of partners behind them.
        let staged: Lane<Vector>
        let partners: Vector
        /// Rows of this side leave without a partner too.
        let isKept: Bool
        var watermark = Int64.min
        let rowOfOne: Lane<Int32>
        let found: Lane<Memory>
        private let arena = Arena()

        init(_ program: Program, kinds: [LaneKind], isKept: Bool, limit: Int) {
            self.program = program
            self.isKept = isKept
            keyCount = program.results.count
            columnCount = kinds.count
            directory = KeyTable(kinds: program.resultTypes.map { $0.laneKind ?? .int }, stateBytes: 8, limit: limit)
            tree = RowTree(kinds + [.int], order: kinds.indices.map { RowTree.Order($0) })
            keys = arena.lane(Vector.self, count: keyCount)
            staged = arena.lane(Vector.self, count: kinds.count + 1)
            partners = arena.vector(.int, count: StreamLimits.chunkRowsMax)
            rowOfOne = arena.lane(Int32.self, count: 1)
            found = arena.lane(Memory.self, count: 1)
        }

        var byteCount: Int { directory.byteCount + tree.store.byteCount }

        func bind(_ chunk: Chunk) {
            program.run(chunk)
            for key in 0..<keyCount { keys[key] = program.result(key) }
            for column in 0..<columnCount { staged[column] = chunk.columns[column] }
            staged[columnCount] = partners
        }

        func settle() {
            directory.heap.settle()
            tree.store.heap.settle()
        }

        func hasKeys(_ row: Int) -> Bool {
            for key in 0..<keyCount where keys[key].isNull(row) { return false }
            return true
        }

        @inline(__always)
        func root(_ key: Memory) -> UInt { key.load(directory.stateOffset, as: UInt.self) }

        /// Where a node has the number of its partners.
        var partnersOffset: Int { Int(tree.store.offsets[columnCount]) }
    }

    private let plan: JoinPlan
    private let left: Side
    private let right: Side
    private let isHalf: Bool
    private let out: RowBuffer
    private let candidate: RowBuffer
    private let residual: Program?
    private let limit: Int
    private var outRows = 0
    private var mark = Int64.min
    private var finished = 0

    init(_ plan: JoinPlan, left leftNode: PlanNode, right rightNode: PlanNode, limit: Int, next: Operator) {
        self.plan = plan
        self.limit = limit
        isHalf = plan.kind == .semi || plan.kind == .anti
        left = Side(
            ProgramCompiler.compile(plan.leftKeys, inputTypes: leftNode.types), kinds: leftNode.kinds,
            isKept: plan.kind == .left || plan.kind == .full || plan.kind == .anti, limit: limit)
        right = Side(
            ProgramCompiler.compile(plan.rightKeys, inputTypes: rightNode.types), kinds: rightNode.kinds,
            isKept: plan.kind == .right || plan.kind == .full, limit: limit)
        out = RowBuffer(leftNode.kinds + (isHalf ? [] : rightNode.kinds))
        candidate = RowBuffer(leftNode.kinds + rightNode.kinds)
        residual = plan.residual.map { ProgramCompiler.compile([$0], inputTypes: leftNode.types + rightNode.types) }
        super.init("join of changes", next: next)
    }

    override var stateBytes: Int { left.byteCount + right.byteCount }
    override var stateKeys: Int { left.tree.count + right.tree.count }
    override var bounds: [OperatorBound] {
        [("row of the left", left), ("row of the right", right)].map {
            OperatorBound(unit: $0.0, bytes: $0.1.directory.bytesPerKey + $0.1.tree.store.rowBytes, countMax: limit, timeToLive: nil, note: "goes when it is taken back")
        }
    }

    // MARK: rows

    fileprivate func push(_ chunk: Chunk, isLeft: Bool) {
        let side = isLeft ? left : right
        left.settle()
        right.settle()
        side.bind(chunk)
        counts.rowsIn += chunk.count
        for row in 0..<chunk.count {
            if side.program.failed && side.program.errors[row] != 0 {
                counts.fail(1, 9_000 + UInt16(side.program.errors[row]))
            } else {
                take(row, Int64(chunk.weight(row)), isLeft)
            }
        }
        flush()
    }

    private func take(_ row: Int, _ weight: Int64, _ isLeft: Bool) {
        let side = isLeft ? left : right
        guard side.hasKeys(row) else {
            if side.isKept {
                emitAlone(side.staged, row, nil, weight, isLeft)
                counts.emitted += 1
            } else {
                counts.filtered += 1
            }
            return
        }
        side.rowOfOne[0] = Int32(row)
        guard weight < 0 || side.tree.count < limit, side.directory.locate(side.keys, side.rowOfOne, 1, into: side.found) else {
            return counts.fail(1, HotPathError.stateFull.rawValue)
        }
        let key = side.found[0]
        let missing = side.tree.missing
        let root = side.root(key)
        // 1. A row that is taken back must be there: a stranger would take its partners' rows with it.
        if weight < 0 && side.tree.find(root, side.staged, row) == nil {
            if root == 0 { side.directory.remove(key, number: side.directory.number(of: key)) }
            return counts.fail(1, HotPathError.missingRow.rawValue)
        }
        // 2. Its partners, and what becomes of them.
        side.partners.ints[row] = meet(row, weight, isLeft)
        if side.isKept && side.partners.ints[row] == 0 { emitAlone(side.staged, row, nil, weight, isLeft) }
        if plan.kind == .semi && isLeft && side.partners.ints[row] > 0 { emitAlone(side.staged, row, nil, weight, true) }
        // 3. The row itself.
        let changed = side.tree.change(root, side.staged, row, weight)
        precondition(side.tree.missing == missing)
        if changed == 0 { side.directory.remove(key, number: side.directory.number(of: key)) } else { key.store(changed, at: side.directory.stateOffset) }
        counts.buffered += Int(weight)
        if weight < 0 { counts.emitted += 2 }
    }

    /// Joined rows with each partner; returns how many there are.
    private func meet(_ row: Int, _ weight: Int64, _ isLeft: Bool) -> Int64 {
        let other = isLeft ? right : left
        guard let key = other.directory.find(isLeft ? left.keys : right.keys, row) else { return 0 }
        return meet(other.root(key), row, weight, isLeft)
    }

    private func meet(_ root: UInt, _ row: Int, _ weight: Int64, _ isLeft: Bool) -> Int64 {
        if root == 0 { return 0 }
        let node = Memory(address: root)
        var count = meet(node.left, row, weight, isLeft)
        if isPair(row, node, isLeft) {
            count += node.copies
            let other = isLeft ? right : left
            let before = node.load(other.partnersOffset, as: Int64.self)
            node.store(before + weight, at: other.partnersOffset)
            let appears = before == 0
            let vanishes = before + weight == 0
            for _ in 0..<Int(node.copies) {
                if other.isKept && appears { emitAlone(other.staged, 0, node, -1, !isLeft) }
                if !isHalf { emit(row, node, weight, isLeft) }
                if plan.kind == .semi && !isLeft && (appears || vanishes) { emitAlone(other.staged, 0, node, weight, true) }
                if other.isKept && vanishes { emitAlone(other.staged, 0, node, 1, !isLeft) }
            }
        }
        return count + meet(node.right, row, weight, isLeft)
    }

    /// Whether the rest of the condition is true of a row at hand and one kept.
    private func isPair(_ row: Int, _ node: Memory, _ isLeft: Bool) -> Bool {
        guard let residual else { return true }
        let (side, other) = isLeft ? (left, right) : (right, left)
        let (first, second) = isLeft ? (0, left.columnCount) : (left.columnCount, 0)
        for column in 0..<side.columnCount {
            copyValue(candidate.kinds[first + column], side.staged[column], row, candidate.columns[first + column], 0)
        }
        other.tree.store.read(node, other.columnCount, into: candidate.columns, first: second, row: 0)
        residual.run(candidate.chunk(1, mark: .min))
        return !residual.failed && !residual.result(0).isNull(0) && residual.result(0).bools[0] != 0
    }

    // MARK: output

    /// A row at hand beside one kept.
    private func emit(_ row: Int, _ node: Memory, _ weight: Int64, _ isLeft: Bool) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        let (side, other) = isLeft ? (left, right) : (right, left)
        let (first, second) = isLeft ? (0, left.columnCount) : (left.columnCount, 0)
        for column in 0..<side.columnCount { copyValue(out.kinds[first + column], side.staged[column], row, out.columns[first + column], outRows) }
        other.tree.store.read(node, other.columnCount, into: out.columns, first: second, row: outRows)
        end(weight)
    }

    /// A row at hand, or one kept, with NULLs on the other side.
    private func emitAlone(_ columns: Lane<Vector>, _ row: Int, _ node: Memory?, _ weight: Int64, _ isLeft: Bool) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        let side = isLeft ? left : right
        let first = isLeft ? 0 : left.columnCount
        if let node {
            side.tree.store.read(node, side.columnCount, into: out.columns, first: first, row: outRows)
        } else {
            for column in 0..<side.columnCount { copyValue(out.kinds[first + column], columns[column], row, out.columns[first + column], outRows) }
        }
        if !isHalf {
            let range = isLeft ? left.columnCount..<out.columnCount : 0..<left.columnCount
            for column in range { out.columns[column].nulls[outRows] = 1 }
        }
        end(weight)
    }

    @inline(__always)
    private func end(_ weight: Int64) {
        out.weights[outRows] = weight > 0 ? 1 : -1
        outRows += 1
    }

    private func flush() {
        if outRows == 0 { return }
        var chunk = out.chunk(outRows, mark: mark)
        chunk.weights = out.weights
        chunk.hasWeights = true
        counts.rowsOut += outRows
        outRows = 0
        next!.push(chunk)
    }

    fileprivate func advance(_ watermark: Int64, isLeft: Bool) {
        let side = isLeft ? left : right
        side.watermark = max(side.watermark, watermark)
        let least = min(left.watermark, right.watermark)
        if least > mark {
            mark = least
            next!.advance(least)
        }
    }

    fileprivate func finish(isLeft: Bool) {
        advance(.max, isLeft: isLeft)
        finished += 1
        if finished < 2 { return }
        counts.emitted += counts.buffered
        counts.buffered = 0
        next!.finish()
    }

    // MARK: surviving

    override func save(_ writer: inout StateWriter) {
        writer.add(mark)
        for side in [left, right] {
            writer.add(side.watermark)
            writer.add(side.directory.count)
            for number in 0..<side.directory.used where side.directory.isLive(side.directory.record(number)) {
                let key = side.directory.record(number)
                side.directory.saveKeys(key, &writer)
                side.tree.save(side.root(key), &writer)
            }
        }
    }

    override func load(_ reader: inout StateReader) throws(LeibrixError) {
        mark = max(mark, try reader.word())
        for side in [left, right] {
            side.watermark = max(side.watermark, try reader.word())
            let keys = KeyRow(side.directory.kinds)
            let loader = TreeLoader(side.tree)
            for _ in 0..<(try reader.integer()) {
                try keys.read(&reader)
                guard keys.belongs(plan.partition, reader) else {
                    _ = try loader.read(&reader, keeps: false)
                    continue
                }
                guard let key = keys.record(in: side.directory) else {
                    throw LeibrixError(.streamStateFull, "a checkpoint holds more keys than the join may")
                }
                let root = try loader.read(&reader)
                key.store(root, at: side.directory.stateOffset)
                counts.buffered += Int(side.tree.rows(root))
            }
        }
    }
}

/// One input of a join of changes.
final class ChangesPort: Operator {
    private let join: ChangesJoin
    private let isLeft: Bool

    init(_ join: ChangesJoin, isLeft: Bool) {
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
