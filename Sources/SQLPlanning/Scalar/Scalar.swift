public import Columnar

/// One value while an expression is evaluated: flat, so that numbers cost no allocation. What the bits mean (a smallint or
/// a date, a decimal's scale) the program knows from binding.
public enum Scalar: Sendable {
    case null
    case boolean(Bool)
    /// Integers up to 64 bits; dates as days, times and timestamps as microseconds.
    case integer(Int64)
    /// Both floating-point widths; a real is one that fits a Float.
    case double(Double)
    /// Decimals' unscaled digits, hugeints.
    case wide(Int128)
    case string(String)
    case interval(months: Int32, days: Int32, micros: Int64)
    /// Whatever is only moved about: uuid, blob, lists.
    case other(Value)

    @inlinable
    public var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// WHERE's view: NULL is not true.
    @inlinable
    public var isTrue: Bool {
        if case .boolean(true) = self { return true }
        return false
    }
}

extension Scalar {
    /// The flat form of a boxed value.
    public init(_ value: Value) {
        switch value {
        case .null: self = .null
        case .boolean(let flag): self = .boolean(flag)
        case .integer(let number): self = .integer(number)
        case .unsigned(let number): self = Int64(exactly: number).map { .integer($0) } ?? .wide(Int128(number))
        case .hugeInt(let number): self = .wide(number)
        case .real(let number): self = .double(Double(number))
        case .double(let number): self = .double(number)
        case .decimal(let digits, _, _): self = .wide(digits)
        case .string(let text): self = .string(text)
        case .date(let days): self = .integer(Int64(days))
        case .time(let micros), .timestamp(let micros), .timestampTZ(let micros): self = .integer(micros)
        case .timestampNanos(let nanos): self = .integer(nanos)
        case .interval(let months, let days, let micros): self = .interval(months: months, days: days, micros: micros)
        default: self = .other(value)
        }
    }

    /// The boxed form, of the type that the scalar was computed for.
    public func value(_ type: DataType) -> Value {
        switch self {
        case .null: return .null
        case .boolean(let flag): return .boolean(flag)
        case .integer(let number): return Self.value(number, type.base)
        case .double(let number):
            if case .real = type.base { return .real(Float(number)) }
            return .double(number)
        case .wide(let digits):
            switch type.base {
            case .decimal(let width, let scale): return .decimal(digits, width: width, scale: scale)
            case .unsignedBigInt: return .unsigned(UInt64(truncatingIfNeeded: digits))
            default: return .hugeInt(digits)
            }
        case .string(let text): return .string(text)
        case .interval(let months, let days, let micros): return .interval(months: months, days: days, micros: micros)
        case .other(let value): return value
        }
    }

    private static func value(_ number: Int64, _ type: DataType) -> Value {
        switch type {
        case .date: .date(Int32(truncatingIfNeeded: number))
        case .time: .time(number)
        case .timestamp, .timestampSeconds, .timestampMillis: .timestamp(number)
        case .timestampTZ: .timestampTZ(number)
        case .timestampNanos: .timestampNanos(number)
        case .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger, .unsignedBigInt: .unsigned(UInt64(bitPattern: number))
        default: .integer(number)
        }
    }
}
