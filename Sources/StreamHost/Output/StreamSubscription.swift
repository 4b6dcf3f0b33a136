public import Base
public import Columnar
internal import DuckDBKit
internal import StreamEngine
internal import Synchronization

/// A reader of a stream's rows, as SUBSCRIBE has them: the stream's columns, the epoch that made the row, and its weight.
///
/// Calls of `next` come one at a time; `cancel` on any thread.
public final class StreamSubscription: Sendable {
    public static let addedColumns = RowPage.addedColumns

    /// The stream's columns, then `addedColumns`.
    public let columns: [DataType.Field]
    private let name: String
    private let buffer: OutputBuffer
    private let cursor: Mutex<Int>
    private let filter: RowFilter?
    private let isCancelled = Atomic<Bool>(false)

    init(_ name: String, _ columns: [DataType.Field], _ buffer: OutputBuffer, _ cursor: Int, _ filter: RowFilter? = nil) {
        self.name = name
        self.columns = columns + Self.addedColumns
        self.buffer = buffer
        self.filter = filter
        self.cursor = Mutex(cursor)
    }

    /// Rows that are at hand, without waiting; nil when there are none.
    public func poll() throws(LeibrixError) -> Batch? {
        while true {
            let now = cursor.withLock { $0 }
            switch buffer.read(now) {
            case .entry(let entry, let next):
                cursor.withLock { $0 = next }
                if let rows = rows(entry) { return rows }
            case .lost: throw behind
            case .nothing, .closed: return nil
            }
        }
    }

    /// The next rows; waits for them. nil when the stream was dropped or the subscription cancelled.
    public func next() async throws(LeibrixError) -> Batch? {
        while !isCancelled.load(ordering: .acquiring) {
            let now = cursor.withLock { $0 }
            switch buffer.read(now) {
            case .entry(let entry, let next):
                cursor.withLock { $0 = next }
                if let rows = rows(entry) { return rows }
            case .lost: throw behind
            case .closed: return nil
            case .nothing: await buffer.wait(for: now)
            }
        }
        return nil
    }

    /// Ends `next`, now and from now on. Any thread.
    public func cancel() {
        isCancelled.store(true, ordering: .releasing)
        buffer.wakeAll()
    }

    private var behind: LeibrixError {
        LeibrixError(
            .streamRejected, "the subscription to \"\(name)\" is too far behind: rows it has not read are gone",
            detail: "\(StreamHostLimits.retainedRowsMax) rows of a stream are kept.",
            hint: "Read faster, or let a sink write the rows. SUBSCRIBE … AS OF EPOCH \(buffer.lostThrough) has all that is left.")
    }

    /// nil when the condition leaves none.
    private func rows(_ entry: OutputEntry) -> Batch? {
        let all = entry.page.batch(entry.rows, added: true)
        guard let filter else { return all }
        let kept = filter.kept(entry.batch)
        if kept.isEmpty { return nil }
        return kept.count == all.rowCount ? all : all.gathered(kept.map { Int32($0) }, columnCount: all.columns.count)
    }
}
