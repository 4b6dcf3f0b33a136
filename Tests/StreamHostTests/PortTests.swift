internal import Base
internal import CAllocations
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Foundation
internal import Platform
internal import StreamEngine
@testable internal import StreamHost
internal import Synchronization
internal import Testing

/// Single rows in by ports, out by listeners, all on one thread.
@Suite struct PortTests {
    /// A host that keeps nothing, with a source of numbers.
    private func host(_ queries: [(String, String)], kind: StreamObject.Kind = .stream, directory: String? = nil) throws -> StreamHost {
        let store = try SQLiteControlStore(directory: directory ?? NSTemporaryDirectory() + "lbx-port-\(UUID().uuidString)")
        var configuration = StreamHostConfiguration(directory: directory.map { $0 + "/streams" })
        configuration.keepsLog = false
        let host = try StreamHost(configuration, store: store, database: try Database(DatabaseConfiguration(threads: 1)))
        try host.create(numbers())
        for (name, query) in queries { try host.create(object(kind, name, query)) }
        return host
    }

    private func numbers() -> StreamObject {
        var source = object(.source, "numbers")
        source.columns = [.init("k", .bigInt), .init("v", .integer), .init("price", .double), .init("name", .varchar)]
        return source
    }

    private final class Seen: Sendable {
        let rows = Atomic<Int>(0)
        let sum = Atomic<Int>(0)
        func add(_ rows: Int, _ sum: Int) {
            self.rows.add(rows, ordering: .relaxed)
            self.sum.add(sum, ordering: .relaxed)
        }
        var count: Int { rows.load(ordering: .relaxed) }
        var total: Int { sum.load(ordering: .relaxed) }
    }

    static let queries = [
        ("filter and project", "SELECT k, v + 1 AS w, name FROM numbers WHERE v > 5"),
        ("running group", "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k"),
        ("changes", "SELECT k % 7 AS g, max(v) AS top FROM numbers GROUP BY g"),
    ]

    @Test(arguments: queries.indices)
    func allocatesNothing(_ index: Int) throws {
        let host = try host([("out", Self.queries[index].1)])
        let seen = Seen()
        let listener = try host.listen("out") { rows in
            var row = 0
            while row < rows.count {
                seen.add(1, Int(rows.integer(0, row)))
                row += 1
            }
        }
        let port = try host.port("numbers")
        let push = { (count: Int) throws in
            var number = 0
            while number < count {
                _ = try port.push { row in
                    row.set(0, Int64(number % 100))
                    row.set(1, Int64(number % 50))
                    row.set(2, 0.5)
                }
                number += 1
            }
        }
        // Until pages are filled again.
        try push(StreamHostLimits.retainedRowsMax + 20_000)
        let before = seen.count
        lbx_count_allocations()
        try push(4_000)
        let allocations = lbx_counted_allocations()
        // None a row. Turning to the next page of 1,024 rows costs one where the arrays' code is not specialized, as here.
        #expect(allocations <= 4_000 / StreamHostLimits.pageRows + 1, "\(Self.queries[index].0): \(allocations) allocations in 4,000 pushes")
        #expect(seen.count - before > 3_000)
        listener.cancel()
        try push(100)
        #expect(seen.count - before <= 4_000)
        host.close()
    }

    /// All types and NULLs, as a listener sees them and as a subscription has them.
    @Test func rowsKeepTheirTypes() throws {
        let fixture = try HostFixture()
        let host = try fixture.open()
        try host.create(trades())
        try host.create(object(.stream, "all_of_them", "SELECT sym, price, qty, ts, paid, CAST(qty AS SMALLINT) AS small, price > 2 AS dear, CAST(price AS REAL) AS single FROM trades"))
        let heard = Mutex<[[Value]]>([])
        let listener = try host.listen("all_of_them") { rows in
            let batch = rows.batch
            heard.withLock { $0 += (0..<batch.rowCount).map { row in batch.columns.map { $0.value(at: row) } } }
        }
        let subscription = try host.subscribe("all_of_them")
        let long = String(repeating: "long name ", count: 5)
        try host.push(trades: [trade("A", 1.5, 1), trade(long, nil, 2), trade("é", 3.25, 3)])
        try host.push(trades: [trade(long + "2", 4, 4)])
        let expected: [[Value]] = [
            ["A", .double(1.5), 1, .timestamp(1_000_000), .decimal(150, width: 10, scale: 2), 1, .boolean(false), .real(1.5)],
            [.string(long), .null, 1, .timestamp(2_000_000), .decimal(0, width: 10, scale: 2), 1, .null, .null],
            ["é", .double(3.25), 1, .timestamp(3_000_000), .decimal(325, width: 10, scale: 2), 1, .boolean(true), .real(3.25)],
            [.string(long + "2"), .double(4), 1, .timestamp(4_000_000), .decimal(400, width: 10, scale: 2), 1, .boolean(true), .real(4)],
        ]
        #expect(heard.withLock { $0 } == expected)
        let subscribed = try rows(subscription)
        #expect(subscribed.map { Array($0.dropLast(2)) } == expected)
        #expect(subscribed.map { $0[8] } == [1, 1, 1, 2] && subscribed.allSatisfy { $0[9] == 1 })
        listener.cancel()
        host.close()
    }

