// The statements that run and those that ran: leibrix.queries. Finished ones are kept in rings, one for some of the sessions.
internal import Base
internal import Columnar
internal import Synchronization

/// One statement's record. Its counts are updated while it runs.
final class QueryRecord: Sendable {
    enum Outcome: String, Sendable { case running, finished, failed, cancelled }

    struct Progress: Sendable {
        var outcome = Outcome.running
        var endedMicros: Int64?
        var nanos: UInt64 = 0
        var rows = 0
        var bytes = 0
        var peakMemoryBytes: Int?
        var route = "local"
        var isPlanCached: Bool?
        var error: String?
    }

    let id: UInt64
    let session: Int32
    let user: String
    let tenant: String
    let door: String
    let text: String
    let fingerprint: String
    let startedMicros: Int64
    let startedNanos: UInt64
    private let progress = Mutex(Progress())

    init(id: UInt64, session: Int32, user: String, tenant: String, door: String, text: String, fingerprint: String, micros: Int64, nanos: UInt64) {
        self.id = id
        self.session = session
        self.user = user
        self.tenant = tenant
        self.door = door
        self.text = text
        self.fingerprint = fingerprint
        startedMicros = micros
        startedNanos = nanos
    }

    var current: Progress { progress.withLock { $0 } }
    func update(_ body: (inout sending Progress) -> Void) { progress.withLock { body(&$0) } }
}

/// Whose statements they are.
final class SessionIdentity: Sendable {
    let number: Int32
    let user: String
    let tenant: String
    let door: String

    init(number: Int32, user: String, tenant: String, door: String) {
        self.number = number
        self.user = user
        self.tenant = tenant
        self.door = door
    }
}

/// A statement that ran where it was called and never waited: nobody sees it running, so it is written once.
struct PointNote: Sendable {
    let session: SessionIdentity
    let parsed: ParsedQuery
    /// The client's text, shortened, where constants were lifted out of it.
    let shown: String?
    let startedMicros: Int64
    let nanos: UInt64
    let rows: Int
    let bytes: Int
    let error: LeibrixError?

    var text: String { shown ?? parsed.shownText }
    var endedMicros: Int64 { startedMicros + Int64(nanos / 1_000) }
}

/// When a point statement began.
struct PointStart {
    let micros: Int64
    let nanos: UInt64
}

final class QueryLog: Sendable {
    private enum Finished: Sendable {
        case record(QueryRecord)
        case note(UInt64, PointNote)

        var id: UInt64 {
            switch self {
            case .record(let record): record.id
            case .note(let id, _): id
            }
        }
    }

    private struct State {
        var running: [UInt64: QueryRecord] = [:]
        var finished: [Finished] = []
        var oldest = 0
        var tally = PointTally()

        mutating func keep(_ statement: Finished) {
            if finished.count < SessionLimits.finishedQueriesMax {
                finished.append(statement)
            } else {
                finished[oldest] = statement
                oldest = oldest + 1 == SessionLimits.finishedQueriesMax ? 0 : oldest + 1
            }
        }
    }

    /// One of several parts, so that sessions on different processors seldom meet in one.
    private final class Part: Sendable {
        let state = Mutex(State())
    }

    private let next = Atomic<UInt64>(0)
    private let parts = (0..<SessionLimits.queryLogParts).map { _ in Part() }

    private func makeID() -> UInt64 { next.wrappingAdd(1, ordering: .relaxed).newValue }
    private func part(_ session: Int32) -> Part { parts[Int(truncatingIfNeeded: session) & (SessionLimits.queryLogParts - 1)] }

    func begin(_ make: (UInt64) -> QueryRecord) -> QueryRecord {
        let record = make(makeID())
        part(record.session).state.withLock { $0.running[record.id] = record }
        return record
    }

    /// Moves a record to the finished ones. False if it was there already.
    func end(_ record: QueryRecord) -> Bool {
        part(record.session).state.withLock { state in
            guard state.running.removeValue(forKey: record.id) != nil else { return false }
            state.keep(.record(record))
            return true
        }
    }

