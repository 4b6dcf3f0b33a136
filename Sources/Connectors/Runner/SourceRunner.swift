// Runs one source: polls its connector on a thread of its own and pushes what it finds, with the position it came to.
//
//   1. bad records of the poll are durable in the dead-letter file, whose length is part of the position
//   2. rows and position go to the engine in one push: a checkpoint holds both or neither
//   3. only then the next poll
//
// A push that the engine turns down is tried again with the same rows. A failure of the connector closes it; the next try
// opens it again at the position of the last push, so nothing of a poll that failed is lost or doubled.
internal import Base
public import Columnar
public import Platform
internal import Synchronization

public final class SourceRunner: @unchecked Sendable {
    public let name: String
    public let settings: RunnerSettings
    private let connector: any SourceConnector
    private let clock: Clock
    private let deadLetterPath: String?
    private let shared: Mutex<Shared>
    private let bell = Doorbell()
    private let ended = Doorbell()
    // Of the thread that steps.
    private var target: SourceTarget?
    /// The position of the last push.
    private var reached = ""
    private var letters: DeadLetterFile?
    private var isOpen = false
    private var attempt = 0
    private var breaker: CircuitBreaker
    private var limit: RateLimit?
    private var pending: Pending?

    private struct Shared {
        var statistics: SourceStatistics
        var isStopping = false
        var isStarted = false
    }

    /// Rows of a poll that the engine has not taken yet.
    private struct Pending {
        var batch: Batch?
        var position: String
    }

    /// What to do before the next step.
    public enum Step: Sendable, Hashable {
        case again
        case wait(milliseconds: Int)
        /// There is no next step.
        case done
    }

    public init(
        _ name: String, _ connector: any SourceConnector, kind: String, settings: RunnerSettings = RunnerSettings(),
        deadLetterPath: String? = nil, clock: Clock = .system
    ) {
        self.name = name
        self.connector = connector
        self.settings = settings
        self.clock = clock
        self.deadLetterPath = settings.deadLetterPath ?? deadLetterPath
        breaker = CircuitBreaker(failuresMax: settings.breakerFailures, pauseMS: settings.breakerMS)
        limit = settings.rowsPerSecondMax.map { RateLimit(rowsPerSecond: $0, now: clock.monotonicNanos()) }
        shared = Mutex(Shared(statistics: SourceStatistics(connector: kind, deadLetterPath: settings.deadLetterPath ?? deadLetterPath)))
    }

    public var schema: [DataType.Field] { connector.schema }
    public var statistics: SourceStatistics { shared.withLock { $0.statistics } }

    /// Begins to push, after what was pushed by earlier lives is restored. Once.
    public func start(_ target: SourceTarget) {
        let isFirst = shared.withLock { shared in
            defer { shared.isStarted = true }
            return !shared.isStarted
        }
        precondition(isFirst, "a runner starts once")
        attach(target)
        let pool = BlockingPool(name: "src-\(name)", threads: 1)
        pool.start { [self] in
            run()
            ended.ring()
            _ = pool
        }
    }

    /// Makes ready for steps by hand, on the caller's thread: for tests on a virtual clock.
    public func attach(_ target: SourceTarget) {
        self.target = target
        reached = target.position
    }

    /// Ends the thread; returns when it has. What the engine has not taken is taken up again by the next life.
    public func stop() {
        let wasStarted = shared.withLock { shared in
            shared.isStopping = true
            return shared.isStarted
        }
        bell.ring()
        if wasStarted {
            ended.wait()
            ended.ring()
        }
    }

    private var isStopping: Bool { shared.withLock { $0.isStopping } }

    private func run() {
        while !isStopping {
            switch step() {
            case .again: continue
            case .wait(let milliseconds): bell.wait(milliseconds: milliseconds)
            case .done: return
            }
        }
        connector.close()
        isOpen = false
        note { $0.state = .stopped }
    }

    private func note(_ change: (inout SourceStatistics) -> Void) { shared.withLock { change(&$0.statistics) } }

    /// One poll and its push.
    public func step() -> Step {
        guard let target else { return .done }
        let blocked = breaker.wait(now: clock.monotonicNanos())
        if blocked > 0 { return .wait(milliseconds: max(1, Int(blocked / 1_000_000))) }
        do throws(LeibrixError) {
            if let pending { return try push(pending, target) }
            if !isOpen { try open() }
            guard let rows = granted() else { return .wait(milliseconds: limit?.waitMS ?? 1) }
            return try poll(rows, target)
        } catch {
            return failed(error)
        }
    }

