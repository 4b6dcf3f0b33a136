internal import Base
internal import Columnar
internal import Foundation
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Synchronization
internal import Testing

/// Small runs of what is measured, so that it never rots; `LEIBRIX_BENCH=1` makes them long. Nothing timed is asserted.
@Suite(.serialized) struct SpeedTests {
    private static let isLong = ProcessInfo.processInfo.environment["LEIBRIX_BENCH"] != nil

    private final class Count {
        var rows = 0
    }

    private func engine(_ sql: String, _ count: Count, cores: Int = 1) throws -> StreamEngine {
        let engine = StreamEngine(clock: .system, cores: cores)
        try engine.createSource(SourceDefinition("numbers", Harness.numbers, eventTime: .init("ts")))
        try engine.createStream("out", try Queries.tree(sql))
        _ = try engine.subscribe("out") { count.rows += $0.count }
        return engine
    }

    @Test(arguments: [
        "SELECT k, v + 1 AS w FROM numbers WHERE v > 5",
        "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k",
    ])
    func latency(_ sql: String) throws {
        let count = Count()
        let engine = try engine(sql, count)
        let source = try engine.source("numbers")
        let rows = Self.isLong ? 1_000_000 : 10_000
        var nanos: [UInt64] = []
        nanos.reserveCapacity(rows)
        for number in 0..<rows {
            let start = Clock.system.monotonicNanos()
            source.pushRow { row in
                row.set(0, Int64(number % 1_000))
                row.set(1, Int64(number % 100 + 6))
                row.set(2, Int64(number) * 1_000)
            }
            nanos.append(Clock.system.monotonicNanos() - start)
        }
        #expect(count.rows == rows)
        nanos.sort()
        print("push to callback: median \(nanos[rows / 2]) ns, p99 \(nanos[rows * 99 / 100]) ns, p99.9 \(nanos[rows * 999 / 1_000]) ns: \(sql)")
    }

    @Test(arguments: [1_000, 1_000_000])
    func throughput(_ keys: Int64) throws {
        let count = Count()
        let engine = try engine("SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, avg(v) AS mean FROM numbers GROUP BY k, w", count)
        let source = try engine.source("numbers")
        let batches = Self.isLong ? 4_000 : 10
        var generator = SeededGenerator(seed: 1)
        let made = (0..<min(batches, 200)).map { batch in
            Batch.rows(
                (0..<1_024).map { _ in [.integer(Int64(generator.next() % UInt64(keys))), .integer(Int64(generator.next() % 1_000)), .integer(Int64(batch) * 40_000)] },
                Harness.numbers)
        }
        let start = Clock.system.monotonicNanos()
        for batch in 0..<batches { try source.push(made[batch % made.count]) }
        let seconds = Double(Clock.system.monotonicNanos() - start) / 1e9
        engine.finish()
        #expect(count.rows > 0)
        print("tumble of \(keys) keys: \(Double(batches * 1_024) / seconds / 1e6) M rows/s")
    }

    /// One core and two over the same batches, the producer's work in it. The best of several runs each, in turn.
    @Test(arguments: [1_000, 1_000_000]) func severalCores(_ keys: Int64) throws {
        let sql = "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k"
        var generator = SeededGenerator(seed: 2)
        let batches = Self.isLong ? 2_000 : 10
        let made = (0..<min(batches, 200)).map { _ in
            Batch.rows((0..<1_024).map { _ in [.integer(Int64(generator.next() % UInt64(keys))), .integer(Int64(generator.next() % 1_000)), .integer(0)] }, Harness.numbers)
        }
        var best: [Int: Double] = [:]
        for _ in 0..<(Self.isLong ? 5 : 1) {
            for cores in 1...2 {
                let count = Count()
                let engine = try engine(sql, count, cores: cores)
                let source = try engine.source("numbers")
                for batch in made { try source.push(batch) }
                let start = Clock.system.monotonicNanos()
                for batch in 0..<batches { try source.push(made[batch % made.count]) }
                let seconds = Double(Clock.system.monotonicNanos() - start) / 1e9
                #expect(count.rows == (made.count + batches) * 1_024)
                best[cores] = max(best[cores] ?? 0, Double(batches * 1_024) / seconds / 1e6)
            }
        }
        print("running groups of \(keys) keys: \(best[1] ?? 0) M rows/s on one core, \(best[2] ?? 0) on two: \((best[2] ?? 0) / (best[1] ?? 1)) times")
    }

    /// Pushes of one batch each while a checkpoint of all keys is written, the longest of them, and the time to restore it.
    @Test func checkpointPause() throws {
        let count = Count()
        let sql = "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k"
        let engine = try engine(sql, count)
        let source = try engine.source("numbers")
        let keys = Self.isLong ? 1_000_000 : 20_000
        let fill = stride(from: 0, to: keys, by: 1_000).map { start in
            Batch.rows((start..<start + 1_000).map { [.integer(Int64($0)), 1, at(0)] }, Harness.numbers)
        }
        for batch in fill { try source.push(batch) }
        let folder = NSTemporaryDirectory() + "leibrix-pause-\(Random.integer(UInt64.self))"
        defer { try? Files.removeTree(folder) }
        let store = try CheckpointStore(directory: folder)
        let isDone = Atomic<Bool>(false)
        let end = Doorbell()
        Thread.detachNewThread {
            do { _ = try engine.checkpoint(store) } catch { Issue.record(error) }
            isDone.store(true, ordering: .releasing)
            end.ring()
        }
        var generator = SeededGenerator(seed: 3)
        var nanos: [UInt64] = []
        while !isDone.load(ordering: .acquiring) {
            let batch = fill[Int(generator.next() % UInt64(fill.count))]
            let start = Clock.system.monotonicNanos()
            try source.push(batch)
            nanos.append(Clock.system.monotonicNanos() - start)
        }
        _ = end.wait()
        // The same without a checkpoint: what the machine itself holds up.
        var calm: [UInt64] = []
        for _ in nanos {
            let batch = fill[Int(generator.next() % UInt64(fill.count))]
            let start = Clock.system.monotonicNanos()
            try source.push(batch)
            calm.append(Clock.system.monotonicNanos() - start)
        }
        calm.sort()
        nanos.sort()
        let other = try self.engine(sql, Count())
        let start = Clock.system.monotonicNanos()
        _ = try other.restore(store)
        let restored = Double(Clock.system.monotonicNanos() - start) / 1e6
        #expect(try other.source("numbers").offset > 0)
        print("checkpoint of \(keys) keys: \(nanos.count) pushes of 1,000 rows meanwhile, median \((nanos.isEmpty ? 0 : nanos[nanos.count / 2]) / 1_000) us, 99.9 of 100 within \((nanos.isEmpty ? 0 : nanos[nanos.count * 999 / 1_000]) / 1_000) us (without: \((calm.isEmpty ? 0 : calm[calm.count * 999 / 1_000]) / 1_000) us), longest \((nanos.last ?? 0) / 1_000) us (without: \((calm.last ?? 0) / 1_000) us); restored in \(Int(restored)) ms")
    }
}
