/// The engine's bounds, in one place.
public enum DatasetLimits {
    /// Loads and polls remembered in leibrix.loads after they ended.
    public static let loadsRememberedMax = 500
    /// Rows that one COPY should have at least before small epochs are put together.
    static let groupRowsMin: Int64 = 4_000_000
    /// Bytes of rows that one COPY may hold before they are sealed, over all its epochs and threads.
    static let stagedBytesMax: Int64 = 1 << 30
    /// Epochs that one COPY may write at once.
    static let groupEpochsMax = 512
    /// A source that fails is asked again after this long, doubling up to the maximum, with jitter.
    static let backoffFirstMS: Int64 = 1_000
    static let backoffMaxMS: Int64 = 300_000
    /// Rows that a thread gathers for an epoch before it hands them to the epoch's writer.
    static let stageRows = 2_048
    /// FAILED records kept of one dataset.
    static let failedEpochsMax = 100
    /// Bytes of a metadata document that is read whole.
    static let metadataBytesMax = 256 << 20
    /// How often the engine looks for polls that are due.
    static let tickMS = 100
}
