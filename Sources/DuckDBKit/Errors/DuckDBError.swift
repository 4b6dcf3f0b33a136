// DuckDB's errors as ours. Instances run with `errors_as_json`, so a message is a flat JSON object with the exception's
// type and text, and where known the name, candidates, subtype and byte position.
package import Base

extension LeibrixError {
    /// From DuckDB's message. `sql` is the text it refers to, for the position in characters.
    package static func duckDB(_ message: String, sql: String = "") -> LeibrixError {
        // A parser's error passes through twice and wears its type in front: "Parser Error: {..}".
        let json = message.firstRange(of: " Error: {").map { message[message.index(before: $0.upperBound)...] } ?? message[...]
        guard let fields = FlatJSON.parse(String(json)), let type = fields["exception_type"] else {
            return plain(message, sql)
        }
        let (text, hint) = splitHint(fields["exception_message"] ?? message)
        if let own = coded(text) { return own }
        var error: LeibrixError
        if let known = known(text) {
            error = LeibrixError(known.code, known.message, hint: hint, sqlState: known.state)
        } else {
            error = LeibrixError(code(type: type, subtype: fields["error_subtype"], text: text), text, hint: hint)
        }
        if let offset = fields["position"].flatMap({ Int($0) }), offset <= sql.utf8.count, !sql.isEmpty {
            let index = sql.utf8.index(sql.startIndex, offsetBy: offset)
            error.position = sql.unicodeScalars.distance(from: sql.startIndex, to: index) + 1
        }
        return error
    }

    /// An error of our own that passed through DuckDB: "LBX-NNNN: what". The inverse of `codedText`.
    private static func coded(_ text: String) -> LeibrixError? {
        guard text.hasPrefix("LBX-"), let colon = text.firstRange(of: ": ") else { return nil }
        let code = ErrorCode(rawValue: String(text[..<colon.lowerBound]))
        guard ErrorCode.table[code] != nil else { return nil }
        return LeibrixError(code, String(text[colon.upperBound...]))
    }

    /// The text under which an error of our own passes through DuckDB.
    package var codedText: String { "\(code.rawValue): \(message)" }

    /// Errors before planning come as text: "Parser Error: what\n\nLINE 1: excerpt\n   ^".
    private static func plain(_ message: String, _ sql: String) -> LeibrixError {
        guard let mark = message.firstRange(of: " Error: ") else { return LeibrixError(.internal, message) }
        let type = String(message[..<mark.lowerBound])
        let parts = message[mark.upperBound...].split(separator: "\n\nLINE ", maxSplits: 1).map(String.init)
        let (text, hint) = splitHint(parts[0])
        let code = code(type: type, subtype: nil, text: text)
        return LeibrixError(code, text, hint: hint, position: parts.count > 1 ? caretPosition(parts[1], sql) : nil)
    }

    /// The character under the caret: line number, excerpt of that line (cut with "..." when long) and a line with `^`.
    private static func caretPosition(_ excerpt: String, _ sql: String) -> Int? {
        let lines = excerpt.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, let colon = lines[0].firstRange(of: ": "), let number = Int(lines[0][..<colon.lowerBound]),
            let caret = lines[1].firstIndex(of: "^")
        else { return nil }
        let shown = lines[0][colon.upperBound...]
        let prefix = "LINE ".count + lines[0].distance(from: lines[0].startIndex, to: colon.upperBound)
        var column = lines[1].distance(from: lines[1].startIndex, to: caret) - prefix
        let sqlLines = sql.split(separator: "\n", omittingEmptySubsequences: false)
        guard number >= 1, number <= sqlLines.count, column >= 0 else { return nil }
        if shown.hasPrefix("..."), !sqlLines[number - 1].hasPrefix("...") {
            let kept = shown.dropFirst(3).hasSuffix("...") ? shown.dropFirst(3).dropLast(3) : shown.dropFirst(3)
            guard let place = sqlLines[number - 1].firstRange(of: kept) else { return nil }
            column += sqlLines[number - 1].distance(from: sqlLines[number - 1].startIndex, to: place.lowerBound) - 3
        }
        let before = sqlLines[..<(number - 1)].reduce(0) { $0 + $1.unicodeScalars.count + 1 }
        return before + column + 1
    }

