public import Base
public import Columnar
public import StreamEngine

/// Where rows go. Rows written between two checkpoints are an epoch: they are prepared, and shown only when the checkpoint is
/// durable. `ConnectedSink` makes one of these a sink of the engine and sees to the order of the calls:
///
///     open -> begin -> write* -> preCommit -> (begin of the next) -> commit -> …       rollback -> begin, after a crash -> close
///
/// `write` and `preCommit` are called while rows wait; `commit` is called while rows go on, from another thread.
public protocol SinkConnector: AnyObject, Sendable {
    func open() throws(LeibrixError)

    /// Rows from here on are of the epoch after the last that was prepared.
    func begin() throws(LeibrixError)

    /// Takes rows; `weights` has +1 or -1 (a row taken back) for each, and is empty where all are +1.
    func write(_ batch: Batch, weights: [Int8]) throws(LeibrixError)

    /// Makes the epoch's rows durable without showing them. The token is all that is needed to find them again.
    func preCommit(_ epoch: Int) throws(LeibrixError) -> String

    /// Shows what `preCommit` prepared. May be called again after a crash.
    func commit(_ epoch: Int, _ token: String) throws(LeibrixError)

    /// Takes back everything after the epoch of that token, prepared and shown; nil: everything.
    func rollback(to epoch: Int, _ token: String?) throws(LeibrixError)

    func close()
}

/// A connector as a sink of the engine, or of a host that reads streams by itself. Used by one thread at a time, but for `commit`.
public final class ConnectedSink: StreamSink, @unchecked Sendable {
    private let connector: any SinkConnector
    private let builder: BatchBuilder
    private var isOpen = false

    /// `columns` are those of the stream it takes.
    public init(_ connector: any SinkConnector, columns: [DataType.Field]) throws(LeibrixError) {
        self.connector = connector
        builder = try BatchBuilder(columns.map(\.type))
    }

    deinit { if isOpen { connector.close() } }

    private func ready() throws(LeibrixError) {
        if isOpen { return }
        try connector.open()
        try connector.begin()
        isOpen = true
    }

    public func write(_ rows: borrowing StreamRows) throws(LeibrixError) {
        try ready()
        let connector = connector
        try builder.copy(rows) { (batch, weights) throws(LeibrixError) in try connector.write(batch, weights: weights) }
    }

    /// As `write`, with rows that live on; `weights` is empty where all are +1.
    public func write(_ batch: Batch, weights: [Int8] = []) throws(LeibrixError) {
        try ready()
        try connector.write(batch, weights: weights)
    }

    public func preCommit(_ epoch: Int) throws(LeibrixError) -> String {
        try ready()
        let token = try connector.preCommit(epoch)
        try connector.begin()
        return token
    }

    public func commit(_ epoch: Int, _ token: String) throws(LeibrixError) { try connector.commit(epoch, token) }

    /// Ends the sink: what no epoch has is thrown away.
    public func close() {
        if isOpen { connector.close() }
        isOpen = false
    }

    public func restore(_ epoch: Int, _ token: String?) throws(LeibrixError) {
        if !isOpen { try connector.open() }
        isOpen = true
        if let token { try connector.commit(epoch, token) }
        try connector.rollback(to: epoch, token)
        try connector.begin()
    }
}
