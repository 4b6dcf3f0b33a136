/// What a record is; the log's users give the numbers their meaning.
public struct LogKind: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// One record, whole.
public struct LogRecord: Sendable, Hashable {
    /// Where it begins.
    public var start: LSN
    /// Where the next one begins: the record is durable once the log is durable up to here.
    public var end: LSN
    public var kind: LogKind
    public var transaction: UInt64
    /// When it was appended, microseconds since 1970.
    public var micros: Int64
    public var payload: [UInt8]

    public init(start: LSN, end: LSN, kind: LogKind, transaction: UInt64, micros: Int64, payload: [UInt8]) {
        self.start = start
        self.end = end
        self.kind = kind
        self.transaction = transaction
        self.micros = micros
        self.payload = payload
    }
}
