// From typed expressions to a flat program. Equal sub-expressions share a register, unless they stand under different
// conditions: a branch of CASE that is not taken must not fail.
internal import Base
internal import Columnar

struct ProgramCompiler {
    private struct Key: Hashable {
        let scalar: Scalar
        let guarded: Int
    }

    private let inputTypes: [DataType]
    private let arena = Arena()
    private var registers: [Vector] = []
    private var code: [Instruction] = []
    private var known: [Key: Int] = [:]
    private var inputs: Set<Int> = []
    private var usesScratch = false
    private var regexes: [RegexRunner] = []

    private init(inputTypes: [DataType]) {
        self.inputTypes = inputTypes
        for type in inputTypes {
            registers.append(Vector(data: .absent, nulls: .absent, hasNulls: false))
            precondition(type.laneKind != nil, "a column of type \(type) has no lane")
        }
    }

    /// A program that evaluates `expressions` over chunks with columns of `inputTypes`.
    static func compile(_ expressions: [Scalar], inputTypes: [DataType]) -> Program {
        var compiler = ProgramCompiler(inputTypes: inputTypes)
        let results = expressions.map { compiler.compile($0, -1) }
        return Program(
            code: compiler.code, registers: compiler.registers, inputs: compiler.inputs.sorted(), results: results,
            resultTypes: expressions.map(\.type), usesScratch: compiler.usesScratch, regexes: compiler.regexes, arena: compiler.arena)
    }

    private mutating func register(_ kind: LaneKind) -> Int {
        registers.append(arena.vector(kind, count: StreamLimits.chunkRowsMax))
        return registers.count - 1
    }

    private mutating func emit(
        _ opcode: Opcode, _ kind: LaneKind, _ a: Int, _ b: Int? = nil, c: Int = 0, guarded: Int, aux: Int64 = 0, aux2: Int64 = 0
    ) -> Int {
        let out = register(kind)
        code.append(
            Instruction(
                code: opcode, out: Int32(out), a: Int32(a), b: Int32(b ?? a), c: Int32(c), guardRegister: Int32(guarded),
                aux: aux, aux2: aux2))
        return out
    }

    private mutating func compile(_ scalar: Scalar, _ guarded: Int) -> Int {
        let key = Key(scalar: scalar, guarded: guarded)
        if let place = known[key] ?? known[Key(scalar: scalar, guarded: -1)] { return place }
        let place: Int
        switch scalar {
        case .column(let index, _):
            inputs.insert(index)
            place = index
        case .constant(let value, let type): place = constant(value, type)
        case .cast(let inner, let type, let isTry): place = cast(compile(inner, guarded), inner.type, type, isTry, guarded)
        case .call(let function, let arguments, let type): place = call(function, arguments, type, guarded)
        case .choose(let branches, let otherwise, let type): place = choose(branches[...], otherwise, type, guarded)
        }
        known[key] = place
        return place
    }

    private mutating func constant(_ value: Value, _ type: DataType) -> Int {
        let kind = type.laneKind ?? .int
        let place = register(kind)
        Constants.fill(&registers[place], value, type, arena: arena)
        return place
    }

    private mutating func choose(_ branches: ArraySlice<Scalar.Branch>, _ otherwise: Scalar, _ type: DataType, _ guarded: Int) -> Int {
        guard let branch = branches.first else { return compile(otherwise, guarded) }
        let condition = compile(branch.condition, guarded)
        let taken = both(condition, guarded)
        let value = compile(branch.value, taken)
        let isFalse = emit(.compare(.isDistinct, .bool), .bool, condition, constant(.boolean(true), .boolean), guarded: -1)
        let rest = choose(branches.dropFirst(), otherwise, type, both(isFalse, guarded))
        let kind = type.laneKind ?? .int
        return emit(.select(kind), kind, value, rest, c: condition, guarded: -1)
    }

    private mutating func both(_ condition: Int, _ guarded: Int) -> Int {
        guarded < 0 ? condition : emit(.logic(.and), .bool, condition, guarded, guarded: -1)
    }

    // MARK: calls

