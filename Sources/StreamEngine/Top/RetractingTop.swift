// The first rows of each group where rows may be taken back: all rows are kept, a tree a group in the order asked for. What
// a row changes among the first leaves: itself, and the one that moves out of or into them.
internal import Base

final class RetractingTop: Operator {
    private let plan: TopPlan
    private let program: Program
    private let directory: KeyTable
    private let tree: RowTree
    private let keys: Lane<Vector>
    private let staged: Lane<Vector>
    private let columnCount: Int
    private let out: RowBuffer
    private let limit: Int
    private let rowOfOne: Lane<Int32>
    private let found: Lane<Memory>
    private var outRows = 0
    private var mark = Int64.min
    private let arena = Arena()

    init(_ plan: TopPlan, child: PlanNode, limit: Int, next: Operator) {
        self.plan = plan
        self.limit = limit
        program = ProgramCompiler.compile(plan.keys + plan.order.map(\.scalar), inputTypes: child.types)
        directory = KeyTable(kinds: plan.keys.map { $0.type.laneKind ?? .int }, stateBytes: 8, limit: limit)
        columnCount = child.kinds.count
        let kinds = child.kinds + plan.order.map { $0.scalar.type.laneKind ?? .int }
        let first = plan.order.enumerated().map {
            RowTree.Order(child.kinds.count + $0.offset, isDescending: $0.element.isDescending, nullsFirst: $0.element.nullsFirst)
        }
        tree = RowTree(kinds, order: first + child.kinds.indices.map { RowTree.Order($0) })
        out = RowBuffer(child.kinds)
        keys = arena.lane(Vector.self, count: plan.keys.count)
        staged = arena.lane(Vector.self, count: kinds.count)
        rowOfOne = arena.lane(Int32.self, count: 1)
        found = arena.lane(Memory.self, count: 1)
        super.init("top", next: next)
    }

    override var stateBytes: Int { directory.byteCount + tree.store.byteCount }
    override var stateKeys: Int { tree.count }
    override var bounds: [OperatorBound] {
        [OperatorBound(unit: "row", bytes: directory.bytesPerKey + tree.store.rowBytes, countMax: limit, timeToLive: nil, note: "goes when it is taken back")]
    }

    override func push(_ chunk: Chunk) {
        directory.heap.settle()
        tree.store.heap.settle()
        program.run(chunk)
        counts.rowsIn += chunk.count
        mark = max(mark, chunk.mark)
        for key in 0..<plan.keys.count { keys[key] = program.result(key) }
        for column in 0..<columnCount { staged[column] = chunk.columns[column] }
        for index in 0..<plan.order.count { staged[columnCount + index] = program.result(plan.keys.count + index) }
        for row in 0..<chunk.count {
            if program.failed && program.errors[row] != 0 {
                counts.fail(1, 9_000 + UInt16(program.errors[row]))
            } else {
                take(row, Int64(chunk.weight(row)))
            }
        }
        flush()
    }

    private func take(_ row: Int, _ weight: Int64) {
        rowOfOne[0] = Int32(row)
        guard weight < 0 || tree.count < limit, directory.locate(keys, rowOfOne, 1, into: found) else { return counts.fail(1, HotPathError.stateFull.rawValue) }
        let key = found[0]
        let root = key.load(directory.stateOffset, as: UInt.self)
        let (before, copies) = tree.place(root, staged, row)
        if weight < 0 && copies == 0 {
            if root == 0 { directory.remove(key, number: directory.number(of: key)) }
            return counts.fail(1, HotPathError.missingRow.rawValue)
        }
        let room = Int64(plan.count) - before
        let changed = tree.change(root, staged, row, weight)
        // Equal rows stand together: only as many of them as have room are among the first.
        if !plan.isFinal && room > 0 && (weight > 0 ? copies < room : copies <= room) {
            if weight < 0 { emit(staged, row, -1) }
            // Of the others, one moves: the last of the first went, or the first of the rest.
            if let moved = tree.row(changed, at: weight > 0 ? Int64(plan.count) : Int64(plan.count) - 1) { emit(moved, weight > 0 ? -1 : 1) }
            if weight > 0 { emit(staged, row, 1) }
        }
        if changed == 0 { directory.remove(key, number: directory.number(of: key)) } else { key.store(changed, at: directory.stateOffset) }
        counts.buffered += Int(weight)
        if weight < 0 { counts.emitted += 2 }
    }

    private func emit(_ columns: Lane<Vector>, _ row: Int, _ weight: Int8) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        for column in 0..<columnCount { copyValue(out.kinds[column], columns[column], row, out.columns[column], outRows) }
        out.weights[outRows] = weight
        outRows += 1
    }

    private func emit(_ node: Memory, _ weight: Int8) {
        if outRows == StreamLimits.chunkRowsMax { flush() }
        tree.store.read(node, columnCount, into: out.columns, first: 0, row: outRows)
        out.weights[outRows] = weight
        outRows += 1
    }

    private func flush() {
        if outRows == 0 { return }
        var chunk = out.chunk(outRows, mark: mark)
        chunk.weights = out.weights
        chunk.hasWeights = !plan.isFinal
        counts.rowsOut += outRows
        outRows = 0
        next!.push(chunk)
    }

    override func finish() {
        if plan.isFinal {
            for number in 0..<directory.used where directory.isLive(directory.record(number)) {
                let root = directory.record(number).load(directory.stateOffset, as: UInt.self)
                var index: Int64 = 0
                while index < Int64(plan.count), let node = tree.row(root, at: index) {
                    emit(node, 1)
                    index += 1
                }
            }
            flush()
        }
        counts.emitted += counts.buffered
        counts.buffered = 0
        super.finish()
    }

    override func save(_ writer: inout StateWriter) {
        writer.add(directory.count)
        for number in 0..<directory.used where directory.isLive(directory.record(number)) {
            let key = directory.record(number)
            directory.saveKeys(key, &writer)
            tree.save(key.load(directory.stateOffset, as: UInt.self), &writer)
        }
    }

    override func load(_ reader: inout StateReader) throws(LeibrixError) {
        let row = KeyRow(directory.kinds)
        let loader = TreeLoader(tree)
        for _ in 0..<(try reader.integer()) {
            try row.read(&reader)
            guard row.belongs(plan.partition, reader) else {
                _ = try loader.read(&reader, keeps: false)
                continue
            }
            guard let key = row.record(in: directory) else { throw LeibrixError(.streamStateFull, "a checkpoint holds more groups than there may be") }
            let root = try loader.read(&reader)
            key.store(root, at: directory.stateOffset)
            counts.buffered += Int(tree.rows(root))
        }
    }
}
