// Every bound of the column store, in one place.
internal import Columnar

enum ColumnStoreLimits {
    /// Alignment of every buffer inside a row group, and of every chunk: a cache line.
    static let bufferAlignment = 64
    /// Alignment of a row group inside a file, so that one can be prefetched or dropped on its own.
    static let rowGroupAlignment = 4096
    /// Staged bytes after which a row group is sealed before it has all its rows. Offsets into heaps and elements are
    /// 32 bits wide, so this together with `sliceBytesMax` keeps every offset representable.
    static let stagedBytesMax = 128 << 20
    /// Bytes of one slice of a batch above which it is appended in halves.
    static let sliceBytesMax = 64 << 20
    /// The largest single row, with everything nested in it.
    static let rowBytesMax = 3 << 30
    /// Distinct strings above which a row group's column is no dictionary: where DuckDB stops using dictionaries, too.
    static let dictionaryEntriesMax = 20_000
    /// Rows after which a dictionary with few repetitions is given up, and the share of distinct ones (in 1/8) that does it.
    static let dictionaryTrialRows = 8_192
    static let dictionaryTrialEighths = 6
    /// Bytes of a string that its zone-map bounds keep.
    static let boundBytesMax = 16
    /// Nesting of types in a file's schema.
    static let typeDepthMax = 64
    /// Registers of a distinct sketch: 2 to this power, one byte each.
    static let sketchPrecision = 11
    /// Bytes of a footer, names and statistics included.
    static let footerBytesMax = 1 << 30
    /// Bytes of a segment file after which the writer goes on in the next one.
    static let segmentBytesMax = 4 << 30
}

/// Rounds up to a multiple of `alignment`, a power of two.
@inline(__always)
func aligned(_ count: Int, to alignment: Int = ColumnStoreLimits.bufferAlignment) -> Int {
    (count &+ alignment &- 1) & ~(alignment &- 1)
}
