public import Base
public import Columnar
public import StreamEngine

/// Where a runner's rows go: an engine's source, or a host's log before it.
public struct SourceTarget: Sendable {
    /// The position of the last push of an earlier life; empty for none.
    public var position: String
    /// Takes rows (nil: none, only the position moves) and the position behind them: both or neither. Waits, or throws
    /// `streamRejected`, where there is no room; any other error closes the connector, and it is opened again at the position before.
    public var push: @Sendable (Batch?, String) throws(LeibrixError) -> Void
    /// The source has given all it had. Called once a life.
    public var end: @Sendable () throws(LeibrixError) -> Void

    public init(
        position: String, push: @escaping @Sendable (Batch?, String) throws(LeibrixError) -> Void,
        end: @escaping @Sendable () throws(LeibrixError) -> Void
    ) {
        self.position = position
        self.push = push
        self.end = end
    }

    /// Straight into an engine's source; checkpoints keep the position.
    public init(_ handle: SourceHandle) {
        position = handle.position
        push = { (batch, position) throws(LeibrixError) in
            if let batch { try handle.push(batch, position: position) } else { handle.pass(to: position) }
        }
        end = { () throws(LeibrixError) in handle.end() }
    }
}
