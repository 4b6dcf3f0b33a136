public import Base
public import Columnar
internal import DuckDBKit

/// Where columns are, by name.
final class ColumnIndex: Sendable {
    let columns: [DataType.Field]
    private let places: [String: Int]

    init(_ columns: [DataType.Field]) {
        self.columns = columns
        var places: [String: Int] = [:]
        for (place, column) in columns.enumerated() where places[column.name.lowercased()] == nil { places[column.name.lowercased()] = place }
        for (place, column) in columns.enumerated().reversed() { places[column.name] = place }
        self.places = places
    }

    func find(_ name: String) -> Int? { places[name] ?? places[name.lowercased()] }
}

/// One row of an answer or of a stream.
public struct Row: Sendable {
    let batch: Batch
    let index: Int
    let names: ColumnIndex

    public var columns: [DataType.Field] { names.columns }
    public var values: [Value] { columns.indices.map { self[$0] } }

    /// A column by its place. The place must be there.
    public subscript(_ column: Int) -> Value { batch.columns[column].value(at: index) }

    /// A column by its name; nil when there is none of it.
    public subscript(_ name: String) -> Value? { names.find(name).map { self[$0] } }

    /// The row as a record, whose members are found by the columns' names, as spelled or without regard to case. Columns that
    /// are no member are passed over. Throws `typeMismatch` for a member without a column and for a value that does not fit it.
    public func decode<Record: Decodable>(_ type: Record.Type) throws(LeibrixError) -> Record {
        do {
            return try Record(from: RowDecoding(row: self, codingPath: []))
        } catch let error as LeibrixError {
            throw error
        } catch DecodingError.keyNotFound(let key, _) {
            throw LeibrixError(
                .typeMismatch, "a row has no column for member \"\(key.stringValue)\" of \(type)",
                hint: "Its columns are: \(columns.map(\.name).joined(separator: ", ")). Name one AS \(key.stringValue).")
        } catch DecodingError.valueNotFound(_, let context) {
            throw LeibrixError(
                .typeMismatch, "NULL does not go into member \"\(context.codingPath.last?.stringValue ?? "")\" of \(type)", hint: "Make the member optional.")
        } catch {
            throw LeibrixError(.typeMismatch, "a row does not fit \(type)", detail: "\(error)")
        }
    }
}

/// A point in time with microseconds, for members of records: TIMESTAMP and TIMESTAMPTZ columns. Foundation's Date fits too.
public struct Timestamp: Sendable, Hashable, Comparable, Codable {
    /// Since 1970-01-01 00:00:00 UTC.
    public var micros: Int64

    public init(micros: Int64) { self.micros = micros }
    public init(milliseconds: Int64) { micros = milliseconds * 1_000 }
    public init(seconds: Int64) { micros = seconds * 1_000_000 }

    public init(from decoder: any Decoder) throws { micros = try decoder.singleValueContainer().decode(Int64.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(micros)
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.micros < b.micros }
}
