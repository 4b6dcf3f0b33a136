// For tests of streams: a database on a folder of its own, whose clock only the test moves and whose chance comes from a seed,
// that ends as if by kill -9, at a named step if need be, and goes on from what was on the disk at that moment.
public import Base
internal import Platform
internal import StreamHost
internal import Synchronization

/// A database under test.
///
///     let kit = try await StreamTestKit(seed: 7)
///     try await kit.db.execute("CREATE SOURCE …; CREATE STREAM means AS …")
///     let means = try kit.follow("means", as: Mean.self)
///     try await kit.push(rows, into: "readings")           // batches cut by chance
///     try await kit.crash()                                 // and on from the disk
///     try await kit.advance(by: .seconds(60))
///     try means.expect([Mean(…), …])
///     await kit.end()
public final class StreamTestKit: @unchecked Sendable {
    /// Of the database that runs now: another one after a crash.
    public private(set) var db: Leibrix
    public let seed: UInt64
    private var folder: String
    private var generator: SeededGenerator
    private let now: VirtualClock
    private let faults: FaultPlan
    private var followers: [any KitFollower] = []

    /// Opens a database in a folder of its own. Without a seed one is drawn: it stands in every failure's text.
    public init(seed: UInt64? = nil, startMicros: Int64 = 1_767_225_600_000_000) async throws(LeibrixError) {
        let seed = seed ?? Random.integer(UInt64.self)
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        now = VirtualClock(micros: startMicros)
        faults = FaultPlan()
        folder = Self.newFolder()
        db = try await Self.open(folder, now, faults)
    }

    private static func newFolder() -> String {
        (Environment.variables["TMPDIR"] ?? "/tmp") + "/leibrix-kit-" + String(Random.integer(UInt64.self), radix: 16)
    }

    private static func open(_ folder: String, _ now: VirtualClock, _ faults: FaultPlan) async throws(LeibrixError) -> Leibrix {
        faults.watch(folder)
        var builder = LeibrixBuilder().storage(folder)
        builder.configuration.clock = now.clock
        // Only when the test says so: what is on the disk is then its own doing.
        builder.configuration.checkpointMS = 1_000_000_000
        builder.configuration.fault = { faults.reached($0) }
        return try await builder.build()
    }

    // MARK: time and chance

    /// Moves the clock, and tells the streams: idle sources go on, EMIT EVERY emits.
    public func advance(by duration: Duration) async throws(LeibrixError) {
        let (seconds, attoseconds) = duration.components
        now.pass(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        let streams = db.streams
        try await db.blocking { () throws(LeibrixError) in try streams.tellTime() }
    }

    /// A number below `bound`, by the seed.
    public func chance(below bound: Int) -> Int { Int(generator.next() % UInt64(max(bound, 1))) }

    /// The rows in an order in which none is more than `places` behind where it was.
    public func disordered<Record>(_ rows: [Record], places: Int) -> [Record] {
        let keys = rows.indices.map { $0 + chance(below: places + 1) }
        return rows.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { rows[$0] }
    }

    /// Pushes rows in batches that are cut by chance: what comes out must not depend on them.
    public func push<Record: Encodable & Sendable>(_ rows: [Record], into source: String) async throws(LeibrixError) {
        let writer = try db.source(source, of: Record.self)
        var start = 0
        while start < rows.count {
            let end = min(rows.count, start + 1 + chance(below: 40))
            try await writer.push(Array(rows[start..<end]))
            start = end
        }
    }

    // MARK: ends and beginnings

    /// Steps at which `crash(at:)` may end the database.
    public static let steps = ["checkpoint-begin", "checkpoint-engine", "checkpoint-rows", "checkpoint-done"]

    /// The next time the step is reached, what is on the disk is what the next life has. A checkpoint is made to reach it.
    public func crash(at step: String) async throws(LeibrixError) {
        guard Self.steps.contains(step) else {
            throw LeibrixError(.invalidValue, "there is no step \"\(step)\"", hint: "Steps are: \(Self.steps.joined(separator: ", ")).")
        }
        faults.arm(step)
        try await db.checkpoint()
        try await crash()
    }

    /// Ends the database as kill -9 would, and opens what is on the disk.
    public func crash() async throws(LeibrixError) {
        let next = Self.newFolder()
        let (from, faults) = (folder, faults)
        let pool = BlockingPool(name: "kit", threads: 1)
        try await pool.run { () throws(LeibrixError) in
            if let taken = faults.taken() { try Files.rename(taken, to: next) } else { try FaultPlan.copy(from, to: next) }
        }
        await db.shutdown()
        try await pool.run { () throws(LeibrixError) in try Files.removeTree(from) }
        try await goOn(next)
    }

    /// Shuts down in order, and opens again.
    public func restart() async throws(LeibrixError) {
        await db.shutdown()
        try await goOn(folder)
    }

    private func goOn(_ folder: String) async throws(LeibrixError) {
        self.folder = folder
        db = try await Self.open(folder, now, faults)
        for follower in followers { try follower.resume(db) }
    }

    /// Shuts down and removes the folder.
    public func end() async {
        await db.shutdown()
        try? Files.removeTree(folder)
    }

    // MARK: what comes out

    /// Takes a stream's rows from now on, over crashes: each must come once.
    public func follow<Record: Decodable & Hashable>(_ name: String, as type: Record.Type) throws(LeibrixError) -> Followed<Record> {
        let made = Followed<Record>(name, seed: seed)
        try made.resume(db)
        followers.append(made)
        return made
    }
}

private protocol KitFollower: AnyObject {
    func resume(_ db: Leibrix) throws(LeibrixError)
}

/// Rows of a stream under test.
public final class Followed<Record: Decodable & Hashable>: KitFollower {
    public let name: String
    private let seed: UInt64
    private var subscription: Subscription<Record>?
    private var epoch: Int64?
    private var all: [Change<Record>] = []

