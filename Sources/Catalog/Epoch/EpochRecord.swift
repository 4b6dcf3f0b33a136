/// One version of one epoch, as the control store keeps it.
public struct EpochRecord: Sendable, Hashable {
    public var tenant: String
    public var dataset: String
    public var epochID: String
    /// Grows with every load of the store; two loads of one epoch differ in it. It is the epoch's token.
    public var version: Int64
    public var state: EpochState
    /// nil: no time column, or rows without a finite time.
    public var range: TimeRange?
    public var dimensionValues: [DimensionValue]
    public var rows: Int64
    /// Bytes of its segment files, which are its resident bytes.
    public var bytes: Int64
    public var snapshotID: String?
    /// What of the source the epoch was made from (files, sizes, deletes): equal means that nothing changed.
    public var sourceMark: String
    /// Names and types of the columns its segments hold.
    public var columns: [ColumnDefinition]
    public var segments: [SegmentRecord]
    /// Smallest and largest time in it, milliseconds since 1970.
    public var timeBounds: TimeBounds?
    /// Why it failed, or why it retires.
    public var reason: String?
    public var createdMicros: Int64
    public var readyMicros: Int64?

    public init(
        tenant: String, dataset: String, epochID: String, version: Int64, state: EpochState = .loading,
        range: TimeRange? = nil, dimensionValues: [DimensionValue] = [], rows: Int64 = 0, bytes: Int64 = 0,
        snapshotID: String? = nil, sourceMark: String = "", columns: [ColumnDefinition] = [],
        segments: [SegmentRecord] = [], timeBounds: TimeBounds? = nil, reason: String? = nil, createdMicros: Int64,
        readyMicros: Int64? = nil
    ) {
        self.tenant = tenant
        self.dataset = dataset
        self.epochID = epochID
        self.version = version
        self.state = state
        self.range = range
        self.dimensionValues = dimensionValues
        self.rows = rows
        self.bytes = bytes
        self.snapshotID = snapshotID
        self.sourceMark = sourceMark
        self.columns = columns
        self.segments = segments
        self.timeBounds = timeBounds
        self.reason = reason
        self.createdMicros = createdMicros
        self.readyMicros = readyMicros
    }

    public var datasetKey: TenantName { TenantName(tenant, dataset) }
}

/// Smallest and largest finite time of some rows, both included, in milliseconds since 1970.
public struct TimeBounds: Sendable, Hashable {
    public var minMS: Int64
    public var maxMS: Int64
    public init(minMS: Int64, maxMS: Int64) {
        self.minMS = minMS
        self.maxMS = maxMS
    }

    public func overlaps(_ range: TimeRange) -> Bool { minMS < range.endMS && maxMS >= range.startMS }
}

/// One segment file of an epoch.
public struct SegmentRecord: Sendable, Hashable {
    /// Relative to the data directory.
    public var path: String
    public var rows: Int64
    public var bytes: Int64
    /// The file's own checksum, as its writer gave it.
    public var checksum: UInt64
    public init(path: String, rows: Int64, bytes: Int64, checksum: UInt64) {
        self.path = path
        self.rows = rows
        self.bytes = bytes
        self.checksum = checksum
    }
}
