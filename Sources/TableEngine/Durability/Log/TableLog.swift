// The engine's use of the write-ahead log: one record a commit, in the order of the commits' numbers.
internal import Base
internal import Platform
internal import Synchronization
internal import WriteAheadLog

/// Kinds of the records of a table engine's log.
enum TableRecord {
    /// The record's transaction is the commit's number.
    static let commit = LogKind(rawValue: 1)
    /// The log was replayed: row ids behind this are those that the replay gave, or later ones.
    static let recovered = LogKind(rawValue: 2)
    /// Somebody begins or ends to follow tables (`ReaderRecord`).
    static let reader = LogKind(rawValue: 3)
}

final class TableLog: Sendable {
    let log: WriteAheadLog
    /// Where the records of commits begin that a checkpoint may have to replay from: ascending, pruned at checkpoints.
    private let starts = Mutex<[(number: UInt64, start: LSN)]>([])

    init(_ log: WriteAheadLog) { self.log = log }

    /// Room for a commit's record. Throws `diskFull`, `logFailed`, and `limitExceeded` for a transaction that is too long.
    func admit(_ bytes: Int) async throws(LeibrixError) -> CommitTicket {
        guard bytes <= LogLimits.recordBytesMax else {
            throw LeibrixError(
                .limitExceeded, "the transaction wrote \(bytes) bytes, \(LogLimits.recordBytesMax) at most can be committed at once",
                hint: "Commit in smaller parts.")
        }
        return CommitTicket(try await log.admit(bytes))
    }

    /// As `admit`, nil where that would wait.
    func tryAdmit(_ bytes: Int) throws(LeibrixError) -> CommitTicket? {
        guard let admission = try log.tryAdmit(bytes) else { return nil }
        return CommitTicket(admission)
    }

    /// Takes a commit's record over; never waits. Called under the commit lock. The position behind it.
    func append(_ payload: [UInt8], number: UInt64, _ ticket: CommitTicket, waits: Bool) throws(LeibrixError) -> LSN {
        // The lock spans both, so that nobody who asks where to begin misses a record that is in the log.
        try starts.withLock { (starts) throws(LeibrixError) in
            guard let admission = ticket.take() else { throw LeibrixError(.internal, "a commit was appended twice") }
            let start = log.status.end
            let end = try unsafe log.append(
                TableRecord.commit, transaction: number, payload: payload.span.bytes, admission, urgency: waits ? .now : .later)
            starts.append((number, start))
            return end
        }
    }

    /// Where reading must begin so that it meets every commit after `number`, which a running transaction has as its snapshot.
    func start(after number: UInt64) -> LSN {
        starts.withLock { starts in starts.first { $0.number > number }?.start ?? log.status.end }
    }

    /// Nobody asks where to begin after a commit before `number`.
    func forget(upTo number: UInt64) {
        starts.withLock { starts in starts.removeFirst(starts.firstIndex { $0.number > number } ?? starts.count) }
    }

    /// Blocks until everything below `position` is durable.
    func syncBlocking(_ position: LSN) throws(LeibrixError) {
        let bell = Doorbell()
        let answer = Mutex<LeibrixError?>(nil)
        log.whenDurable(position) { error in
            answer.withLock { $0 = error }
            bell.ring()
        }
        bell.wait()
        if let error = answer.withLock({ $0 }) { throw error }
    }
}

/// Admission of one commit, taken once.
final class CommitTicket: Sendable {
    private let admission: Mutex<LogAdmission?>

    init(_ admission: consuming sending LogAdmission) { self.admission = Mutex(admission) }

    func take() -> LogAdmission? { admission.withLock { $0.take() } }
}