    init(_ name: String, seed: UInt64) {
        self.name = name
        self.seed = seed
    }

    fileprivate func resume(_ db: Leibrix) throws(LeibrixError) {
        // What the life before had shown and nobody had read is behind the epoch too.
        subscription = try db.subscribe(name, as: Record.self, afterEpoch: epoch ?? db.streams.epoch)
        if epoch == nil { epoch = db.streams.epoch }
    }

    /// Everything that has come, in its order.
    public func changes() throws(LeibrixError) -> [Change<Record>] {
        while let change = try subscription?.poll() {
            all.append(change)
            epoch = change.epoch
        }
        return all
    }

    /// Throws unless the rows that are there now, those taken back left out, are these, in any order.
    public func expect(_ rows: [Record]) throws(LeibrixError) {
        var left: [Record: Int] = [:]
        for change in try changes() { left[change.record, default: 0] += change.weight }
        for row in rows { left[row, default: 0] -= 1 }
        let wrong = left.filter { $0.value != 0 }
        if wrong.isEmpty { return }
        let extra = wrong.filter { $0.value > 0 }.map { "\($0.key) \($0.value) too often" }.sorted()
        let missing = wrong.filter { $0.value < 0 }.map { "\($0.key) \(-$0.value) too few" }.sorted()
        throw LeibrixError(.validationFailed, "stream \"\(name)\" has other rows (seed \(seed))", detail: (extra + missing).prefix(20).joined(separator: "\n"))
    }
}

/// A clock that stands still until it is moved.
final class VirtualClock: Sendable {
    private let micros: Atomic<Int64>
    init(micros: Int64) { self.micros = Atomic(micros) }
    func pass(_ count: Int64) { micros.add(count, ordering: .relaxed) }
    var clock: Clock {
        Clock(
            monotonicNanos: { UInt64(bitPattern: self.micros.load(ordering: .relaxed)) &* 1_000 },
            wallMicros: { self.micros.load(ordering: .relaxed) })
    }
}

/// What a crash leaves: a copy of the folder as it was at an armed step.
final class FaultPlan: Sendable {
    private struct State {
        var folder = ""
        var armed: String?
        var copy: String?
    }
    private let state = Mutex(State())

    func watch(_ folder: String) { state.withLock { $0 = State(folder: folder) } }
    func arm(_ step: String) { state.withLock { $0.armed = step } }

    func reached(_ step: String) {
        let folder = state.withLock { state -> String? in
            guard state.armed == step else { return nil }
            state.armed = nil
            return state.folder
        }
        guard let folder else { return }
        let target = folder + "-crash"
        guard (try? Self.copy(folder, to: target)) != nil else { return }
        state.withLock { $0.copy = target }
    }

    func taken() -> String? {
        state.withLock { state in
            defer { state.copy = nil }
            return state.copy
        }
    }

    static func copy(_ from: String, to: String) throws(LeibrixError) {
        try Files.removeTree(to)
        try Files.createDirectory(to)
        for entry in try Files.list(from) {
            if entry.isDirectory {
                try copy(from + "/" + entry.name, to: to + "/" + entry.name)
            } else {
                let bytes = try Files.read(from + "/" + entry.name)
                let file = try File(to + "/" + entry.name, .create)
                if !bytes.isEmpty { try unsafe file.write(bytes.span.bytes, at: 0) }
            }
        }
    }
}
