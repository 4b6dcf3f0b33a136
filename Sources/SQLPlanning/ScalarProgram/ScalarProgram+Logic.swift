// Comparisons and three-valued logic.

extension ScalarProgram {
    static func and(_ a: Scalar, _ b: Scalar) -> Scalar {
        switch (a, b) {
        case (.boolean(false), _), (_, .boolean(false)): .boolean(false)
        case (.boolean(true), .boolean(true)): .boolean(true)
        default: .null
        }
    }

    static func or(_ a: Scalar, _ b: Scalar) -> Scalar {
        switch (a, b) {
        case (.boolean(true), _), (_, .boolean(true)): .boolean(true)
        case (.boolean(false), .boolean(false)): .boolean(false)
        default: .null
        }
    }

    static func compare(_ comparison: Comparison, _ type: ScalarType, _ a: Scalar, _ b: Scalar) -> Scalar {
        if a.isNull || b.isNull {
            switch comparison {
            case .distinct: return .boolean(a.isNull != b.isNull)
            case .notDistinct: return .boolean(a.isNull == b.isNull)
            default: return .null
            }
        }
        let order = order(type, a, b)
        return switch comparison {
        case .equal, .notDistinct: .boolean(order == 0)
        case .notEqual, .distinct: .boolean(order != 0)
        case .less: .boolean(order < 0)
        case .lessOrEqual: .boolean(order <= 0)
        case .greater: .boolean(order > 0)
        case .greaterOrEqual: .boolean(order >= 0)
        }
    }

    /// Negative, zero or positive, as DuckDB orders: NaN is equal to itself and above all numbers, text by its bytes.
    static func order(_ type: ScalarType, _ a: Scalar, _ b: Scalar) -> Int {
        switch (a, b) {
        case (.integer(let x), .integer(let y)): x < y ? -1 : x > y ? 1 : 0
        case (.double(let x), .double(let y)): order(x, y)
        case (.wide(let x), .wide(let y)): x < y ? -1 : x > y ? 1 : 0
        case (.boolean(let x), .boolean(let y)): (x ? 1 : 0) - (y ? 1 : 0)
        case (.string(let x), .string(let y)): TextMatch.order(x, y)
        case (.interval(let m, let d, let u), .interval(let n, let e, let v)): Temporals.order((m, d, u), (n, e, v))
        default: 0
        }
    }

    private static func order(_ x: Double, _ y: Double) -> Int {
        if x < y { return -1 }
        if x > y { return 1 }
        if x == y { return 0 }
        return (x.isNaN ? 1 : 0) - (y.isNaN ? 1 : 0)
    }
}
