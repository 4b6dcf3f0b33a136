internal import Columnar

extension ScalarBinder {
    mutating func call(_ call: FunctionCall) -> Operand? {
        guard call.isPlain, call.schema == nil || call.schema == "main" else { return nil }
        if call.arguments.isEmpty { return call.name == "now" || call.name == "transaction_timestamp" ? moment(call.name) : nil }
        var operands: [Operand] = []
        for argument in call.arguments {
            guard argument.alias == nil, let operand = bind(argument) else { return nil }
            operands.append(operand)
        }
        switch (call.name, operands.count) {
        case ("+", 1): return operands[0].type?.isNumeric == true ? operands[0] : nil
        case ("-", 1): return negate(operands[0])
        case ("abs", 1): return absolute(operands[0])
        case ("+", 2), ("-", 2), ("*", 2), ("/", 2), ("//", 2), ("%", 2), ("mod", 2), ("&", 2), ("|", 2):
            return binary(call.name, operands[0], operands[1])
        case ("||", 2): return concatenate(operands[0], operands[1])
        case ("~~", 2), ("!~~", 2), ("~~*", 2), ("!~~*", 2): return like(call.name, operands[0], operands[1])
        case ("nullif", 2): return nullIf(operands[0], operands[1])
        case ("greatest", _), ("least", _): return extreme(operands, isGreatest: call.name == "greatest")
        case ("round", 1), ("floor", 1), ("ceil", 1), ("ceiling", 1): return round(call.name, operands[0], digits: 0)
        case ("round", 2): return round(operands[0], operands[1])
        default: return textCall(call.name, operands)
        }
    }

    private mutating func textCall(_ name: String, _ operands: [Operand]) -> Operand? {
        guard operands[0].type?.kind == .varchar else { return nil }
        let function: ScalarProgram.TextFunction
        switch (name, operands.count) {
        case ("lower", 1), ("lcase", 1): function = .lower
        case ("upper", 1), ("ucase", 1): function = .upper
        case ("length", 1), ("char_length", 1), ("character_length", 1), ("len", 1): function = .length
        case ("strlen", 1): function = .octetLength
        case ("trim", 1): function = .trim
        case ("ltrim", 1): function = .leftTrim
        case ("rtrim", 1): function = .rightTrim
        case ("substr", 2...3), ("substring", 2...3): return substring(operands)
        default: return nil
        }
        let isLength = function == .length || function == .octetLength
        return emit(.text(function, operands[0].register), ScalarType(kind: isLength ? .bigInt : .varchar))
    }

    private mutating func substring(_ operands: [Operand]) -> Operand? {
        guard operands.dropFirst().allSatisfy({ $0.type?.isInteger == true }) else { return nil }
        let length = operands.count == 3 ? operands[2].register : nil
        return emit(.substring(operands[0].register, from: operands[1].register, length: length), ScalarType(kind: .varchar))
    }

    // MARK: Arithmetic

    private mutating func negate(_ operand: Operand) -> Operand? {
        guard let type = operand.type, type.isNumeric || type.kind == .interval else { return nil }
        return emit(.negate(type, operand.register), type)
    }

    private mutating func absolute(_ operand: Operand) -> Operand? {
        guard let type = operand.type, type.isNumeric else { return nil }
        return emit(.absolute(type, operand.register), type)
    }

    private mutating func binary(_ name: String, _ a: Operand, _ b: Operand) -> Operand? {
        guard let left = a.type, let right = b.type else { return nil }
        guard left.isNumeric, right.isNumeric else { return temporal(name, a, b) }
        if name == "/" { return arithmetic(.divide, a, b, ScalarType(kind: left.kind == .real && right.kind == .real ? .real : .double)) }
        guard let common = commonType([a, b]) else { return nil }
        switch (name, common.kind) {
        case ("&", _), ("|", _): return common.isInteger ? arithmetic(name == "&" ? .bitAnd : .bitOr, a, b, common) : nil
        case ("//", _): return common.isInteger ? arithmetic(.integerDivide, a, b, common) : nil
        case ("%", .decimal), ("mod", .decimal): return nil
        case ("%", _), ("mod", _): return arithmetic(.modulo, a, b, common)
        case (_, .decimal): return decimal(name, a, b)
        case ("+", _): return arithmetic(.add, a, b, common)
        case ("-", _): return arithmetic(.subtract, a, b, common)
        default: return arithmetic(.multiply, a, b, common)
        }
    }

    private mutating func arithmetic(_ operation: ScalarProgram.Arithmetic, _ a: Operand, _ b: Operand, _ type: ScalarType) -> Operand? {
        guard let left = cast(a, to: type), let right = cast(b, to: type) else { return nil }
        return emit(.arithmetic(operation, type, left.register, right.register), type)
    }

    /// DuckDB's widths: a sum has one digit more than its wider side, a product the digits of both; what fits 64 bits stays there.
    private mutating func decimal(_ name: String, _ a: Operand, _ b: Operand) -> Operand? {
        guard let left = a.type?.asDecimal, let right = b.type?.asDecimal else { return nil }
        let widest = Int(max(left.width, right.width))
        if name == "*" {
            let scale = Int(left.scale) + Int(right.scale)
            guard scale <= 38, let x = cast(a, to: left), let y = cast(b, to: right) else { return nil }
            let type = ScalarType(width: capped(Int(left.width) + Int(right.width), widest), scale: scale)
            return type.width >= type.scale ? emit(.arithmetic(.multiply, type, x.register, y.register), type) : nil
        }
        let scale = Int(max(left.scale, right.scale))
        let digits = Int(max(left.width - left.scale, right.width - right.scale))
        let type = ScalarType(width: capped(digits + scale + 1, widest), scale: scale)
        guard Int(type.width) >= scale, name == "+" || name == "-" else { return nil }
        return arithmetic(name == "+" ? .add : .subtract, a, b, type)
    }

