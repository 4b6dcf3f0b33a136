public import Base
public import Columnar
public import Reactor

/// Values as this door reads and writes them, for doors that carry text as well. Times are in UTC.
public struct ValueCoding: Sendable {
    private let context = FormatContext()

    public init() {}

    /// A value of the type from PostgreSQL's text. Throws `invalidValue` or `outOfRange`.
    public func value(_ text: String, _ type: DataType) throws(LeibrixError) -> Value {
        try ParameterDecoder(context: context).value(Array(text.utf8), .text, type)
    }

    /// Appends a cell as JSON: numbers, booleans, lists and structures as they are, everything else as text.
    public func appendJSON(_ column: Column, _ row: Int, to out: ByteBuffer) { JSONText(context: context).append(column, row, to: out) }
}
