// Functions of time, and arithmetic with intervals.
internal import Base
internal import Columnar
internal import SQLPlanning

extension Binder {
    /// timestamp ± interval; nil for other calls.
    func bindTimeArithmetic(_ call: FunctionCall, _ expression: Expression) throws(LeibrixError) -> Scalar? {
        guard call.name == "+" || call.name == "-", call.arguments.count == 2 else { return nil }
        let rightInterval = IntervalConstant.read(call.arguments[1])
        let leftInterval = call.name == "+" ? IntervalConstant.read(call.arguments[0]) : nil
        guard let interval = rightInterval ?? leftInterval else { return nil }
        let operand = try bind(call.arguments[rightInterval != nil ? 0 : 1])
        guard operand.type.isTimestamp || operand.type.base == .date else { return nil }
        guard var result = Typing.cast(operand, to: operand.type.base == .date ? .timestamp : operand.type) else { return nil }
        let sign: Int64 = call.name == "-" ? -1 : 1
        let type = result.type
        if interval.months != 0 { result = .call(.addMonths, [result, .constant(.integer(sign * interval.months), .bigInt)], type) }
        if interval.micros != 0 { result = .call(.add, [result, .constant(.integer(sign * interval.micros), type)], type) }
        return result
    }

    private static let units: [String: CalendarUnit] = [
        "microsecond": .microsecond, "microseconds": .microsecond, "millisecond": .millisecond, "milliseconds": .millisecond,
        "second": .second, "seconds": .second, "minute": .minute, "minutes": .minute, "hour": .hour, "hours": .hour, "day": .day,
        "days": .day, "week": .week, "weeks": .week, "month": .month, "months": .month, "quarter": .quarter, "quarters": .quarter,
        "year": .year, "years": .year, "dow": .dayOfWeek, "dayofweek": .dayOfWeek, "isodow": .isoDayOfWeek, "doy": .dayOfYear,
        "dayofyear": .dayOfYear, "epoch": .epoch,
    ]
    private static let truncations: Set<CalendarUnit> = [
        .microsecond, .millisecond, .second, .minute, .hour, .day, .week, .month, .quarter, .year,
    ]

    /// date_trunc, extract and the like; nil for other calls.
    func bindTime(_ call: FunctionCall, _ expression: Expression) throws(LeibrixError) -> Scalar? {
        switch (call.name, call.arguments.count) {
        case ("date_trunc", 2), ("datetrunc", 2), ("date_part", 2), ("datepart", 2):
            guard case .constant(.string(let name), _) = call.arguments[0].kind, let unit = Self.units[name.lowercased()] else {
                throw Self.unsupported("this unit of time", call.arguments[0])
            }
            let isTruncation = call.name.hasSuffix("trunc")
            return try timeFunction(unit, isTruncation: isTruncation, call.arguments[1], expression)
        case ("strftime", 2): return try formatted(call, expression)
        case ("epoch_ms", 1), ("epoch_us", 1):
            let operand = try bind(call.arguments[0])
            if operand.type.isTimestamp {
                let raw = Scalar.call(.reinterpret, [operand], .bigInt)
                return call.name == "epoch_us" ? raw : .call(.integerDivide, [.call(.floorMultiple, [raw, .constant(1_000, .bigInt), .constant(0, .bigInt)], .bigInt), .constant(1_000, .bigInt)], .bigInt)
            }
            guard operand.type.isInteger, call.name == "epoch_ms", let wide = Typing.cast(operand, to: .bigInt) else {
                throw mismatch("\(call.name)()", [operand.type], expression)
            }
            return .call(.reinterpret, [.call(.multiply, [wide, .constant(1_000, .bigInt)], .bigInt)], .timestamp)
        case ("epoch", 1): return try timeFunction(.epoch, isTruncation: false, call.arguments[0], expression)
        case (let name, 1):
            guard let unit = Self.units[name], unit != .microsecond || name == "microsecond" else { return nil }
            return try timeFunction(unit, isTruncation: false, call.arguments[0], expression)
        default: return nil
        }
    }

