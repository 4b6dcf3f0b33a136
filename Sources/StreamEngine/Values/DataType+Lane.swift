public import Columnar

extension DataType {
    /// How values of the type lie in the engine's vectors; nil where the engine does not hold the type.
    var laneKind: LaneKind? {
        switch base {
        case .boolean: .bool
        case .tinyInt, .smallInt, .integer, .bigInt, .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger: .int
        case .date, .time, .timestamp, .timestampTZ, .timestampMillis, .timestampSeconds, .timestampNanos: .int
        case .real, .double: .double
        case .hugeInt, .unsignedBigInt, .decimal: .huge
        case .varchar: .text
        case .null: .int
        default: nil
        }
    }

    /// Whether streams can read columns of this type.
    public var canStream: Bool { laneKind != nil }

    /// The least and greatest value of an integer type that lies in a 64-bit lane.
    var integerRange: ClosedRange<Int64>? {
        switch base {
        case .tinyInt: Int64(Int8.min)...Int64(Int8.max)
        case .smallInt: Int64(Int16.min)...Int64(Int16.max)
        case .integer: Int64(Int32.min)...Int64(Int32.max)
        case .bigInt: Int64.min...Int64.max
        case .unsignedTinyInt: 0...Int64(UInt8.max)
        case .unsignedSmallInt: 0...Int64(UInt16.max)
        case .unsignedInteger: 0...Int64(UInt32.max)
        default: nil
        }
    }

    var isInteger: Bool { integerRange != nil || base == .hugeInt || base == .unsignedBigInt }
    var isFloating: Bool { base == .double || base == .real }
    var isNumeric: Bool { isInteger || isFloating || decimalShape != nil && base != .boolean }
    var isTimestamp: Bool {
        switch base {
        case .timestamp, .timestampTZ, .timestampMillis, .timestampSeconds, .timestampNanos: true
        default: false
        }
    }

    /// Digits and scale of a type whose values are exact numbers.
    var decimalShape: (width: Int, scale: Int)? {
        switch base {
        case .decimal(let width, let scale): (Int(width), Int(scale))
        case .tinyInt, .unsignedTinyInt: (3, 0)
        case .smallInt, .unsignedSmallInt: (5, 0)
        case .integer, .unsignedInteger: (10, 0)
        case .bigInt: (19, 0)
        case .unsignedBigInt: (20, 0)
        case .hugeInt: (38, 0)
        default: nil
        }
    }

    /// A DECIMAL of at most 38 digits.
    static func decimal(digits: Int, scale: Int) -> DataType {
        .decimal(width: UInt8(min(max(digits, 1), 38)), scale: UInt8(min(scale, 38)))
    }
}

/// 10 to the power of `exponent`, which is at most 38.
func powerOfTen(_ exponent: Int) -> Int128 {
    var value: Int128 = 1
    for _ in 0..<exponent { value *= 10 }
    return value
}
