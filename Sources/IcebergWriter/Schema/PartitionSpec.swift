public import Base
internal import Columnar

/// How a table's files are split: not at all, or by the calendar month of one date column.
public struct PartitionSpec: Sendable, Hashable {
    let source: TableSchema.Field?
    static let firstFieldID = 1_000

    public static let none = PartitionSpec(source: nil)

    /// Iceberg's `month` transform of `column`.
    public static func month(of column: String, in schema: TableSchema) throws(LeibrixError) -> PartitionSpec {
        guard let field = schema.field(column) else {
            throw LeibrixError(.undefinedColumn, "there is no column \(column) to partition by")
        }
        guard field.type == .date else {
            throw LeibrixError(.typeMismatch, "column \(column) is \(field.type), and only DATE is partitioned by month here")
        }
        return PartitionSpec(source: field)
    }

    /// The partition column's name, as Iceberg's writers call it.
    var name: String? { source.map { "\($0.name)_month" } }

    var fields: JSON {
        guard let source, let name else { return [] }
        return [
            [
                "source-id": .integer(Int64(source.id)), "field-id": .integer(Int64(Self.firstFieldID)),
                "name": .string(name), "transform": "month",
            ]
        ]
    }

    var json: JSON { ["spec-id": 0, "fields": fields] }
    var lastFieldID: Int { source == nil ? Self.firstFieldID - 1 : Self.firstFieldID }

    /// Months since 1970-01 of a folder's `2026-03`.
    static func month(ofFolderValue text: String) -> Int? {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 2, (1...12).contains(parts[1]) else { return nil }
        return (parts[0] - 1_970) * 12 + parts[1] - 1
    }
}
