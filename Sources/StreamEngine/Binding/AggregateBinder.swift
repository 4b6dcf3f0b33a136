// SQL's aggregates as primitives and finals, with DuckDB's types.
internal import Base
internal import Columnar
internal import SQLPlanning

struct AggregateBinder {
    private(set) var arguments: [Scalar] = []
    private(set) var layout: AggregateLayout
    private(set) var resultTypes: [DataType] = []
    private var known: [Expression: Int] = [:]
    private let binder: Binder
    /// Rows may be taken back: values are kept where a result could not be without them.
    private let retracts: Bool

    init(_ binder: Binder, keys: [Scalar], retracts: Bool = false) {
        self.binder = binder
        self.retracts = retracts
        layout = AggregateLayout(keyKinds: keys.map { $0.type.laneKind ?? .int }, argumentKinds: [])
        // The first primitive counts rows: whether a group is there is read from it.
        _ = layout.place(Primitive(operation: .rows, argument: -1))
    }

    static let names: Set<String> = Set(simple.keys).union([
        "count_star", "count", "sum", "avg", "mean", "min", "max", "first", "arbitrary", "any_value", "last", "first_value", "last_value",
        "arg_min", "min_by", "argmin", "arg_max", "max_by", "argmax", "approx_count_distinct", "count_if", "countif", "bool_and",
        "bool_or", "bit_and", "bit_or", "bit_xor", "product", "skewness", "kurtosis", "median", "quantile_cont", "quantile_disc", "quantile", "approx_quantile",
    ])

    /// Statistics of one or two DOUBLEs.
    private static let simple: [String: (Final.Kind, pairs: Bool)] = [
        "stddev": (.deviationSamp, false), "stddev_samp": (.deviationSamp, false), "stddev_pop": (.deviationPop, false),
        "variance": (.varianceSamp, false), "var_samp": (.varianceSamp, false), "var_pop": (.variancePop, false),
        "sem": (.standardError, false),
        "covar_pop": (.covariancePop, true), "covar_samp": (.covarianceSamp, true), "corr": (.correlation, true),
        "regr_slope": (.slope, true), "regr_intercept": (.intercept, true), "regr_r2": (.rSquared, true),
        "regr_avgx": (.averageX, true), "regr_avgy": (.averageY, true), "regr_sxx": (.sumXX, true), "regr_syy": (.sumYY, true),
        "regr_sxy": (.sumXY, true), "regr_count": (.regressionCount, true),
    ]

    /// The number of the call's result, and its type. Equal calls have one.
    mutating func add(_ call: FunctionCall, _ expression: Expression) throws(LeibrixError) -> (index: Int, type: DataType) {
        var bare = expression
        bare.alias = nil
        bare.location = nil
        if let index = known[bare] { return (index, resultTypes[index]) }
        guard call.order.isEmpty else { throw Binder.unsupported("ORDER BY inside \(call.name)()", expression) }
        var bound: [Scalar] = []
        for argument in call.arguments { bound.append(try binder.bind(argument)) }
        if let filter = call.filter {
            let condition = try binder.boolean(filter)
            if bound.isEmpty { bound = [.constant(.boolean(true), .boolean)] }
            bound[0] = .choose([.init(condition, bound[0])], otherwise: .null(bound[0].type), bound[0].type)
        }
        let (final, type) = try make(call, bound, expression)
        layout.add(final)
        resultTypes.append(type)
        known[bare] = resultTypes.count - 1
        return (resultTypes.count - 1, type)
    }

    private mutating func argument(_ scalar: Scalar) -> Int {
        if let index = arguments.firstIndex(of: scalar) { return index }
        arguments.append(scalar)
        layout.argumentKinds.append(scalar.type.laneKind ?? .int)
        return arguments.count - 1
    }

    private mutating func place(_ operation: Primitive.Operation, _ scalar: Scalar, second: Scalar? = nil, distinct: Bool = false) -> Int {
        let first = argument(scalar)
        var primitive = Primitive(operation: operation, argument: first)
        if let second { primitive.second = argument(second) }
        if distinct { primitive.distinctSet = layout.distinctSet(first) }
        return layout.place(primitive)
    }

    private mutating func make(
        _ call: FunctionCall, _ bound: [Scalar], _ expression: Expression
    ) throws(LeibrixError) -> (Final, DataType) {
        if call.name == "count_star" || call.name == "count" && call.arguments.isEmpty {
            if bound.isEmpty { return (Final(.count, layout.place(Primitive(operation: .rows, argument: -1))), .bigInt) }
            return (Final(.count, place(.count, bound[0])), .bigInt)
        }
        guard let first = bound.first, first.type.laneKind != nil else { throw binder.mismatch("\(call.name)()", bound.map(\.type), expression) }
        if retracts && call.name == "approx_count_distinct" { return (Final(.count, place(.count, first, distinct: true)), .bigInt) }
        if call.isDistinct, !["count", "sum", "avg", "mean", "min", "max", "bool_and", "bool_or", "any_value"].contains(call.name) {
            throw Binder.unsupported("DISTINCT in \(call.name)()", expression)
        }
        if let made = number(call, bound) { return made }
        if let made = quantile(call, bound) { return made }
        if retracts, let made = try kept(call, bound, expression) { return made }
        if let made = value(call, bound) { return made }
        if let made = statistic(call, bound) { return made }
        throw binder.mismatch("\(call.name)()", bound.map(\.type), expression)
    }

