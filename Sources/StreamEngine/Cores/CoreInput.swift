/// One input of a stream on one core: of the rows that come it works on those whose keys are this core's.
final class CoreInput {
    let head: Operator
    private let core: Int
    private let cores: Int
    private let keys: Lane<Int32>
    private let keyCount: Int
    private let kinds: Lane<LaneKind>
    private let isSingleInt: Bool
    private let selection: Lane<Int32>
    private let buffer: RowBuffer
    private let arena = Arena()

    init(core: Int, of cores: Int, keys: [Int], kinds: [LaneKind], head: Operator) {
        self.core = core
        self.cores = cores
        self.head = head
        keyCount = keys.count
        self.keys = arena.lane(Int32.self, count: keys.count)
        self.kinds = arena.lane(LaneKind.self, count: keys.count)
        for (index, key) in keys.enumerated() {
            self.keys[index] = Int32(key)
            self.kinds[index] = kinds[key]
        }
        isSingleInt = keys.count == 1 && kinds[keys[0]] == .int
        selection = arena.lane(Int32.self, count: StreamLimits.chunkRowsMax)
        buffer = RowBuffer(kinds)
    }

    @inline(__always)
    func push(_ chunk: Chunk) {
        let count = isSingleInt && !chunk.columns[Int(keys[0])].hasNulls ? selectInts(chunk) : select(chunk)
        if count == chunk.count { head.push(chunk) } else if count > 0 { head.push(buffer.gather(chunk, selection, count)) }
    }

    private func selectInts(_ chunk: Chunk) -> Int {
        let values = chunk.columns[Int(keys[0])].ints
        let (own, cores) = (core, cores)
        var count = 0
        for row in 0..<chunk.count {
            selection[count] = Int32(truncatingIfNeeded: row)
            count &+= Partition.core(mixHash(Partition.seed ^ UInt64(bitPattern: values[row])), of: cores) == own ? 1 : 0
        }
        return count
    }

    private func select(_ chunk: Chunk) -> Int {
        var count = 0
        for row in 0..<chunk.count {
            var state = Partition.seed
            for index in 0..<keyCount { state = Partition.hash(chunk.columns[Int(keys[index])], kinds[index], row, state) }
            selection[count] = Int32(truncatingIfNeeded: row)
            count &+= Partition.core(state, of: cores) == core ? 1 : 0
        }
        return count
    }
}