    private mutating func call(_ function: ScalarFunction, _ arguments: [Scalar], _ type: DataType, _ guarded: Int) -> Int {
        let places = arguments.map { compile($0, guarded) }
        let kind = arguments.first?.type.laneKind ?? .int
        if let comparison = Self.comparisons[function] {
            return emit(.compare(comparison, kind), .bool, places[0], places[1], guarded: guarded)
        }
        if let logic = Self.logics[function] {
            return emit(.logic(logic), .bool, places[0], places.count > 1 ? places[1] : nil, guarded: guarded)
        }
        if let text = Self.texts[function] { return callText(text, places, type, guarded) }
        switch function {
        case .floorMultiple, .dateTrunc, .datePart, .addMonths: return callTime(function, arguments, places, guarded)
        case .reinterpret: return places[0]
        case .moreText(let text): return callMoreText(text, arguments, places, type, guarded)
        case .regex(let regex):
            guard let runner = RegexRunner(regex) else { preconditionFailure("binding has compiled the pattern") }
            usesScratch = true
            regexes.append(runner)
            return emit(.regex, type.laneKind ?? .text, places[0], guarded: guarded, aux: Int64(regexes.count - 1))
        case .isNaN, .isInfinite, .isFinite, .isSigned:
            let test: Conversion = function == .isNaN ? .isNaN : function == .isInfinite ? .isInfinite : function == .isFinite ? .isFinite : .isSigned
            return emit(.convert(test), .bool, places[0], guarded: guarded)
        case .jsonText, .jsonValue, .jsonLength:
            usesScratch = true
            return emit(.text(.json), type.laneKind ?? .text, places[0], places[1], guarded: guarded, aux: function == .jsonText ? 1 : function == .jsonValue ? 0 : 2)
        case .hash:
            let source = kind == .text || kind == .int ? places[0] : cast(places[0], arguments[0].type, .varchar, false, guarded)
            return emit(kind == .int ? .time(.hash) : .text(.hash), .int, source, guarded: guarded)
        default: return callMath(function, arguments, places, type, guarded)
        }
    }

    private mutating func callMoreText(_ text: MoreText, _ arguments: [Scalar], _ places: [Int], _ type: DataType, _ guarded: Int) -> Int {
        usesScratch = true
        var ends: Int64 = 0
        if text == .trimSet, case .constant(.integer(let number), _) = arguments[2] { ends = number }
        let b = places.count > 1 ? places[1] : nil
        return emit(.moreText(text), type.laneKind ?? .text, places[0], b, c: places.count > 2 ? places[2] : 0, guarded: guarded, aux: ends)
    }

    private static let comparisons: [ScalarFunction: CompareOp] = [
        .equal: .equal, .notEqual: .notEqual, .less: .less, .lessOrEqual: .lessOrEqual, .greater: .greater,
        .greaterOrEqual: .greaterOrEqual, .isDistinct: .isDistinct, .isNotDistinct: .isNotDistinct,
    ]
    private static let logics: [ScalarFunction: Logic] = [
        .and: .and, .or: .or, .not: .not, .isNull: .isNull, .isNotNull: .isNotNull,
    ]
    private static let texts: [ScalarFunction: TextFunction] = [
        .concat: .concat, .lower: .lower, .upper: .upper, .length: .length, .substring: .substring, .trim: .trim,
        .trimLeft: .trimLeft, .trimRight: .trimRight, .contains: .contains, .startsWith: .startsWith, .endsWith: .endsWith,
        .like: .like, .replace: .replace, .splitPart: .splitPart, .position: .position,
    ]
    private static let ints: [ScalarFunction: IntMath] = [
        .add: .add, .subtract: .subtract, .multiply: .multiply, .integerDivide: .divide, .modulo: .modulo, .negate: .negate,
        .absolute: .absolute, .bitAnd: .and, .bitOr: .or, .bitXor: .xor, .shiftLeft: .left, .shiftRight: .right, .sign: .sign,
        .roundTo: .roundTo, .bitCount: .bitCount, .commonDivisor: .commonDivisor, .commonMultiple: .commonMultiple,
    ]
    private static let huges: [ScalarFunction: HugeMath] = [
        .add: .add, .subtract: .subtract, .multiply: .multiply, .integerDivide: .divide, .modulo: .modulo, .negate: .negate,
        .absolute: .absolute, .floor: .floor, .ceil: .ceil, .truncate: .truncate, .round: .round,
    ]
    private static let doubles: [ScalarFunction: DoubleMath] = [
        .add: .add, .subtract: .subtract, .multiply: .multiply, .divide: .divide, .modulo: .modulo, .power: .power,
        .negate: .negate, .absolute: .absolute, .floor: .floor, .ceil: .ceil, .round: .round, .truncate: .truncate,
        .squareRoot: .root, .naturalLog: .ln, .log10: .log10, .log2: .log2, .exponential: .exp, .sign: .sign,
        .sine: .sin, .cosine: .cos, .tangent: .tan, .arcSine: .asin, .arcCosine: .acos, .arcTangent: .atan, .arcTangent2: .atan2, .cotangent: .cot, .cubeRoot: .cbrt,
        .sinh: .sinh, .cosh: .cosh, .tanh: .tanh, .asinh: .asinh, .acosh: .acosh, .atanh: .atanh, .degrees: .degrees, .radians: .radians, .gamma: .gamma,
        .logGamma: .logGamma,
    ]