    private func capped(_ width: Int, _ widest: Int) -> Int { width > 18 && widest <= 18 ? 18 : min(width, 38) }

    private mutating func temporal(_ name: String, _ a: Operand, _ b: Operand) -> Operand? {
        guard let left = a.type, let right = b.type, name == "+" || name == "-" else { return nil }
        let isSum = name == "+"
        func emitted(_ operation: ScalarProgram.Temporal, _ x: Operand, _ y: Operand, _ kind: ScalarType.Kind) -> Operand {
            emit(.temporal(operation, x.register, y.register), ScalarType(kind: kind))
        }
        switch (left.kind, right.kind) {
        case (.date, .tinyInt), (.date, .smallInt), (.date, .integer):
            return emitted(isSum ? .dateAddDays : .dateSubtractDays, a, b, .date)
        case (.integer, .date) where isSum: return emitted(.dateAddDays, b, a, .date)
        case (.date, .date) where !isSum: return emitted(.dateDifference, a, b, .bigInt)
        case (.timestamp, .timestamp) where !isSum: return emitted(.timestampDifference, a, b, .interval)
        case (.date, .interval):
            guard let day = cast(a, to: ScalarType(kind: .timestamp)) else { return nil }
            return emitted(isSum ? .timestampAddInterval : .timestampSubtractInterval, day, b, .timestamp)
        case (.timestamp, .interval): return emitted(isSum ? .timestampAddInterval : .timestampSubtractInterval, a, b, .timestamp)
        case (.interval, .timestamp) where isSum: return emitted(.timestampAddInterval, b, a, .timestamp)
        case (.time, .interval): return emitted(isSum ? .timeAddInterval : .timeSubtractInterval, a, b, .time)
        case (.interval, .interval): return emitted(isSum ? .intervalAdd : .intervalSubtract, a, b, .interval)
        default: return nil
        }
    }

    private mutating func round(_ name: String, _ operand: Operand, digits: Int) -> Operand? {
        guard let type = operand.type, type.isNumeric else { return nil }
        let rounding: ScalarProgram.Rounding = name == "round" ? .round : name == "floor" ? .floor : .ceiling
        if type.isInteger { return name == "round" ? operand : cast(operand, to: ScalarType(kind: .double)) }
        guard type.kind == .decimal else {
            return type.kind == .double ? emit(.round(rounding, type, operand.register, digits: 0), type) : nil
        }
        let whole = ScalarType(width: Int(type.width), scale: 0)
        return emit(.round(rounding, type, operand.register, digits: 0), whole)
    }

    /// round(number, digits) with the digits a literal.
    private mutating func round(_ operand: Operand, _ digits: Operand) -> Operand? {
        guard let type = operand.type, type.kind == .double, case .integer(let digits)? = digits.literal, digits.magnitude <= 15 else { return nil }
        return emit(.round(.round, type, operand.register, digits: Int(digits)), type)
    }

    // MARK: Text and choice

    private mutating func concatenate(_ a: Operand, _ b: Operand) -> Operand? {
        let text = ScalarType(kind: .varchar)
        guard a.type?.kind == .varchar || b.type?.kind == .varchar, a.type?.kind != .null, b.type?.kind != .null,
            let left = cast(a, to: text), let right = cast(b, to: text)
        else { return nil }
        return emit(.concatenate(left.register, right.register), text)
    }

    private mutating func like(_ name: String, _ a: Operand, _ b: Operand) -> Operand? {
        guard a.type?.kind == .varchar, b.type?.kind == .varchar else { return nil }
        let matched = emit(.like(a.register, pattern: b.register, ignoresCase: name.hasSuffix("*")), ScalarType(kind: .boolean))
        return name.hasPrefix("!") ? emit(.not(matched.register), ScalarType(kind: .boolean)) : matched
    }

    private mutating func nullIf(_ a: Operand, _ b: Operand) -> Operand? {
        guard let type = a.type, a.literal == nil, let equal = compare(.equal, a, b) else { return nil }
        let answer = emit(.constant(place(of: .null)), type)
        code.append(.jumpIfTrue(equal.register, code.count + 2))
        code.append(.move(a.register, to: answer.register))
        return answer
    }

    /// NULLs are passed over.
    private mutating func extreme(_ operands: [Operand], isGreatest: Bool) -> Operand? {
        guard let type = commonType(operands), type.kind != .null else { return nil }
        let answer = emit(.constant(place(of: .null)), type)
        for operand in operands {
            guard let value = cast(operand, to: type) else { return nil }
            let isNull = code.count
            code.append(.jump(0))
            let hasNone = code.count
            code.append(.jump(0))
            let better = emit(.compare(isGreatest ? .greater : .less, type, value.register, answer.register), ScalarType(kind: .boolean))
            let worse = code.count
            code.append(.jump(0))
            code[hasNone] = .jumpIfNull(answer.register, code.count)
            code.append(.move(value.register, to: answer.register))
            code[isNull] = .jumpIfNull(value.register, code.count)
            code[worse] = .jumpUnlessTrue(better.register, code.count)
        }
        return answer
    }
}
