// One reader's way through the commits.
public import Base
public import Catalog
internal import Columnar
internal import Synchronization
internal import WriteAheadLog

/// Commits that changed some tables, in the order of their numbers, each once. One thread at a time; `next` blocks on the disk.
public final class ChangeFeed: @unchecked Sendable {
    public let reader: String
    public let tables: [TableID]
    /// What the tables hold where the feed begins, for a feed without a position to go on from: a REPEATABLE READ transaction, to be
    /// rolled back when it was read. nil for one that goes on.
    public let snapshot: TableTransaction?
    /// Everything before was handed out.
    public private(set) var position: ChangePosition
    private let engine: TableEngine
    private let decoding: ChangeDecoding
    private var tail: LogTail?

    init(
        _ engine: TableEngine, _ reader: String, _ types: [TableID: [DataType]], _ tables: [TableID], _ position: ChangePosition,
        snapshot: TableTransaction?
    ) throws(LeibrixError) {
        self.engine = engine
        self.reader = reader
        self.tables = tables
        self.snapshot = snapshot
        self.position = position
        decoding = ChangeDecoding(types: types)
        if let log = engine.durability?.log.log { tail = LogTail(try log.read(from: LSN(rawValue: position.rawValue), holds: false)) }
    }

    /// The next commit that changed one of the tables; nil when there is none yet. Blocks on the disk. Throws `changesLost` when the
    /// reader must begin with a new snapshot.
    public func next() throws(LeibrixError) -> ChangeSet? {
        guard let registered = engine.changeReaders[reader], !registered.isLost else { throw lost() }
        while let record = try nextRecord() {
            position = ChangePosition(rawValue: record.end.rawValue)
            guard record.kind == TableRecord.commit else { continue }
            let changes = try decoding.changes(record)
            if changes.isEmpty { continue }
            return ChangeSet(commit: record.transaction, position: position, micros: record.micros, changes: changes)
        }
        return nil
    }

    private func nextRecord() throws(LeibrixError) -> LogRecord? {
        if let tail {
            do throws(LeibrixError) {
                return try tail.reader.next()
            } catch {
                // The log went while it was read.
                throw engine.changeReaders[reader]?.isLost ?? true ? lost() : error
            }
        }
        let (isThere, record) = engine.memoryChanges.record(position.rawValue)
        guard isThere else { throw lost() }
        return record
    }

    private func lost() -> LeibrixError {
        ChangeDecoding.lost("reader \"\(reader)\" was dropped, is too far behind, or one of its tables was altered or dropped")
    }

    /// Calls `body` once when `next` may have something: at once, or on a thread that it must not keep.
    public func whenReady(_ body: @escaping @Sendable () -> Void) {
        if let log = engine.durability?.log.log, let tail {
            log.whenDurable(LSN(rawValue: tail.reader.position.rawValue + 1)) { _ in body() }
        } else {
            engine.memoryChanges.whenReady(position.rawValue, body)
        }
    }

    /// What lies before `position` was dealt with: the log may go so far, and a checkpoint remembers it. Never goes back.
    public func acknowledge(_ position: ChangePosition) {
        engine.changeReaders.acknowledge(reader, position.rawValue)
        if engine.durability == nil {
            let floor = engine.changeReaders.known.filter { !$0.reader.isLost }.map(\.reader.position).min()
            if let floor { engine.memoryChanges.forget(before: floor) }
        }
    }
}

/// A log reader that a class can keep.
private final class LogTail {
    var reader: LogReader
    init(_ reader: consuming LogReader) { self.reader = reader }
}
