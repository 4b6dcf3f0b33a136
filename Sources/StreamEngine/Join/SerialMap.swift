/// Where the row of a serial number lies, and its key's record: open addressing over three words.
final class SerialMap {
    private let table = KeyTable(kinds: [.int], stateBytes: 16, limit: .max)
    private let key: Lane<Vector>
    private let row: Lane<Int32>
    private let found: Lane<Memory>
    private let arena = Arena()

    init() {
        key = arena.lane(Vector.self, count: 1)
        key[0] = Vector(data: arena.take(bytes: 8), nulls: arena.lane(UInt8.self, count: 1), hasNulls: false)
        row = arena.lane(Int32.self, count: 1)
        found = arena.lane(Memory.self, count: 1)
    }

    func set(_ serial: Int64, _ record: Memory, _ owner: Memory) {
        key[0].ints[0] = serial
        _ = table.locate(key, row, 1, into: found)
        found[0].store(record.address, at: table.stateOffset)
        found[0].store(owner.address, at: table.stateOffset + 8)
    }

    var count: Int { table.count }

    /// Every row, in no order.
    func each(_ body: (Memory) -> Void) {
        for number in 0..<table.used where table.isLive(table.record(number)) {
            body(Memory(address: table.record(number).load(table.stateOffset, as: UInt.self)))
        }
    }

    /// Takes it out; it must be there.
    func take(_ serial: Int64) -> (record: Memory, owner: Memory) {
        key[0].ints[0] = serial
        let place = table.find(key, 0)!
        let record = Memory(address: place.load(table.stateOffset, as: UInt.self))
        let owner = Memory(address: place.load(table.stateOffset + 8, as: UInt.self))
        table.remove(place, number: table.number(of: place))
        return (record, owner)
    }
}
