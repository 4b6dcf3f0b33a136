internal import Base
internal import Columnar
internal import Foundation
internal import Platform
internal import StreamEngine
internal import Synchronization
internal import Testing

/// Rows that come faster than they are worked on: they wait, go, or are refused, and of every one it is known which.
@Suite struct BackpressureTests {
    private static let rowsPushed = 2_000_000
    private static let batchRows = 1_000

    private final class Sum {
        var rows = 0
        var total: Int64 = 0
    }

    private static func batches() -> [Batch] {
        (0..<8).map { batch in Batch.rows((0..<batchRows).map { [.integer(Int64($0 % 17)), .integer(Int64(batch)), at(Int64($0))] }, Harness.numbers) }
    }

    private func engine(_ overflow: SourceDefinition.Buffer.Overflow, rowsMax: Int, _ sum: Sum) throws -> StreamEngine {
        let engine = StreamEngine()
        var definition = SourceDefinition("numbers", Harness.numbers)
        definition.buffer = .init(rowsMax: rowsMax, overflow: overflow)
        try engine.createSource(definition)
        try engine.createStream("out", try Queries.tree("SELECT k, v + 1 AS w FROM numbers WHERE v > 5"))
        _ = try engine.subscribe("out") { chunk in sum.rows += chunk.count }
        return engine
    }

    /// The law of the source, to the row.
    private func check(_ engine: StreamEngine, _ pushed: Int) -> SourceStatistics {
        let source = engine.sourceStatistics[0]
        #expect(source.isConserved && source.asOperator.isConserved, "\(source)")
        #expect(source.rowsIn + source.rejected == pushed, "\(source)")
        return source
    }

    /// Two producers and the engine's own thread.
    @Test(arguments: [SourceDefinition.Buffer.Overflow.block, .dropOldest, .reject])
    func accountsForEveryRow(_ overflow: SourceDefinition.Buffer.Overflow) throws {
        let sum = Sum()
        let engine = try engine(overflow, rowsMax: 20_000, sum)
        engine.startFeeding()
        let rejected = Atomic<Int>(0)
        let done = Doorbell()
        let left = Atomic<Int>(2)
        for producer in 0..<2 {
            let source = try engine.source("numbers")
            Thread.detachNewThread {
                let batches = Self.batches()
                for index in 0..<Self.rowsPushed / Self.batchRows / 2 {
                    do {
                        if overflow == .block {
                            try source.enqueue(batches[(index + producer) % batches.count])
                        } else {
                            _ = try source.offer(batches[(index + producer) % batches.count])
                        }
                        if source.pending > 21_000 { Issue.record("the buffer has \(source.pending) rows") }
                    } catch {
                        rejected.add(Self.batchRows, ordering: .relaxed)
                    }
                }
                if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.ring() }
            }
        }
        _ = done.wait()
        let before = check(engine, Self.rowsPushed)
        #expect(before.rejected == rejected.load(ordering: .relaxed))
        engine.stopFeeding()
        engine.finish()
        let after = check(engine, Self.rowsPushed)
        let first = engine.operators[0]
        #expect(after.pending == 0 && first.rowsIn == after.emitted && first.isConserved)
        #expect(after.dropped == 0 || overflow == .dropOldest)
        #expect(after.rejected == 0 || overflow == .reject)
        #expect(sum.rows == engine.operators[0].emitted)
    }

    /// Without anyone that works on them, to the row: the newest stay, no more are taken, the rest is refused.
    @Test func fillsToTheRow() throws {
        let sum = Sum()
        let rows = (0..<1_000).map { [Value.integer(Int64($0)), 9, at(0)] }
        for (overflow, expected) in [(SourceDefinition.Buffer.Overflow.block, 0), (.dropOldest, 1_150), (.reject, 0)] {
            let engine = try engine(overflow, rowsMax: 2_850, sum)
            let source = try engine.source("numbers")
            var taken = 0
            var refused = 0
            for _ in 0..<4 {
                do {
                    taken += try source.offer(Batch.rows(rows, Harness.numbers)) ? 1_000 : 0
                } catch {
                    #expect(error.code == .streamRejected)
                    refused += 1_000
                }
            }
            let statistics = engine.sourceStatistics[0]
            #expect(statistics.isConserved && statistics.dropped == expected)
            #expect(statistics.pending == taken - expected && taken == (overflow == .dropOldest ? 4_000 : 2_000))
            #expect(statistics.rejected == refused && refused == (overflow == .reject ? 2_000 : 0))
            #expect(source.isBackpressured == (overflow == .dropOldest))
            sum.rows = 0
            let first = engine.feed(rowsMax: 500)
            #expect(first == 500 && source.pending == taken - expected - 500)
            engine.feed()
            #expect(sum.rows == taken - expected && source.pending == 0)
        }
    }

    @Test func takesABatchLongerThanTheBuffer() throws {
        let sum = Sum()
        let rows = Batch.rows((0..<5_000).map { [.integer(Int64($0)), 9, at(0)] }, Harness.numbers)
        let blocking = try engine(.block, rowsMax: 100, sum)
        try blocking.source("numbers").enqueue(rows)
        try blocking.source("numbers").enqueue(rows)
        blocking.finish()
        #expect(sum.rows == 10_000)
        let dropping = try engine(.dropOldest, rowsMax: 100, sum)
        _ = try dropping.source("numbers").offer(rows)
        let statistics = dropping.sourceStatistics[0]
        #expect(statistics.pending == 100 && statistics.dropped == 4_900)
    }

    @Test func keepsTheOrderOfPushesAndOffers() throws {
        let engine = StreamEngine()
        var definition = SourceDefinition("numbers", Harness.numbers)
        definition.buffer = .init(rowsMax: 100)
        try engine.createSource(definition)
        try engine.createStream("out", try Queries.tree("SELECT k, v + 1 AS w FROM numbers WHERE v > 5"))
        let seen = Mutex<[Int64]>([])
        _ = try engine.subscribe("out") { chunk in for row in 0..<chunk.count { seen.withLock { $0.append(chunk.integer(0, row)) } } }
        let source = try engine.source("numbers")
        _ = try source.offer(Batch.rows([[1, 9, at(0)], [2, 9, at(0)]], Harness.numbers))
        try source.push(Batch.rows([[3, 9, at(0)]], Harness.numbers))
        _ = try source.offer(Batch.rows([[4, 9, at(0)]], Harness.numbers))
        source.pushRow { row in
            row.set(0, Int64(5))
            row.set(1, Int64(9))
        }
        let order = seen.withLock { $0 }
        #expect(order == [1, 2, 3, 4, 5])
    }

    @Test func refusesWhatDoesNotGoTogether() throws {
        let engine = StreamEngine()
        var changes = SourceDefinition("b", Harness.numbers, eventTime: .init("ts"))
        changes.isChanges = true
        var none = SourceDefinition("c", Harness.numbers)
        none.buffer = .init(rowsMax: 0)
        for definition in [changes, none] {
            let error = #expect(throws: LeibrixError.self) { try engine.createSource(definition) }
            #expect(error?.code == .streamConfiguration && error?.hint != nil || definition.name == "c")
        }
        try engine.createSource(SourceDefinition("d", Harness.numbers))
        let rows = Batch.rows([[1, 9, at(0)]], Harness.numbers)
        let source = try engine.source("d")
        #expect(throws: LeibrixError.self) { try source.offer(rows) }
        #expect(throws: LeibrixError.self) { try source.push(rows, weights: [1]) }
    }
}
