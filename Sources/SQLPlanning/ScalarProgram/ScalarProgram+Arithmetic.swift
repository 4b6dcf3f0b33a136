// Arithmetic on operands of one type. Integers and decimals that do not fit raise, as does a division by zero.

internal import Base

extension ScalarProgram {
    static func arithmetic(_ operation: Arithmetic, _ type: ScalarType, _ a: Scalar, _ b: Scalar) throws(LeibrixError) -> Scalar {
        switch (a, b) {
        case (.integer(let x), .integer(let y)): return .integer(try integer(operation, type, x, y))
        case (.double(let x), .double(let y)):
            return .double(type.kind == .real ? Double(try floating(operation, Float(x), Float(y))) : try floating(operation, x, y))
        case (.wide(let x), .wide(let y)): return .wide(try wide(operation, type, x, y))
        default: return .null
        }
    }

    private static func integer(
        _ operation: Arithmetic, _ type: ScalarType, _ x: Int64, _ y: Int64
    ) throws(LeibrixError) -> Int64 {
        let outcome: (partialValue: Int64, overflow: Bool)
        switch operation {
        case .add: outcome = x.addingReportingOverflow(y)
        case .subtract: outcome = x.subtractingReportingOverflow(y)
        case .multiply: outcome = x.multipliedReportingOverflow(by: y)
        case .divide, .integerDivide:
            guard y != 0 else { throw divisionByZero }
            outcome = x.dividedReportingOverflow(by: y)
        case .modulo:
            guard y != 0 else { throw divisionByZero }
            // As in DuckDB, the smallest number divided by -1 has no rest either.
            outcome = y == -1 ? (0, x == type.range.lowerBound) : (x % y, false)
        case .bitAnd: outcome = (x & y, false)
        case .bitOr: outcome = (x | y, false)
        }
        guard !outcome.overflow, type.range.contains(outcome.partialValue) else { throw outOfRange(type) }
        return outcome.partialValue
    }

    private static func floating<F: BinaryFloatingPoint>(_ operation: Arithmetic, _ x: F, _ y: F) throws(LeibrixError) -> F {
        switch operation {
        case .add: return x + y
        case .subtract: return x - y
        case .multiply: return x * y
        default:
            guard y != 0 else { throw divisionByZero }
            return operation == .modulo ? x.truncatingRemainder(dividingBy: y) : x / y
        }
    }

    private static func wide(_ operation: Arithmetic, _ type: ScalarType, _ x: Int128, _ y: Int128) throws(LeibrixError) -> Int128 {
        let outcome: (partialValue: Int128, overflow: Bool)
        switch operation {
        case .add: outcome = x.addingReportingOverflow(y)
        case .subtract: outcome = x.subtractingReportingOverflow(y)
        case .multiply: outcome = x.multipliedReportingOverflow(by: y)
        default: throw LeibrixError(.internal, "decimals are not divided here")
        }
        guard !outcome.overflow, outcome.partialValue.magnitude < powersOfTen[Int(type.width)].magnitude else { throw outOfRange(type) }
        return outcome.partialValue
    }

    static func negate(_ type: ScalarType, _ a: Scalar) throws(LeibrixError) -> Scalar {
        switch a {
        case .integer(let x):
            guard x != type.range.lowerBound else { throw outOfRange(type) }
            return .integer(-x)
        case .double(let x): return .double(-x)
        case .wide(let x): return .wide(-x)
        case .interval(let months, let days, let micros):
            guard months != .min, days != .min, micros != .min else { throw outOfRange(type) }
            return .interval(months: -months, days: -days, micros: -micros)
        default: return .null
        }
    }

    static func absolute(_ type: ScalarType, _ a: Scalar) throws(LeibrixError) -> Scalar {
        switch a {
        case .integer(let x) where x < 0: return try negate(type, a)
        case .double(let x): return .double(x.magnitude)
        case .wide(let x): return .wide(x < 0 ? -x : x)
        default: return a
        }
    }

    /// Half away from zero. Decimals keep `digits` (from 0) and have no other scale afterwards.
    static func round(_ rounding: Rounding, _ type: ScalarType, _ a: Scalar, _ digits: Int) -> Scalar {
        switch a {
        case .double(let x): return .double(round(rounding, type, x, digits))
        case .wide(let x): return .wide(ScalarCast.rescale(x, by: Int(type.scale) - digits, rounding))
        default: return a
        }
    }

    private static func round(_ rounding: Rounding, _ type: ScalarType, _ x: Double, _ digits: Int) -> Double {
        switch rounding {
        case .floor: return x.rounded(.down)
        case .ceiling: return x.rounded(.up)
        case .round where digits == 0: return x.rounded(.toNearestOrAwayFromZero)
        case .round:
            let factor = doublePowersOfTen[min(digits.magnitude > 38 ? 38 : Int(digits.magnitude), 38)]
            let rounded = digits < 0 ? (x / factor).rounded(.toNearestOrAwayFromZero) * factor : (x * factor).rounded(.toNearestOrAwayFromZero) / factor
            return rounded.isFinite ? rounded : digits < 0 ? 0 : x
        }
    }

    static var divisionByZero: LeibrixError { LeibrixError(.divisionByZero, "division by zero", hint: "NULLIF(divisor, 0) gives NULL instead.") }

    static func outOfRange(_ type: ScalarType) -> LeibrixError {
        type.kind == .decimal
            ? LeibrixError(
                .outOfRange, "numeric field overflow",
                detail: "A field with precision \(type.width), scale \(type.scale) must round to an absolute value less than 10^\(type.width - type.scale).")
            : LeibrixError(.outOfRange, "\(type.name) out of range")
    }
}
