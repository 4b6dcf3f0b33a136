/// Every bound of the engine.
public enum TableEngineLimits {
    /// Bytes of one column's text in one row group that takes rows, and so of one value. Addresses, not memory.
    public static let heapBytesMax = 256 << 20
    /// Elements of one list column in such a row group, and so of one value.
    public static let listElementsMax = 4 << 20
    /// Types are nested at most this deep.
    public static let typeDepthMax = 8
    /// Transactions that run at once.
    public static let transactionsMax = 16_384
    /// Statements of one transaction.
    public static let commandsMax = 1 << 29 - 1
    /// Rows of one step of a bulk insert: what a table's lock is held for.
    static let rowsPerStep = 2_048
    /// Bytes of log for which alone no checkpoint is made.
    static let logBytesKept = 8 << 20
    /// Rows that a range takes from the columns in its first pass, and in any, while its index is being loaded.
    static let searchedAtOnce = 4_096
    static let searchedAtOnceMax = 1 << 20
    /// Ended rows that leave the indexes under one hold of a table's lock, while sessions may want it.
    static let rowsCollectedPerStep = 128
    /// Reads of one table that a SERIALIZABLE transaction keeps one by one; more are a read of the whole table.
    static let readsTrackedMax = 10_000
    /// Rows of one table and commit that are validated one by one; more are a change of the whole table.
    static let rowsValidatedMax = 4_096
}
