// Committing in three steps: `admit` (room on disk and in memory; may wait, may be refused), `append` (order; never waits) and
// `durable` (waits). A commit that is refused is refused before it is in the log.
public import Base
internal import Platform

/// Room for one record of up to so many bytes. Gives it back when it is not used.
public struct LogAdmission: ~Copyable, Sendable {
    fileprivate let core: LogCore
    /// Negative once the room is an append's.
    private var bytes: Int

    fileprivate init(_ core: LogCore, _ bytes: Int) {
        self.core = core
        self.bytes = bytes
    }

    deinit { if bytes >= 0 { core.release(bytes) } }

    /// Hands the room over to an append.
    fileprivate consuming func take() -> Int {
        let taken = bytes
        bytes = -1
        return taken
    }
}

/// Whether anybody waits for a record.
public enum LogUrgency: Sendable, Hashable {
    /// Written as soon as the writer is free.
    case now
    /// Written with the next urgent one, or after `flushDelayMS`.
    case later
}

extension WriteAheadLog {
    /// Room for a record of up to `bytes` of payload, at most `LogLimits.recordBytesMax`. Suspends only where segments must be made
    /// first or too much is buffered. Throws `diskFull` (refused, try again later), `logFailed`, `shuttingDown`, `limitExceeded`.
    public func admit(_ bytes: Int) async throws(LeibrixError) -> LogAdmission {
        if let admission = try tryAdmit(bytes) { return admission }
        let core = core
        let failure: LeibrixError? = await unsafe withUnsafeContinuation { continuation in
            core.admit(bytes) { unsafe continuation.resume(returning: $0) }
        }
        if let failure { throw failure }
        return LogAdmission(core, bytes)
    }

    /// As `admit`, nil where that would wait.
    public func tryAdmit(_ bytes: Int) throws(LeibrixError) -> LogAdmission? {
        guard bytes <= LogLimits.recordBytesMax else {
            throw LeibrixError(.limitExceeded, "a log record has \(bytes) bytes, \(LogLimits.recordBytesMax) at most")
        }
        return try core.tryAdmit(bytes) ? LogAdmission(core, bytes) : nil
    }

    /// Appends a record behind the last one. Never waits; O(payload). The record is durable once the log is up to the position
    /// returned. Throws `logFailed` or `shuttingDown`: the record is not in the log then.
    @discardableResult
    public func append(
        _ kind: LogKind, transaction: UInt64, payload: RawSpan, _ admission: consuming LogAdmission, urgency: LogUrgency = .now
    ) throws(LeibrixError) -> LSN {
        try core.append(kind, transaction: transaction, payload: payload, admitted: admission.take(), isUrgent: urgency == .now).end
    }

    /// Returns when everything below `position` is on stable storage. An error is `logFailed`: whether what was not durable
    /// survives is decided when the log is opened again.
    public func durable(upTo position: LSN) async throws(LeibrixError) {
        if position <= core.durablePosition { return }
        let core = core
        let failure: LeibrixError? = await unsafe withUnsafeContinuation { continuation in
            core.whenDurable(position) { unsafe continuation.resume(returning: $0) }
        }
        if let failure { throw failure }
    }

    /// Calls `body` once when everything below `position` is on stable storage, or with the error that it never will be; at once
    /// or on the writer's thread, which it must not keep.
    public func whenDurable(_ position: LSN, _ body: @escaping @Sendable (LeibrixError?) -> Void) { core.whenDurable(position, body) }

    /// Admits, appends, and with `now` waits: for records that need no order among others. Returns the position behind it.
    @discardableResult
    public func write(
        _ kind: LogKind, transaction: UInt64, payload: [UInt8], urgency: LogUrgency = .now
    ) async throws(LeibrixError) -> LSN {
        let admission = try await admit(payload.count)
        let end = try unsafe append(kind, transaction: transaction, payload: payload.span.bytes, admission, urgency: urgency)
        if urgency == .now { try await durable(upTo: end) }
        return end
    }
}
