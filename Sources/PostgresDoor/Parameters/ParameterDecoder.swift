// A client's parameters into values of the types the statement wants.
internal import Base
internal import Columnar

struct ParameterDecoder {
    let context: FormatContext

    /// Parameters of a Bind, one value a type. Format codes are none, one for all, or one each.
    func values(_ raw: [[UInt8]?], formats: [Int16], types: [DataType]) throws(LeibrixError) -> [Value] {
        guard raw.count == types.count else {
            throw .violation("bind message supplies \(raw.count) parameters, but the prepared statement requires \(types.count)")
        }
        let formats = try WireFormat.expand(formats, count: raw.count, of: "parameter")
        var values: [Value] = []
        values.reserveCapacity(raw.count)
        for index in raw.indices {
            guard let bytes = raw[index] else {
                values.append(.null)
                continue
            }
            do throws(LeibrixError) {
                values.append(try value(bytes, formats[index], types[index]))
            } catch {
                var named = error
                named.detail = named.detail ?? "This is the value of parameter $\(index + 1)."
                throw named
            }
        }
        return values
    }

    func value(_ bytes: [UInt8], _ format: WireFormat, _ type: DataType) throws(LeibrixError) -> Value {
        switch format {
        case .text:
            guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
                throw LeibrixError(.invalidValue, "invalid byte sequence for encoding \"UTF8\"", sqlState: "22021")
            }
            return try ParameterText(context: context).value(text, type, depth: 0)
        case .binary: return try ParameterBinary().value(bytes, type, depth: 0)
        }
    }
}

extension WireFormat {
    /// Format codes of a Bind or Execute as one a column.
    static func expand(_ codes: [Int16], count: Int, of what: String) throws(LeibrixError) -> [WireFormat] {
        var formats: [WireFormat] = []
        for code in codes {
            guard let format = WireFormat(rawValue: code) else { throw LeibrixError(.invalidOption, "unsupported format code: \(code)") }
            formats.append(format)
        }
        if formats.isEmpty { return Array(repeating: .text, count: count) }
        if formats.count == 1 { return Array(repeating: formats[0], count: count) }
        guard formats.count == count else {
            throw .violation("bind message has \(formats.count) \(what) formats but \(count) \(what)s", hint: "Give none, one for all, or one each.")
        }
        return formats
    }
}

extension LeibrixError {
    static func invalidText(_ type: String, _ text: String, sqlState: String? = nil) -> LeibrixError {
        LeibrixError(.invalidValue, "invalid input syntax for type \(type): \"\(text.prefix(200))\"", sqlState: sqlState)
    }

    static func outOfRange(_ type: String, _ text: String) -> LeibrixError {
        LeibrixError(.outOfRange, "value \"\(text.prefix(200))\" is out of range for type \(type)")
    }

    static func invalidBinary(_ type: String, _ reason: String) -> LeibrixError {
        LeibrixError(.invalidValue, "incorrect binary data for type \(type): \(reason)", sqlState: "22P03")
    }
}
