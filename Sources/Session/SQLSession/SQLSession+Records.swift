internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import Synchronization

extension SQLSession {
    /// Opens the record of a statement in leibrix.queries.
    func begin(_ parsed: ParsedQuery, sinceNanos: UInt64? = nil, shown: String? = nil) -> QueryRecord {
        let micros = server.clock.wallMicros()
        let nanos = sinceNanos ?? server.clock.monotonicNanos()
        let text = shown.map { ParsedQuery.shortened($0) } ?? parsed.shownText
        noteState("active", text, micros: micros)
        return server.queries.begin { id in
            QueryRecord(
                id: id, session: cancelKey.processID, user: user.name, tenant: user.tenant, door: door, text: text,
                fingerprint: parsed.shape, micros: micros, nanos: nanos)
        }
    }

    /// Keeps a point statement that has ended; the session is idle again.
    func note(_ statement: PointStatement, _ shown: String?, _ start: PointStart, rows: Int, bytes: Int, error: LeibrixError? = nil) {
        let note = PointNote(
            session: identity, parsed: statement.parsed, shown: shown.map { ParsedQuery.shortened($0) }, startedMicros: start.micros,
            nanos: server.clock.monotonicNanos() &- start.nanos, rows: rows, bytes: bytes, error: error)
        server.queries.note(note)?.flush(into: server.counters)
        let state = idleState
        let application = derived.application
        status.withLock { status in
            status.state = state
            status.point = note
            status.application = application
        }
    }

    private var idleState: String {
        transaction.isBlock ? (transaction.isFailed ? "idle in transaction (aborted)" : "idle in transaction") : "idle"
    }

    /// What happens when an execution ends: its record is closed, its timeout disarmed, the session idle again.
    func ending(
        _ record: QueryRecord?, _ deadline: UInt64? = nil, _ control: StatementControl? = nil
    ) -> @Sendable (SQLExecution.End) -> Void {
        { [self] end in
            deadline.map(server.deadlines.disarm)
            if let control {
                status.withLock { status in
                    if status.control === control { status.control = nil }
                }
            }
            if let error = end.error {
                transaction.fail()
                if control != nil { held?.noteFailure() }
                record?.update { $0.error = error.description }
            }
            guard let record else { return }
            let micros = server.clock.wallMicros()
            close(record, end, micros, control?.peakMemoryBytes)
            noteState(idleState, micros: micros)
        }
    }

    private func close(_ record: QueryRecord, _ end: SQLExecution.End, _ micros: Int64, _ peakMemoryBytes: Int?) {
        guard server.queries.end(record) else { return }
        let nanos = server.clock.monotonicNanos() &- record.startedNanos
        let isCancelled = end.error.map { $0.code == .cancelled || $0.code == .statementTimeout } ?? false
        record.update { progress in
            progress.outcome = end.error == nil ? .finished : isCancelled ? .cancelled : .failed
            progress.endedMicros = micros
            progress.nanos = nanos
            progress.rows = end.rows
            progress.bytes = end.bytes
            progress.peakMemoryBytes = peakMemoryBytes
        }
        let counters = server.counters
        (end.error == nil ? counters.finished : isCancelled ? counters.cancelled : counters.failed).add()
        counters.rows.add(end.rows)
        counters.bytes.add(end.bytes)
        counters.seconds.record(nanos: nanos)
    }
}
