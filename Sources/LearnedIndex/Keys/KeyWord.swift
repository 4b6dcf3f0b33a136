public import Columnar

/// Images of values of at most 64 bits: numbers that compare as PostgreSQL orders the values. The keys of `LearnedIndex`.
/// A descending column takes the complement. Images of narrower types keep their width: they start at zero.
public enum KeyWord {
    @inlinable public static func of(_ number: Int64) -> UInt64 { UInt64(bitPattern: number) ^ (1 << 63) }

    /// -0 is 0, and every NaN the same, after infinity.
    @inlinable public static func of(_ number: Double) -> UInt64 {
        if number.isNaN { return .max }
        let bits = (number == 0 ? 0 : number).bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    @inlinable public static func of(_ number: Float) -> UInt64 {
        if number.isNaN { return 0xFFFF_FFFF }
        let bits = (number == 0 ? 0 : number).bitPattern
        return UInt64(bits >> 31 == 1 ? ~bits : bits | 1 << 31)
    }

    /// Days, as 32 bits.
    @inlinable public static func of(days: Int32) -> UInt64 { UInt64(UInt32(bitPattern: days) ^ (1 << 31)) }

    /// The image of a value, or nil for NULL and for what does not fit: text, 128-bit numbers, intervals, nested values.
    public static func image(of value: Value) -> UInt64? {
        switch value {
        case .boolean(let flag): flag ? 1 : 0
        case .integer(let number): of(number)
        case .unsigned(let number): number
        case .real(let number): of(number)
        case .double(let number): of(number)
        case .decimal(let number, let width, _): width <= 18 ? of(Int64(truncatingIfNeeded: number)) : nil
        case .date(let days): of(days: days)
        case .time(let moment), .timestamp(let moment), .timestampTZ(let moment), .timestampNanos(let moment): of(moment)
        default: nil
        }
    }
}
