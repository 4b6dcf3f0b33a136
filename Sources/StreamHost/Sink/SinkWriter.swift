internal import Base

/// Where a sink's rows go. Used by one thread at a time.
protocol SinkWriter: AnyObject, Sendable {
    /// Goes on where the sink was, and takes back what came behind. Returns the position all rows up to which are written; nil for a
    /// sink that never wrote.
    func open() throws(LeibrixError) -> Int64?

    /// Writes rows of whole positions, all or nothing, and with them that the sink is at `position`. Durable when it returns.
    func write(_ entries: [OutputEntry], through position: Int64) throws(LeibrixError)

    /// The server stops.
    func close()

    /// The sink is dropped: nothing but its rows is left.
    func forget()
}
