import Base
import Catalog
import Columnar
import DuckDBKit
import Platform
import Synchronization
import Testing
import WriteAheadLog

@testable import TableEngine

private enum Threads {
    static let pool = BlockingPool(name: "feeds", threads: 4)
}

private final class Flag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

/// A copy of a table that is kept by its changes alone; every change must fit what is there.
private struct Replica {
    var rows: [Int64: [Value]] = [:]

    mutating func load(_ feed: ChangeFeed) throws {
        let snapshot = try #require(feed.snapshot)
        rows = [:]
        try snapshot.scan(feed.tables[0]) { batch in
            for row in 0..<batch.rowCount { rows[Self.id(batch, row)] = Self.values(batch, row) }
        }
        snapshot.rollback()
    }

    static func id(_ batch: Batch, _ row: Int) -> Int64 {
        guard case .integer(let id) = batch.value(row: row, column: 0) else { return -1 }
        return id
    }

    static func values(_ batch: Batch, _ row: Int) -> [Value] { batch.columns.indices.map { batch.value(row: row, column: $0) } }

    mutating func apply(_ set: ChangeSet) {
        for change in set.changes {
            switch change {
            case .emptied: rows = [:]
            case .deleted(_, let batch):
                for row in 0..<batch.rowCount {
                    let old = rows.removeValue(forKey: Self.id(batch, row))
                    #expect(old == Self.values(batch, row), "what goes is what was there")
                }
            case .inserted(_, let batch):
                for row in 0..<batch.rowCount {
                    let old = rows.updateValue(Self.values(batch, row), forKey: Self.id(batch, row))
                    #expect(old == nil, "what comes was not there")
                }
            }
        }
    }
}

@Suite struct ChangeFeedTests {
    private func row(_ id: Int64, _ n: Int64) -> [Value] { [.integer(id), .integer(n), n % 5 == 0 ? .null : .string("value \(n) of \(id)")] }

    private func open(_ engine: TableEngine, _ table: TableID, from: ChangePosition? = nil) async throws -> ChangeFeed {
        try await Threads.pool.run { () throws(LeibrixError) in try engine.changes(of: [table], reader: "r", from: from) }
    }

    private func drain(_ feed: ChangeFeed, _ replica: Replica) async throws -> Replica {
        try await Threads.pool.run { () throws(LeibrixError) in
            var replica = replica
            while let set = try feed.next() { replica.apply(set) }
            return replica
        }
    }

    @Test func everyCommitOnceAcrossRestartsAndCrashes() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("change feed, seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var bench = try await DurableBench(seed: seed)
        let table = try await bench.createTable("t")
        let other = try await bench.createTable("u")
        try await bench.run { _ = try $0.insert(table, rows: (0..<3_000).map { row($0, $0) }) }
        var feed = try await open(bench.engine, table)
        var replica = Replica()
        try replica.load(feed)
        var next: Int64 = 3_000
        for round in 0..<40 {
            for _ in 0..<10 {
                let choice = random.next() % 10
                let ids = Array(try bench.rows(table).keys)
                try await bench.run { transaction in
                    switch choice {
                    case 0...3:
                        _ = try transaction.insert(table, rows: (0..<50).map { row(next + $0, Int64(random.next() % 100)) })
                        next += 50
                    case 4...6:
                        for _ in 0..<20 {
                            guard let id = ids.randomElement(using: &random), let at = try DurableBench.find(table, id, transaction) else { continue }
                            _ = try transaction.update(table, [at], columns: [1], values: [[.integer(Int64(random.next() % 100))]])
                            transaction.beginStatement()
                        }
                    case 7...8:
                        for id in Set((0..<200).compactMap { _ in ids.randomElement(using: &random) }) {
                            if let at = try DurableBench.find(table, id, transaction) { _ = try transaction.delete(table, [at]) }
                        }
                    default:
                        _ = try transaction.insert(other, rows: [row(next, 1)])
                        next += 1
                    }
                }
            }
            if round % 7 == 3 {
                _ = try await bench.run { try $0.truncate(table) }
            }
            if round % 3 == 0 { replica = try await drain(feed, replica) }
            if round % 5 == 4 { feed.acknowledge(feed.position) }
            if round % 4 == 1 { try await bench.checkpoint() }
            try await bench.maintain()
            if round % 6 == 5 {
                let position = feed.position
                try await bench.crash(kill: round % 12 == 5)
                feed = try await open(bench.engine, table, from: position)
            }
        }
        replica = try await drain(feed, replica)
        let rows = try bench.rows(table)
        #expect(replica.rows == rows)
        try await bench.close()
    }

