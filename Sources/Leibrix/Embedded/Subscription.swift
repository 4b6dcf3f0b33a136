public import Base
public import Columnar
internal import DuckDBKit
internal import Platform
internal import StreamHost
internal import Synchronization

/// A row that left a stream.
public struct Change<Record> {
    public var record: Record
    /// +1 for a row that is there now, -1 for one taken back.
    public var weight: Int
    /// What made it: subscribing behind this epoch goes on with the rows after it.
    public var epoch: Int64
}

extension Change: Sendable where Record: Sendable {}

/// Rows of a stream as they come, decoded as records. One task reads it; `cancel` on any thread. A reader that is too far behind gets an
/// error rather than a gap.
public final class Subscription<Record: Decodable>: AsyncSequence, AsyncIteratorProtocol, @unchecked Sendable {
    public typealias Element = Change<Record>
    public typealias Failure = LeibrixError

    public let columns: [DataType.Field]
    private let names: ColumnIndex
    private let rows: StreamSubscription
    private var batch: Batch?
    private var row = 0

    init(_ rows: StreamSubscription) {
        self.rows = rows
        columns = Array(rows.columns.dropLast(StreamSubscription.addedColumns.count))
        names = ColumnIndex(columns)
    }

    deinit { rows.cancel() }

    public func makeAsyncIterator() -> Subscription { self }

    /// The next row; waits for it. nil when the stream was dropped, the database shut down or the subscription cancelled.
    public func next() async throws(LeibrixError) -> Change<Record>? {
        while true {
            if let change = try taken() { return change }
            batch = try await rows.next()
            row = 0
            if batch == nil { return nil }
        }
    }

    public func next(isolation actor: isolated (any Actor)?) async throws(LeibrixError) -> Change<Record>? { try await next() }

    /// The next row if it is there; never waits.
    public func poll() throws(LeibrixError) -> Change<Record>? {
        while true {
            if let change = try taken() { return change }
            batch = try rows.poll()
            row = 0
            if batch == nil { return nil }
        }
    }

    private func taken() throws(LeibrixError) -> Change<Record>? {
        guard let batch, row < batch.rowCount else { return nil }
        defer { row += 1 }
        let record = try Row(batch: batch, index: row, names: names).decode(Record.self)
        guard case .integer(let epoch) = batch.columns[columns.count].value(at: row), case .integer(let weight) = batch.columns[columns.count + 1].value(at: row)
        else { throw LeibrixError(.internal, "a stream's rows have no epoch") }
        return Change(record: record, weight: Int(weight), epoch: epoch)
    }

    /// Ends it: `next` returns nil, now and from now on.
    public func cancel() { rows.cancel() }
}

/// Ends a subscription by callback.
public final class SubscriptionHandle: Sendable {
    private let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    deinit { body() }
    public func cancel() { body() }
}