    private mutating func number(_ call: FunctionCall, _ bound: [Scalar]) -> (Final, DataType)? {
        let first = bound[0]
        switch (call.name, bound.count) {
        case ("count", 1): return (Final(.count, place(.count, first, distinct: call.isDistinct)), .bigInt)
        case ("count_if", 1), ("countif", 1):
            // NULL conditions count for nothing; where all are NULL, so is the answer.
            guard first.type.base == .boolean, let flag = Typing.cast(first, to: .bigInt) else { return nil }
            return (Final(.sumInt, place(.sumInt, flag), count: place(.count, flag)), .hugeInt)
        case ("sum", 1): return sum(first, call.isDistinct)
        case ("avg", 1), ("mean", 1): return average(first, call.isDistinct)
        case ("product", 1):
            guard first.type.isNumeric, let value = Typing.cast(first, to: .double) else { return nil }
            return (Final(.product, place(.product, value)), .double)
        case ("approx_count_distinct", 1):
            let hashed = Scalar.choose(
                [.init(.call(.isNotNull, [first], .boolean), .call(.hash, [first], .bigInt))], otherwise: .null(.bigInt), .bigInt)
            return (Final(.sketch, place(.distinctSketch, hashed)), .bigInt)
        default: return nil
        }
    }

    private mutating func sum(_ first: Scalar, _ distinct: Bool) -> (Final, DataType)? {
        let counted = { (builder: inout AggregateBinder, value: Scalar) in builder.place(.count, value, distinct: distinct) }
        switch first.type.laneKind {
        case .bool:
            guard let value = Typing.cast(first, to: .bigInt) else { return nil }
            return (Final(.sumInt, place(.sumInt, value, distinct: distinct), count: counted(&self, value)), .hugeInt)
        case .int where first.type.isInteger:
            return (Final(.sumInt, place(.sumInt, first, distinct: distinct), count: counted(&self, first)), .hugeInt)
        case .huge:
            let scale = first.type.decimalShape?.scale ?? 0
            let isDecimal = if case .decimal = first.type.base { true } else { false }
            let type = isDecimal ? DataType.decimal(digits: 38, scale: scale) : .hugeInt
            return (Final(.sumHuge, place(.sumHuge, first, distinct: distinct), count: counted(&self, first)), type)
        case .double:
            return (Final(.sumDouble, place(.sumDouble, first, distinct: distinct), count: counted(&self, first)), .double)
        default: return nil
        }
    }

    private mutating func average(_ first: Scalar, _ distinct: Bool) -> (Final, DataType)? {
        guard first.type.isNumeric else { return nil }
        let count = place(.count, first, distinct: distinct)
        switch first.type.laneKind {
        case .int: return (Final(.averageInt, place(.sumInt, first, distinct: distinct), count: count), .double)
        case .huge:
            let scale = first.type.decimalShape?.scale ?? 0
            return (Final(.averageHuge, place(.sumHuge, first, distinct: distinct), count: count, scale: scale), .double)
        default: return (Final(.averageDouble, place(.sumDouble, first, distinct: distinct), count: count), .double)
        }
    }

    /// Where the values of a tree's rows begin.
    private static let treeStart = 40

    private mutating func ofTree(_ kind: Final.Kind, _ scalar: Scalar, fraction: Double = 0) -> Final {
        let lane = scalar.type.laneKind ?? .int
        var final = Final(kind, place(.tree(lane), scalar), lane: lane)
        final.valueOffset = Int32(Self.treeStart)
        final.fraction = fraction
        return final
    }

    /// What `value` computes from one value, from all of them: rows may be taken back.
    private mutating func kept(_ call: FunctionCall, _ bound: [Scalar], _ expression: Expression) throws(LeibrixError) -> (Final, DataType)? {
        let first = bound[0]
        switch (call.name, bound.count) {
        case ("min", 1), ("any_value", 1): return (ofTree(.treeLeast, first), first.type)
        case ("max", 1): return (ofTree(.treeGreatest, first), first.type)
        case ("bool_and", 1) where first.type.base == .boolean: return (ofTree(.treeLeast, first), .boolean)
        case ("bool_or", 1) where first.type.base == .boolean: return (ofTree(.treeGreatest, first), .boolean)
        case ("arg_min", 2), ("min_by", 2), ("argmin", 2), ("arg_max", 2), ("max_by", 2), ("argmax", 2):
            let (kind, by) = (first.type.laneKind ?? .int, bound[1].type.laneKind ?? .int)
            var final = Final(call.name.contains("min") ? .treeLeast : .treeGreatest, place(.pairTree(by, kind), first, second: bound[1]), lane: kind)
            final.valueOffset = Int32(Self.treeStart + max(by.width, 8))
            return (final, first.type)
        case ("count", _), ("sum", _), ("avg", _), ("mean", _): return nil
        case ("first", _), ("arbitrary", _), ("first_value", _), ("last", _), ("last_value", _), ("bit_and", _), ("bit_or", _), ("bit_xor", _), ("product", _):
            throw LeibrixError(
                .streamOverChanges, "\(call.name)() cannot take rows back, and its input does", hint: "min, max, any_value, arg_min, arg_max, count, sum, avg can.",
                position: expression.location.map { $0 + 1 })
        default: return nil
        }
    }