    private mutating func callText(_ text: TextFunction, _ places: [Int], _ type: DataType, _ guarded: Int) -> Int {
        usesScratch = true
        let b = places.count > 1 ? places[1] : nil
        return emit(.text(text), type.laneKind ?? .text, places[0], b, c: places.count > 2 ? places[2] : 0, guarded: guarded)
    }

    private mutating func callMath(
        _ function: ScalarFunction, _ arguments: [Scalar], _ places: [Int], _ type: DataType, _ guarded: Int
    ) -> Int {
        let b = places.count > 1 ? places[1] : nil
        switch arguments[0].type.laneKind {
        case .double:
            // round(x, digits): the digits are a constant.
            if function == .round, arguments.count > 1, case .constant(.integer(let digits), _) = arguments[1] {
                return emit(.double(.round), .double, places[0], guarded: guarded, aux: digits)
            }
            return emit(.double(Self.doubles[function]!), .double, places[0], b, guarded: guarded)
        case .huge:
            if [.floor, .ceil, .truncate, .round].contains(function), case .constant(.integer(let gone), _) = arguments[1], case .constant(.integer(let zeros), _) = arguments[2] {
                return emit(.huge(Self.huges[function]!), .huge, places[0], guarded: guarded, aux: gone, aux2: zeros)
            }
            let place = emit(.huge(Self.huges[function]!), .huge, places[0], b, guarded: guarded)
            guard let shape = type.decimalShape, shape.width < 38, type.base != .unsignedBigInt else { return place }
            return emit(.huge(.range), .huge, place, guarded: guarded, aux: Int64(shape.width))
        default:
            let place = emit(.int(Self.ints[function]!), .int, places[0], b, guarded: guarded)
            guard let range = type.integerRange, type.base != .bigInt else { return place }
            return emit(.int(.range), .int, place, guarded: guarded, aux: range.lowerBound, aux2: range.upperBound)
        }
    }

    private mutating func callTime(_ function: ScalarFunction, _ arguments: [Scalar], _ places: [Int], _ guarded: Int) -> Int {
        switch function {
        case .floorMultiple:
            guard case .constant(.integer(let size), _) = arguments[1], case .constant(.integer(let offset), _) = arguments[2] else {
                preconditionFailure("sizes of windows are constants")
            }
            return emit(.time(.floorMultiple), .int, places[0], guarded: guarded, aux: size, aux2: offset)
        case .addMonths: return emit(.time(.addMonths), .int, places[0], places[1], guarded: guarded)
        case .dateTrunc(let unit): return truncation(unit, places[0], guarded)
        case .datePart(let unit): return emit(.time(.part), .int, places[0], guarded: guarded, aux: Int64(Self.number(unit)))
        default: preconditionFailure("not a function of time")
        }
    }

    private mutating func truncation(_ unit: CalendarUnit, _ place: Int, _ guarded: Int) -> Int {
        let micros: Int64? =
            switch unit {
            case .microsecond: 1
            case .millisecond: 1_000
            case .second: 1_000_000
            case .minute: 60_000_000
            case .hour: 3_600_000_000
            case .day: 86_400_000_000
            default: nil
            }
        if let micros { return emit(.time(.floorMultiple), .int, place, guarded: guarded, aux: micros) }
        if unit == .week { return emit(.time(.truncateWeek), .int, place, guarded: guarded) }
        let months: Int64 = unit == .month ? 1 : unit == .quarter ? 3 : 12
        return emit(.time(.truncateMonths), .int, place, guarded: guarded, aux: months)
    }

    private static func number(_ unit: CalendarUnit) -> Int {
        switch unit {
        case .microsecond: 0
        case .millisecond: 1
        case .second: 2
        case .minute: 3
        case .hour: 4
        case .day: 5
        case .week, .epoch: 6
        case .month: 7
        case .quarter: 8
        case .year: 9
        case .dayOfWeek: 10
        case .isoDayOfWeek: 11
        case .dayOfYear: 12
        }
    }
}

// MARK: casts

extension ProgramCompiler {
    /// Converts a register from one type to another. Both are types of the engine, and `Scalar.cast` has allowed the pair.
    private mutating func cast(_ place: Int, _ from: DataType, _ to: DataType, _ isTry: Bool, _ guarded: Int) -> Int {
        if from.base == to.base { return place }
        switch to.laneKind {
        case .text: return castToText(place, from, guarded)
        case .double: return castToDouble(place, from, isTry, guarded)
        case .huge: return castToHuge(place, from, to, isTry, guarded)
        case .bool:
            if from.laneKind == .text { return emit(.convert(.textToBool), .bool, place, c: isTry ? 1 : 0, guarded: guarded) }
            return from.laneKind == .int ? emit(.convert(.intToBool), .bool, place, guarded: guarded) : place
        default: return castToInt(place, from, to, isTry, guarded)
        }
    }

