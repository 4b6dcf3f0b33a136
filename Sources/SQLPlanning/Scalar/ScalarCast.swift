// Casts between scalar types, rounded as DuckDB rounds: decimals half away from zero, floating-point numbers to integers
// half to even. What does not fit raises `outOfRange` (22003).

internal import Base

enum ScalarCast {
    /// Whether the evaluator does this cast for every value of the type. Text is read only where it is a constant.
    static func isKnown(from: ScalarType, to: ScalarType) -> Bool {
        if from == to || from.kind == .null { return true }
        switch (from.kind, to.kind) {
        case (.boolean, _): return to.isInteger || to.kind == .varchar
        case (.decimal, _): return to.isNumeric || to.kind == .varchar
        case (_, .boolean): return from.isInteger
        case (.date, .timestamp), (.timestamp, .date), (.date, .varchar), (.timestamp, .varchar), (.time, .varchar): return true
        case (.timestamp, .time): return true
        default: return from.isInteger && to.kind == .varchar || from.isNumeric && to.isNumeric
        }
    }

    static func cast(_ value: Scalar, from: ScalarType, to: ScalarType) throws(LeibrixError) -> Scalar {
        if value.isNull || from == to { return value }
        if to.kind == .varchar { return .string(ScalarText.text(value, from)) }
        switch (value, to.kind) {
        case (.boolean(let flag), _): return .integer(flag ? 1 : 0)
        case (.integer(let x), .boolean): return .boolean(x != 0)
        case (.integer(let x), .date): return .integer(Temporals.date(ofTimestamp: x))
        case (.integer(let x), .timestamp): return .integer(try Temporals.timestamp(ofDate: x))
        case (.integer(let x), .time): return .integer(x - Temporals.floorDivide(x, Temporals.microsPerDay) * Temporals.microsPerDay)
        case (.integer(let x), .double): return .double(Double(x))
        case (.integer(let x), .real): return .double(Double(Float(x)))
        case (.integer(let x), .decimal): return .wide(try decimal(Int128(x), scale: 0, to: to))
        case (.integer(let x), _): return .integer(try ranged(x, to))
        case (.double(let x), .double): return .double(x)
        case (.double(let x), .real): return .double(try real(x))
        case (.double(let x), .decimal): return .wide(try decimal(x, to: to))
        case (.double(let x), _): return .integer(try integer(x, to))
        case (.wide(let x), .decimal): return .wide(try decimal(x, scale: Int(from.scale), to: to))
        case (.wide(let x), .double): return .double(double(x, scale: Int(from.scale)))
        case (.wide(let x), .real): return .double(Double(Float(double(x, scale: Int(from.scale)))))
        case (.wide(let x), _):
            guard let number = Int64(exactly: rescale(x, by: Int(from.scale), .round)) else { throw ScalarProgram.outOfRange(to) }
            return .integer(try ranged(number, to))
        default: throw LeibrixError(.internal, "no cast from \(from.name) to \(to.name)")
        }
    }

    private static func ranged(_ x: Int64, _ type: ScalarType) throws(LeibrixError) -> Int64 {
        guard type.range.contains(x) else { throw ScalarProgram.outOfRange(type) }
        return x
    }

    private static func integer(_ x: Double, _ type: ScalarType) throws(LeibrixError) -> Int64 {
        guard let number = Int64(exactly: x.rounded(.toNearestOrEven)) else { throw ScalarProgram.outOfRange(type) }
        return try ranged(number, type)
    }

    private static func real(_ x: Double) throws(LeibrixError) -> Double {
        let narrowed = Float(x)
        guard narrowed.isFinite || !x.isFinite else { throw ScalarProgram.outOfRange(ScalarType(kind: .real)) }
        return Double(narrowed)
    }

    /// The digits divided by ten to the power of `digits`, rounded; multiplied where it is negative.
    static func rescale(_ x: Int128, by digits: Int, _ rounding: ScalarProgram.Rounding) -> Int128 {
        guard digits > 0 else { return x &* powersOfTen[min(-digits, 38)] }
        guard digits <= 38 else { return 0 }
        let power = powersOfTen[digits]
        let (quotient, rest) = x.quotientAndRemainder(dividingBy: power)
        switch rounding {
        case .floor: return rest < 0 ? quotient - 1 : quotient
        case .ceiling: return rest > 0 ? quotient + 1 : quotient
        case .round: return rest.magnitude * 2 < power.magnitude ? quotient : x < 0 ? quotient - 1 : quotient + 1
        }
    }

    private static func decimal(_ x: Int128, scale: Int, to type: ScalarType) throws(LeibrixError) -> Int128 {
        let digits = scale - Int(type.scale)
        let bound = powersOfTen[Int(type.width)].magnitude
        if digits >= 0 {
            let rounded = rescale(x, by: digits, .round)
            guard rounded.magnitude < bound else { throw ScalarProgram.outOfRange(type) }
            return rounded
        }
        let (scaled, overflow) = x.multipliedReportingOverflow(by: powersOfTen[-digits])
        guard !overflow, scaled.magnitude < bound else { throw ScalarProgram.outOfRange(type) }
        return scaled
    }

    /// A billionth is added away from zero, so that 1.45, which is a little less, becomes 1.5.
    private static func decimal(_ x: Double, to type: ScalarType) throws(LeibrixError) -> Int128 {
        let scaled = x * doublePowersOfTen[Int(type.scale)]
        let nudged = scaled + (scaled < 0 ? -1e-9 : 1e-9)
        guard nudged.magnitude < doublePowersOfTen[Int(type.width)] else { throw ScalarProgram.outOfRange(type) }
        return Int128(nudged.rounded(.toNearestOrEven))
    }

    private static func double(_ x: Int128, scale: Int) -> Double {
        guard scale > 0, x.magnitude >= 1 << 53 else { return Double(x) / doublePowersOfTen[scale] }
        let (whole, rest) = x.quotientAndRemainder(dividingBy: powersOfTen[scale])
        return Double(whole) + Double(rest) / doublePowersOfTen[scale]
    }
}
