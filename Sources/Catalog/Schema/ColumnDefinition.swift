public import Columnar

/// A column as catalogs and control records carry it.
public struct ColumnDefinition: Sendable, Hashable {
    public var name: String
    public var type: DataType
    public init(_ name: String, _ type: DataType) {
        self.name = name
        self.type = type
    }

    public var field: DataType.Field { DataType.Field(name, type) }
}
