/// What bounds the engine, in one place.
public enum StreamLimits {
    /// Rows in a chunk; longer batches are cut.
    public static let chunkRowsMax = 1_024
    /// Open windows of one operator.
    public static let openWindowsMax = 65_536
    /// Windows one row may belong to.
    public static let windowsPerRowMax = 1_024
    /// Keys of one operator, unless the stream says otherwise.
    public static let keysMax = 16_777_216
    /// Columns of a source or a stream.
    public static let columnsMax = 1_000
    /// Rows kept by a top-N or a LIMIT, per group.
    public static let topRowsMax = 10_000
    /// Rows waiting in a subscription's queue, unless it says otherwise.
    public static let queueRowsMax = 65_536
    /// Rows of a source's buffer that are worked on before another source's turn.
    public static let feedRowsMax = 8_192
    /// Rows a source's buffer may have room for.
    public static let pendingRowsMax = 67_108_864
    /// Partitions or keys of a source with a watermark each; those beyond share one.
    public static let partitionsMax = 1_048_576
    public static let coresMax = 64
}
