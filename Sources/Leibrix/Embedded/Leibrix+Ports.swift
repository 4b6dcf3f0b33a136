@_exported public import struct StreamEngine.PageRows
@_exported public import struct StreamEngine.RowWriter
@_exported public import class StreamHost.SourcePort
@_exported public import class StreamHost.StreamListener

/// The short way: single rows in and out on the caller's thread, without boxes, tasks and waiting.
///
///     let trades = try db.port("trades")
///     let listener = try db.listen("dear") { rows in
///         for row in 0..<rows.count { print(rows.text(0, row), rows.double(1, row)) }
///     }
///     try trades.push { row in
///         row.set(0, "A")
///         row.set(1, 99.5)
///     }
extension Leibrix {
    /// A way into a source for single rows, written column by column; 0 is the first. In a database without storage a push runs the streams that
    /// read the source and their listeners on the calling thread. With storage it waits until the row is on the disk: push batches there, or use
    /// `source` and its buffer. Throws `streamUndefined`.
    public func port(_ source: String) throws(LeibrixError) -> SourcePort { try streams.port(Self.folded(source)) }

    /// Calls `body` with every row that leaves a stream or materialized view from now on, on the thread that pushed what made it, one call at a
    /// time and in the order of the rows. Nothing is locked meanwhile: it may push. The view it gets is valid during the call. It ends with the handle.
    /// Throws `streamUndefined`, and `streamNotSupported` for a source.
    public func listen(_ stream: String, _ body: @escaping @Sendable (borrowing PageRows) -> Void) throws(LeibrixError) -> StreamListener {
        try streams.listen(Self.folded(stream), body)
    }
}