    /// median, quantile_cont and quantile_disc: every value is kept.
    private mutating func quantile(_ call: FunctionCall, _ bound: [Scalar]) -> (Final, DataType)? {
        let isMedian = call.name == "median" && bound.count == 1
        guard isMedian || (call.name.hasPrefix("quantile") || call.name == "approx_quantile") && bound.count == 2, !call.isDistinct else { return nil }
        var fraction = 0.5
        if !isMedian {
            guard let given = Self.fraction(bound[1]), (0...1).contains(given) else { return nil }
            fraction = given
        }
        // An approximate one is the exact one here.
        if call.name == "quantile" || call.name == "quantile_disc" || call.name == "approx_quantile" { return (ofTree(.treeDiscrete, bound[0], fraction: fraction), bound[0].type) }
        guard bound[0].type.isFloating || bound[0].type.integerRange != nil, let value = Typing.cast(bound[0], to: .double) else { return nil }
        return (ofTree(.treeContinuous, value, fraction: fraction), .double)
    }

    private static func fraction(_ scalar: Scalar) -> Double? {
        guard case .constant(let value, _) = scalar else { return nil }
        switch value {
        case .double(let number): return number
        case .integer(let number): return Double(number)
        case .decimal(let digits, _, let scale): return Double(digits) / Double(powerOfTen(Int(scale)))
        default: return nil
        }
    }

    private mutating func value(_ call: FunctionCall, _ bound: [Scalar]) -> (Final, DataType)? {
        let first = bound[0]
        let kind = first.type.laneKind ?? .int
        switch (call.name, bound.count) {
        case ("min", 1): return (Final(.value, place(.least(kind), first), lane: kind), first.type)
        case ("max", 1): return (Final(.value, place(.greatest(kind), first), lane: kind), first.type)
        case ("any_value", 1): return (Final(.value, place(.first(kind), first), lane: kind), first.type)
        case ("first", 1), ("arbitrary", 1), ("first_value", 1), ("last", 1), ("last_value", 1):
            let isLast = call.name.hasPrefix("last")
            var primitive = Primitive(operation: isLast ? .last(kind) : .first(kind), argument: argument(first))
            primitive.second = -2
            return (Final(.value, layout.place(primitive), lane: kind), first.type)
        case ("arg_min", 2), ("min_by", 2), ("argmin", 2), ("arg_max", 2), ("max_by", 2), ("argmax", 2):
            let by = bound[1].type.laneKind ?? .int
            let isLeast = call.name.contains("min")
            let offset = place(isLeast ? .atLeast(kind, by) : .atGreatest(kind, by), first, second: bound[1])
            return (Final(.value, offset, lane: kind), first.type)
        case ("bool_and", 1), ("bool_or", 1):
            guard first.type.base == .boolean else { return nil }
            return (Final(.flag, place(call.name == "bool_and" ? .allTrue : .anyTrue, first)), .boolean)
        case ("bit_and", 1), ("bit_or", 1), ("bit_xor", 1):
            guard first.type.integerRange != nil else { return nil }
            let operation: Primitive.Operation = call.name == "bit_and" ? .bitAnd : call.name == "bit_or" ? .bitOr : .bitXor
            return (Final(.bits, place(operation, first)), first.type)
        default: return nil
        }
    }

    private mutating func statistic(_ call: FunctionCall, _ bound: [Scalar]) -> (Final, DataType)? {
        guard bound.allSatisfy({ $0.type.isNumeric }), let first = Typing.cast(bound[0], to: .double) else { return nil }
        if call.name == "skewness" || call.name == "kurtosis" {
            guard bound.count == 1 else { return nil }
            return (Final(call.name == "skewness" ? .skewness : .kurtosis, place(.powers, first)), .double)
        }
        guard let (kind, pairs) = Self.simple[call.name], bound.count == (pairs ? 2 : 1) else { return nil }
        if !pairs { return (Final(kind, place(.moments, first)), .double) }
        guard let second = Typing.cast(bound[1], to: .double) else { return nil }
        return (Final(kind, place(.comoments, first, second: second)), kind == .regressionCount ? .unsignedInteger : .double)
    }
}
