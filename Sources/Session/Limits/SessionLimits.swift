/// The bounds of the SQL layer. Those a deployment may want to change are in `SQLServerConfiguration`.
enum SessionLimits {
    /// Statements a session may keep by PREPARE.
    static let namedStatementsMax = 1_000
    /// Cursors a session may keep open.
    static let cursorsMax = 256
    /// Savepoints inside one another.
    static let savepointsMax = 1_000
    /// Settings of the form a.b that a session may make up, and bytes of each.
    static let customSettingsMax = 256
    static let settingBytesMax = 16_384
    /// Parsed statements kept for all sessions, and the longest text kept.
    static let parsedStatementsMax = 2_048
    static let parsedBytesMax = 64 << 10
    /// Descriptions (parameter types and columns) kept for all sessions.
    static let descriptionsMax = 2_048
    /// Prepared statements, and shapes of statements, kept for all sessions.
    static let plansMax = 2_048
    /// Plans an executor keeps.
    static let plansPerExecutorMax = 128
    /// Batches fetched in one hop, and the bytes after which a hop ends earlier.
    static let groupBatchesMax = 16
    static let groupBytesMax = 2 << 20
    /// Bytes of a statement's text shown in leibrix.queries.
    static let shownTextBytesMax = 4_096
    /// Bytes of rows that one statement may write or change.
    static let changeBytesMax = 2 << 30
    /// Rows that are written in place of being handed to a thread of their own.
    static let rowsInPlaceMax = 256
    /// Rows given to the engine as one parameter.
    static let valuesPerQueryMax = 2_048
    /// Foreign keys whose actions set off others.
    static let cascadesMax = 64
    /// Finished statements remembered for leibrix.queries.
    static let finishedQueriesMax = 1_000
    /// Parts of that memory, a power of two.
    static let queryLogParts = 8
    /// Point statements gathered before the counters are told; whoever reads these has them told at once.
    static let tallyMax = 64
}
