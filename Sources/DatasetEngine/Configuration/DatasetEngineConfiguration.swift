public import Platform

/// What the server composition decides for the engine.
public struct DatasetEngineConfiguration: Sendable {
    /// Segment files lie below `{dataDirectory}/segments`.
    public var dataDirectory: String
    /// Where the DuckDB extension files are.
    public var extensionDirectory: String
    /// Threads of the DuckDB instance that reads sources.
    public var loaderThreads: Int
    /// Its working memory in bytes.
    public var loaderMemoryBytes: Int
    /// Datasets that load at once; others wait their turn.
    public var concurrentLoads: Int
    /// Bytes that all epochs together may keep resident; nil is unbounded.
    public var memoryBudgetBytes: Int64?
    /// READY epochs that a tenant's datasets may have together; nil is unbounded.
    public var epochsMax: @Sendable (_ tenant: String) -> Int64?
    public var clock: Clock
    /// The process is killed when a load reaches this point. For crash tests alone; debug builds only.
    public var faultPoint: String?

    public init(
        dataDirectory: String, extensionDirectory: String, loaderThreads: Int = 2, loaderMemoryBytes: Int = 1 << 30,
        concurrentLoads: Int = 2, memoryBudgetBytes: Int64? = nil,
        epochsMax: @escaping @Sendable (_ tenant: String) -> Int64? = { _ in nil }, clock: Clock = .system, faultPoint: String? = nil
    ) {
        self.dataDirectory = dataDirectory
        self.extensionDirectory = extensionDirectory
        self.loaderThreads = loaderThreads
        self.loaderMemoryBytes = loaderMemoryBytes
        self.concurrentLoads = concurrentLoads
        self.memoryBudgetBytes = memoryBudgetBytes
        self.epochsMax = epochsMax
        self.clock = clock
        self.faultPoint = faultPoint
    }
}
