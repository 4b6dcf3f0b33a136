// What every aggregation does first with a chunk: evaluate keys and arguments, leave out rows that failed.

final class AggregateInput {
    let program: Program
    let keyCount: Int
    let argumentCount: Int
    /// Row numbers to work on, and the records found for them.
    let selection: Lane<Int32>
    let records: Lane<Memory>
    private let identity: Lane<Int32>
    private let arena = Arena()

    /// `program` evaluates the keys, then the arguments, then whatever else the operator needs.
    init(_ program: Program, keyCount: Int, argumentCount: Int) {
        self.program = program
        self.keyCount = keyCount
        self.argumentCount = argumentCount
        selection = arena.lane(Int32.self, count: StreamLimits.chunkRowsMax)
        records = arena.lane(Memory.self, count: StreamLimits.chunkRowsMax)
        identity = arena.lane(Int32.self, count: StreamLimits.chunkRowsMax)
        for row in 0..<StreamLimits.chunkRowsMax { identity[row] = Int32(row) }
    }

    /// Evaluates; returns the rows to go on with.
    @inline(__always)
    func run(_ chunk: Chunk, _ counts: OperatorCounts) -> (selection: Lane<Int32>, count: Int) {
        program.run(chunk)
        counts.rowsIn += chunk.count
        if !program.failed { return (identity, chunk.count) }
        return (selection, select(chunk, counts))
    }

    private func select(_ chunk: Chunk, _ counts: OperatorCounts) -> Int {
        var count = 0
        for row in 0..<chunk.count {
            if program.errors[row] != 0 {
                counts.fail(1, 9_000 + UInt16(program.errors[row]))
            } else {
                selection[count] = Int32(row)
                count += 1
            }
        }
        return count
    }

    /// Hands the evaluated vectors to a state.
    @inline(__always)
    func bind(_ state: AggregateState) {
        var index = 0
        while index < keyCount {
            state.keys[index] = program.result(index)
            index += 1
        }
        index = 0
        while index < argumentCount {
            state.arguments[index] = program.result(keyCount + index)
            index += 1
        }
    }

    /// Leaves out rows that the table had no room for.
    @inline(never)
    func dropRefused(
        _ rows: Lane<Int32>, _ count: Int, _ trash: Memory, _ counts: OperatorCounts
    ) -> (selection: Lane<Int32>, count: Int) {
        var kept = 0
        for index in 0..<count {
            if records[index].address == trash.address {
                counts.fail(1, HotPathError.stateFull.rawValue)
            } else {
                selection[kept] = rows[index]
                records[kept] = records[index]
                kept += 1
            }
        }
        return (selection, kept)
    }
}
