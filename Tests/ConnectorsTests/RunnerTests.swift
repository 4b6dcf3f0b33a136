internal import Base
internal import Catalog
internal import Columnar
@testable internal import Connectors
internal import Platform
@testable internal import StreamEngine
internal import Synchronization
internal import Testing

/// How sources are run, on a clock that only the test moves.
@Suite struct RunnerTests {
    private final class Now: Sendable {
        let nanos = Atomic<UInt64>(1_000_000_000)
        var clock: Clock { Clock(monotonicNanos: { self.nanos.load(ordering: .relaxed) }, wallMicros: { 0 }) }
        func pass(milliseconds: Int) { nanos.add(UInt64(milliseconds) * 1_000_000, ordering: .relaxed) }
    }

    /// Numbers one by one, from where it was restored; fails where the test says so.
    private final class Counter: SourceConnector {
        let schema: [DataType.Field] = [.init("n", .bigInt)]
        let builder: BatchBuilder
        var next: Int64 = 0
        var opened = 0
        var failures: [LeibrixError] = []

        init() throws { builder = try BatchBuilder([.bigInt]) }
        func open() throws(LeibrixError) {
            opened += 1
            next = 0
        }
        func close() {}
        func position() -> String { String(next) }
        func restore(_ position: String) throws(LeibrixError) { next = Int64(position) ?? -1 }
        func poll(_ rowsMax: Int) throws(LeibrixError) -> SourcePoll {
            if let error = failures.popLast() {
                next += 1_000
                throw error
            }
            for _ in 0..<min(rowsMax, 10) {
                builder.beginRow()
                do throws(Misfit) { try builder.set(0, next) } catch { return .end }
                builder.endRow()
                next += 1
            }
            return .rows(SourceRows(builder.take()))
        }
    }

    /// What a host takes: numbers in their order, and how often it turned rows down.
    private final class Taken: Sendable {
        let numbers = Mutex<[Int64]>([])
        let refusals = Mutex(0)
        let position = Mutex("")

        var target: SourceTarget {
            SourceTarget(position: position.withLock { $0 }) { (batch, position) throws(LeibrixError) in
                let isRefused = self.refusals.withLock { left in
                    defer { left = max(0, left - 1) }
                    return left > 0
                }
                if isRefused { throw LeibrixError(.streamRejected, "no room") }
                self.numbers.withLock { numbers in
                    for row in 0..<(batch?.rowCount ?? 0) { numbers.append(batch!.columns[0].load(row, as: Int64.self)) }
                }
                self.position.withLock { $0 = position }
            } end: { () throws(LeibrixError) in }
        }

        var isWhole: Bool { numbers.withLock { $0 == Array(0..<Int64($0.count)) } }
        var count: Int { numbers.withLock { $0.count } }
    }

    private func runner(_ counter: Counter, _ now: Now, _ change: (inout RunnerSettings) -> Void = { _ in }) -> SourceRunner {
        var settings = RunnerSettings()
        change(&settings)
        return SourceRunner("count", counter, kind: "COUNTER", settings: settings, clock: now.clock)
    }

