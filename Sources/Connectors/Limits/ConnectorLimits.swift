/// What bounds connectors, in one place.
public enum ConnectorLimits {
    /// Rows a source is asked for at once, unless it says otherwise.
    public static let batchRows = 1_024
    public static let batchRowsMax = 65_536
    /// Text of one column of a batch, after which the batch ends early.
    static let batchTextBytes = 8 << 20
    /// Bytes read from a file at once.
    static let blockBytes = 256 << 10
    /// A longer record is a bad one.
    public static let recordBytesMax = 1 << 20
    /// Files a source follows.
    public static let filesMax = 65_536
    /// Bytes of bad records kept, unless the source says otherwise; then the source stops.
    public static let deadLetterBytesMax: Int64 = 1 << 30
    /// Bytes of an epoch's rows a file sink holds before it writes them.
    static let sinkBufferBytes = 64 << 10
    /// Rows of an epoch in one file of a sink whose format is written whole (PARQUET).
    static let wholeFileRows = 122_880
}
