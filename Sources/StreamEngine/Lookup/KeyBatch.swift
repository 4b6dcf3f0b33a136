internal import Columnar

/// A batch over rows of vectors, in their SQL types, in memory that is used again for the next.
final class KeyBatch {
    private let types: [DataType]
    private let data: [Memory]
    private let arena = Arena()

    init(_ types: [DataType]) {
        self.types = types
        data = types.map { [arena] in arena.take(bytes: max($0.physicalWidth, 1) * StreamLimits.chunkRowsMax) }
    }

    /// Rows `selection[0..<count]`, none of whose values is NULL. Valid until the next call and as long as the vectors' texts.
    func fill(_ vectors: Lane<Vector>, _ selection: Lane<Int32>, _ count: Int) -> Batch {
        var columns: [Column] = []
        for (index, type) in types.enumerated() {
            for place in 0..<count { store(vectors[index], Int(selection[place]), type, data[index], place) }
            columns.append(unsafe Column(type: type, count: count, validity: nil, data: UnsafeRawPointer(data[index].base)))
        }
        return Batch(rowCount: count, columns: columns, owner: arena)
    }

    private func store(_ vector: Vector, _ row: Int, _ type: DataType, _ data: Memory, _ place: Int) {
        let width = type.physicalWidth
        let target = data.advanced(by: place * width)
        switch (type.laneKind ?? .int, width) {
        case (.bool, _): target.store(vector.bools[row], at: 0)
        case (.text, _): target.store(vector.texts[row], at: 0)
        case (.double, 4): target.store(Float(vector.doubles[row]), at: 0)
        case (.huge, 16): target.storeHuge(vector.huges[row], at: 0)
        case (.huge, _): narrow(UInt64(truncatingIfNeeded: vector.huges[row]), width, target)
        default: narrow(UInt64(bitPattern: vector.ints[row]), width, target)
        }
    }

    private func narrow(_ bits: UInt64, _ width: Int, _ target: Memory) {
        switch width {
        case 1: target.store(UInt8(truncatingIfNeeded: bits), at: 0)
        case 2: target.store(UInt16(truncatingIfNeeded: bits), at: 0)
        case 4: target.store(UInt32(truncatingIfNeeded: bits), at: 0)
        default: target.store(bits, at: 0)
        }
    }
}
