// A record's keys as bytes, and back: by value, so that they may be read into a table of another core.
internal import Base

extension KeyTable {
    func saveKeys(_ record: Memory, _ writer: inout StateWriter) {
        writer.add(Int64(record.load(4, as: UInt32.self) & 0x3FFF_FFFF))
        for (index, kind) in kinds.enumerated() {
            if record.load(4, as: UInt32.self) & (1 << UInt32(index)) != 0 { continue }
            let offset = keyOffset(index)
            if kind == .text {
                writer.add(record.load(offset, as: TextRef.self))
            } else {
                writer.add(record.advanced(by: offset), count: max(kind.width, 8))
            }
        }
    }
}

/// One row of keys in memory of its own: what a saved record is read into before its table is asked.
final class KeyRow {
    let vectors: Lane<Vector>
    let kinds: [LaneKind]
    private let kindLane: Lane<LaneKind>
    private let scratch = TextScratch()
    private let zero: Lane<Int32>
    private let found: Lane<Memory>
    private let arena = Arena()

    init(_ kinds: [LaneKind]) {
        self.kinds = kinds
        vectors = arena.lane(Vector.self, count: kinds.count)
        kindLane = arena.lane(LaneKind.self, count: kinds.count)
        for (index, kind) in kinds.enumerated() {
            vectors[index] = Vector(data: arena.take(bytes: 16), nulls: arena.lane(UInt8.self, count: 1), hasNulls: true)
            kindLane[index] = kind
        }
        zero = arena.lane(Int32.self, count: 1)
        found = arena.lane(Memory.self, count: 1)
    }

    func read(_ reader: inout StateReader) throws(LeibrixError) {
        scratch.reset()
        let nulls = try reader.word()
        for (index, kind) in kinds.enumerated() {
            let isNull = nulls & (1 << Int64(index)) != 0
            vectors[index].nulls[0] = isNull ? 1 : 0
            if isNull { continue }
            switch kind {
            case .text: vectors[index].texts[0] = try reader.text(scratch)
            case .bool: vectors[index].bools[0] = UInt8(truncatingIfNeeded: try reader.word())
            default: try reader.copy(to: vectors[index].data, count: max(kind.width, 8))
            }
        }
    }

    /// Whether the row belongs to the reader's core, by the hash of some of its keys.
    func belongs(_ partition: [Int], _ reader: StateReader) -> Bool {
        if reader.cores == 1 { return true }
        return Partition.core(vectors, partition, kinds, 0, cores: reader.cores) == reader.core
    }

    /// The row's record, made where it is not there; nil at the limit.
    func record(in table: KeyTable) -> Memory? { table.locate(vectors, zero, 1, into: found) ? found[0] : nil }
}

/// Which core a key belongs to.
enum Partition {
    static let seed: UInt64 = 0x5EED

    static func core(_ columns: Lane<Vector>, _ keys: [Int], _ kinds: [LaneKind], _ row: Int, cores: Int) -> Int {
        var state = seed
        for key in keys { state = hash(columns[key], kinds[key], row, state) }
        return core(state, of: cores)
    }

    /// The high half of a hash, scaled: tables use the low one.
    @inline(__always)
    static func core(_ hash: UInt64, of cores: Int) -> Int { Int(truncatingIfNeeded: (hash >> 32) &* UInt64(truncatingIfNeeded: cores) >> 32) }

    @inline(__always)
    static func hash(_ vector: Vector, _ kind: LaneKind, _ row: Int, _ seed: UInt64) -> UInt64 {
        if vector.isNull(row) { return mixHash(seed ^ 0xA5A5_A5A5_5A5A_5A5A) }
        switch kind {
        case .int: return mixHash(seed ^ UInt64(bitPattern: vector.ints[row]))
        case .bool: return mixHash(seed ^ UInt64(vector.bools[row]))
        case .double: return mixHash(seed ^ KeyTable.doubleBits(vector.doubles[row]))
        case .text: return vector.texts[row].hash(seed)
        case .huge:
            let bits = UInt128(truncatingIfNeeded: vector.huges[row])
            return mixHash(mixHash(seed ^ UInt64(truncatingIfNeeded: bits)) ^ UInt64(truncatingIfNeeded: bits >> 64))
        }
    }
}
