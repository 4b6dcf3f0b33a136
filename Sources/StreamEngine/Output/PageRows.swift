public import Columnar

/// Rows that left a stream, as a listener sees them: a view that is valid during the call it is handed to.
public struct PageRows: ~Copyable {
    private let page: RowPage
    private let columns: Lane<PageColumn>
    private let first: Int
    public let count: Int

    /// Rows of a page; whoever makes the view keeps the page.
    public init(_ page: RowPage, _ rows: Range<Int>) {
        self.page = page
        columns = page.columns
        first = rows.lowerBound
        count = rows.count
    }

    public var columnCount: Int { page.types.count }

    /// What made the row: its record's place in the order of all.
    @inline(__always) public func epoch(_ row: Int) -> Int64 { page.epochs[first &+ row] }

    /// +1 for a row that is there now, -1 for one taken back.
    @inline(__always) public func weight(_ row: Int) -> Int { Int(page.weights[first &+ row]) }

    @inline(__always)
    public func isNull(_ column: Int, _ row: Int) -> Bool { columns[column].hasNulls && columns[column].nulls[first &+ row] != 0 }

    /// An integer, date (days), time or timestamp (microseconds).
    @inline(__always) public func integer(_ column: Int, _ row: Int) -> Int64 { columns[column].integer(first &+ row) }

    @inline(__always) public func double(_ column: Int, _ row: Int) -> Double { columns[column].double(first &+ row) }

    public func boolean(_ column: Int, _ row: Int) -> Bool { columns[column].data.load(first + row, as: UInt8.self) != 0 }

    /// A HUGEINT, or the unscaled digits of a DECIMAL.
    public func hugeInteger(_ column: Int, _ row: Int) -> Int128 { columns[column].huge(first + row) }

    public func text(_ column: Int, _ row: Int) -> String {
        isNull(column, row) ? "" : columns[column].data.lane(TextRef.self)[first + row].string
    }

    /// All of it as a batch, which outlives the call.
    public var batch: Batch { page.batch(first..<first + count) }
}
