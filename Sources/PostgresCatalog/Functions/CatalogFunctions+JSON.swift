// json_build_object and json_build_array. DuckDB's json_object cannot be planned while it has parameters inside, which is
// how SQLAlchemy sends it.
internal import Base
internal import Columnar
internal import DuckDBKit

extension CatalogFunctions {
    var json: [ScalarFunction] {
        ["json", "jsonb"].flatMap { prefix in
            [
                ScalarFunction("\(prefix)_build_object", [], isVariadic: true, returns: .json) { (values) throws(LeibrixError) in
                    .string(try JSONText.object(values))
                },
                ScalarFunction("\(prefix)_build_array", [], isVariadic: true, returns: .json) { values in
                    .string(JSONText.array(values))
                },
            ]
        }
    }
}

/// Values as JSON, spelled as PostgreSQL spells it: a blank behind colons and commas.
enum JSONText {
    static func object(_ values: [Value]) throws(LeibrixError) -> String {
        guard values.count.isMultiple(of: 2) else {
            throw LeibrixError(.invalidOption, "argument list must have even number of elements", hint: "Give a value for each key.")
        }
        var members: [String] = []
        for index in stride(from: 0, to: values.count, by: 2) {
            if values[index].isNull { throw LeibrixError(.invalidOption, "null value not allowed for object key") }
            let key = text(values[index])
            members.append("\(key.hasPrefix("\"") ? key : string(key)) : \(text(values[index + 1]))")
        }
        return "{\(members.joined(separator: ", "))}"
    }

    static func array(_ values: [Value]) -> String { "[\(values.map(text).joined(separator: ", "))]" }

    private static func text(_ value: Value) -> String {
        switch value {
        case .null: return "null"
        case .boolean(let flag): return flag ? "true" : "false"
        case .integer(let number): return String(number)
        case .unsigned(let number): return String(number)
        case .hugeInt(let number): return String(number)
        case .unsignedHugeInt(let number): return String(number)
        case .real(let number): return number.isFinite ? String(number) : string(String(number))
        case .double(let number): return number.isFinite ? String(number) : string(String(number))
        case .decimal(let digits, _, let scale): return Value.decimalText(digits, scale: scale)
        case .string(let text): return string(text)
        case .uuid(let bits): return string(Value.uuidText(bits))
        case .list(let items): return array(items)
        case .structure(let fields):
            if fields.count == 1, fields[0].name == "json", case .string(let text) = fields[0].value { return text }
            return "{\(fields.map { "\(string($0.name)):\(text($0.value))" }.joined(separator: ","))}"
        default: return string(value.duckDBLiteral)
        }
    }

    private static func string(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
