// Functions and operators that are calls.
internal import Base
internal import Columnar
internal import SQLPlanning

extension Binder {
    private static let operators: [String: ScalarFunction] = [
        "+": .add, "-": .subtract, "*": .multiply, "/": .divide, "//": .integerDivide, "%": .modulo, "mod": .modulo,
        "^": .power, "**": .power, "pow": .power, "power": .power, "add": .add, "subtract": .subtract, "multiply": .multiply,
        "divide": .integerDivide,
        "&": .bitAnd, "|": .bitOr, "xor": .bitXor, "<<": .shiftLeft, ">>": .shiftRight,
    ]
    /// Functions of one DOUBLE.
    private static let ofDouble: [String: ScalarFunction] = [
        "sqrt": .squareRoot, "ln": .naturalLog, "log": .log10, "log10": .log10, "log2": .log2, "exp": .exponential,
    ]
    private static let ofText: [String: (ScalarFunction, DataType)] = [
        "lower": (.lower, .varchar), "lcase": (.lower, .varchar), "upper": (.upper, .varchar), "ucase": (.upper, .varchar),
        "length": (.length, .bigInt), "len": (.length, .bigInt), "char_length": (.length, .bigInt), "trim": (.trim, .varchar),
        "ltrim": (.trimLeft, .varchar), "rtrim": (.trimRight, .varchar),
    ]
    private static let ofTexts: [String: (ScalarFunction, DataType)] = [
        "contains": (.contains, .boolean), "starts_with": (.startsWith, .boolean), "prefix": (.startsWith, .boolean),
        "ends_with": (.endsWith, .boolean), "suffix": (.endsWith, .boolean), "~~": (.like, .boolean),
    ]

    func bindCall(_ call: FunctionCall, _ expression: Expression) throws(LeibrixError) -> Scalar {
        guard call.isPlain else { throw Self.unsupported("\(call.name)() with DISTINCT, FILTER or ORDER BY here", expression) }
        guard !WindowFunctions.names.contains(call.name) else {
            throw LeibrixError(
                .streamWindow, "\(call.name)() is a window, which stands in GROUP BY", hint: "SELECT … GROUP BY key, \(call.name)(…); window_start and window_end are its bounds.",
                position: expression.location.map { $0 + 1 })
        }
        if let moved = try bindTimeArithmetic(call, expression) { return moved }
        if Self.moreTimeNames.contains(call.name), let time = try bindMoreTime(call, expression) { return time }
        if let time = try bindTime(call, expression) { return time }
        var arguments: [Scalar] = []
        for argument in call.arguments { arguments.append(try bind(argument)) }
        guard let scalar = Self.json(call.name, arguments) ?? Self.number(call.name, arguments) ?? Self.text(call.name, arguments) ?? Self.choice(call.name, arguments) ?? Self.moreNumber(call.name, arguments)
            ?? Self.moreText(call.name, arguments) ?? Self.days(call.name, arguments) else {
            throw Self.known.contains(call.name)
                ? mismatch("\(call.name)()", arguments.map(\.type), expression)
                : Self.unsupported("the function \(call.name)()", expression)
        }
        return scalar
    }

    private static let known: Set<String> = Set(operators.keys).union(ofDouble.keys).union(ofText.keys).union(ofTexts.keys)
        .union(jsonFunctions.keys).union(moreNumberNames).union(moreTextNames).union(["abs", "floor", "ceil", "ceiling", "round", "trunc", "sign", "||", "concat", "substring", "substr", "replace", "!~~", "split_part", "position", "strpos", "instr", "left", "right"])

    private static func number(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        if let function = operators[name], arguments.count == 2 { return Typing.arithmetic(function, arguments[0], arguments[1]) }
        guard let first = arguments.first else { return nil }
        if let function = ofDouble[name], arguments.count == 1, first.type.isNumeric, let value = Typing.cast(first, to: .double) {
            return .call(function, [value], .double)
        }
        guard first.type.isNumeric else { return nil }
        switch (name, arguments.count) {
        case ("-", 1):
            if case .constant(.integer(let number), let type) = first, number != .min { return .constant(.integer(-number), type) }
            if case .constant(.decimal(let digits, let width, let scale), let type) = first {
                return .constant(.decimal(-digits, width: width, scale: scale), type)
            }
            return .call(.negate, [first], first.type)
        case ("+", 1): return first
        case ("abs", 1): return .call(.absolute, [first], first.type)
        case ("floor", 1), ("ceil", 1), ("ceiling", 1), ("trunc", 1):
            guard first.type.isFloating || first.type.isInteger, let value = Typing.cast(first, to: .double) else { return nil }
            return .call(name == "floor" ? .floor : name == "trunc" ? .truncate : .ceil, [value], .double)
        case ("round", 1): return first.type.isFloating ? .call(.round, [first], .double) : first.type.isInteger ? first : nil
        case ("round", 2):
            guard first.type.isFloating, case .constant(.integer, _) = arguments[1] else { return nil }
            return .call(.round, [first, arguments[1]], .double)
        case ("sign", 1):
            guard first.type.integerRange != nil else { return nil }
            return .call(.sign, [first], .tinyInt)
        default: return nil
        }
    }