    @Test func commitsUnderWayAtTheBeginningAreInTheSnapshotOrInTheFeed() async throws {
        let bench = try await DurableBench(seed: 5)
        let table = try await bench.createTable("t")
        let engine = bench.engine
        let stop = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in Int64(0)..<4 {
                group.addTask {
                    var id = writer * 1_000_000
                    while !stop.isSet {
                        let transaction = try engine.begin()
                        transaction.beginStatement()
                        _ = try transaction.insert(table, rows: [[.integer(id), .integer(id), .string("x")]])
                        if id % 3 == 1, let at = try DurableBench.find(table, id - 1, transaction) { _ = try transaction.delete(table, [at]) }
                        try await transaction.commit()
                        id += 1
                    }
                }
            }
            for _ in 0..<15 {
                let feed = try await open(engine, table)
                var replica = Replica()
                try replica.load(feed)
                try await Task.sleep(for: .milliseconds(5))
                replica = try await drain(feed, replica)
            }
            stop.set()
            try await group.waitForAll()
        }
        try await bench.close()
    }

    @Test func readersAreLostWhereTheyCannotGoOn() async throws {
        var bench = try await DurableBench(seed: 6)
        let table = try await bench.createTable("t")
        let feed = try await open(bench.engine, table)
        feed.snapshot?.rollback()
        let position = feed.position
        let definition = try #require(bench.engine.catalog.table(table))
        var wider = definition
        wider.columns.append(TableColumn(attributeNumber: 4, name: "more", type: .bigInt))
        _ = try await bench.run { try $0.rewriteTable(wider, columns: [.column(0), .column(1), .column(2), .value(.null)]) }
        let codes = try await Threads.pool.run { () throws(LeibrixError) in
            do throws(LeibrixError) {
                _ = try feed.next()
                return ErrorCode.internal
            } catch { return error.code }
        }
        #expect(codes == .changesLost)
        try await bench.crash()
        let engine = bench.engine
        await #expect(throws: LeibrixError.self) { _ = try await open(engine, table, from: position) }
        let again = try await open(engine, table)
        again.snapshot?.rollback()
        try await Threads.pool.run { () throws(LeibrixError) in try engine.dropReader("r") }
        #expect(engine.changeReaderNames.isEmpty)
        try await bench.crash()
        #expect(bench.engine.changeReaderNames.isEmpty)
        try await bench.close()
    }

    @Test func aReaderTooFarBehindHoldsNothingUp() async throws {
        var configuration = DurableBench.configuration(SimulatedDisk(seed: 7))
        configuration.changesBytesMax = 200_000
        let made = configuration
        let engine = try await Threads.pool.run { () throws(LeibrixError) in try TableEngine(made) }
        var bench = try await DurableBench(seed: 8)
        let spare = bench.engine
        bench.engine = engine
        let table = try await bench.createTable("t")
        let feed = try await open(engine, table)
        feed.snapshot?.rollback()
        for id in Int64(0)..<30 { try await bench.run { _ = try $0.insert(table, rows: (0..<300).map { row(id * 1_000 + $0, 1) }) } }
        try await bench.checkpoint()
        #expect(engine.changeReaderNames.first?.isLost == true)
        #expect(try #require(engine.durability).log.log.status.oldest.rawValue > 200_000)
        try await bench.close()
        try await Threads.pool.run { () throws(LeibrixError) in spare.close() }
    }

    @Test func enginesInMemoryHaveFeeds() async throws {
        let fixture = try Fixture()
        try fixture.run { _ = try fixture.insert(1, 10, $0) }
        let feed = try await open(fixture.engine, fixture.table)
        var replica = Replica()
        try replica.load(feed)
        #expect(replica.rows.count == 1)
        try fixture.run { _ = try fixture.update(1, n: 11, $0) }
        try fixture.run { _ = try fixture.insert(2, 20, $0) }
        try fixture.run { _ = try fixture.delete(1, $0) }
        var rows: [ChangeSet.Row] = []
        while let set = try feed.next() {
            rows += set.rows(of: fixture.table, key: [0])
            replica.apply(set)
        }
        let old: [Value] = [.integer(1), .integer(10), .string("x")]
        let new: [Value] = [.integer(1), .integer(11), .string("x")]
        #expect(rows == [.update(old: old, new: new), .insert([.integer(2), .integer(20), .string("x")]), .delete(new)])
        feed.acknowledge(feed.position)
        #expect(Array(replica.rows.keys) == [2])
    }
}

@Suite struct SinkEpochTests {
    @Test func epochsAreWhereTheirRowsAre() async throws {
        for seed in UInt64(1)...6 {
            var bench = try await DurableBench(seed: seed)
            let table = try await bench.createTable("t")
            var acknowledged: UInt64 = 0
            for epoch in UInt64(1)...40 {
                try await bench.run(waits: epoch % 3 != 0) {
                    _ = try $0.insert(table, rows: [[.integer(Int64(epoch)), .integer(1), .string("x")]])
                    try $0.setSinkEpoch("s", epoch)
                }
                if epoch % 3 != 0 { acknowledged = epoch }
                if epoch % 13 == 0 { try await bench.checkpoint() }
                if epoch == 20 + seed { break }
            }
            try await bench.crash()
            let epoch = try #require(bench.engine.sinkEpoch("s"))
            #expect(epoch >= acknowledged)
            let keys = Set(try bench.rows(table).keys)
            #expect(keys == Set(1...Int64(epoch)), "rows and epoch are of one moment")
            let late = try bench.begin()
            try late.setSinkEpoch("s", epoch)
            await #expect(throws: LeibrixError.self) { try await late.commit() }
            let undone = try bench.begin()
            let mark = undone.mark()
            try undone.setSinkEpoch("s", epoch + 5)
            undone.rollBack(to: mark)
            try await undone.commit()
            #expect(bench.engine.sinkEpoch("s") == epoch)
            try await bench.run { try $0.dropSinkEpoch("s") }
            #expect(bench.engine.sinkEpoch("s") == nil)
            try await bench.crash()
            #expect(bench.engine.sinkEpoch("s") == nil)
            try await bench.close()
        }
    }
}