    /// strftime with a constant format, as the texts of its parts.
    private func formatted(_ call: FunctionCall, _ expression: Expression) throws(LeibrixError) -> Scalar {
        let isSwapped = if case .constant(.string, _) = call.arguments[0].kind { true } else { false }
        let (time, format) = isSwapped ? (call.arguments[1], call.arguments[0]) : (call.arguments[0], call.arguments[1])
        guard case .constant(.string(let text), _) = format.kind else { throw Self.unsupported("strftime() with a format that is no constant", expression) }
        let units: [Character: (CalendarUnit, digits: Int)] = [
            "Y": (.year, 0), "m": (.month, 2), "d": (.day, 2), "H": (.hour, 2), "M": (.minute, 2), "S": (.second, 2), "j": (.dayOfYear, 3),
        ]
        var pieces: [Scalar] = []
        var literal = ""
        var rest = Substring(text)
        let end = { (pieces: inout [Scalar], literal: inout String) in
            if !literal.isEmpty { pieces.append(.constant(.string(literal), .varchar)) }
            literal = ""
        }
        while let character = rest.popFirst() {
            guard character == "%" else {
                literal.append(character)
                continue
            }
            guard let code = rest.popFirst() else { throw Self.unsupported("this format of strftime()", expression) }
            if code == "%" {
                literal.append("%")
                continue
            }
            guard let (unit, digits) = units[code] else { throw Self.unsupported("%\(code) in strftime()", expression, hint: "%Y %m %d %H %M %S %j can be.") }
            end(&pieces, &literal)
            var number = try timeFunction(unit, isTruncation: false, time, expression)
            if code == "Y" {
                let padded = Scalar.call(.substring, [.cast(.call(.add, [number, .constant(10_000, .bigInt)], .bigInt), .varchar, isTry: false), .constant(2, .bigInt), .constant(4, .bigInt)], .varchar)
                let isShort = Scalar.call(.and, [.call(.less, [number, .constant(1_000, .bigInt)], .boolean), .call(.greaterOrEqual, [number, .constant(0, .bigInt)], .boolean)], .boolean)
                pieces.append(.choose([.init(isShort, padded)], otherwise: .cast(number, .varchar, isTry: false), .varchar))
                continue
            }
            if digits > 0 { number = .call(.add, [number, .constant(.integer(digits == 2 ? 100 : 1_000), .bigInt)], .bigInt) }
            var piece = Scalar.cast(number, .varchar, isTry: false)
            if digits > 0 { piece = .call(.substring, [piece, .constant(2, .bigInt), .constant(.integer(Int64(digits)), .bigInt)], .varchar) }
            pieces.append(piece)
        }
        end(&pieces, &literal)
        guard let first = pieces.first else { return .constant(.string(""), .varchar) }
        return pieces.dropFirst().reduce(first) { .call(.concat, [$0, $1], .varchar) }
    }

    private func timeFunction(
        _ unit: CalendarUnit, isTruncation: Bool, _ argument: Expression, _ expression: Expression
    ) throws(LeibrixError) -> Scalar {
        let operand = try bind(argument)
        guard operand.type.isTimestamp || operand.type.base == .date, operand.type.base != .timestampTZ,
            let time = Typing.cast(operand, to: .timestamp)
        else { throw mismatch("function of time", [operand.type], expression) }
        if isTruncation {
            guard Self.truncations.contains(unit) else { throw Self.unsupported("truncation to this unit", expression) }
            let result = Scalar.call(.dateTrunc(unit), [time], .timestamp)
            return operand.type.base == .date && unit != .hour ? Typing.cast(result, to: .date) ?? result : result
        }
        if unit == .epoch {
            let raw = Scalar.call(.reinterpret, [time], .bigInt)
            guard let micros = Typing.cast(raw, to: .double) else { throw mismatch("epoch()", [operand.type], expression) }
            return .call(.divide, [micros, .constant(.double(1_000_000), .double)], .double)
        }
        if unit == .week { throw Self.unsupported("the number of the week", expression) }
        return .call(.datePart(unit), [time], .bigInt)
    }
}

/// INTERVAL '…' and INTERVAL n UNIT as the parser writes them.
enum IntervalConstant {
    static func read(_ expression: Expression) -> (months: Int64, micros: Int64)? {
        switch expression.kind {
        case .constant(.interval(let months, let days, let micros), _):
            return (Int64(months), Int64(days) * 86_400_000_000 + micros)
        case .cast(let inner, .interval, _):
            guard case .constant(.string(let text), _) = inner.kind else { return nil }
            return TimeText.interval(text)
        case .call(let call) where call.name.hasPrefix("to_") && call.arguments.count == 1:
            guard let unit = TimeText.unit(String(call.name.dropFirst(3))), let number = number(call.arguments[0]) else { return nil }
            return (Int64(number) * unit.months, Int64((number * Double(unit.micros)).rounded()))
        default: return nil
        }
    }

    /// A number under casts and trunc(), which the parser puts round it.
    private static func number(_ expression: Expression) -> Double? {
        switch expression.kind {
        case .constant(.string(let text), _): return Double(text)
        case .constant(let value, let type): return type.isNumeric ? Constants.double(value) : nil
        case .cast(let inner, _, _): return number(inner)
        case .call(let call) where call.name == "trunc" && call.arguments.count == 1: return number(call.arguments[0])
        case .call(let call) where call.name == "-" && call.arguments.count == 1: return number(call.arguments[0]).map { -$0 }
        default: return nil
        }
    }
}
