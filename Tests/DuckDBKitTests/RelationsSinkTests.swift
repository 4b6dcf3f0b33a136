import Base
import Columnar
import DuckDBKit
import Synchronization
import Testing

/// Rows of a query handed over in parallel.
@Suite struct RelationsSinkTests {
    /// Sums an integer column; counts what happened to its lanes; fails at a row number when told to.
    final class SummingSink: RowSink {
        let sum = Atomic<Int64>(0)
        let rows = Atomic<Int>(0)
        let opened = Atomic<Int>(0)
        let finished = Atomic<Int>(0)
        let abandoned = Atomic<Int>(0)
        let failAfter: Int

        init(failAfter: Int = .max) { self.failAfter = failAfter }

        func makeLane() throws(LeibrixError) -> Lane {
            opened.add(1, ordering: .relaxed)
            return Lane(self)
        }

        final class Lane: RowSinkLane {
            let sink: SummingSink
            var sum: Int64 = 0

            init(_ sink: SummingSink) { self.sink = sink }

            func consume(_ batch: Batch) throws(LeibrixError) {
                if sink.rows.add(batch.rowCount, ordering: .relaxed).newValue > sink.failAfter {
                    throw LeibrixError(.diskFull, "no space", hint: "Make some.")
                }
                for row in 0..<batch.rowCount {
                    if case .integer(let value) = batch.value(row: row, column: 0) { sum += value }
                }
            }

            func finish() throws(LeibrixError) {
                sink.sum.add(sum, ordering: .relaxed)
                sink.finished.add(1, ordering: .relaxed)
            }

            func abandon() { sink.abandoned.add(1, ordering: .relaxed) }
        }
    }

    @Test func everyRowArrivesOnce() throws {
        let connection = try Database(.init(threads: 4)).connect()
        let sink = SummingSink()
        let rows = try connection.copy("SELECT i, 'x' || i AS s FROM range(1000000) r(i) WHERE i % 3 <> 0 -- comment", into: sink)
        #expect(rows == 666_666)
        #expect(sink.rows.load(ordering: .relaxed) == rows)
        let expected: Int64 = (0..<1_000_000).reduce(into: 0) { sum, i in if i % 3 != 0 { sum += Int64(i) } }
        #expect(sink.sum.load(ordering: .relaxed) == expected)
        #expect(sink.finished.load(ordering: .relaxed) == sink.opened.load(ordering: .relaxed))
        #expect(sink.abandoned.load(ordering: .relaxed) == 0)
    }

    @Test func nestedBatchesAreFlat() throws {
        let connection = try Database(.init(threads: 2)).connect()
        let collected = Collector()
        try connection.copy(
            "SELECT i, [i, i + 1] AS l, {'a': i, 'b': 'text' || i} AS s, CASE WHEN i % 2 = 0 THEN ['p' || i] END AS n FROM range(5) r(i)",
            into: collected)
        let rows = collected.rows.withLock { $0 }.sorted { first, second in
            guard case .integer(let a) = first[0], case .integer(let b) = second[0] else { return false }
            return a < b
        }
        #expect(rows.count == 5)
        #expect(rows[2] == [2, .list([2, 3]), .structure([.init("a", 2), .init("b", "text2")]), .list(["p2"])])
        #expect(rows[3][3] == .null)
    }

    final class Collector: RowSink {
        let rows = Mutex<[[Value]]>([])
        func makeLane() -> Lane { Lane(self) }
        final class Lane: RowSinkLane {
            let collector: Collector
            init(_ collector: Collector) { self.collector = collector }
            func consume(_ batch: Batch) {
                let rows = (0..<batch.rowCount).map { batch.row($0) }
                collector.rows.withLock { $0 += rows }
            }
            func finish() {}
            func abandon() {}
        }
    }

    @Test func aFailingSinkEndsTheStatementWithItsOwnError() throws {
        let connection = try Database(.init(threads: 2)).connect()
        let sink = SummingSink(failAfter: 50_000)
        let failure = #expect(throws: LeibrixError.self) {
            try connection.copy("SELECT i FROM range(10000000) r(i)", into: sink)
        }
        #expect(failure == LeibrixError(.diskFull, "no space", hint: "Make some."))
        let settled = sink.finished.load(ordering: .relaxed) + sink.abandoned.load(ordering: .relaxed)
        #expect(settled == sink.opened.load(ordering: .relaxed))
        #expect(sink.abandoned.load(ordering: .relaxed) > 0)
        #expect(try connection.rows("SELECT 1") == [[1]])
    }

    @Test func aFailingQueryAbandonsTheLanes() throws {
        let connection = try Database(.init(threads: 2)).connect()
        let sink = SummingSink()
        #expect(throws: LeibrixError.self) {
            try connection.copy("SELECT CASE WHEN i = 900000 THEN error('x')::BIGINT ELSE i END FROM range(1000000) r(i)", into: sink)
        }
        let settled = sink.finished.load(ordering: .relaxed) + sink.abandoned.load(ordering: .relaxed)
        #expect(settled == sink.opened.load(ordering: .relaxed))
    }
}
