// One side of a join: its keys' chains of waiting rows, and its event time.

final class JoinSide {
    let program: Program
    let keyCount: Int
    let timeColumn: Int
    let lag: Int64
    let directory: KeyTable
    let rows: RowStore
    let keys: Lane<Vector>
    var watermark = Int64.min
    private let rowOfOne: Lane<Int32>
    private let found: Lane<Memory>
    private let arena = Arena()

    init(_ program: Program, timeColumn: Int, lag: Int64, kinds: [LaneKind], limit: Int) {
        self.program = program
        keyCount = program.results.count
        self.timeColumn = timeColumn
        self.lag = lag
        let keyKinds = program.resultTypes.map { $0.laneKind ?? .int }
        directory = KeyTable(kinds: keyKinds, stateBytes: 8, limit: limit)
        rows = RowStore(kinds)
        keys = arena.lane(Vector.self, count: keyCount)
        rowOfOne = arena.lane(Int32.self, count: 1)
        found = arena.lane(Memory.self, count: 1)
    }

    var byteCount: Int { directory.byteCount + rows.byteCount }

    func bind(_ chunk: Chunk) {
        program.run(chunk)
        for key in 0..<keyCount { keys[key] = program.result(key) }
        directory.heap.settle()
        rows.heap.settle()
    }

    /// Whether a row can have a partner: NULL equals nothing.
    func hasKeys(_ row: Int) -> Bool {
        for key in 0..<keyCount where keys[key].isNull(row) { return false }
        return true
    }

    /// The record of a key, made where it is not there; nil at the limit.
    func key(_ keys: Lane<Vector>, _ row: Int) -> Memory? {
        rowOfOne[0] = Int32(row)
        return directory.locate(keys, rowOfOne, 1, into: found) ? found[0] : nil
    }

    /// The record of a key that is there. `keys` may be the other side's.
    func known(_ keys: Lane<Vector>, _ row: Int) -> Memory? { directory.find(keys, row) }

    @inline(__always)
    func chain(_ key: Memory) -> UInt { key.load(directory.stateOffset, as: UInt.self) }

    func setChain(_ key: Memory, _ first: UInt) { key.store(first, at: directory.stateOffset) }

    /// Takes a row out of its key's chain, and the key with its last row.
    func unlink(_ record: Memory, _ key: Memory) {
        if chain(key) == record.address {
            setChain(key, record.next)
        } else {
            var place = Memory(address: chain(key))
            while place.next != record.address { place = Memory(address: place.next) }
            place.next = record.next
        }
        rows.remove(record)
        if chain(key) == 0 { directory.remove(key, number: directory.number(of: key)) }
    }
}