    @Test func turnedDownRowsComeAgain() throws {
        let taken = Taken()
        let runner = runner(try Counter(), Now())
        runner.attach(taken.target)
        #expect(runner.step() == .again)
        taken.refusals.withLock { $0 = 3 }
        for _ in 0..<3 { #expect(runner.step() == .wait(milliseconds: 2)) }
        #expect(runner.statistics.state == .backpressured)
        for _ in 0..<4 { #expect(runner.step() == .again) }
        #expect(taken.count == 50)
        #expect(taken.isWhole)
        #expect(runner.statistics.rejections == 3)
    }

    @Test func failuresThatPassAreTriedAgainWhereItStood() throws {
        let taken = Taken()
        let counter = try Counter()
        let now = Now()
        let runner = runner(counter, now) { $0.retry.firstMS = 100 }
        runner.attach(taken.target)
        #expect(runner.step() == .again)
        counter.failures = [LeibrixError(.io, "b"), LeibrixError(.sourceUnavailable, "a")]
        for attempt in 1...2 {
            guard case .wait(let milliseconds) = runner.step() else {
                Issue.record("no wait")
                return
            }
            #expect((50 * attempt...100 * attempt).contains(milliseconds))
            #expect(runner.statistics.state == .retrying)
            now.pass(milliseconds: milliseconds)
        }
        for _ in 0..<3 { #expect(runner.step() == .again) }
        #expect(taken.count == 40)
        #expect(taken.isWhole)
        #expect(counter.opened == 3)
        #expect(runner.statistics.failures == 2)
        #expect(runner.statistics.state == .running)
    }

    @Test func otherFailuresEndIt() throws {
        let counter = try Counter()
        let runner = runner(counter, Now())
        counter.failures = [LeibrixError(.streamSchema, "no such column")]
        runner.attach(Taken().target)
        #expect(runner.step() == .done)
        #expect(runner.statistics.state == .failed)
        #expect(runner.statistics.lastError?.message == "no such column")
    }

    @Test func attemptsHaveAnEnd() throws {
        let counter = try Counter()
        let runner = runner(counter, Now()) { $0.retry.attemptsMax = 2 }
        counter.failures = Array(repeating: LeibrixError(.io, "x"), count: 9)
        runner.attach(Taken().target)
        var steps = 0
        while runner.step() != .done { steps += 1 }
        #expect(steps == 2)
        #expect(runner.statistics.state == .failed)
    }

    @Test func theCircuitOpensAndTriesOnce() throws {
        let counter = try Counter()
        let now = Now()
        let taken = Taken()
        let runner = runner(counter, now) {
            $0.breakerFailures = 3
            $0.breakerMS = 5_000
        }
        counter.failures = Array(repeating: LeibrixError(.io, "x"), count: 4)
        runner.attach(taken.target)
        for _ in 0..<3 { _ = runner.step() }
        #expect(runner.statistics.state == .broken)
        #expect(runner.step() == .wait(milliseconds: 5_000))
        now.pass(milliseconds: 4_000)
        #expect(runner.step() == .wait(milliseconds: 1_000))
        now.pass(milliseconds: 1_000)
        // One try, which fails: open again at once.
        _ = runner.step()
        #expect(counter.opened == 4)
        #expect(runner.step() == .wait(milliseconds: 5_000))
        now.pass(milliseconds: 5_000)
        #expect(runner.step() == .again)
        #expect(runner.statistics.state == .running)
        #expect(taken.isWhole)
    }

    @Test func theRateIsKept() throws {
        let now = Now()
        let taken = Taken()
        let runner = runner(try Counter(), now) { $0.rowsPerSecondMax = 50 }
        runner.attach(taken.target)
        for _ in 0..<2_000 {
            if case .wait(let milliseconds) = runner.step() { now.pass(milliseconds: milliseconds) }
            if now.nanos.load(ordering: .relaxed) >= 11_000_000_000 { break }
        }
        // Ten seconds of 50, and the tenth of a second there was to begin with.
        #expect((495...505).contains(taken.count), "\(taken.count)")
        #expect(taken.isWhole)
    }

    @Test func itRunsOnAThreadOfItsOwn() throws {
        let taken = Taken()
        let runner = SourceRunner("count", try Counter(), kind: "COUNTER")
        runner.start(taken.target)
        while taken.count < 1_000 { Pause.milliseconds(1) }
        runner.stop()
        #expect(runner.statistics.state == .stopped)
        let count = taken.count
        #expect(taken.isWhole)
        // The next life goes on there.
        let next = SourceRunner("count", try Counter(), kind: "COUNTER")
        next.start(taken.target)
        while taken.count < count + 1_000 { Pause.milliseconds(1) }
        next.stop()
        #expect(taken.isWhole)
    }

    @Test func waitsGrowToABound() {
        var policy = RetryPolicy()
        policy.firstMS = 10
        policy.longestMS = 1_000
        #expect((1...9).map { policy.waitMS($0, chance: 1) } == [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000])
        #expect(policy.waitMS(60, chance: 0) == 500)
    }
}

/// Generated rows are functions of their number.
@Suite struct GeneratorTests {
    private let columns: [DataType.Field] = [
        .init("id", .bigInt), .init("key", .integer), .init("price", .double), .init("name", .varchar), .init("ok", .boolean), .init("at", .timestamp),
        .init("size", .decimal(width: 9, scale: 2)), .init("ms", .bigInt), .init("hot", .bigInt), .init("side", .varchar),
    ]
    private let rules: [(String, Value)] = [
        ("fields.key", "random(-5, 5)"), ("fields.price", "normal(100, 15)"), ("fields.name", "text('user, ', 10)"), ("fields.ok", "chance(0.25)"),
        ("fields.at", "time('2026-01-01', '10 ms', '1 s')"), ("fields.size", "uniform(1, 2)"), ("fields.ms", "time('2026-01-01', '100 us')"),
        ("fields.hot", "zipf(1000, 1.1)"), ("fields.side", "choice('buy', 'sell')"),
    ]

    private func source(_ options: [(String, Value)]) throws -> SourceRunner {
        let spec = ConnectorSpec(name: "g", kind: "generator", options: (rules + options).map { SpecOption($0.0, $0.1) }, columns: columns)
        return try ConnectorRegistry().makeSource(spec, ConnectorContext())
    }

    /// All rows as CSV, from a position on, in polls of some size.
    private func rows(_ options: [(String, Value)], from position: String = "") throws -> [String] {
        let runner = try source(options)
        let encoder = RecordEncoder(.csv(.init(hasHeader: false)), columns, hasChanges: false)
        let out = Mutex<[UInt8]>([])
        runner.attach(SourceTarget(position: position) { (batch, _) throws(LeibrixError) in
            out.withLock { encoder.append(batch!, weights: [], to: &$0) }
        } end: { () throws(LeibrixError) in })
        while runner.step() == .again {}
        return String(decoding: out.withLock { $0 }, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func rowsDependOnTheirNumberAlone() throws {
        let all = try rows([("rows", 3_000)])
        #expect(all.count == 3_000)
        #expect(try rows([("rows", 3_000), ("batch_rows", 7)]) == all)
        #expect(try rows([("rows", 3_000)], from: "0 0 1234") == Array(all[1_234...]))
        #expect(try rows([("rows", 3_000), ("seed", 2)]) != all)
        #expect(try rows([("rows", 0)]).isEmpty)
    }

    @Test func rulesMakeWhatTheySay() throws {
        let all = try rows([("rows", 4_000)]).map { $0.split(separator: ",").map { String($0) } }
        let ids = all.map { Int($0[0])! }
        #expect(ids == Array(1...4_000))
        #expect(Set(all.map { Int($0[1])! }) == Set(-5...5))
        let prices = all.map { Double($0[2])! }
        let mean = prices.reduce(0, +) / 4_000
        #expect((98...102).contains(mean))
        // The name holds a comma, so it stands in quotes over two fields.
        #expect(Set(all.map { $0[3] + $0[4] }).count == 10)
        #expect((800...1_200).contains(all.count { $0[5] == "true" }))
        #expect(all.allSatisfy { $0[6] >= "2025-12-31 23:59:59" && $0[6] <= "2026-01-01 00:00:40" })
        #expect(Set(all.map { $0[6] }).count > 3_900)
        #expect(all.allSatisfy { (1...2).contains(Double($0[7])!) && $0[7].split(separator: ".")[1].count == 2 })
        #expect(all[10][8] == "1767225600001")
        let hot = all.map { Int($0[9])! }
        #expect(hot.allSatisfy { (1...1_000).contains($0) })
        // 1 / H(1000, 1.1) is 0.18.
        #expect((600...850).contains(hot.count { $0 == 1 }), "\(hot.count { $0 == 1 })")
        #expect(Set(all.map { $0[10] }) == ["buy", "sell"])
    }

    @Test func aValueThatDoesNotFitStopsTheSource() throws {
        let spec = ConnectorSpec(name: "g", kind: "generator", options: [SpecOption("fields.n", "sequence(100)")], columns: [.init("n", .tinyInt)])
        let runner = try ConnectorRegistry().makeSource(spec, ConnectorContext())
        runner.attach(SourceTarget(position: "") { (_, _) throws(LeibrixError) in } end: { () throws(LeibrixError) in })
        #expect(runner.step() == .done)
        #expect(runner.statistics.lastError?.message == "row 29 of the generator does not fit column \"n\" of type TINYINT")
    }
}