    /// DuckDB puts what to do next on a line of its own.
    private static func splitHint(_ message: String) -> (String, String?) {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: true)
        guard let first = lines.first else { return (message, nil) }
        guard lines.count > 1 else { return (message, nil) }
        return (String(first), lines.dropFirst().map(String.init).joined(separator: "\n"))
    }

    private static func code(type: String, subtype: String?, text: String) -> ErrorCode {
        switch (type, subtype) {
        case (_, "COLUMN_NOT_FOUND"): return .undefinedColumn
        case (_, "AMBIGUOUS_COLUMN"): return .ambiguousName
        case ("Catalog", _): return catalogCode(text)
        case ("Binder", _): return binderCode(text)
        default: return codesByType[type] ?? .internal
        }
    }

    private static func catalogCode(_ text: String) -> ErrorCode {
        if text.hasPrefix("Table with name") || text.hasPrefix("View with name") { return .undefinedRelation }
        if text.contains("Function with name") || text.contains("Macro Function") || text.contains("function with name") {
            return .undefinedFunction
        }
        if text.hasPrefix("Schema with name") { return .undefinedSchema }
        if text.contains("already exists") { return .duplicateObject }
        return .undefinedObject
    }

    private static func binderCode(_ text: String) -> ErrorCode {
        let rules: [(String, ErrorCode)] = [
            ("No function matches", .undefinedFunction), ("not found in FROM clause", .undefinedColumn),
            ("Referenced table", .undefinedRelation), ("must appear in the GROUP BY", .grouping),
            ("Ambiguous reference", .ambiguousName), ("Cannot mix values", .typeMismatch), ("Cannot compare", .typeMismatch),
            ("Catalog \"", .undefinedSchema), ("does not have a column named", .undefinedColumn),
            ("aggregate functions", .grouping), ("expected", .typeMismatch),
        ]
        return rules.first { text.contains($0.0) }?.1 ?? .syntax
    }

    private static let codesByType: [String: ErrorCode] = [
        "Parser": .syntax, "Syntax": .syntax, "Conversion": .invalidValue, "Out of Range": .outOfRange,
        "Divide by Zero": .divisionByZero, "Mismatch Type": .typeMismatch, "Invalid type": .typeMismatch,
        "Invalid Input": .invalidValue, "Not implemented": .notSupported, "Constraint": .constraint, "IO": .io,
        "INTERRUPT": .cancelled, "Interrupt": .cancelled, "Out of Memory": .memoryBudget, "Permission": .permissionDenied,
        "HTTP": .sourceUnavailable, "Connection": .sourceUnavailable, "Network": .sourceUnavailable,
        "Parameter Not Resolved": .undefinedParameter, "Parameter Not Allowed": .undefinedParameter, "Settings": .invalidOption,
        "TransactionContext": .failedTransaction, "Missing Extension": .notSupported, "Expression": .invalidValue,
        "Invalid Configuration": .configuration, "Dependency": .objectInUse, "Sequence": .outOfRange, "Decimal": .outOfRange,
        "Object Size": .limitExceeded, "FATAL": .internal, "INTERNAL": .internal, "Unknown Type": .undefinedObject,
    ]

}

/// A JSON object whose values are strings, as DuckDB writes its errors.
enum FlatJSON {
    static func parse(_ text: String) -> [String: String]? {
        var bytes = Array(text.utf8)[...]
        guard take(UInt8(ascii: "{"), &bytes) else { return nil }
        var fields: [String: String] = [:]
        while !take(UInt8(ascii: "}"), &bytes) {
            guard let name = string(&bytes), take(UInt8(ascii: ":"), &bytes), let value = string(&bytes) else { return nil }
            fields[name] = value
            _ = take(UInt8(ascii: ","), &bytes)
        }
        return fields
    }

    private static func take(_ byte: UInt8, _ bytes: inout ArraySlice<UInt8>) -> Bool {
        while let first = bytes.first, first == 0x20 || first == 0x0A || first == 0x0D || first == 0x09 { bytes.removeFirst() }
        guard bytes.first == byte else { return false }
        bytes.removeFirst()
        return true
    }

    private static func string(_ bytes: inout ArraySlice<UInt8>) -> String? {
        guard take(UInt8(ascii: "\""), &bytes) else { return nil }
        var out: [UInt8] = []
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(decoding: out, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                continue
            }
            guard let escaped = bytes.popFirst() else { return nil }
            switch escaped {
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "u"):
                let digits = String(decoding: bytes.prefix(4), as: UTF8.self)
                guard let code = UInt32(digits, radix: 16), bytes.count >= 4 else { return nil }
                bytes.removeFirst(4)
                out.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            default: out.append(escaped)
            }
        }
        return nil
    }
}
