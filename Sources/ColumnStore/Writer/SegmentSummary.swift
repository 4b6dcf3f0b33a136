public import Columnar

/// What a writer made: one finished segment file.
public struct SegmentSummary: Sendable, Hashable {
    public var path: String
    public var rows: Int
    /// Of the file.
    public var bytes: Int
    /// XXH3 of the file's footer, and through it of all its content.
    public var checksum: UInt64
    public var rowGroups: Int
    /// A column each, over all rows; `distinct` by sketch.
    public var statistics: [ColumnStatistics]
    /// A column each.
    public var sketches: [DistinctSketch]
}

/// How far a writer is; read from any thread.
public struct WriteProgress: Sendable, Hashable {
    /// Taken in, whether written or not.
    public var rows: Int
    /// Written to files.
    public var bytes: Int
}
