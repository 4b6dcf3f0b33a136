public import Base
public import Columnar

/// An Iceberg table's columns. Field ids are 1, 2, .. in order; every field is optional, as DuckDB writes them.
public struct TableSchema: Sendable, Hashable {
    public struct Field: Sendable, Hashable {
        public let id: Int
        public let name: String
        public let type: DataType
        /// The type as Iceberg's specification spells it.
        let icebergType: String
    }

    public let fields: [Field]

    /// Throws `notSupported` for a type that has no Iceberg primitive.
    public init(_ columns: [DataType.Field]) throws(LeibrixError) {
        var fields: [Field] = []
        for (index, column) in columns.enumerated() {
            guard let spelled = Self.icebergType(column.type) else {
                throw LeibrixError(
                    .notSupported, "column \(column.name) of type \(column.type) has no Iceberg type here",
                    hint: "Cast it to a number, a string, a date or a timestamp.")
            }
            fields.append(Field(id: index + 1, name: column.name, type: column.type, icebergType: spelled))
        }
        self.fields = fields
    }

    public func field(_ name: String) -> Field? { fields.first { $0.name == name } }

    /// Iceberg v2's primitive types ("Schemas and Data Types").
    private static func icebergType(_ type: DataType) -> String? {
        switch type {
        case .boolean: "boolean"
        case .tinyInt, .smallInt, .integer: "int"
        case .bigInt: "long"
        case .real: "float"
        case .double: "double"
        case .decimal(let width, let scale): "decimal(\(width), \(scale))"
        case .varchar: "string"
        case .blob: "binary"
        case .date: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamptz"
        case .uuid: "uuid"
        default: nil
        }
    }

    var json: JSON {
        [
            "type": "struct", "schema-id": 0,
            "fields": .array(
                fields.map {
                    ["id": .integer(Int64($0.id)), "name": .string($0.name), "required": false, "type": .string($0.icebergType)]
                }),
        ]
    }
}
