public import Base

/// What a source's runner did: part of a row of leibrix.sources.
public struct SourceStatistics: Sendable, Hashable {
    public enum State: String, Sendable, Hashable {
        case created = "CREATED"
        case running = "RUNNING"
        /// Found nothing at its last look.
        case idle = "IDLE"
        /// The engine takes no more just now.
        case backpressured = "BACKPRESSURED"
        /// Failed, and tries again.
        case retrying = "RETRYING"
        /// Failed so often in a row that it is left alone for a while.
        case broken = "CIRCUIT OPEN"
        /// Has given all it had.
        case ended = "ENDED"
        /// Failed for good.
        case failed = "FAILED"
        case stopped = "STOPPED"
    }

    public var connector: String
    public var state = State.created
    /// Rows pushed by this life.
    public var rows = 0
    /// Bad records since the source was made.
    public var badRecords = 0
    public var lastBadReason: String?
    public var deadLetterPath: String?
    /// Failures of this life.
    public var failures = 0
    /// Pushes the engine turned down, which were tried again.
    public var rejections = 0
    public var lastError: LeibrixError?
    /// In the connector's words.
    public var position = ""
}
