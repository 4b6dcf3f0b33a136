// Batches into chunks: columns whose layout is the engine's own are looked at where they are, narrow ones are widened.
internal import Base
internal import Columnar

final class ChunkReader {
    let types: [DataType]
    let columns: Lane<Vector>
    let marks: Lane<Int64>
    /// Vectors of the reader's own, one a column.
    let own: Lane<Vector>
    private let arena = Arena()

    init(_ types: [DataType]) {
        self.types = types
        columns = arena.lane(Vector.self, count: types.count)
        own = arena.lane(Vector.self, count: types.count)
        marks = arena.lane(Int64.self, count: StreamLimits.chunkRowsMax)
        for (index, type) in types.enumerated() {
            own[index] = arena.vector(type.laneKind ?? .int, count: StreamLimits.chunkRowsMax)
            columns[index] = own[index]
        }
    }

    /// Points `columns` at rows of a batch. At most `chunkRowsMax` rows.
    func read(_ batch: Batch, _ rows: Range<Int>) {
        for index in types.indices { read(batch.columns[index], rows, index) }
    }

    /// Points `columns` at the reader's own vectors, where single rows are written.
    @inline(__always)
    func useOwn() { for index in 0..<types.count { columns[index] = own[index] } }

    private func read(_ column: Column, _ rows: Range<Int>, _ index: Int) {
        var vector = own[index]
        let start = rows.lowerBound
        guard let data = unsafe column.rawData.map({ unsafe Memory(UnsafeMutableRawPointer(mutating: $0)) }) else { return }
        switch types[index].base {
        case .bigInt, .timestamp, .timestampTZ, .time, .double, .varchar, .hugeInt:
            vector.data = data.advanced(by: start * types[index].physicalWidth)
        case .boolean: vector.data = data.advanced(by: start)
        case .tinyInt: widen(data, Int8.self, rows, vector)
        case .smallInt: widen(data, Int16.self, rows, vector)
        case .integer, .date: widen(data, Int32.self, rows, vector)
        case .unsignedTinyInt: widen(data, UInt8.self, rows, vector)
        case .unsignedSmallInt: widen(data, UInt16.self, rows, vector)
        case .unsignedInteger: widen(data, UInt32.self, rows, vector)
        case .real:
            let floats = data.lane(Float.self)
            for row in 0..<rows.count { vector.doubles[row] = Double(floats[start + row]) }
        default: readHuge(data, rows, types[index], &vector)
        }
        vector.hasNulls = column.hasNulls
        if column.hasNulls { for row in 0..<rows.count { vector.nulls[row] = column.isValid(start + row) ? 0 : 1 } }
        columns[index] = vector
    }

    private func widen<T: FixedWidthInteger & BitwiseCopyable>(_ data: Memory, _: T.Type, _ rows: Range<Int>, _ vector: Vector) {
        let values = data.lane(T.self)
        let out = vector.ints
        for row in 0..<rows.count { out[row] = Int64(truncatingIfNeeded: values[rows.lowerBound + row]) }
    }

    private func readHuge(_ data: Memory, _ rows: Range<Int>, _ type: DataType, _ vector: inout Vector) {
        if type.base == .unsignedBigInt {
            let values = data.lane(UInt64.self)
            for row in 0..<rows.count { vector.huges[row] = Int128(values[rows.lowerBound + row]) }
            return
        }
        switch type.physicalWidth {
        case 2: widenHuge(data, Int16.self, rows, vector)
        case 4: widenHuge(data, Int32.self, rows, vector)
        case 8: widenHuge(data, Int64.self, rows, vector)
        default: vector.data = data.advanced(by: rows.lowerBound * 16)
        }
    }

    private func widenHuge<T: FixedWidthInteger & BitwiseCopyable>(_ data: Memory, _: T.Type, _ rows: Range<Int>, _ vector: Vector) {
        let values = data.lane(T.self)
        for row in 0..<rows.count { vector.huges[row] = Int128(values[rows.lowerBound + row]) }
    }
}
