/// The bounds of the host. What a single operator may hold is in StreamEngine's limits.
public enum StreamHostLimits {
    /// Sources, streams, views and sinks together.
    public static let objectsMax = 10_000
    /// Rows of a stream that are kept for those who subscribe AS OF an earlier epoch, or read slowly.
    public static let retainedRowsMax = 100_000
    /// Rows that the slowest sink may be behind before pushes wait for it.
    public static let sinkLagRowsMax = 500_000
    /// Rows in one record of the log; larger pushes are several.
    public static let recordRowsMax = 16_384
    /// Rows of a materialized view.
    public static let viewRowsMax = 20_000_000
    /// Rows of a view that are laid out as one row group; smaller pieces are made again faster after a change.
    static let viewSegmentRows = 8_192
    /// Rows of changes that a view keeps for statements whose snapshot is older.
    static let viewHistoryRowsMax = 500_000
    /// How long a statement waits for a view to come to its snapshot.
    public static let viewWaitMS = 60_000
    /// Commits and rows of tables that are told before they are waited for together.
    static let followedRowsMax = 32_768
    /// Bytes of the tables' log without a change that anybody wants, after which the host's log is told so.
    static let passedBytesMax: UInt64 = 4 << 20
    /// Rows of a commit that are looked through for updates of columns that a stream does not want.
    static let comparedRowsMax = 16_384
    /// Rows in a page of a stream's rows, which is also what a subscriber gets at once; the first pages are smaller.
    static let pageRows = 1_024
    static let firstPageRows = 64
    /// Rows that a listener may be behind before those who push wait for it.
    static let listenerLagRowsMax = 65_536
    /// How often the clock is told to streams that need it, and rows that wait for a sink are looked for.
    static let tickMS = 50
    /// Between two checkpoints, when something has changed.
    public static let checkpointMS = 10_000
    /// How long a checkpoint waits for the sinks.
    static let sinkWaitMS = 60_000
    /// Checkpoints kept beside the newest.
    static let checkpointsKept = 2
}
