// What POST /query takes: {"sql": "SELECT …", "params": [1, "two", null]}.
internal import Base
internal import Columnar
internal import PostgresDoor

struct QueryRequest {
    let sql: String
    let parameters: [JSON]

    init(_ request: HTTPRequest) throws(LeibrixError) {
        // A form or plain text is what a page may send without being asked first; JSON is not.
        let type = request.values("content-type").first?.split(separator: ";").first.map(String.init)?.lowercased()
        guard type == "application/json" else {
            throw LeibrixError(.protocolViolation, "the body must be application/json", hint: "Send Content-Type: application/json.")
        }
        let body = try JSON.parse(utf8: request.body)
        guard let members = body.members, let sql = body["sql"]?.string else {
            throw LeibrixError(.invalidValue, "the body needs \"sql\", a text", hint: "{\"sql\": \"SELECT $1\", \"params\": [1]}")
        }
        if let unknown = members.first(where: { $0.name != "sql" && $0.name != "params" }) {
            throw LeibrixError(.invalidOption, "unknown member \"\(unknown.name.prefix(100))\"", hint: "Known are sql and params.")
        }
        self.sql = sql
        switch body["params"] {
        case nil, .null?: parameters = []
        case .array(let items)?: parameters = items
        default: throw LeibrixError(.invalidValue, "\"params\" must be an array")
        }
    }

    /// The parameters as values of the statement's types.
    func values(_ types: [DataType]) throws(LeibrixError) -> [Value] {
        guard parameters.count == types.count else {
            throw LeibrixError(
                .protocolViolation, "the statement has \(types.count) parameters but \(parameters.count) were given",
                hint: "Give one value in params for each of $1, $2 ….")
        }
        var values: [Value] = []
        for (parameter, type) in zip(parameters, types) { values.append(try Self.value(parameter, type)) }
        return values
    }

    private static func value(_ json: JSON, _ type: DataType) throws(LeibrixError) -> Value {
        switch (json, type.base) {
        case (.null, _): return .null
        case (.array(let items), .list(let element)):
            var values: [Value] = []
            for item in items { values.append(try value(item, element)) }
            return .list(values)
        case (.string(let text), _): return try ValueCoding().value(text, type)
        case (.bool(let flag), _): return try ValueCoding().value(flag ? "true" : "false", type)
        case (.integer(let number), _): return try ValueCoding().value(String(number), type)
        case (.number(let number), _): return try ValueCoding().value(String(number), type)
        default: return try ValueCoding().value(json.text(), type)
        }
    }
}
