/// One SQL value, for the few places that work a value at a time: parameters, settings, system tables, bounds.
public indirect enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// Every signed integer type up to 64 bits.
    case integer(Int64)
    case unsigned(UInt64)
    case hugeInt(Int128)
    case unsignedHugeInt(UInt128)
    case real(Float)
    case double(Double)
    /// The unscaled digits: 1.50 is 150 at scale 2.
    case decimal(Int128, width: UInt8, scale: UInt8)
    case string(String)
    case blob([UInt8])
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds since midnight.
    case time(Int64)
    /// Microseconds since midnight, and the offset east of UTC in seconds.
    case timeTZ(Int64, offset: Int32)
    /// Microseconds since 1970-01-01 00:00:00, without a zone.
    case timestamp(Int64)
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    case timestampTZ(Int64)
    /// Nanoseconds since 1970-01-01 00:00:00.
    case timestampNanos(Int64)
    case interval(months: Int32, days: Int32, micros: Int64)
    case uuid(UInt128)
    case list([Value])
    case structure([Field])
    case map([Entry])

    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: Value
        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    public struct Entry: Hashable, Sendable {
        public var key: Value
        public var value: Value
        public init(_ key: Value, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    public var isNull: Bool { self == .null }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(nilLiteral: ()) { self = .null }
}

extension Value {
    /// The text of an optional, or NULL.
    public static func optional(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
    public static func optional(_ number: Int64?) -> Value { number.map { .integer($0) } ?? .null }
    public static func optional(micros: Int64?) -> Value { micros.map { .timestampTZ($0) } ?? .null }
}
