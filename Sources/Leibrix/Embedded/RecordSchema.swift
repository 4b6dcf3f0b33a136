// The columns a record has, found by decoding one from nothing: what its init asks for, by name and type, is its schema.
public import Base
public import Columnar

extension DataType.Field {
    /// The columns of a record: integers, Bool, String, Double, Float, Timestamp, Foundation's Date, types with such a raw value, and
    /// optionals of them. Throws `streamSchema` for members of other types, and for an init that does not take what it is given.
    public static func columns(of type: (some Decodable).Type) throws(LeibrixError) -> [DataType.Field] {
        let schema = RecordSchema()
        do {
            _ = try type.init(from: SchemaDecoding(schema: schema, key: nil))
        } catch {
            throw LeibrixError(
                .streamSchema, "the columns of \(type) cannot be told", detail: "\(error)",
                hint: "Members are numbers, texts, truth values and times. Else CREATE SOURCE with its columns.")
        }
        return schema.columns
    }
}

private final class RecordSchema {
    var columns: [DataType.Field] = []
    func add(_ key: (any CodingKey)?, _ type: DataType) {
        guard let key, !columns.contains(where: { $0.name == key.stringValue }) else { return }
        columns.append(DataType.Field(key.stringValue, type))
    }
}

private struct SchemaDecoding: Decoder, SingleValueDecodingContainer {
    let schema: RecordSchema
    let key: (any CodingKey)?
    /// Set for the inside of a member of type Timestamp or Date.
    var fixed: DataType?
    var codingPath: [any CodingKey] { key.map { [$0] } ?? [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard key == nil else { throw refused([String: Any].self) }
        return KeyedDecodingContainer(SchemaKeys<Key>(schema: schema))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw refused([Any].self) }
    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    private func refused(_ type: Any.Type) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "a column is one value"))
    }

    private func note<T>(_ type: DataType, _ value: T) -> T {
        schema.add(key, fixed ?? type)
        return value
    }

    func decodeNil() -> Bool { false }
    func decode(_: Bool.Type) -> Bool { note(.boolean, false) }
    func decode(_: String.Type) -> String { note(.varchar, "") }
    func decode(_: Double.Type) -> Double { note(.double, 0) }
    func decode(_: Float.Type) -> Float { note(.real, 0) }
    func decode(_: Int.Type) -> Int { note(.bigInt, 0) }
    func decode(_: Int8.Type) -> Int8 { note(.tinyInt, 0) }
    func decode(_: Int16.Type) -> Int16 { note(.smallInt, 0) }
    func decode(_: Int32.Type) -> Int32 { note(.integer, 0) }
    func decode(_: Int64.Type) -> Int64 { note(.bigInt, 0) }
    func decode(_: UInt.Type) -> UInt { note(.unsignedBigInt, 0) }
    func decode(_: UInt8.Type) -> UInt8 { note(.unsignedTinyInt, 0) }
    func decode(_: UInt16.Type) -> UInt16 { note(.unsignedSmallInt, 0) }
    func decode(_: UInt32.Type) -> UInt32 { note(.unsignedInteger, 0) }
    func decode(_: UInt64.Type) -> UInt64 { note(.unsignedBigInt, 0) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try Self.member(type, schema, key) }

    static func member<T: Decodable>(_ type: T.Type, _ schema: RecordSchema, _ key: (any CodingKey)?) throws -> T {
        let isTime = type is Timestamp.Type || "\(type)" == "Date"
        // An enumeration's raw value cannot be made up: its first case would have to be known.
        if let cases = type as? any CaseIterable.Type, let first = firstCase(cases) as? T, let raw = (first as? any RawRepresentable)?.rawValue {
            schema.add(key, raw is String ? .varchar : .bigInt)
            return first
        }
        return try T(from: SchemaDecoding(schema: schema, key: key, fixed: isTime ? .timestamp : nil))
    }

    private static func firstCase<C: CaseIterable>(_ type: C.Type) -> Any? { C.allCases.first }
}

private struct SchemaKeys<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let schema: RecordSchema
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }
    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { false }

    private func member(_ key: Key) -> SchemaDecoding { SchemaDecoding(schema: schema, key: key) }

    func decode(_ type: Bool.Type, forKey key: Key) -> Bool { member(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) -> String { member(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) -> Double { member(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) -> Float { member(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) -> Int { member(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) -> Int8 { member(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) -> Int16 { member(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) -> Int32 { member(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) -> Int64 { member(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) -> UInt { member(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) -> UInt8 { member(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) -> UInt16 { member(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) -> UInt32 { member(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) -> UInt64 { member(key).decode(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try SchemaDecoding.member(type, schema, key) }

    func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> { throw flat(key) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw flat(key) }
    func superDecoder() throws -> any Decoder { SchemaDecoding(schema: schema, key: nil) }
    func superDecoder(forKey key: Key) throws -> any Decoder { member(key) }

    private func flat(_ key: Key) -> DecodingError {
        .typeMismatch([String: Any].self, .init(codingPath: [key], debugDescription: "a column is one value"))
    }
}
