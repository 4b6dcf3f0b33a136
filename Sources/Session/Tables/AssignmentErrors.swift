internal import Base
internal import Catalog
internal import Columnar

extension LeibrixError {
    /// The engine's error of a cast to a column's type, in PostgreSQL's words and states.
    func inAssignment(_ table: TableDefinition? = nil) -> LeibrixError {
        var error = self
        if message.contains("value inf can't be cast") || message.contains("value -inf can't be cast") {
            error = LeibrixError(.divisionByZero, "division by zero", hint: "NULLIF(divisor, 0) gives NULL instead.", position: position)
        } else if message.hasPrefix("Unimplemented type for cast"), let open = message.firstIndex(of: "("), let close = message.lastIndex(of: ")") {
            error = LeibrixError(
                .typeMismatch, "a value's type does not fit its column: \(message[message.index(after: open)..<close])",
                hint: "You will need to rewrite or cast the expression.", position: position, sqlState: "42804")
        } else if message.hasPrefix("nextval: reached ") {
            error = LeibrixError(.outOfRange, message, hint: "ALTER SEQUENCE … MAXVALUE or CYCLE.", position: position, sqlState: "2200H")
        } else if message.hasPrefix("value too long for type ") {
            error = LeibrixError(code, message, hint: "Shorten the value, or widen the column.", position: position, sqlState: "22001")
        } else if message.hasPrefix("bit string length ") {
            error = LeibrixError(code, message, hint: "Give as many bits as declared.", position: position, sqlState: "22026")
        } else if message.contains("out of range") || message.contains("Overflow") || message.contains("Could not cast value") && message.contains("DECIMAL") {
            error = Self.outOfRangeText(self)
        } else if message.hasPrefix("Could not convert string"), let (text, type) = Self.converted(message), type == "enum" {
            error = LeibrixError(.invalidValue, "invalid input value for enum: \"\(text)\"", hint: "Use one of the type's labels.", position: position)
        } else if message.hasPrefix("Could not convert string"), let (text, type) = Self.converted(message) {
            error = LeibrixError(
                .invalidValue, "invalid input syntax for type \(type): \"\(text)\"", hint: hint ?? "Check the value.", position: position)
        }
        return error
    }

    private static func outOfRangeText(_ error: LeibrixError) -> LeibrixError {
        let names: [(String, String)] = [
            ("INT16", "smallint"), ("INT32", "integer"), ("INT64", "bigint"), ("INT8", "smallint"), ("FLOAT", "real"), ("DOUBLE", "double precision"),
        ]
        if error.message.contains("DECIMAL") {
            return LeibrixError(
                .outOfRange, "numeric field overflow", detail: error.message, hint: "Use a smaller value, or widen the column.", position: error.position)
        }
        // The type that is named last is the one cast to.
        let last = names.compactMap { name in error.message.ranges(of: name.0).last.map { ($0.lowerBound, name.1) } }.max { $0.0 < $1.0 }
        guard let last else { return error }
        return LeibrixError(
            .outOfRange, "\(last.1) out of range", detail: error.message, hint: "Use a smaller value, or widen the column.", position: error.position)
    }

    /// «Could not convert string 'abc' to INT32»
    private static func converted(_ message: String) -> (text: String, type: String)? {
        guard let open = message.firstIndex(of: "'") ?? message.firstIndex(of: "\""), let mark = message.ranges(of: "\(message[open]) to ").last else { return nil }
        let text = message[message.index(after: open)..<mark.lowerBound]
        let word = message[mark.upperBound...].prefix { $0.isLetter || $0.isNumber }
        let types = [
            "INT8": "smallint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "BOOL": "boolean", "DOUBLE": "double precision",
            "FLOAT": "real", "DECIMAL": "numeric", "UUID": "uuid", "INT128": "numeric", "UINT8": "enum", "UINT16": "enum", "UINT32": "enum", "ENUM": "enum",
        ]
        return types[String(word)].map { (String(text), $0) }
    }
}
