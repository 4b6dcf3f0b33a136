public import Base
public import Columnar

/// A read-only relation whose rows are the system's own state (schemas leibrix, pg_catalog, information_schema).
///
/// Rows are made when a statement executes, one `Value` a column in the order of `columns`.
public struct SystemTable: Sendable {
    public var schema: String
    public var name: String
    public var columns: [DataType.Field]
    public var rows: @Sendable () throws(LeibrixError) -> [[Value]]

    public init(
        schema: String, name: String, columns: [DataType.Field],
        rows: @escaping @Sendable () throws(LeibrixError) -> [[Value]]
    ) {
        self.schema = schema
        self.name = name
        self.columns = columns
        self.rows = rows
    }
}
