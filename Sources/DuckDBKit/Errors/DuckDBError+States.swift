// DuckDB says with one kind of exception what PostgreSQL tells apart by SQLSTATE, and clients act on the state. These rules
// know DuckDB's texts; a text that is not among them keeps its kind's code.
internal import Base

/// One text of DuckDB's and what PostgreSQL says instead.
private struct ErrorRule {
    let part: String
    let code: ErrorCode
    let state: String?
    /// nil keeps DuckDB's text.
    let message: String?

    init(_ part: String, _ code: ErrorCode, _ state: String? = nil, _ message: String? = nil) {
        self.part = part
        self.code = code
        self.state = state
        self.message = message
    }

    static let all: [ErrorRule] = [
        .init("WHERE clause cannot contain aggregates", .grouping, nil, "aggregate functions are not allowed in WHERE"),
        .init("GROUP BY clause cannot contain aggregates", .grouping, nil, "aggregate functions are not allowed in GROUP BY"),
        .init("aggregate function calls cannot be nested", .grouping),
        .init("WHERE clause cannot contain window functions", .grouping, "42P20", "window functions are not allowed in WHERE"),
        .init("GROUP BY clause cannot contain window functions", .grouping, "42P20", "window functions are not allowed in GROUP BY"),
        .init("HAVING clause cannot contain window functions", .grouping, "42P20", "window functions are not allowed in HAVING"),
        .init("value is out of range for the destination type", .outOfRange),
        .init("date field value out of range", .invalidValue, "22008"),
        .init("time field value out of range", .invalidValue, "22008"),
        .init("timestamp field value out of range", .invalidValue, "22008"),
        .init("invalid date field format", .invalidValue, "22007"),
        .init("invalid time field format", .invalidValue, "22007"),
        .init("invalid timestamp field format", .invalidValue, "22007"),
        .init("cannot take square root of a negative number", .outOfRange, "2201F"),
        .init("cannot take logarithm of", .outOfRange, "2201E"),
        .init("More than one row returned by a subquery", .invalidValue, "21000", "more than one row returned by a subquery used as an expression"),
        .init("LIMIT/OFFSET cannot be negative", .invalidValue, "2201W", "LIMIT and OFFSET must not be negative"),
        .init("ORDER term out of range", .syntax, "42P10"),
        .init("GROUP BY term out of range", .syntax, "42P10"),
        .init("(duplicate alias", .ambiguousName, "42712"),
        .init("columns - expected 1", .syntax, nil, "subquery must return only one column"),
        .init("does not exist on left side of join", .undefinedColumn),
        .init("does not exist on right side of join", .undefinedColumn),
        .init("interval cannot be 0", .invalidValue, "22023", "step size cannot equal zero"),
        .init("Could not choose a best candidate function", .undefinedFunction, "42725"),
    ]
}

extension LeibrixError {
    /// The code, state and wording for a text that DuckDB is known to say; nil for any other.
    static func known(_ text: String) -> (code: ErrorCode, state: String?, message: String)? {
        if let rule = ErrorRule.all.first(where: { text.contains($0.part) }) { return (rule.code, rule.state, rule.message ?? text) }
        if text.hasPrefix("extract specifier \""), text.hasSuffix("not recognized") { return (.invalidValue, "22023", text) }
        return unconverted(text) ?? overflown(text)
    }

    private static let typeNames = [
        "BOOL": "boolean", "INT8": "smallint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "numeric", "FLOAT": "real",
        "DOUBLE": "double precision", "INTERVAL": "interval", "UINT8": "smallint", "UINT16": "integer", "UINT32": "bigint", "UINT64": "numeric",
    ]

    /// Could not convert string 'x' to INT32 […]
    private static func unconverted(_ text: String) -> (code: ErrorCode, state: String?, message: String)? {
        let head = "Could not convert string '"
        guard text.hasPrefix(head), let mark = text.ranges(of: "' to ").last else { return nil }
        let value = text[text.index(text.startIndex, offsetBy: head.count)..<mark.lowerBound]
        let type = text[mark.upperBound...].prefix { $0.isLetter || $0.isNumber }
        guard let name = typeNames[String(type)] else { return nil }
        let digits = value.hasPrefix("-") || value.hasPrefix("+") ? value.dropFirst() : value
        if type.contains("INT"), type != "INTERVAL", !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            return (.outOfRange, nil, "value \"\(value)\" is out of range for type \(name)")
        }
        return (.invalidValue, type == "INTERVAL" ? "22007" : nil, "invalid input syntax for type \(name): \"\(value)\"")
    }

    /// Could not cast value 1000 to DECIMAL(4,2)
    private static func overflown(_ text: String) -> (code: ErrorCode, state: String?, message: String)? {
        guard text.hasPrefix("Could not cast value "), text.contains(" to DECIMAL(") else { return nil }
        return (.outOfRange, nil, text)
    }
}
