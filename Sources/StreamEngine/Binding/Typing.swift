// DuckDB's types of operators and functions: which common type two values meet in, what comes out, and the casts between.
// Rules were read off DuckDB itself (typeof over every pair); generated queries hold them to it.
internal import Base
internal import Columnar

enum Typing {
    /// A scalar as another type; nil where DuckDB has a cast and the engine does not, or neither has.
    static func cast(_ scalar: Scalar, to type: DataType, isTry: Bool = false) -> Scalar? {
        let from = scalar.type
        if from.base == type.base { return scalar }
        guard type.laneKind != nil else { return nil }
        if case .constant(.null, _) = scalar { return .null(type) }
        if case .constant(let value, _) = scalar, let folded = fold(value, from, type) { return .constant(folded, type) }
        guard isCastable(from, type) else { return nil }
        return .cast(scalar, type, isTry: isTry)
    }

    private static func isCastable(_ from: DataType, _ to: DataType) -> Bool {
        if to.base == .varchar { return from.base != .timestampTZ && from.base != .time }
        if from.isNumeric || from.base == .boolean { return to.isNumeric || to.base == .boolean && from.laneKind == .int }
        if from.base == .varchar && (to.base == .timestamp || to.base == .date || to.base == .boolean) { return true }
        if from.base == .varchar { return to.isInteger && to.laneKind == .int || to.isFloating || to.laneKind == .huge && to.decimalShape != nil }
        let isTime = { (type: DataType) in type.isTimestamp || type.base == .date }
        return isTime(from) && isTime(to)
    }

    /// Constants change their type while planning where that is exact.
    private static func fold(_ value: Value, _ from: DataType, _ to: DataType) -> Value? {
        if case .integer(let number) = value {
            if let range = to.integerRange { return range.contains(number) ? value : nil }
            if to.base == .double || to.base == .real { return .double(Double(number)) }
            if case .decimal(let width, let scale) = to.base, abs(Int128(number)) < powerOfTen(Int(width) - Int(scale)) {
                return .decimal(Int128(number) * powerOfTen(Int(scale)), width: width, scale: scale)
            }
            if to.base == .hugeInt { return .hugeInt(Int128(number)) }
        }
        if case .decimal(let digits, _, let scale) = value {
            if to.base == .double { return .double(Double(digits) / Double(powerOfTen(Int(scale)))) }
            if case .decimal(let width, let toScale) = to.base, toScale >= scale {
                return .decimal(digits * powerOfTen(Int(toScale) - Int(scale)), width: width, scale: toScale)
            }
        }
        if case .string(let text) = value {
            if to.isTimestamp, let micros = TimeText.timestamp(text) { return .timestamp(micros) }
            if to.base == .date, let micros = TimeText.timestamp(text) { return .date(Int32(floorDivide(micros, 86_400_000_000))) }
        }
        return nil
    }

    /// The type two values meet in for comparisons, CASE, COALESCE; nil for pairs that do not go together.
    static func common(_ left: DataType, _ right: DataType) -> DataType? {
        let (a, b) = (left.base, right.base)
        if a == b { return left }
        if a == .null { return right }
        if b == .null { return left }
        if a.isNumeric && b.isNumeric { return commonNumber(a, b) }
        if a == .boolean && b.isNumeric { return b }
        if b == .boolean && a.isNumeric { return a }
        if a == .varchar || b == .varchar { return a == .varchar ? right : left }
        if (a.isTimestamp || a == .date) && (b.isTimestamp || b == .date) {
            return a == .timestampTZ || b == .timestampTZ ? .timestampTZ : .timestamp
        }
        return nil
    }

    private static func commonNumber(_ a: DataType, _ b: DataType) -> DataType? {
        if a.isFloating || b.isFloating { return a == .real && b == .real ? .real : .double }
        if let left = a.integerRange, let right = b.integerRange {
            let order: [DataType] = [.tinyInt, .unsignedTinyInt, .smallInt, .unsignedSmallInt, .integer, .unsignedInteger, .bigInt]
            return order.first {
                guard let range = $0.integerRange else { return false }
                return min(left.lowerBound, right.lowerBound) >= range.lowerBound && max(left.upperBound, right.upperBound) <= range.upperBound
            }
        }
        if a.isInteger && b.isInteger { return .hugeInt }
        guard let left = a.decimalShape, let right = b.decimalShape else { return nil }
        let scale = max(left.scale, right.scale)
        return .decimal(digits: max(left.width - left.scale, right.width - right.scale) + scale, scale: scale)
    }