    /// A port in a host with a log: the row is as a batch's.
    @Test func portsWriteTheLog() throws {
        let fixture = try HostFixture()
        var host = try fixture.open()
        try host.create(trades())
        try host.create(object(.view, "counts", "SELECT sym, count(*) AS n, sum(price) AS total FROM trades GROUP BY sym"))
        let port = try host.port("trades")
        for number in 0..<5 {
            try port.push { row in
                row.set(0, "a symbol that is long")
                row.set(1, Double(number))
                row.set(3, Int64(number) * 1_000_000)
            }
        }
        host.abandon()
        host = try fixture.open()
        let view = try #require(host.state.withLock { $0.views["counts"] })
        #expect(view.allRows == [["a symbol that is long", 5, .double(10)]])
        host.close()
    }

    /// Four threads push, the listener pushes too: every row once, calls one at a time, rows of each thread in their order.
    @Test func listenersAreCalledInOrder() throws {
        let host = try host([("out", "SELECT k, v FROM numbers WHERE v >= 0"), ("echo", "SELECT k, v FROM numbers WHERE v < 0")])
        let port = try host.port("numbers")
        let state = Mutex<(last: [Int64: Int64], epochs: Int64, isBusy: Bool, rows: Int)>(([:], 0, false, 0))
        let echoes = Seen()
        let other = try host.listen("echo") { rows in echoes.add(rows.count, 0) }
        let listener = try host.listen("out") { rows in
            state.withLock { state in
                #expect(!state.isBusy)
                state.isBusy = true
            }
            for row in 0..<rows.count {
                let (key, value, epoch) = (rows.integer(0, row), rows.integer(1, row), rows.epoch(row))
                state.withLock { state in
                    if state.last[key, default: -1] != value - 1 || epoch <= state.epochs { Issue.record("row \(value) of \(key) after \(state.last[key] ?? -1)") }
                    state.last[key] = value
                    state.epochs = epoch
                    state.rows += 1
                }
                if value % 10 == 0 {
                    _ = try? port.push { row in
                        row.set(0, key)
                        row.set(1, Int64(-1))
                    }
                }
            }
            state.withLock { $0.isBusy = false }
        }
        let bells = (0..<4).map { _ in Doorbell() }
        for (thread, bell) in bells.enumerated() {
            Thread.detachNewThread {
                for number in 0..<2_000 {
                    _ = try? port.push { row in
                        row.set(0, Int64(thread))
                        row.set(1, Int64(number))
                    }
                }
                bell.ring()
            }
        }
        for bell in bells { bell.wait() }
        #expect(state.withLock { $0.rows } == 8_000)
        #expect(echoes.count == 800)
        other.cancel()
        listener.cancel()
        host.close()
    }

    /// Checkpoints meanwhile; a dropped source; the name again.
    @Test func portsFollowTheirSource() throws {
        let directory = NSTemporaryDirectory() + "lbx-port-\(UUID().uuidString)"
        defer { try? Files.removeTree(directory) }
        let host = try host([("out", Self.queries[1].1)], directory: directory)
        let port = try host.port("numbers")
        for round in 1...3 {
            for number in 0..<100 { try port.push { $0.set(0, Int64(number)) } }
            #expect(try host.checkpoint() == round)
        }
        try host.drop("numbers", .source, cascade: true)
        #expect(throws: LeibrixError.self) { try port.push { $0.set(0, Int64(1)) } }
        try host.create(numbers())
        try host.create(object(.stream, "again", "SELECT k FROM numbers"))
        let subscription = try host.subscribe("again")
        try port.push { $0.set(0, Int64(7)) }
        #expect(try rows(subscription).map { $0[0] } == [7])
        host.close()
    }

    /// Readers that are behind, and those of rows that are gone.
    @Test func keepsWhatItPromises() throws {
        let host = try host([("out", "SELECT k, name FROM numbers")])
        let port = try host.port("numbers")
        let slow = try host.subscribe("out")
        let count = StreamHostLimits.retainedRowsMax
        for number in 0..<count {
            try port.push { row in
                row.set(0, Int64(number))
                row.set(3, number % 2 == 0 ? "short" : "a text of more than twelve bytes \(number)")
            }
        }
        let all = try rows(slow)
        #expect(all.count == count)
        #expect(all[count - 1][1] == .string("a text of more than twelve bytes \(count - 1)"))
        #expect(all.map { $0[2] } == (1...count).map { .integer(Int64($0)) })
        let behind = try host.subscribe("out")
        let batch = try #require(try host.subscribe("out", after: 0).poll())
        for number in 0..<count + 5_000 { try port.push { $0.set(0, Int64(number)) } }
        #expect(throws: LeibrixError.self) { try rows(behind) }
        // What somebody has stays as it was.
        #expect(batch.columns[0].value(at: 3) == 3 && batch.columns[1].value(at: 3) == "a text of more than twelve bytes 3")
        #expect(throws: LeibrixError.self) { try host.subscribe("out", after: 5) }
        #expect(try rows(try host.subscribe("out", after: Int64(2 * count))).count == 5_000)
        host.close()
    }
}
