public import Columnar

/// Rows that leave a stream, as a subscriber sees them: a view that is valid during the call it is handed to.
public struct StreamRows: ~Copyable {
    let chunk: Chunk
    let types: [DataType]

    public var count: Int { chunk.count }
    public var columnCount: Int { types.count }

    /// +1 for a row that is there now, -1 for one taken back.
    @inline(__always)
    public func weight(_ row: Int) -> Int { Int(chunk.weight(row)) }

    public func isNull(_ column: Int, _ row: Int) -> Bool { chunk.columns[column].isNull(row) }

    /// An integer, date, time (microseconds) or timestamp (microseconds).
    @inline(__always)
    public func integer(_ column: Int, _ row: Int) -> Int64 {
        chunk.columns[column].data.load(row &* 8, as: Int64.self)
    }

    @inline(__always)
    public func double(_ column: Int, _ row: Int) -> Double { chunk.columns[column].doubles[row] }

    public func boolean(_ column: Int, _ row: Int) -> Bool { chunk.columns[column].bools[row] != 0 }

    /// A HUGEINT, or the unscaled digits of a DECIMAL.
    public func hugeInteger(_ column: Int, _ row: Int) -> Int128 { chunk.columns[column].huges[row] }

    public func text(_ column: Int, _ row: Int) -> String { chunk.columns[column].texts[row].string }

    /// Any value, boxed.
    public func value(_ column: Int, _ row: Int) -> Value {
        if isNull(column, row) { return .null }
        let vector = chunk.columns[column]
        switch types[column].base {
        case .boolean: return .boolean(vector.bools[row] != 0)
        case .double: return .double(vector.doubles[row])
        case .real: return .real(Float(vector.doubles[row]))
        case .varchar: return .string(vector.texts[row].string)
        case .hugeInt: return .hugeInt(vector.huges[row])
        case .unsignedBigInt: return .unsigned(UInt64(truncatingIfNeeded: vector.huges[row]))
        case .decimal(let width, let scale): return .decimal(vector.huges[row], width: width, scale: scale)
        case .date: return .date(Int32(truncatingIfNeeded: vector.ints[row]))
        case .timestamp: return .timestamp(vector.ints[row])
        case .timestampTZ: return .timestampTZ(vector.ints[row])
        case .time: return .time(vector.ints[row])
        case .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger: return .unsigned(UInt64(truncatingIfNeeded: vector.ints[row]))
        default: return .integer(vector.ints[row])
        }
    }
}
