internal import Base
internal import Glibc

/// Moments at which a crash test ends the process, as kill -9 would.
public enum TableFault: String, Sendable, CaseIterable {
    /// A commit is encoded, nothing is in the log.
    case commitEncoded = "commit-encoded"
    /// Its record is appended, nobody knows whether it is written.
    case commitAppended = "commit-appended"
    /// It is durable, nobody was told.
    case commitDurable = "commit-durable"
    /// Some files of a checkpoint are written.
    case checkpointWriting = "checkpoint-writing"
    /// All of them are, the old checkpoint counts.
    case checkpointWritten = "checkpoint-written"
    /// The new checkpoint counts, the log and the old files are still there.
    case checkpointPublished = "checkpoint-published"
    /// They are gone.
    case checkpointDone = "checkpoint-done"
    /// A file of a backup is copied.
    case backupCopying = "backup-copying"
}

/// Ends the process the given time that one named point is reached; does nothing in release builds.
struct TableFaults: Sendable {
    private let point: TableFault?

    init(named name: String?) {
        #if DEBUG
            point = name.flatMap { TableFault(rawValue: $0) }
        #else
            point = nil
        #endif
    }

    func reach(_ reached: TableFault) {
        if point == reached { kill(getpid(), SIGKILL) }
    }
}
