// A typed SQL expression over the columns of a chunk: what binding makes and what a program is compiled from.
internal import Columnar

indirect enum Scalar: Hashable, Sendable {
    case column(Int, DataType)
    case constant(Value, DataType)
    case cast(Scalar, DataType, isTry: Bool)
    case call(ScalarFunction, [Scalar], DataType)
    /// The first branch whose condition is true, else `otherwise`; all of one type.
    case choose([Branch], otherwise: Scalar, DataType)

    struct Branch: Hashable, Sendable {
        var condition: Scalar
        var value: Scalar
        init(_ condition: Scalar, _ value: Scalar) {
            self.condition = condition
            self.value = value
        }
    }

    var type: DataType {
        switch self {
        case .column(_, let type), .constant(_, let type), .cast(_, let type, _), .call(_, _, let type), .choose(_, _, let type):
            type
        }
    }

    static func null(_ type: DataType) -> Scalar { .constant(.null, type) }

    /// Calls `body` for every column in it.
    func eachColumn(_ body: (Int) -> Void) {
        switch self {
        case .column(let index, _): body(index)
        case .constant: break
        case .cast(let inner, _, _): inner.eachColumn(body)
        case .call(_, let arguments, _): for argument in arguments { argument.eachColumn(body) }
        case .choose(let branches, let otherwise, _):
            for branch in branches {
                branch.condition.eachColumn(body)
                branch.value.eachColumn(body)
            }
            otherwise.eachColumn(body)
        }
    }

    /// The same expression over columns found at other places.
    func moved(_ place: (Int) -> Int) -> Scalar {
        switch self {
        case .column(let index, let type): .column(place(index), type)
        case .constant: self
        case .cast(let inner, let type, let isTry): .cast(inner.moved(place), type, isTry: isTry)
        case .call(let function, let arguments, let type): .call(function, arguments.map { $0.moved(place) }, type)
        case .choose(let branches, let otherwise, let type):
            .choose(
                branches.map { Branch($0.condition.moved(place), $0.value.moved(place)) },
                otherwise: otherwise.moved(place), type)
        }
    }
}

enum ScalarFunction: Hashable, Sendable {
    case add, subtract, multiply, divide, integerDivide, modulo, negate, absolute
    case bitAnd, bitOr, bitXor, shiftLeft, shiftRight
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case and, or, not, isNull, isNotNull, isDistinct, isNotDistinct
    case floor, ceil, round, truncate, squareRoot, naturalLog, log10, log2, exponential, power, sign
    case concat, lower, upper, length, substring, trim, trimLeft, trimRight, contains, startsWith, endsWith, like, replace, splitPart, position
    /// Of a JSON text and a path's steps.
    case jsonText, jsonValue, jsonLength
    /// Rounds down to a multiple: value, size, offset.
    case floorMultiple
    case dateTrunc(CalendarUnit)
    case datePart(CalendarUnit)
    case addMonths
    /// A 64-bit value as it is, under another type (BIGINT milliseconds and timestamps after scaling).
    case reinterpret
    case hash
    case sine, cosine, tangent, arcSine, arcCosine, arcTangent, arcTangent2, cotangent, cubeRoot, sinh, cosh, tanh, asinh, acosh, atanh, degrees, radians, gamma, logGamma
    case isNaN, isInfinite, isFinite, isSigned
    /// To a power of ten; of bits, so many.
    case roundTo, bitCount, commonDivisor, commonMultiple
    case moreText(MoreText)
    case regex(RegexCall)
}

enum CalendarUnit: Hashable, Sendable {
    case microsecond, millisecond, second, minute, hour, day, week, month, quarter, year, dayOfWeek, isoDayOfWeek, dayOfYear, epoch
}
