public import Base
public import Columnar

/// Where rows come from. A connector is used by one thread at a time, in this order: `open`, `restore` (when there is a
/// position), `poll` again and again, `close`; after an error that may pass, `close` and all of it again.
///
/// Rows are taken exactly once where `position` names a place that a later life of the connector can go back to: the runner hands
/// the position to the engine with the rows it follows, and a checkpoint holds both or neither.
///
/// Errors with a code of things that pass (`sourceUnavailable`, `io`, `streamRejected`) are tried again; any other ends the source.
public protocol SourceConnector: AnyObject {
    /// What rows look like: the source's columns, in their order.
    var schema: [DataType.Field] { get }

    /// Gets ready, at the beginning.
    func open() throws(LeibrixError)

    /// Up to `rowsMax` rows that are there now. Must not wait longer than a moment for more.
    func poll(_ rowsMax: Int) throws(LeibrixError) -> SourcePoll

    /// Where the connector stands after the last poll, in its own words: text that `restore` reads.
    func position() -> String

    /// Goes on from a position of an earlier life.
    func restore(_ position: String) throws(LeibrixError)

    func close()
}

/// What a poll found.
public enum SourcePoll {
    case rows(SourceRows)
    /// Nothing yet.
    case idle
    /// Nothing, and there never will be.
    case end
}

/// Rows of one poll, and the records among them that did not read.
public struct SourceRows {
    public var batch: Batch?
    public var bad: [BadRecord]

    public init(_ batch: Batch?, bad: [BadRecord] = []) {
        self.batch = batch
        self.bad = bad
    }
}

/// A record that gave no row.
public struct BadRecord: Sendable, Hashable {
    /// Why, as a sentence.
    public var reason: String
    /// Where it begins, in the connector's words.
    public var place: String
    /// The record as it came, cut at `recordBytesMax`.
    public var raw: [UInt8]

    public init(reason: String, place: String, raw: [UInt8]) {
        self.reason = reason
        self.place = place
        self.raw = raw
    }
}
