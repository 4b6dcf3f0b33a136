// More functions of numbers.
internal import Base
internal import Columnar
internal import SQLPlanning

extension Binder {
    private static let moreOfDouble: [String: ScalarFunction] = [
        "sin": .sine, "cos": .cosine, "tan": .tangent, "asin": .arcSine, "acos": .arcCosine, "atan": .arcTangent, "cot": .cotangent, "cbrt": .cubeRoot, "sinh": .sinh,
        "cosh": .cosh, "tanh": .tanh, "asinh": .asinh, "acosh": .acosh, "atanh": .atanh, "degrees": .degrees, "radians": .radians, "gamma": .gamma, "lgamma": .logGamma,
    ]
    private static let tests: [String: ScalarFunction] = ["isnan": .isNaN, "isinf": .isInfinite, "isfinite": .isFinite, "signbit": .isSigned]
    static let moreNumberNames: Set<String> = Set(moreOfDouble.keys).union(tests.keys).union([
        "atan2", "log", "sign", "floor", "ceil", "ceiling", "trunc", "round", "bit_count", "gcd", "greatest_common_divisor", "lcm", "least_common_multiple", "~", "@", "pi", "fmod", "fdiv",
    ])

    static func moreNumber(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        if name == "pi" && arguments.isEmpty { return .constant(.double(.pi), .double) }
        guard let first = arguments.first, first.type.isNumeric else { return nil }
        if arguments.count == 1 { return moreOfOne(name, first) }
        guard arguments.count == 2, arguments[1].type.isNumeric else { return nil }
        switch name {
        case "round", "trunc": return rounded(name, first, arguments[1])
        case "gcd", "greatest_common_divisor", "lcm", "least_common_multiple":
            guard first.type.integerRange != nil, arguments[1].type.integerRange != nil, let a = Typing.cast(first, to: .bigInt), let b = Typing.cast(arguments[1], to: .bigInt) else { return nil }
            return .call(name.hasPrefix("g") ? .commonDivisor : .commonMultiple, [a, b], .bigInt)
        default: break
        }
        guard let a = Typing.cast(first, to: .double), let b = Typing.cast(arguments[1], to: .double) else { return nil }
        switch name {
        case "atan2": return .call(.arcTangent2, [a, b], .double)
        case "log": return .call(.divide, [.call(.log10, [b], .double), .call(.log10, [a], .double)], .double)
        case "fmod":
            let floor = Scalar.call(.floor, [.call(.divide, [a, b], .double)], .double)
            return .call(.subtract, [a, .call(.multiply, [floor, b], .double)], .double)
        case "fdiv": return .call(.floor, [.call(.divide, [a, b], .double)], .double)
        default: return nil
        }
    }

    private static func moreOfOne(_ name: String, _ value: Scalar) -> Scalar? {
        if let function = moreOfDouble[name], let double = Typing.cast(value, to: .double) { return .call(function, [double], .double) }
        if let test = tests[name] { return value.type.isFloating ? .call(test, [value], .boolean) : nil }
        switch name {
        case "sign" where value.type.isFloating: return Typing.cast(.call(.sign, [value], .double), to: .tinyInt)
        case "sign" where value.type.decimalShape != nil:
            let zero = Scalar.constant(.decimal(0, width: 1, scale: 0), .decimal(digits: 1, scale: 0))
            guard let above = Typing.comparison(.greater, value, zero), let below = Typing.comparison(.less, value, zero) else { return nil }
            let number = { (number: Int64) in Scalar.constant(.integer(number), .tinyInt) }
            let signs = Scalar.choose([.init(above, number(1)), .init(below, number(-1))], otherwise: number(0), .tinyInt)
            return .choose([.init(.call(.isNotNull, [value], .boolean), signs)], otherwise: .null(.tinyInt), .tinyInt)
        case "floor", "ceil", "ceiling", "trunc", "round": return decimal(name, value, 0)
        case "bit_count":
            guard let range = value.type.integerRange else { return nil }
            // A narrow negative number has the bits of its own width.
            let bits = Int64(64 - (range.lowerBound < 0 ? range.upperBound.leadingZeroBitCount - 1 : range.upperBound.leadingZeroBitCount))
            return Typing.cast(.call(.bitCount, [value, .constant(.integer(bits), .bigInt)], .bigInt), to: .tinyInt)
        case "~":
            guard value.type.integerRange != nil else { return nil }
            return .call(.bitXor, [value, .constant(.integer(-1), value.type)], value.type)
        case "@": return .call(.absolute, [value], value.type)
        default: return nil
        }
    }

    private static func rounded(_ name: String, _ value: Scalar, _ digits: Scalar) -> Scalar? {
        guard case .constant(.integer(let places), _) = digits, abs(places) <= 38 else { return nil }
        if value.type.integerRange != nil {
            if places >= 0 { return value }
            guard name == "round", places >= -18 else { return nil }
            return .call(.roundTo, [value, .constant(.integer(-places), .bigInt)], value.type)
        }
        return name == "round" ? decimal(name, value, Int(places)) : nil
    }

    /// A DECIMAL with fewer digits behind the point.
    private static func decimal(_ name: String, _ value: Scalar, _ places: Int) -> Scalar? {
        guard case .decimal(let width, let scale) = value.type.base else { return nil }
        if places >= Int(scale) { return value }
        let type = DataType.decimal(digits: Int(width), scale: max(places, 0))
        let function: ScalarFunction = name == "floor" ? .floor : name == "trunc" ? .truncate : name == "round" ? .round : .ceil
        // Digits that go, and those before the point that become zeros.
        let gone = Scalar.constant(.integer(Int64(Int(scale) - max(places, 0))), .bigInt)
        let zeros = Scalar.constant(.integer(Int64(max(-places, 0))), .bigInt)
        guard Int(scale) - min(places, 0) <= 37 else { return nil }
        return .call(function, [value, gone, zeros], type)
    }
}