    private mutating func castToText(_ place: Int, _ from: DataType, _ guarded: Int) -> Int {
        usesScratch = true
        let conversion: Conversion =
            switch from.laneKind {
            case .bool: .boolToText
            case .double: .doubleToText
            case .huge: .hugeToText
            default: from.isTimestamp ? .timestampToText : from.base == .date ? .dateToText : .intToText
            }
        return emit(.convert(conversion), .text, place, guarded: guarded, aux: Int64(from.decimalShape?.scale ?? 0))
    }

    private mutating func castToDouble(_ place: Int, _ from: DataType, _ isTry: Bool, _ guarded: Int) -> Int {
        let conversion: Conversion =
            switch from.laneKind {
            case .bool: .boolToDouble
            case .huge: .hugeToDouble
            case .text: .textToDouble
            default: .intToDouble
            }
        if from.laneKind == .double { return place }
        let scale = Int64(from.decimalShape?.scale ?? 0)
        return emit(.convert(conversion), .double, place, c: isTry ? 1 : 0, guarded: guarded, aux: scale)
    }

    private mutating func castToHuge(_ place: Int, _ from: DataType, _ to: DataType, _ isTry: Bool, _ guarded: Int) -> Int {
        let toShape = to.decimalShape ?? (38, 0)
        let c = isTry ? 1 : 0
        var current = place
        switch from.laneKind {
        case .double:
            current = emit(.convert(.doubleToHuge), .huge, current, c: c, guarded: guarded, aux: Int64(toShape.scale))
        case .text:
            current = emit(.convert(.textToDouble), .double, current, c: c, guarded: guarded)
            current = emit(.convert(.doubleToHuge), .huge, current, c: c, guarded: guarded, aux: Int64(toShape.scale))
        default:
            if from.laneKind == .bool { current = emit(.convert(.boolToInt), .int, current, guarded: guarded) }
            if from.laneKind != .huge { current = emit(.convert(.intToHuge), .huge, current, guarded: guarded) }
            let difference = toShape.scale - (from.decimalShape?.scale ?? 0)
            if difference > 0 { current = emit(.convert(.scaleUp), .huge, current, c: c, guarded: guarded, aux: Int64(difference)) }
            if difference < 0 { current = emit(.convert(.scaleDown), .huge, current, c: c, guarded: guarded, aux: Int64(-difference)) }
        }
        if to.base == .unsignedBigInt { return emit(.huge(.range), .huge, current, c: c, guarded: guarded, aux2: 1) }
        guard toShape.width < 38 else { return current }
        return emit(.huge(.range), .huge, current, c: c, guarded: guarded, aux: Int64(toShape.width))
    }

    private mutating func castToInt(_ place: Int, _ from: DataType, _ to: DataType, _ isTry: Bool, _ guarded: Int) -> Int {
        let day: Int64 = 86_400_000_000
        if from.base == .date && to.isTimestamp {
            return emit(.int(.multiply), .int, place, constant(.integer(day), .bigInt), guarded: guarded)
        }
        if from.isTimestamp && to.base == .date {
            let midnight = emit(.time(.floorMultiple), .int, place, guarded: guarded, aux: day)
            return emit(.int(.divide), .int, midnight, constant(.integer(day), .bigInt), guarded: guarded)
        }
        let c = isTry ? 1 : 0
        var current = place
        if from.laneKind == .text && (to.isTimestamp || to.base == .date) {
            return emit(.convert(to.base == .date ? .textToDate : .textToTimestamp), .int, place, c: c, guarded: guarded)
        }
        switch from.laneKind {
        case .bool: return emit(.convert(.boolToInt), .int, place, guarded: guarded)
        case .double: current = emit(.convert(.doubleToInt), .int, place, c: c, guarded: guarded)
        case .text: current = emit(.convert(.textToInt), .int, place, c: c, guarded: guarded)
        case .huge:
            if let scale = from.decimalShape?.scale, scale > 0 {
                current = emit(.convert(.scaleDown), .huge, place, c: c, guarded: guarded, aux: Int64(scale))
            }
            current = emit(.convert(.hugeToInt), .int, current, c: c, guarded: guarded)
        default: break
        }
        guard let range = to.integerRange, range != Int64.min...Int64.max, from.integerRange.map({ range.contains($0.lowerBound) && range.contains($0.upperBound) }) != true else {
            return current
        }
        return emit(.int(.range), .int, current, c: c, guarded: guarded, aux: range.lowerBound, aux2: range.upperBound)
    }
}
