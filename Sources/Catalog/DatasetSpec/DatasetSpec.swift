/// A dataset as CREATE DATASET made it: what to pull, how to cut it into epochs, how long to keep them.
public struct DatasetSpec: Sendable, Hashable {
    public var tenant: String
    public var name: String
    /// catalog, then the table's path in it (namespaces and table).
    public var source: [String]
    /// nil: the dataset is one epoch a snapshot.
    public var timeColumn: String?
    public var granularity: Granularity?
    /// Milliseconds between polls; nil: only REFRESH DATASET.
    public var refreshMS: Int64?
    public var retain: CalendarDuration?
    public var replicas: Int
    /// Whether statements may be answered by the source while the dataset cannot.
    public var fallback: Bool
    /// Only rows whose time lies in it.
    public var filter: TimeFilter
    /// Every combination of one value a column is an epoch of each period.
    public var dimensions: [Dimension]
    /// An Iceberg or Delta snapshot to stay at; nil follows the newest.
    public var snapshot: String?

    public struct Dimension: Sendable, Hashable {
        public var column: String
        /// As text, compared to the column after a cast to its type.
        public var values: [String]
        public init(column: String, values: [String]) {
            self.column = column
            self.values = values
        }
    }

    /// Open on a side that is nil.
    public struct TimeFilter: Sendable, Hashable {
        public var startMS: Int64?
        public var endMS: Int64?
        public init(startMS: Int64? = nil, endMS: Int64? = nil) {
            self.startMS = startMS
            self.endMS = endMS
        }
        public var isOpen: Bool { startMS == nil && endMS == nil }
    }

    public init(
        tenant: String, name: String, source: [String], timeColumn: String? = nil, granularity: Granularity? = nil,
        refreshMS: Int64? = nil, retain: CalendarDuration? = nil, replicas: Int = 1, fallback: Bool = true,
        filter: TimeFilter = TimeFilter(), dimensions: [Dimension] = [], snapshot: String? = nil
    ) {
        self.tenant = tenant
        self.name = name
        self.source = source
        self.timeColumn = timeColumn
        self.granularity = granularity
        self.refreshMS = refreshMS
        self.retain = retain
        self.replicas = replicas
        self.fallback = fallback
        self.filter = filter
        self.dimensions = dimensions
        self.snapshot = snapshot
    }

    public var key: TenantName { TenantName(tenant, name) }
    public var catalog: TenantName { TenantName(tenant, source[0]) }
    public var sourceName: String { source.joined(separator: ".") }
}