    private static func text(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        let isText = { (scalar: Scalar) in scalar.type.base == .varchar || scalar.type.base == .null }
        if let (function, type) = ofText[name], arguments.count == 1, isText(arguments[0]) { return .call(function, arguments, type) }
        if let (function, type) = ofTexts[name], arguments.count == 2, arguments.allSatisfy(isText) {
            return .call(function, arguments, type)
        }
        switch (name, arguments.count) {
        case ("!~~", 2) where arguments.allSatisfy(isText): return .call(.not, [.call(.like, arguments, .boolean)], .boolean)
        case ("||", 2):
            guard arguments.contains(where: isText), let a = Typing.cast(arguments[0], to: .varchar), let b = Typing.cast(arguments[1], to: .varchar)
            else { return nil }
            return .call(.concat, [a, b], .varchar)
        case ("concat", 1...):
            // CONCAT takes NULL for an empty text.
            var result: Scalar?
            for argument in arguments {
                guard let piece = Typing.cast(argument, to: .varchar) else { return nil }
                let filled = Scalar.choose([.init(.call(.isNotNull, [piece], .boolean), piece)], otherwise: .constant(.string(""), .varchar), .varchar)
                result = result.map { .call(.concat, [$0, filled], .varchar) } ?? filled
            }
            return result
        case ("substring", 2), ("substr", 2):
            guard isText(arguments[0]), let start = Typing.cast(arguments[1], to: .bigInt) else { return nil }
            return .call(.substring, [arguments[0], start, .constant(.integer(Int64(Int32.max)), .bigInt)], .varchar)
        case ("substring", 3), ("substr", 3):
            guard isText(arguments[0]), let start = Typing.cast(arguments[1], to: .bigInt), let length = Typing.cast(arguments[2], to: .bigInt)
            else { return nil }
            return .call(.substring, [arguments[0], start, length], .varchar)
        case ("split_part", 3):
            guard isText(arguments[0]), isText(arguments[1]), let place = Typing.cast(arguments[2], to: .bigInt) else { return nil }
            return .call(.splitPart, [arguments[0], arguments[1], place], .varchar)
        case ("position", 2), ("strpos", 2), ("instr", 2):
            guard arguments.allSatisfy(isText) else { return nil }
            return .call(.position, arguments, .bigInt)
        case ("replace", 3) where arguments.allSatisfy(isText): return .call(.replace, arguments, .varchar)
        default: return nil
        }
    }

    private static let jsonFunctions: [String: ScalarFunction] = [
        "json_extract_string": .jsonText, "json_extract_path_text": .jsonText, "->>": .jsonText, "json_extract": .jsonValue, "json_extract_path": .jsonValue,
        "->": .jsonValue, "json_array_length": .jsonLength,
    ]

    static func json(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        guard let function = jsonFunctions[name], let document = arguments.first, document.type.base == .varchar else { return nil }
        var path = "$"
        if arguments.count == 2 {
            switch arguments[1] {
            case .constant(.string(let text), _): path = text
            case .constant(.integer(let index), _) where index >= 0: path = "$[\(index)]"
            default: return nil
            }
        } else if arguments.count != 1 || function != .jsonLength {
            return nil
        }
        guard let steps = JSONPath.steps(path) else { return nil }
        let parts = [document, .constant(.string(steps), .varchar)]
        switch function {
        case .jsonText: return .call(function, parts, .varchar)
        case .jsonValue: return .call(function, parts, .json)
        default: return Typing.cast(.call(function, parts, .bigInt), to: .unsignedBigInt)
        }
    }

    private static func choice(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        switch (name, arguments.count) {
        case ("nullif", 2):
            guard let equal = Typing.comparison(.equal, arguments[0], arguments[1]) else { return nil }
            return .choose([.init(equal, .null(arguments[0].type))], otherwise: arguments[0], arguments[0].type)
        case ("if", 3):
            guard let values = Typing.unifyAll(Array(arguments[1...])), arguments[0].type.base == .boolean else { return nil }
            return .choose([.init(arguments[0], values[0])], otherwise: values[1], values[0].type)
        case ("ifnull", 2):
            guard let values = Typing.unifyAll(arguments) else { return nil }
            return .choose([.init(.call(.isNotNull, [values[0]], .boolean), values[0])], otherwise: values[1], values[0].type)
        case ("greatest", 2...), ("least", 2...):
            guard let values = Typing.unifyAll(arguments) else { return nil }
            return values.dropFirst().reduce(values[0]) { best, value in
                let wins = Scalar.call(name == "greatest" ? .greater : .less, [value, best], .boolean)
                let isFirst = Scalar.call(.isNull, [best], .boolean)
                return .choose([.init(.call(.or, [wins, isFirst], .boolean), value)], otherwise: best, best.type)
            }
        case ("hash", 1): return arguments[0].type.laneKind == .int || arguments[0].type.laneKind == .text ? nil : nil
        default: return nil
        }
    }
}
