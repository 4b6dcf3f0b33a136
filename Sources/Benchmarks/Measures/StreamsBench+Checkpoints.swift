internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import Leibrix
internal import Platform
internal import Synchronization

extension StreamsBench {
    private static let closing = "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k EMIT FINAL"

    /// Checkpoints one after another, on a thread of their own.
    private final class Checkpointer: Sendable {
        private let isStopped = Atomic<Bool>(false)
        private let count = Atomic<Int>(0)
        private let end = Doorbell()

        init(_ run: StreamRun) {
            let db = run.db
            Thread.detachNewThread { [self] in
                while !isStopped.load(ordering: .acquiring) {
                    guard (try? Waiting.run { try await db.checkpoint() }) != nil else { break }
                    count.add(1, ordering: .relaxed)
                }
                end.ring()
            }
        }

        /// How many there were.
        func stop() -> Int {
            isStopped.store(true, ordering: .releasing)
            _ = end.wait()
            return count.load(ordering: .relaxed)
        }
    }

    /// Rows a second for some seconds, and the longest push.
    private static func push(_ data: StreamData, _ run: StreamRun, seconds: Double) throws -> (rate: Double, longest: Double) {
        let clock = Clock.system
        let start = clock.monotonicNanos()
        let end = start &+ UInt64(seconds * 1e9)
        var (rows, longest, now) = (0, UInt64(0), start)
        while now < end {
            let batch = data.batches[rows / 1_024 % data.batches.count]
            try run.port.push(batch)
            rows += 1_024
            let then = clock.monotonicNanos()
            longest = max(longest, then &- now)
            now = then
        }
        return (Double(rows) / (Double(now &- start) / 1e9), Double(longest) / 1e6)
    }

    /// Rows while checkpoints of a million keys are written one after another, beside rows without.
    static func checkpoints(_ context: BenchContext, _ folder: String) throws -> [BenchFigure] {
        context.progress("checkpoints")
        let keys = max(10_000, Int(1_000_000 * context.scale))
        let data = try StreamData(context, rows: max(20_000, Int(4_000_000 * context.scale)), keys: keys, windows: 1, folder: folder)
        let run = try StreamRun("\(StreamRun.source); CREATE STREAM out AS \(closing)")
        defer { run.close() }
        for batch in data.batches { try run.port.push(batch) }
        let seconds = context.scale < 0.1 ? 0.2 : 4
        let calm = try push(data, run, seconds: seconds)
        let checkpointer = Checkpointer(run)
        let busy = try push(data, run, seconds: seconds)
        let count = checkpointer.stop()
        let label = "\(BenchReport.short(Double(keys))) keys"
        return [
            BenchFigure("rows while checkpoints of \(label) are written", unit: "rows/s", ours: busy.rate, peer: calm.rate, peerName: "without", atLeast: 0.9),
            BenchFigure("longest push of 1,024 rows meanwhile", unit: "ms", ours: busy.longest, atMost: 10),
            BenchFigure("longest push of 1,024 rows without checkpoints", unit: "ms", ours: calm.longest),
            BenchFigure("checkpoints written meanwhile", unit: "", ours: Double(count)),
            try recovery(data, folder, label),
        ]
    }

    /// A database with a checkpoint of all keys is opened again: the whole of it, beside an empty one.
    private static func recovery(_ data: StreamData, _ folder: String, _ label: String) throws -> BenchFigure {
        let place = "\(folder)/recovery"
        let run = try StreamRun("\(StreamRun.source); CREATE STREAM out AS \(closing)", folder: place)
        for batch in Self.joined(data) { try run.port.push(batch) }
        try run.checkpoint()
        run.close()
        try StreamRun(StreamRun.source, folder: folder + "/empty").close()
        func open(_ folder: String) throws -> Double {
            var opened: StreamRun?
            let seconds = try Timing.seconds { opened = try StreamRun("", folder: folder) }.seconds
            opened?.close()
            return seconds
        }
        let (full, empty) = (try open(place), try open(folder + "/empty"))
        return BenchFigure("opening a database with \(label) of streams' state, less an empty one", unit: "s", ours: max(0, full - empty), atMost: 1)
    }

    /// The rows in batches of a hundred times the size: each push waits for the disk.
    private static func joined(_ data: StreamData) -> [Batch] {
        guard let all = try? data.connection.rows("SELECT k, v, epoch_us(ts) FROM numbers") else { return data.batches }
        let fields: [DataType.Field] = [.init("k", .bigInt), .init("v", .bigInt), .init("ts", .timestamp)]
        return stride(from: 0, to: all.count, by: 100_000).map { first in
            Batch.rows(
                all[first..<min(first + 100_000, all.count)].map { row in
                    guard case .integer(let micros) = row[2] else { return row }
                    return [row[0], row[1], .timestamp(micros)]
                }, fields)
        }
    }

    /// What the log costs a row: the same rows into a stream of a database that keeps them, in large batches, less the time without a log.
    static func capture(_ context: BenchContext, _ folder: String) throws -> [BenchFigure] {
        context.progress("the log")
        let data = try StreamData(context, rows: max(20_000, Int(2_000_000 * context.scale)), keys: 1_000, windows: 1, folder: folder)
        let large = joined(data)
        func seconds(_ folder: String?) throws -> Double {
            let run = try StreamRun("\(StreamRun.source); CREATE STREAM out AS \(closing)", folder: folder)
            defer { run.close() }
            return try Timing.seconds { for batch in large { try run.port.push(batch) } }.seconds
        }
        var (kept, free) = (Double.infinity, Double.infinity)
        for round in 0..<max(context.rounds, 1) {
            kept = min(kept, try seconds("\(folder)/log-\(round)"))
            free = min(free, try seconds(nil))
        }
        let rows = Double(data.rows)
        return [
            BenchFigure("the log's part of a row, written and synced, batches of 100,000", unit: "ns", ours: max(0, (kept - free) / rows * 1e9), atMost: 10),
            BenchFigure("rows with a log, batches of 100,000", unit: "rows/s", ours: rows / kept, peer: rows / free, peerName: "without"),
        ]
    }
}
