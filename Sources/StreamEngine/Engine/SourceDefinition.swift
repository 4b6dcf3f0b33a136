public import Columnar

/// CREATE SOURCE: what rows look like and how their time runs.
public struct SourceDefinition: Sendable, Hashable {
    public var name: String
    public var columns: [DataType.Field]
    /// WATERMARK FOR column AS column - INTERVAL delay. The column is TIMESTAMP, TIMESTAMPTZ, or BIGINT in milliseconds.
    public var eventTime: EventTime?
    /// Rows may wait to be worked on; nil: who pushes them works on them.
    public var buffer: Buffer?
    /// Rows come with +1 (there now) or -1 (taken back): the changes of a table. Such a source has no event time.
    public var isChanges = false

    /// Rows that were offered and not yet worked on.
    public struct Buffer: Sendable, Hashable {
        public enum Overflow: Sendable, Hashable {
            /// The producer waits, or is told that there is no room.
            case block
            /// The oldest rows that wait go, counted.
            case dropOldest
            /// The producer gets an error (LDB-5001).
            case reject
        }

        public var rowsMax: Int
        public var overflow: Overflow

        public init(rowsMax: Int = StreamLimits.queueRowsMax, overflow: Overflow = .block) {
            self.rowsMax = rowsMax
            self.overflow = overflow
        }
    }

    public struct EventTime: Sendable, Hashable {
        public var column: String
        /// How long after a later row a row may come, in microseconds.
        public var delayMicros: Int64
        /// After this silence event time goes on with the clock; nil: it waits.
        public var idleMicros: Int64?
        /// An integer or text column: the watermark follows the slowest of its values (partitions, or keys); those silent for longer
        /// than the idle timeout are left out.
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
