public import Base

/// Where a stream's rows go for good, exactly once: rows written between two checkpoints are one transaction of the sink.
///
/// A checkpoint calls `preCommit`, makes itself durable with the token, and then calls `commit`. After a crash the engine
/// calls `restore` with the token of the checkpoint it goes on from: the sink makes sure that what was pre-committed is
/// there, and that what came after is not.
public protocol StreamSink: AnyObject {
    /// Takes rows; they are valid during the call.
    func write(_ rows: borrowing StreamRows) throws(LeibrixError)

    /// Makes the rows written so far durable without showing them. The token is all the sink needs to find them again.
    func preCommit(_ epoch: Int) throws(LeibrixError) -> String

    /// Shows what `preCommit` prepared. May be called again after a crash.
    func commit(_ epoch: Int, _ token: String) throws(LeibrixError)

    /// Brings the sink to where it was at that token; nil: to its beginning.
    func restore(_ epoch: Int, _ token: String?) throws(LeibrixError)
}
