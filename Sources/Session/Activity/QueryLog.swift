// The statements that run and those that ran: leibrix.queries. Finished ones are kept in a ring.
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

final class QueryLog: Sendable {
    private struct State {
        var next: UInt64 = 0
        var running: [UInt64: QueryRecord] = [:]
        var finished: [QueryRecord] = []
        var oldest = 0
    }

    private let state = Mutex(State())

    func begin(_ make: (UInt64) -> QueryRecord) -> QueryRecord {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let record = make(id)
        state.withLock { $0.running[id] = record }
        return record
    }

    /// Moves a record to the finished ones. False if it was there already.
    func end(_ record: QueryRecord) -> Bool {
        state.withLock { state in
            guard state.running.removeValue(forKey: record.id) != nil else { return false }
            if state.finished.count < SessionLimits.finishedQueriesMax {
                state.finished.append(record)
            } else {
                state.finished[state.oldest] = record
                state.oldest = (state.oldest + 1) % SessionLimits.finishedQueriesMax
            }
            return true
        }
    }

    var all: [QueryRecord] {
        state.withLock { ($0.finished + $0.running.values).sorted { $0.id < $1.id } }
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
