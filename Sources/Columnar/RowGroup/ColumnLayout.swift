// How a column of a row group lies in memory, as the scan hands it to DuckDB. The C side of the same contract is
// lbx_scan.h; DuckDBKit turns one into the other.

/// Rows in a full row group: DuckDB's own number, so that its morsels and ours agree.
public let rowGroupRowsMax = 122_880

public enum ColumnEncoding: UInt8, Sendable, CaseIterable {
    /// Values exactly as DuckDB's vectors hold them.
    case plain = 0
    /// value = base + stored, stored unsigned and narrower than the type.
    case frame = 1
    /// One value for all rows.
    case constant = 2
    /// Codes into a dictionary of strings.
    case dictionary = 3
    /// rows + 1 offsets of 32 bits into a heap of bytes.
    case strings = 4
    /// rows + 1 offsets of 32 bits into the elements.
    case list = 5
    case structure = 6
    case array = 7
    case allNull = 8
}

/// A lower or upper bound of a column's non-null values.
public enum ColumnBound: Sendable, Hashable {
    /// Integers, decimals' digits, dates, times and timestamps, in the type's own unit.
    case integer(Int128)
    case double(Double)
    /// A prefix: not above the smallest value as a minimum, not below the largest as a maximum.
    case string([UInt8])
}

/// What is known of a column's values over one row group or a whole relation.
public struct ColumnStatistics: Sendable, Hashable {
    /// For `nullCount`: some values may be NULL, nobody counted.
    public static let nullsUnknown = UInt64.max

    public var nullCount: UInt64
    /// An estimate; 0 is unknown.
    public var distinct: UInt64
    /// Both bounds or none; never set for columns with a NaN.
    public var min: ColumnBound?
    public var max: ColumnBound?
    /// Bytes of the longest string or blob, where known: lets DuckDB keep short ones in integers when it sorts and groups.
    public var lengthMax: UInt32?

    public init(
        nullCount: UInt64 = 0, distinct: UInt64 = 0, min: ColumnBound? = nil, max: ColumnBound? = nil,
        lengthMax: UInt32? = nil
    ) {
        self.lengthMax = lengthMax
        self.nullCount = nullCount
        self.distinct = distinct
        self.min = min
        self.max = max
    }
}

/// Pointers into a row group's memory for one column. Valid as long as the row group's owner.
@safe
public struct ColumnLayout: @unchecked Sendable {
    public var encoding: ColumnEncoding
    /// Bytes of a stored value or code.
    public var width: UInt8
    public var base: Int64
    public var validity: UnsafePointer<UInt64>?
    public var data: UnsafeRawPointer?
    public var dictionaryCount: UInt32
    public var dictionaryOffsets: UnsafePointer<UInt32>?
    public var heap: UnsafePointer<UInt8>?
    public var children: [ColumnLayout]
    public var statistics: ColumnStatistics

    public init(
        encoding: ColumnEncoding, width: UInt8 = 0, base: Int64 = 0, validity: UnsafePointer<UInt64>? = nil,
        data: UnsafeRawPointer? = nil, dictionaryCount: UInt32 = 0, dictionaryOffsets: UnsafePointer<UInt32>? = nil,
        heap: UnsafePointer<UInt8>? = nil, children: [ColumnLayout] = [], statistics: ColumnStatistics
    ) {
        self.encoding = encoding
        self.width = width
        self.base = base
        unsafe self.validity = unsafe validity
        unsafe self.data = unsafe data
        self.dictionaryCount = dictionaryCount
        unsafe self.dictionaryOffsets = unsafe dictionaryOffsets
        unsafe self.heap = unsafe heap
        self.children = children
        self.statistics = statistics
    }
}
