// More functions of time: parts that are computed from others, differences, names.
internal import Base
internal import Columnar
internal import SQLPlanning

extension Binder {
    private static let dayMicros: Int64 = 86_400_000_000
    static let moreTimeNames: Set<String> = [
        "week", "weekofyear", "yearweek", "isoyear", "century", "decade", "millennium", "era", "dayname", "monthname", "last_day", "date_diff", "datediff", "date_sub", "datesub",
        "epoch_ns", "make_timestamp", "time_bucket", "julian", "date_part", "datepart",
    ]
    private static func int(_ number: Int64) -> Scalar { .constant(.integer(number), .bigInt) }

    private func time(_ expression: Expression) throws(LeibrixError) -> Scalar? {
        let operand = try bind(expression)
        guard operand.type.base == .timestamp || operand.type.base == .date else { return nil }
        return Typing.cast(operand, to: .timestamp)
    }

    /// nil for other calls.
    func bindMoreTime(_ call: FunctionCall, _ expression: Expression) throws(LeibrixError) -> Scalar? {
        switch (call.name, call.arguments.count) {
        case ("date_part", 2), ("datepart", 2):
            guard case .constant(.string(let name), _) = call.arguments[0].kind else { return nil }
            return try part(name.lowercased(), call.arguments[1])
        case ("date_diff", 3), ("datediff", 3), ("date_sub", 3), ("datesub", 3):
            guard case .constant(.string(let name), _) = call.arguments[0].kind, let a = try time(call.arguments[1]), let b = try time(call.arguments[2]) else { return nil }
            return call.name.contains("sub") ? elapsed(name.lowercased(), a, b) : difference(name.lowercased(), a, b)
        case ("time_bucket", 2):
            guard let size = IntervalConstant.read(call.arguments[0]), size.months == 0, size.micros > 0, let value = try time(call.arguments[1]) else { return nil }
            // From 2000-01-03, a Monday, on.
            return .call(.floorMultiple, [value, Self.int(size.micros), Self.int(10_959 * Self.dayMicros)], .timestamp)
        case ("make_timestamp", 1):
            guard let micros = Typing.cast(try bind(call.arguments[0]), to: .bigInt) else { return nil }
            return .call(.reinterpret, [micros], .timestamp)
        case (let name, 1): return try part(name, call.arguments[0])
        default: return nil
        }
    }

    /// date - date, and a date and so many days.
    static func days(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        guard name == "-" || name == "+", arguments.count == 2 else { return nil }
        let (a, b) = (arguments[0], arguments[1])
        let raw = { (date: Scalar) in Scalar.call(.reinterpret, [date], .bigInt) }
        if a.type.base == .date && b.type.base == .date { return name == "-" ? .call(.subtract, [raw(a), raw(b)], .bigInt) : nil }
        guard a.type.base == .date, b.type.integerRange != nil, let days = Typing.cast(b, to: .bigInt) else { return nil }
        return .call(.reinterpret, [.call(name == "-" ? .subtract : .add, [raw(a), days], .bigInt)], .date)
    }

    private static let texts: [String: [String]] = [
        "dayname": ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        "monthname": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    ]

