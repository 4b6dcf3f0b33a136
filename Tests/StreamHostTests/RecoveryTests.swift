internal import Base
internal import Columnar
internal import Foundation
internal import StreamEngine
@testable internal import StreamHost
internal import Synchronization
internal import Testing

@Suite struct RecoveryTests {
    /// Rows of a host that is left without a word are there again: in state, in views, and for those who subscribe again.
    @Test(arguments: [false, true]) func goesOnWhereItWas(withCheckpoint: Bool) throws {
        let fixture = try HostFixture()
        var host = try fixture.open()
        try host.create(trades())
        try host.create(object(.stream, "averages", "SELECT sym, avg(price) AS price, count(*) AS n FROM trades GROUP BY sym, tumble(ts, INTERVAL '10 seconds')"))
        try host.create(object(.view, "counts", "SELECT sym, count(*) AS n, sum(paid) AS paid FROM trades GROUP BY sym"))
        let all = try host.subscribe("averages")
        try host.push(trades: [trade("A", 1, 1), trade("B", 10, 2)])
        if withCheckpoint { #expect(try host.checkpoint() == 1) }
        try host.push(trades: [trade("A", 3, 5), trade("A", 7, 12)])
        let before = try rows(all)
        #expect(Set(before.map { $0[0] }) == ["A", "B"])
        guard case .integer(let epoch)? = before.last?[3] else { return #expect(Bool(false)) }
        host.abandon()

        host = try fixture.open()
        #expect(host.objects.map(\.name) == ["trades", "averages", "counts"])
        let again = try host.subscribe("averages", after: epoch)
        #expect(try rows(again) == [])
        #expect(try rows(host.subscribe("averages", after: epoch - 1)) == before)
        try host.push(trades: [trade("A", 1, 31)])
        let rest = try rows(again)
        #expect(rest.map { Array($0.prefix(3)) } == [["A", .double(7), .integer(1)]])
        #expect(try rows(host.subscribe("averages", after: 0)) == before + rest)
        let view = try #require(host.state.withLock { $0.views["counts"] })
        #expect(view.allRows.map { Array($0.prefix(2)) }.sorted { "\($0)" < "\($1)" } == [["A", .integer(4)], ["B", .integer(1)]])
        host.close()
    }

    /// A stream that is made later sees nothing of what was before, after a restart too.
    @Test func objectsBeginAtTheirPlace() throws {
        let fixture = try HostFixture()
        var host = try fixture.open()
        try host.create(trades())
        try host.push(trades: [trade("A", 1, 1)])
        try host.create(object(.stream, "late", "SELECT sym, price FROM trades"))
        try host.push(trades: [trade("A", 2, 2)])
        host.abandon()
        host = try fixture.open()
        #expect(try rows(host.subscribe("late", after: 1)).map { $0[1] } == [.double(2)])
        // Its name again, for another query: nothing of the old one comes back.
        try host.drop("late", .stream, cascade: false)
        try host.create(object(.stream, "late", "SELECT sym, price * 2 AS price FROM trades"))
        try host.push(trades: [trade("A", 5, 3)])
        host.abandon()
        host = try fixture.open()
        #expect(try rows(host.subscribe("late", after: 2)).map { $0[1] } == [.double(10)])
        // Epoch 0 is the stream's beginning; an epoch of the older stream is not this one's.
        #expect(try rows(host.subscribe("late", after: 0)).map { $0[1] } == [.double(10)])
        #expect(throws: LeibrixError.self) { try host.subscribe("late", after: 1) }
        host.close()
    }

    /// A checkpoint settles what is in: never a record of which the engine has made a part.
    @Test func recordsAreWholeWhileCheckpointsAreMade() throws {
        let fixture = try HostFixture()
        var host = try fixture.open()
        try host.create(trades())
        try host.create(object(.view, "sums", "SELECT sym, count(*) AS n FROM trades GROUP BY sym"))
        let isOver = Atomic(false)
        let done = DispatchSemaphore(value: 0)
        let busy = host
        Thread.detachNewThread {
            while !isOver.load(ordering: .acquiring) { _ = try? busy.checkpoint() }
            done.signal()
        }
        // Each record is several batches, and makes several pages of rows.
        let batch = Batch.rows((0..<1_500).map { trade("S\($0)", 1, 1) }, trades().columns)
        for round in 1...12 {
            try host.push("trades", [batch, batch, batch, batch])
            #expect(host.counts("sums") == [Int64(4 * round)])
        }
        isOver.store(true, ordering: .releasing)
        done.wait()
        host.abandon()
        host = try fixture.open()
        #expect(host.counts("sums") == [48])
        host.close()
    }

    @Test func whatIsReadCannotBeDropped() throws {
        let fixture = try HostFixture()
        let host = try fixture.open()
        try host.create(trades())
        try host.create(object(.stream, "s", "SELECT sym FROM trades"))
        try host.create(object(.view, "v", "SELECT sym FROM s"))
        let error = #expect(throws: LeibrixError.self) { try host.drop("trades", .source, cascade: false) }
        #expect(error?.code == .streamInUse && error?.detail?.contains("stream s") == true)
        try host.drop("trades", .source, cascade: true)
        #expect(host.objects.isEmpty)
        host.close()
    }

    /// Damage of the newest checkpoint: the one before it and the log give the same.
    @Test func passesOverADamagedCheckpoint() throws {
        let fixture = try HostFixture()
        var host = try fixture.open()
        try host.create(trades())
        try host.create(object(.view, "counts", "SELECT sym, count(*) AS n FROM trades GROUP BY sym"))
        for second in 0..<5 {
            try host.push(trades: [trade("A", 1, Int64(second)), trade("B", 1, Int64(second))])
            if second > 0 { try host.checkpoint() }
        }
        host.abandon()
        try damage(fixture.directory + "/streams/host/4.rows")
        host = try fixture.open()
        let view = try #require(host.state.withLock { $0.views["counts"] })
        #expect(view.allRows.map { $0[1] } == [.integer(5), .integer(5)])
        host.close()
    }
}

extension StreamHost {
    /// The different numbers that a view of counts has.
    fileprivate func counts(_ view: String) -> Set<Int64> {
        let rows = state.withLock { $0.views[view] }?.allRows ?? []
        return Set(rows.map { row in if case .integer(let count) = row[1] { count } else { -1 } })
    }
}