    /// Keeps a statement that has ended. What it adds to the counters is gathered, and returned when it is time to add that.
    func note(_ note: PointNote) -> PointTally? {
        let id = makeID()
        return part(note.session.number).state.withLock { state -> PointTally? in
            state.keep(.note(id, note))
            state.tally.add(note)
            guard state.tally.count >= SessionLimits.tallyMax else { return nil }
            defer { state.tally = PointTally() }
            return state.tally
        }
    }

    /// What has not been added to the counters yet.
    func takeTally() -> PointTally {
        var whole = PointTally()
        for part in parts {
            part.state.withLock { state in
                whole.add(state.tally)
                state.tally = PointTally()
            }
        }
        return whole
    }

    /// Those that run, and the last finished ones, in the order of their beginnings.
    var all: [QueryRecord] {
        var running: [QueryRecord] = []
        var finished: [Finished] = []
        for part in parts {
            part.state.withLock { state in
                running += state.running.values
                finished += state.finished
            }
        }
        finished.sort { $0.id < $1.id }
        let last = finished.suffix(SessionLimits.finishedQueriesMax).map { statement in
            switch statement {
            case .record(let record): record
            case .note(let id, let note): QueryRecord(id: id, note)
            }
        }
        return (last + running).sorted { $0.id < $1.id }
    }
}

/// What point statements add to the counters.
struct PointTally: Sendable {
    private(set) var count = 0
    private(set) var failed = 0
    private(set) var rows = 0
    private(set) var bytes = 0
    private(set) var times = Histogram.Tally()

    mutating func add(_ note: PointNote) {
        count += 1
        if note.error != nil { failed += 1 }
        rows += note.rows
        bytes += note.bytes
        times.add(nanos: note.nanos)
    }

    mutating func add(_ other: PointTally) {
        count += other.count
        failed += other.failed
        rows += other.rows
        bytes += other.bytes
        times.add(other.times)
    }

    func flush(into counters: ServerCounters) {
        guard count > 0 else { return }
        counters.finished.add(count - failed)
        counters.failed.add(failed)
        counters.rows.add(rows)
        counters.bytes.add(bytes)
        counters.seconds.record(times)
    }
}

extension QueryRecord {
    /// A note as the record it stands for.
    convenience init(id: UInt64, _ note: PointNote) {
        self.init(
            id: id, session: note.session.number, user: note.session.user, tenant: note.session.tenant, door: note.session.door,
            text: note.text, fingerprint: note.parsed.shape,
            micros: note.startedMicros, nanos: 0)
        update { progress in
            progress.outcome = note.error == nil ? .finished : .failed
            progress.endedMicros = note.endedMicros
            progress.nanos = note.nanos
            progress.rows = note.rows
            progress.bytes = note.bytes
            progress.route = "point"
            progress.error = note.error?.description
        }
    }
}

extension QueryRecord {
    static let columns: [DataType.Field] = [
        .init("query_id", .bigInt), .init("session", .bigInt), .init("user", .varchar), .init("door", .varchar),
        .init("state", .varchar), .init("query", .varchar), .init("fingerprint", .varchar), .init("started_at", .timestampTZ),
        .init("ended_at", .timestampTZ), .init("elapsed_ms", .double), .init("rows", .bigInt), .init("bytes", .bigInt),
        .init("route", .varchar), .init("plan_cached", .boolean), .init("error", .varchar),
        .init("progress", .double), .init("tenant", .varchar), .init("peak_memory", .bigInt),
    ]

    /// `progress` is how far a running statement is, 0 to 1.
    func row(nowNanos: UInt64, progress: Double? = nil) -> [Value] {
        let now = current
        let nanos = now.outcome == .running ? nowNanos &- startedNanos : now.nanos
        return [
            .integer(Int64(id)), .integer(Int64(session)), .string(user), .string(door), .string(now.outcome.rawValue),
            .string(text), .string(fingerprint), .timestampTZ(startedMicros), .optional(micros: now.endedMicros),
            .double(Double(nanos) / 1e6), .integer(Int64(now.rows)), .integer(Int64(now.bytes)), .string(now.route),
            now.isPlanCached.map { .boolean($0) } ?? .null, .optional(now.error), progress.map { .double($0) } ?? .null, .string(tenant),
            .optional(now.peakMemoryBytes.map { Int64($0) }),
        ]
    }
}
