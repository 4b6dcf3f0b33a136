public import Base

/// Reads records of a running log, in order, up to what is durable. While it lives, nothing from its position on is
/// truncated, unless it was made to hold nothing. Calls block on the disk.
public struct LogReader: ~Copyable, Sendable {
    private let core: LogCore
    private let hold: UInt64?
    private var cursor: LogCursor

    init(_ core: LogCore, from position: LSN, holds: Bool) throws(LeibrixError) {
        self.core = core
        hold = holds ? try core.hold(position) : nil
        cursor = LogCursor(
            disk: core.configuration.disk, directory: core.configuration.directory, geometry: core.geometry,
            salt: core.identity.salt, position: position)
    }

    deinit { if let hold { core.releaseHold(hold) } }

    /// Where the next record begins, or will.
    public var position: LSN { cursor.position }

    /// The next durable record; nil when there is none yet. Ask again after `WriteAheadLog.whenDurable`.
    public mutating func next() throws(LeibrixError) -> LogRecord? {
        let limit = core.durablePosition
        guard cursor.position < limit else { return nil }
        if let record = try cursor.next() { return moved(record) }
        cursor.refresh()
        guard let record = try cursor.next() else {
            throw .corruptLog("no intact record at \(cursor.position) although the log is durable up to \(limit)")
        }
        return moved(record)
    }

    private func moved(_ record: LogRecord) -> LogRecord {
        if let hold { core.moveHold(hold, to: record.end) }
        return record
    }
}
