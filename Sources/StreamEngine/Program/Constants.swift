internal import Base
internal import Columnar

/// Values of SQL written into vectors: constants of programs, and rows of tests and of INSERT.
enum Constants {
    /// Repeats a value over the whole vector.
    static func fill(_ vector: inout Vector, _ value: Value, _ type: DataType, arena: Arena) {
        if value.isNull {
            vector.hasNulls = true
            vector.nulls.fill(1, count: StreamLimits.chunkRowsMax)
            return
        }
        var kept: TextRef = .empty
        if case .string(let text) = value { kept = keep(text, arena) }
        for row in 0..<StreamLimits.chunkRowsMax { store(value, type, vector, row, text: kept) }
    }

    private static func keep(_ text: String, _ arena: Arena) -> TextRef {
        let bytes = Array(text.utf8)
        let place = arena.take(bytes: bytes.count)
        for (index, byte) in bytes.enumerated() { place.store(byte, at: index) }
        return TextRef.over(place, count: bytes.count)
    }

    /// Writes one value; `text` is the place of a string. Values that do not fit the type are a programmer's error.
    static func store(_ value: Value, _ type: DataType, _ vector: Vector, _ row: Int, text: TextRef) {
        switch type.laneKind {
        case .bool:
            if case .boolean(let flag) = value { vector.bools[row] = flag ? 1 : 0 }
        case .double: vector.doubles[row] = double(value)
        case .text: vector.texts[row] = text
        case .huge: vector.huges[row] = huge(value, type)
        default: vector.ints[row] = integer(value)
        }
    }

    static func integer(_ value: Value) -> Int64 {
        switch value {
        case .integer(let number), .timestamp(let number), .timestampTZ(let number), .time(let number): number
        case .timestampNanos(let number): number
        case .unsigned(let number): Int64(truncatingIfNeeded: number)
        case .hugeInt(let number): Int64(truncatingIfNeeded: number)
        case .date(let days): Int64(days)
        case .boolean(let flag): flag ? 1 : 0
        case .double(let number): Int64(number)
        default: 0
        }
    }

    static func double(_ value: Value) -> Double {
        switch value {
        case .double(let number): number
        case .real(let number): Double(number)
        case .decimal(let digits, _, let scale): Double(digits) / Double(powerOfTen(Int(scale)))
        case .hugeInt(let number): Double(number)
        default: Double(integer(value))
        }
    }

    /// Unscaled digits at the type's scale.
    static func huge(_ value: Value, _ type: DataType) -> Int128 {
        let scale = type.decimalShape?.scale ?? 0
        switch value {
        case .decimal(let digits, _, let from):
            return Int(from) <= scale ? digits * powerOfTen(scale - Int(from)) : digits / powerOfTen(Int(from) - scale)
        case .hugeInt(let number): return number * powerOfTen(scale)
        case .unsigned(let number): return Int128(number) * powerOfTen(scale)
        case .double(let number): return Int128((number * Double(powerOfTen(scale))).rounded())
        default: return Int128(integer(value)) * powerOfTen(scale)
        }
    }
}
