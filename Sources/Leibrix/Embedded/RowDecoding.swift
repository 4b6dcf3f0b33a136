// Rows as Decodable records: a keyed container over columns, and a single value inside a member.
internal import Base
internal import Columnar

struct RowDecoding: Decoder {
    let row: Row
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowKeys<Key>(row: row, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DecodingError.typeMismatch([Any].self, .init(codingPath: codingPath, debugDescription: "a row is no list"))
    }

    /// A row of one column as a plain value.
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        ValueDecoding(value: row.columns.isEmpty ? .null : row[0], codingPath: codingPath)
    }
}

private struct RowKeys<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let row: Row
    let codingPath: [any CodingKey]

    var allKeys: [Key] { row.columns.compactMap { Key(stringValue: $0.name) } }
    func contains(_ key: Key) -> Bool { row.names.find(key.stringValue) != nil }

    private func value(_ key: Key) throws -> ValueDecoding {
        guard let value = row[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "no such column"))
        }
        return ValueDecoding(value: value, codingPath: codingPath + [key])
    }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try value(key).number() }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { Float(try value(key).number()) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(key).integer() }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(key).integer() }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try value(key).integer() }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try value(key).integer() }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try value(key).integer() }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(key).integer() }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(key).integer() }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try value(key).integer() }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try value(key).integer() }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(key).integer() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try T(from: try value(key)) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> { throw flat(key) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw flat(key) }
    func superDecoder() throws -> any Decoder { RowDecoding(row: row, codingPath: codingPath) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }

    private func flat(_ key: Key) -> DecodingError {
        .typeMismatch([String: Any].self, .init(codingPath: codingPath + [key], debugDescription: "a column is one value"))
    }
}

/// One value, as a decoder of its own: for members of types that decode themselves (raw values, dates).
struct ValueDecoding: Decoder, SingleValueDecodingContainer {
    let value: Value
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> { throw misfit([String: Any].self) }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw misfit([Any].self) }
    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    private func misfit(_ type: Any.Type) -> any Error {
        if value.isNull { return DecodingError.valueNotFound(type, .init(codingPath: codingPath, debugDescription: "NULL")) }
        let name = codingPath.last?.stringValue ?? ""
        return LeibrixError(.typeMismatch, "the value \(value) does not go into member \"\(name)\" of type \(type)", hint: "CAST the column in the query.")
    }

    func integer<T: FixedWidthInteger>() throws -> T {
        let exact: T? =
            switch value {
            case .integer(let number), .timestamp(let number), .timestampTZ(let number), .time(let number): T(exactly: number)
            case .unsigned(let number): T(exactly: number)
            case .hugeInt(let number): T(exactly: number)
            case .date(let days): T(exactly: days)
            case .decimal(let digits, _, 0): T(exactly: digits)
            default: nil
            }
        guard let exact else { throw misfit(T.self) }
        return exact
    }

    func number() throws -> Double {
        switch value {
        case .double(let number): return number
        case .real(let number): return Double(number)
        case .integer(let number): return Double(number)
        case .unsigned(let number): return Double(number)
        case .hugeInt(let number): return Double(number)
        case .decimal(let digits, _, let scale): return Double(digits) / (0..<scale).reduce(1.0) { power, _ in power * 10 }
        default: throw misfit(Double.self)
        }
    }

    func decodeNil() -> Bool { value.isNull }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .boolean(let flag) = value else { throw misfit(type) }
        return flag
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let text) = value else { throw misfit(type) }
        return text
    }

    /// What Foundation's Date asks for: seconds since 2001, where the value is a time.
    func decode(_ type: Double.Type) throws -> Double {
        switch value {
        case .timestamp(let micros), .timestampTZ(let micros): return Double(micros - Self.referenceMicros) / 1e6
        case .date(let days): return Double(Int64(days) * 86_400_000_000 - Self.referenceMicros) / 1e6
        default: return try number()
        }
    }

    /// 2001-01-01 00:00:00 UTC.
    static let referenceMicros: Int64 = 978_307_200_000_000

    func decode(_ type: Float.Type) throws -> Float { Float(try number()) }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }
}