    /// Rows the rate allows; nil: none yet.
    private func granted() -> Int? {
        let rows = limit?.grant(settings.batchRows, now: clock.monotonicNanos()) ?? settings.batchRows
        return rows > 0 ? rows : nil
    }

    private func open() throws(LeibrixError) {
        try connector.open()
        isOpen = true
        let position = try RunnerPosition(reached)
        if let at = position.at { try connector.restore(at) }
        if let path = deadLetterPath, letters == nil, position.letters > 0 || Files.exists(path) { letters = try openLetters(path) }
        try letters?.restore(position.letters)
        note {
            $0.badRecords = position.badRecords
            $0.position = position.at ?? ""
        }
    }

    private func openLetters(_ path: String) throws(LeibrixError) -> DeadLetterFile {
        try DeadLetterFile(path: path, bytesMax: settings.deadLetterBytesMax)
    }

    private func poll(_ rowsMax: Int, _ target: SourceTarget) throws(LeibrixError) -> Step {
        switch try connector.poll(rowsMax) {
        case .idle:
            succeeded()
            note { $0.state = .idle }
            return .wait(milliseconds: settings.pollMS)
        case .end:
            succeeded()
            try target.end()
            connector.close()
            isOpen = false
            note { $0.state = .ended }
            return .done
        case .rows(let rows):
            if !rows.bad.isEmpty { try bury(rows.bad) }
            limit?.took(rows.batch?.rowCount ?? 0)
            let badRecords = statistics.badRecords
            let position = RunnerPosition(at: connector.position(), badRecords: badRecords, letters: letters?.length ?? 0)
            return try push(Pending(batch: rows.batch, position: position.text), target)
        }
    }

    private func push(_ rows: Pending, _ target: SourceTarget) throws(LeibrixError) -> Step {
        do throws(LeibrixError) {
            try target.push(rows.batch, rows.position)
        } catch {
            guard error.code == .streamRejected else { throw error }
            pending = rows
            note {
                $0.rejections += 1
                $0.state = .backpressured
            }
            return .wait(milliseconds: 2)
        }
        reached = rows.position
        return pushed(rows.batch?.rowCount ?? 0)
    }

    private func pushed(_ rows: Int) -> Step {
        pending = nil
        succeeded()
        let position = connector.position()
        note {
            $0.rows += rows
            $0.state = .running
            $0.position = position
        }
        return .again
    }

    private func bury(_ records: [BadRecord]) throws(LeibrixError) {
        if let path = deadLetterPath {
            if letters == nil { letters = try openLetters(path) }
            try letters?.write(records, source: name)
        }
        note {
            $0.badRecords += records.count
            $0.lastBadReason = records.last.map { "\($0.reason) (\($0.place))" }
        }
        guard let most = settings.badRecordsMax, statistics.badRecords > most else { return }
        throw LeibrixError(
            .streamSourceFailed, "source \"\(name)\" has more than \(most) bad records", detail: records.last?.reason,
            hint: "Mend the records, or raise bad_records_max.")
    }

    private func succeeded() {
        attempt = 0
        breaker.succeeded()
    }

    private func failed(_ error: LeibrixError) -> Step {
        connector.close()
        isOpen = false
        pending = nil
        attempt += 1
        var generator = SeededGenerator(seed: clock.monotonicNanos())
        let chance = Double(generator.next() >> 11) / Double(1 << 53)
        guard RetryPolicy.mayPass(error), let wait = settings.retry.waitMS(attempt, chance: chance) else {
            note {
                $0.failures += 1
                $0.lastError = error
                $0.state = .failed
            }
            return .done
        }
        breaker.failed(now: clock.monotonicNanos())
        let isBroken = breaker.isOpen
        note {
            $0.failures += 1
            $0.lastError = error
            $0.state = isBroken ? .broken : .retrying
        }
        return .wait(milliseconds: wait)
    }
}

/// The runner's part of a position: the connector's own, and how many bad records there were by then.
struct RunnerPosition {
    /// nil: at the beginning.
    var at: String?
    var badRecords = 0
    /// Bytes of the dead-letter file.
    var letters = 0

    init(at: String?, badRecords: Int, letters: Int) {
        self.at = at
        self.badRecords = badRecords
        self.letters = letters
    }

    /// `bad letters at`, words with a space between: cheap, for it is written with every push.
    init(_ text: String) throws(LeibrixError) {
        if text.isEmpty { return }
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let bad = Int(parts[0]), let letters = Int(parts[1]) else {
            throw LeibrixError(.streamCheckpointCorrupt, "a source's position does not read", detail: String(text.prefix(100)))
        }
        at = String(parts[2])
        badRecords = bad
        self.letters = letters
    }

    var text: String { "\(badRecords) \(letters) \(at ?? "")" }
}
