public import Columnar

/// CREATE SOURCE: what rows look like and how their time runs.
public struct SourceDefinition: Sendable, Hashable {
    public var name: String
    public var columns: [DataType.Field]
    /// WATERMARK FOR column AS column - INTERVAL delay. The column is TIMESTAMP, TIMESTAMPTZ, or BIGINT in milliseconds.
    public var eventTime: EventTime?

    public struct EventTime: Sendable, Hashable {
        public var column: String
        /// How long after a later row a row may come, in microseconds.
        public var delayMicros: Int64
        /// After this silence event time goes on with the clock; nil: it waits.
        public var idleMicros: Int64?
        /// An integer column: the watermark follows the slowest of its values (partitions).
        public var partition: String?

        public init(_ column: String, delayMicros: Int64 = 0, idleMicros: Int64? = nil, partition: String? = nil) {
            self.column = column
            self.delayMicros = delayMicros
            self.idleMicros = idleMicros
            self.partition = partition
        }
    }

    public init(_ name: String, _ columns: [DataType.Field], eventTime: EventTime? = nil) {
        self.name = name
        self.columns = columns
        self.eventTime = eventTime
    }
}