    /// Both scalars in one type. Literals of integers take the other side's type where they fit, as in DuckDB.
    static func unify(_ left: Scalar, _ right: Scalar) -> (Scalar, Scalar)? {
        if let fitted = fitted(left, to: right.type) { return (fitted, right) }
        if let fitted = fitted(right, to: left.type) { return (left, fitted) }
        guard let type = common(left.type, right.type), let a = cast(left, to: type), let b = cast(right, to: type) else { return nil }
        return (a, b)
    }

    private static func fitted(_ scalar: Scalar, to type: DataType) -> Scalar? {
        guard case .constant(.integer(let number), _) = scalar, let range = type.integerRange, range.contains(number) else { return nil }
        return .constant(.integer(number), type)
    }
}

// MARK: operators

extension Typing {
    static func comparison(_ function: ScalarFunction, _ left: Scalar, _ right: Scalar) -> Scalar? {
        guard let (a, b) = unify(left, right) else { return nil }
        return .call(function, [a, b], .boolean)
    }

    static func arithmetic(_ function: ScalarFunction, _ left: Scalar, _ right: Scalar) -> Scalar? {
        switch function {
        case .divide, .power:
            guard left.type.isNumeric || left.type.base == .null, right.type.isNumeric || right.type.base == .null else { return nil }
            guard let a = cast(left, to: .double), let b = cast(right, to: .double) else { return nil }
            return .call(function, [a, b], .double)
        case .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight:
            guard left.type.isInteger, right.type.isInteger, let (a, b) = unify(left, right), a.type.laneKind == .int else { return nil }
            return .call(function, [a, b], a.type)
        default: break
        }
        guard left.type.isNumeric || left.type.base == .null, right.type.isNumeric || right.type.base == .null else { return nil }
        if let (a, b) = integers(left, right) { return .call(function, [a, b], a.type) }
        if left.type.isFloating || right.type.isFloating {
            guard function != .integerDivide, let a = cast(left, to: .double), let b = cast(right, to: .double) else { return nil }
            return .call(function, [a, b], .double)
        }
        return decimals(function, left, right)
    }

    private static func integers(_ left: Scalar, _ right: Scalar) -> (Scalar, Scalar)? {
        guard left.type.isInteger || left.type.base == .null, right.type.isInteger || right.type.base == .null else { return nil }
        return unify(left, right)
    }

    private static func decimals(_ function: ScalarFunction, _ left: Scalar, _ right: Scalar) -> Scalar? {
        guard let a = left.type.decimalShape, let b = right.type.decimalShape else { return nil }
        switch function {
        case .multiply:
            let scale = a.scale + b.scale
            guard scale <= 38 else { return nil }
            let type = DataType.decimal(digits: a.width + b.width, scale: scale)
            guard let x = cast(left, to: .decimal(digits: a.width, scale: a.scale)), let y = cast(right, to: .decimal(digits: b.width, scale: b.scale))
            else { return nil }
            return narrowed(.call(.multiply, [x, y], type), a.width + b.width, scale, unless: max(a.width, b.width) > 18 || scale >= 18)
        case .add, .subtract:
            let scale = max(a.scale, b.scale)
            let digits = max(a.width - a.scale, b.width - b.scale) + scale + 1
            let type = DataType.decimal(digits: digits, scale: scale)
            guard let x = cast(left, to: type), let y = cast(right, to: type) else { return nil }
            return narrowed(.call(function, [x, y], type), digits, scale, unless: max(a.width, b.width) > 18)
        case .modulo:
            guard let type = common(left.type, right.type), let x = cast(left, to: type), let y = cast(right, to: type) else { return nil }
            return .call(.modulo, [x, y], type)
        default: return nil
        }
    }

    /// DuckDB keeps the result of operands of 64 bits within 64 bits, and fails where it does not fit.
    private static func narrowed(_ result: Scalar, _ digits: Int, _ scale: Int, unless isWide: Bool) -> Scalar? {
        digits > 18 && !isWide ? cast(result, to: .decimal(digits: 18, scale: scale)) : result
    }

    /// All values in their common type.
    static func unifyAll(_ scalars: [Scalar]) -> [Scalar]? {
        guard var type = scalars.first?.type else { return nil }
        for scalar in scalars.dropFirst() {
            guard let next = common(type, scalar.type) else { return nil }
            type = next
        }
        var result: [Scalar] = []
        for scalar in scalars {
            guard let cast = cast(scalar, to: type) else { return nil }
            result.append(cast)
        }
        return result
    }
}