    private func part(_ name: String, _ argument: Expression) throws(LeibrixError) -> Scalar? {
        guard Self.moreTimeNames.contains(name), let value = try time(argument) else { return nil }
        let year = Scalar.call(.datePart(.year), [value], .bigInt)
        let quotient = { (number: Scalar, divisor: Int64) in Scalar.call(.integerDivide, [number, Self.int(divisor)], .bigInt) }
        // The Thursday of a week is of its year.
        let thursday = Scalar.call(.add, [.call(.dateTrunc(.week), [value], .timestamp), .constant(.integer(3 * Self.dayMicros), .timestamp)], .timestamp)
        let isoYear = Scalar.call(.datePart(.year), [thursday], .bigInt)
        let week = Scalar.call(.add, [quotient(.call(.subtract, [.call(.datePart(.dayOfYear), [thursday], .bigInt), Self.int(1)], .bigInt), 7), Self.int(1)], .bigInt)
        switch name {
        case "week", "weekofyear": return week
        case "isoyear": return isoYear
        case "yearweek": return .call(.add, [.call(.multiply, [isoYear, Self.int(100)], .bigInt), week], .bigInt)
        case "decade": return quotient(year, 10)
        case "century", "millennium":
            let size: Int64 = name == "century" ? 100 : 1_000
            let before = Scalar.call(.subtract, [quotient(year, size), Self.int(1)], .bigInt)
            let after = Scalar.call(.add, [quotient(.call(.subtract, [year, Self.int(1)], .bigInt), size), Self.int(1)], .bigInt)
            return .choose([.init(.call(.greater, [year, Self.int(0)], .boolean), after)], otherwise: before, .bigInt)
        case "era": return .choose([.init(.call(.greater, [year, Self.int(0)], .boolean), Self.int(1)), .init(.call(.isNotNull, [year], .boolean), Self.int(0))], otherwise: .null(.bigInt), .bigInt)
        case "dayname", "monthname":
            let names = Self.texts[name] ?? []
            let number = Scalar.call(.datePart(name == "dayname" ? .dayOfWeek : .month), [value], .bigInt)
            let first: Int64 = name == "dayname" ? 0 : 1
            let branches = names.enumerated().map { Scalar.Branch(.call(.equal, [number, Self.int(Int64($0.offset) + first)], .boolean), .constant(.string($0.element), .varchar)) }
            return .choose(branches, otherwise: .null(.varchar), .varchar)
        case "last_day":
            let next = Scalar.call(.addMonths, [.call(.dateTrunc(.month), [value], .timestamp), Self.int(1)], .timestamp)
            return Typing.cast(.call(.subtract, [next, .constant(.integer(Self.dayMicros), .timestamp)], .timestamp), to: .date)
        case "epoch_ns": return .call(.multiply, [.call(.reinterpret, [value], .bigInt), Self.int(1_000)], .bigInt)
        default: return nil
        }
    }

    private static let sizes: [String: Int64] = [
        "microsecond": 1, "millisecond": 1_000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000, "day": dayMicros, "week": 7 * dayMicros,
    ]
    private static let months: [String: Int64] = ["month": 1, "quarter": 3, "year": 12]

    private static func singular(_ name: String) -> String { name.hasSuffix("s") ? String(name.dropLast()) : name }

    /// Boundaries of a unit between two times.
    private func difference(_ name: String, _ a: Scalar, _ b: Scalar) -> Scalar? {
        let unit = Self.singular(name)
        if let size = Self.sizes[unit] {
            // Weeks are whole ones between two days, wherever they begin.
            if unit == "week" { return difference("day", a, b).map { .call(.integerDivide, [$0, Self.int(7)], .bigInt) } }
            let floor = { (time: Scalar) in
                Scalar.call(.floorMultiple, [.call(.reinterpret, [time], .bigInt), Self.int(size), Self.int(0)], .bigInt)
            }
            return .call(.integerDivide, [.call(.subtract, [floor(b), floor(a)], .bigInt), Self.int(size)], .bigInt)
        }
        guard let months = Self.months[unit] else { return nil }
        let number = { (time: Scalar) -> Scalar in
            let year = Scalar.call(.datePart(.year), [time], .bigInt)
            if months == 12 { return year }
            let part = Scalar.call(.datePart(months == 3 ? .quarter : .month), [time], .bigInt)
            return .call(.add, [.call(.multiply, [year, Self.int(12 / months)], .bigInt), part], .bigInt)
        }
        return .call(.subtract, [number(b), number(a)], .bigInt)
    }

    /// Whole units that have passed between two times.
    private func elapsed(_ name: String, _ a: Scalar, _ b: Scalar) -> Scalar? {
        guard let size = Self.sizes[Self.singular(name)] else { return nil }
        let raw = { (time: Scalar) in Scalar.call(.reinterpret, [time], .bigInt) }
        return .call(.integerDivide, [.call(.subtract, [raw(b), raw(a)], .bigInt), Self.int(size)], .bigInt)
    }
}
