// The write-ahead log: records of bytes, durable in the order in which they were appended.
//
// Committers append from wherever they run, an event loop included: appending copies bytes under a lock and never waits for
// the disk. One thread writes what has gathered as a group, syncs once, and tells everybody whose records it covered; while it
// syncs, the next group gathers. A second thread makes segment files ahead of their use.
public import Base
internal import Platform
internal import Synchronization

public final class WriteAheadLog: Sendable {
    let core: LogCore
    private let threads = BlockingPool(name: "wal", threads: 2)
    private let writerEnd = Doorbell()
    private let allocatorEnd = Doorbell()
    private let hasEnded = Atomic<Bool>(false)

    /// Opens the log of a directory, or makes one, hands over every whole record from `from` on (from the oldest without it) in
    /// order, and starts. Blocks. O(bytes from `from`).
    ///
    /// Throws `directoryLocked` when somebody else has the log, `corruptLog` when acknowledged records are damaged or missing,
    /// and what `replay` throws.
    public init(
        _ configuration: LogConfiguration, from: LSN? = nil, replay: (LogRecord) throws(LeibrixError) -> Void
    ) throws(LeibrixError) {
        core = try LogCore.opened(configuration, from: from, replay: replay)
        let (core, writerEnd, allocatorEnd) = (core, writerEnd, allocatorEnd)
        threads.start {
            core.runWriter()
            writerEnd.ring()
        }
        threads.start {
            core.runAllocator()
            allocatorEnd.ring()
        }
    }

    deinit { core.close() }

    /// Writes and syncs what was appended, ends the threads and waits for them. Blocks. Later calls do nothing.
    public func close() {
        if hasEnded.exchange(true, ordering: .acquiringAndReleasing) { return }
        core.close()
        writerEnd.wait()
        allocatorEnd.wait()
        core.unlock()
    }

    /// Everything below is on stable storage.
    public var durable: LSN { core.durablePosition }

    /// Which log this is.
    public var identity: LogIdentity { core.identity }

    /// A reader of what is durable, from `position` on, which must be a record's start or end. Throws when it was truncated.
    ///
    /// Without `holds` somebody else keeps the log for it (`hold`); once nobody does, `next` throws.
    public func read(from position: LSN, holds: Bool = true) throws(LeibrixError) -> LogReader {
        try LogReader(core, from: position, holds: holds)
    }

    /// Gives up segments that are not needed from `position` on. Blocks. Holds and readers keep what they need.
    public func truncate(below position: LSN) throws(LeibrixError) { try core.truncate(below: position) }

    /// Keeps everything from `position` on as long as the hold lives.
    public func hold(from position: LSN) throws(LeibrixError) -> LogHold { LogHold(core, try core.hold(position)) }

    public var status: LogStatus { core.status }
}

/// Keeps the log from a position on.
public final class LogHold: Sendable {
    private let core: LogCore
    private let number: UInt64

    init(_ core: LogCore, _ number: UInt64) {
        self.core = core
        self.number = number
    }

    deinit { core.releaseHold(number) }

    /// Gives up what lies before `position`, which does not go back.
    public func move(to position: LSN) { core.moveHold(number, to: position) }
}

/// A log in numbers.
public struct LogStatus: Sendable, Hashable {
    /// Where the next record goes, and up to where the log is on stable storage.
    public var end: LSN
    public var durable: LSN
    /// The oldest position that is still there.
    public var oldest: LSN
    /// Since opening: records appended; bytes and groups written, one sync a group and file.
    public var records: Int
    public var bytes: Int
    public var groups: Int
    /// The disk has no room: what does not fit the allocated segments is refused until it has.
    public var isFull: Bool
    /// Why nothing is written any more.
    public var failure: LeibrixError?
}
