// Encodable records as rows: a keyed container that writes members straight into the columns of a batch that is being built.
internal import Base
internal import Columnar
internal import Connectors

/// The row that is being written. Used by one thread at a time: whoever has it behind a lock.
final class RowSink: @unchecked Sendable {
    let builder: BatchBuilder
    let names: ColumnIndex

    init(_ columns: [DataType.Field]) throws(LeibrixError) {
        names = ColumnIndex(columns)
        builder = try BatchBuilder(columns.map(\.type))
    }

    /// Adds one record. Throws `streamSchema` for a member that is no column, and `typeMismatch` or `outOfRange` for a value that does
    /// not fit; nothing of the record is added then.
    func add(_ record: some Encodable) throws(LeibrixError) {
        builder.beginRow()
        do {
            try record.encode(to: RowEncoding(sink: self, codingPath: []))
        } catch let error as LeibrixError {
            throw error
        } catch {
            throw LeibrixError(.typeMismatch, "\(type(of: record)) does not fit the source's columns", detail: "\(error)")
        }
        builder.endRow()
    }

    func column(_ key: some CodingKey) throws(LeibrixError) -> Int {
        if let column = names.find(key.stringValue) { return column }
        throw LeibrixError(
            .streamSchema, "member \"\(key.stringValue)\" is no column of the source",
            hint: "Its columns are: \(names.columns.map(\.name).joined(separator: ", ")). CodingKeys give members other names.")
    }

    func set(_ column: Int, _ write: (BatchBuilder) throws(Misfit) -> Void) throws(LeibrixError) {
        do throws(Misfit) {
            try write(builder)
        } catch {
            let field = names.columns[column]
            throw LeibrixError(
                error == .range ? .outOfRange : .typeMismatch, "a value does not fit column \"\(field.name)\" of type \(field.type)",
                hint: "Declare the column wider, or give the member another type.")
        }
    }
}

struct RowEncoding: Encoder {
    let sink: RowSink
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> { KeyedEncodingContainer(RowWriting<Key>(sink: sink, codingPath: codingPath)) }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { RefusedList(codingPath: codingPath) }
    /// A plain value is a row of the first column.
    func singleValueContainer() -> any SingleValueEncodingContainer { ValueEncoding(sink: sink, column: 0, codingPath: codingPath) }
}

private struct RowWriting<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: RowSink
    let codingPath: [any CodingKey]

    private func value(_ key: Key) throws -> ValueEncoding { ValueEncoding(sink: sink, column: try sink.column(key), codingPath: codingPath + [key]) }

    func encodeNil(forKey key: Key) throws { try value(key).encodeNil() }
    func encode(_ value: Bool, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: String, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: Double, forKey key: Key) throws { try self.value(key).number(value) }
    func encode(_ value: Float, forKey key: Key) throws { try self.value(key).number(Double(value)) }
    func encode(_ value: Int, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: Int8, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: Int16, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: Int32, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: Int64, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: UInt, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: UInt8, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: UInt16, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: UInt32, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode(_ value: UInt64, forKey key: Key) throws { try self.value(key).integer(value) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try value.encode(to: try self.value(key)) }

    func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(RefusedKeys<Nested>(codingPath: codingPath + [key]))
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { RefusedList(codingPath: codingPath + [key]) }
    func superEncoder() -> any Encoder { RowEncoding(sink: sink, codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder { RowEncoding(sink: sink, codingPath: codingPath + [key]) }
}

/// One member: a value, or a type that encodes itself as one.
private struct ValueEncoding: Encoder, SingleValueEncodingContainer {
    let sink: RowSink
    let column: Int
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> { KeyedEncodingContainer(RefusedKeys<Key>(codingPath: codingPath)) }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { RefusedList(codingPath: codingPath) }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func integer(_ value: some FixedWidthInteger) throws(LeibrixError) {
        try sink.set(column) { (builder) throws(Misfit) in
            if let number = Int64(exactly: value) { try builder.set(column, number) } else { try builder.set(column, Int128(value)) }
        }
    }

    func number(_ value: Double) throws(LeibrixError) { try sink.set(column) { (builder) throws(Misfit) in try builder.set(column, value) } }

    func encodeNil() { sink.builder.setNull(column) }
    func encode(_ value: Bool) throws { try sink.set(column) { (builder) throws(Misfit) in try builder.set(column, value) } }
    func encode(_ value: String) throws { try sink.set(column) { (builder) throws(Misfit) in try builder.set(column, value) } }

    /// What Foundation's Date gives: seconds since 2001, where the column is a time.
    func encode(_ value: Double) throws {
        switch sink.names.columns[column].type.base {
        case .timestamp, .timestampTZ: try integer(Int64((value * 1e6).rounded()) + ValueDecoding.referenceMicros)
        default: try number(value)
        }
    }

    func encode(_ value: Float) throws { try number(Double(value)) }
    func encode(_ value: Int) throws { try integer(value) }
    func encode(_ value: Int8) throws { try integer(value) }
    func encode(_ value: Int16) throws { try integer(value) }
    func encode(_ value: Int32) throws { try integer(value) }
    func encode(_ value: Int64) throws { try integer(value) }
    func encode(_ value: UInt) throws { try integer(value) }
    func encode(_ value: UInt8) throws { try integer(value) }
    func encode(_ value: UInt16) throws { try integer(value) }
    func encode(_ value: UInt32) throws { try integer(value) }
    func encode(_ value: UInt64) throws { try integer(value) }
    func encode<T: Encodable>(_ value: T) throws { try value.encode(to: self) }
}

/// Nested members have no column: every call says so.
private func nested(_ path: [any CodingKey]) -> LeibrixError {
    LeibrixError(
        .streamSchema, "member \"\(path.last?.stringValue ?? "")\" is a structure or a list, and a column is one value",
        hint: "Encode it as a text, or give its parts members of their own.")
}

private struct RefusedKeys<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let codingPath: [any CodingKey]
    func encodeNil(forKey key: Key) throws { throw nested(codingPath) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { throw nested(codingPath) }
    func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(RefusedKeys<Nested>(codingPath: codingPath))
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { RefusedList(codingPath: codingPath) }
    func superEncoder() -> any Encoder { RefusedEncoder(codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder { RefusedEncoder(codingPath: codingPath) }
}

private struct RefusedList: UnkeyedEncodingContainer {
    let codingPath: [any CodingKey]
    var count: Int { 0 }
    func encodeNil() throws { throw nested(codingPath) }
    func encode<T: Encodable>(_ value: T) throws { throw nested(codingPath) }
    func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(RefusedKeys<Nested>(codingPath: codingPath))
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
    func superEncoder() -> any Encoder { RefusedEncoder(codingPath: codingPath) }
}

private struct RefusedEncoder: Encoder {
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> { KeyedEncodingContainer(RefusedKeys<Key>(codingPath: codingPath)) }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { RefusedList(codingPath: codingPath) }
    func singleValueContainer() -> any SingleValueEncodingContainer { RefusedValue(codingPath: codingPath) }
}

private struct RefusedValue: SingleValueEncodingContainer {
    let codingPath: [any CodingKey]
    func encodeNil() throws { throw nested(codingPath) }
    func encode<T: Encodable>(_ value: T) throws { throw nested(codingPath) }
}
