import Base
import Catalog
import Columnar
import Platform
import Testing

@testable import TableEngine

@Suite struct RecoveryTests {
    private func row(_ id: Int64, _ n: Int64, _ s: String) -> [Value] { [.integer(id), .integer(n), .string(s)] }

    @Test(arguments: [false, true]) func commitsSurviveACrash(withCheckpoint: Bool) async throws {
        var bench = try await DurableBench(seed: 1)
        let table = try await bench.createTable("t")
        try await bench.run { _ = try $0.insert(table, rows: [row(1, 10, "one"), row(2, 20, "a text longer than twelve bytes"), row(3, 30, "")]) }
        let lost = try bench.begin()
        _ = try lost.insert(table, rows: [row(9, 9, "never committed")])
        if withCheckpoint { try await bench.checkpoint() }
        try await bench.run { transaction in
            let two = try #require(try DurableBench.find(table, 2, transaction))
            #expect(try transaction.update(table, [two], columns: [1, 2], values: [[.null, .string("zwei")]]) == .done)
            let three = try #require(try DurableBench.find(table, 3, transaction))
            #expect(try transaction.delete(table, [three]) == .done)
        }
        lost.rollback()
        try await bench.crash()
        #expect(try bench.rows(table) == [1: row(1, 10, "one"), 2: [.integer(2), .null, .string("zwei")]])
        #expect(bench.engine.catalog.table(schema: "public", name: "t")?.id == table)
        #expect(bench.engine.makeID() > table)
        // And again, with what the second process wrote on top of what it replayed.
        try await bench.run { transaction in
            let two = try #require(try DurableBench.find(table, 2, transaction))
            #expect(try transaction.update(table, [two], columns: [1], values: [[.integer(22)]]) == .done)
            _ = try transaction.insert(table, rows: [row(4, 40, "vier")])
        }
        try await bench.crash()
        #expect(try bench.rows(table) == [1: row(1, 10, "one"), 2: row(2, 22, "zwei"), 4: row(4, 40, "vier")])
        try await bench.close()
    }

    @Test func everyTypeComesBack() async throws {
        var bench = try await DurableBench(seed: 2)
        let columns: [(String, DataType)] = [
            ("id", .bigInt), ("b", .boolean), ("i1", .tinyInt), ("u2", .unsignedSmallInt), ("h", .hugeInt), ("f", .real), ("d", .double),
            ("m", .decimal(width: 20, scale: 3)), ("x", .blob), ("day", .date), ("ts", .timestampTZ), ("iv", .interval), ("id2", .uuid),
            ("e", .enumeration(["red", "blue"])), ("l", .list(.varchar)), ("a", .array(.integer, size: 2)),
            ("r", .structure([.init("k", .varchar), .init("v", .list(.integer))])), ("mp", .map(key: .varchar, value: .integer)), ("j", .json),
        ]
        let table = try await bench.createTable("types", columns)
        let full: [Value] = [
            .integer(1), true, .integer(-7), .unsigned(65_000), .hugeInt(-1 << 100), .real(1.5), .double(-2.25),
            .decimal(12_345_678_901_234_567, width: 20, scale: 3), .blob([0, 255, 7]), .date(-3), .timestampTZ(99), .interval(months: 1, days: -2, micros: 3),
            .uuid(12), "blue", .list(["a", .null, "a much longer text than that"]), .list([.integer(1), .null]),
            .structure([.init("k", "x"), .init("v", .list([.integer(5), .integer(6)]))]), .map([.init("key", .integer(3))]), "{\"a\":1}",
        ]
        let empty: [Value] = [.integer(2)] + Array(repeating: .null, count: columns.count - 1)
        let third: [Value] = [.integer(3)] + Array(full.dropFirst())
        try await bench.run { _ = try $0.insert(table, rows: [full, empty]) }
        try await bench.crash()
        #expect(try bench.rows(table) == [1: full, 2: empty])
        try await bench.checkpoint()
        try await bench.run { _ = try $0.insert(table, rows: [third]) }
        try await bench.crash()
        #expect(try bench.rows(table) == [1: full, 2: empty, 3: third])
        try await bench.close()
    }

    @Test func definitionsAndSequencesSurvive() async throws {
        var bench = try await DurableBench(seed: 3)
        let table = try await bench.createTable("t")
        let other = try await bench.createTable("gone")
        let sequence = bench.engine.makeID()
        try await bench.run { transaction in
            _ = try transaction.put(SequenceDefinition(id: sequence, schema: "public", name: "s", owner: "admin"))
        }
        let late = try bench.begin()
        #expect(try late.nextValue(sequence) == 1)
        try await bench.run { transaction in
            let answer = try transaction.nextValue(sequence)
            #expect(answer == 2)
        }
        try await late.commit()
        try await bench.run { transaction in
            _ = try transaction.insert(table, rows: [row(1, 1, "before"), row(2, 2, "before")])
            #expect(try transaction.truncate(table) == .done)
            _ = try transaction.insert(table, rows: [row(7, 7, "after")])
            #expect(try transaction.drop(other) == .done)
        }
        try await bench.crash()
        #expect(try bench.rows(table) == [7: row(7, 7, "after")])
        #expect(bench.engine.catalog.table(other) == nil)
        try await bench.run { transaction in
            let answer = try transaction.nextValue(sequence)
            #expect(answer == 3)
        }
        try await bench.run { try $0.setValue(sequence, 100, isCalled: true) }
        try await bench.checkpoint()
        try await bench.crash()
        try await bench.run { transaction in
            let answer = try transaction.nextValue(sequence)
            #expect(answer == 101)
        }
        try await bench.run { try $0.setValue(sequence, 5, isCalled: false) }
        try await bench.crash()
        try await bench.run { transaction in
            let answer = try transaction.nextValue(sequence)
            #expect(answer == 5)
        }
        try await bench.close()
    }

    @Test func checkpointsCostWhatChanged() async throws {
        var bench = try await DurableBench(seed: 4)
        let table = try await bench.createTable("t")
        for start in stride(from: Int64(0), to: 6_000, by: 1_000) {
            try await bench.run { _ = try $0.insert(table, rows: (start..<start + 1_000).map { row($0, $0, "row \($0)") }) }
        }
        try await bench.checkpoint()
        let first = try bench.disk.files(in: "/data/tables")
        #expect(first.count == 4)
        try await bench.run { transaction in
            let rows = try (0..<50).map { try #require(try DurableBench.find(table, $0, transaction)) }
            #expect(try transaction.delete(table, rows) == .done)
        }
        try await bench.checkpoint()
        // Deleting changes no row group's file; the last one, which had no new rows either, stays, too.
        #expect(try bench.disk.files(in: "/data/tables") == first)
        try await bench.run { _ = try $0.insert(table, rows: [row(10_000, 0, "new")]) }
        try await bench.checkpoint()
        let last = try bench.disk.files(in: "/data/tables")
        #expect(Set(last).subtracting(first).count == 1)
        try await bench.crash()
        let rows = try bench.rows(table)
        #expect(rows.count == 5_951)
        #expect(rows[50] == row(50, 50, "row 50"))
        #expect(rows[49] == nil)
        try await bench.close()
    }

    @Test func aFailedDiskRefusesCommitsAndAnswersReads() async throws {
        var bench = try await DurableBench(seed: 5)
        let table = try await bench.createTable("t")
        try await bench.run { _ = try $0.insert(table, rows: [row(1, 1, "kept")]) }
        var faults = SimulatedFaults()
        faults.syncErrorChance = 1
        bench.disk.setFaults(faults)
        let error = await #expect(throws: LeibrixError.self) { try await bench.run { _ = try $0.insert(table, rows: [row(2, 2, "lost")]) } }
        #expect(error?.code == .logFailed)
        bench.disk.setFaults(SimulatedFaults())
        #expect(try bench.rows(table) == [1: row(1, 1, "kept")])
        await #expect(throws: LeibrixError.self) { try await bench.run { _ = try $0.insert(table, rows: [row(3, 3, "refused")]) } }
        try await bench.crash()
        #expect(try bench.rows(table)[1] == row(1, 1, "kept"))
        #expect(try bench.rows(table)[3] == nil)
        try await bench.run { _ = try $0.insert(table, rows: [row(4, 4, "again")]) }
        try await bench.close()
    }

    @Test func aFullDiskRefusesAndGoesOn() async throws {
        var bench = try await DurableBench(seed: 6)
        let table = try await bench.createTable("t")
        var faults = SimulatedFaults()
        faults.capacityBytes = bench.disk.usedBytes
        bench.disk.setFaults(faults)
        var committed: Set<Int64> = []
        var refused: LeibrixError?
        for id in Int64(0)..<400 where refused == nil {
            do {
                try await bench.run { _ = try $0.insert(table, rows: [row(id, id, String(repeating: "x", count: 1_000))]) }
                committed.insert(id)
            } catch let error as LeibrixError {
                refused = error
            }
        }
        #expect(refused?.code == .diskFull)
        #expect(committed.count > 10)
        let during = try bench.rows(table)
        #expect(Set(during.keys) == committed)
        bench.disk.setFaults(SimulatedFaults())
        for attempt in 0..<100 {
            guard (try? await bench.run({ _ = try $0.insert(table, rows: [row(1_000, 1, "room")]) })) == nil else { break }
            try #require(attempt < 99)
            try await Task.sleep(for: .milliseconds(20))
        }
        committed.insert(1_000)
        try await bench.crash()
        let after = try bench.rows(table)
        #expect(Set(after.keys) == committed)
        try await bench.close()
    }

    @Test func aCheckpointWithoutRoomLeavesNothingBehind() async throws {
        var bench = try await DurableBench(seed: 8)
        let table = try await bench.createTable("t")
        try await bench.checkpoint()
        for start in stride(from: Int64(0), to: 6_000, by: 1_000) {
            try await bench.run { _ = try $0.insert(table, rows: (start..<start + 1_000).map { row($0, $0, "row \($0) of many") }) }
        }
        let before = try bench.disk.files(in: "/data/tables")
        var faults = SimulatedFaults()
        faults.capacityBytes = bench.disk.usedBytes + 40_000
        bench.disk.setFaults(faults)
        let error = await #expect(throws: LeibrixError.self) { try await bench.checkpoint() }
        #expect(error?.code == .diskFull)
        #expect(try bench.disk.files(in: "/data/tables") == before)
        bench.disk.setFaults(SimulatedFaults())
        try await bench.checkpoint()
        try await bench.crash()
        let rows = try bench.rows(table)
        #expect(rows.count == 6_000)
        try await bench.close()
    }

    @Test func damageIsRefusedAndNotServed() async throws {
        let bench = try await DurableBench(seed: 7)
        let table = try await bench.createTable("t")
        try await bench.run { _ = try $0.insert(table, rows: [row(1, 1, "x")]) }
        try await bench.checkpoint()
        try await bench.close()
        for name in try bench.disk.files(in: "/data/tables") {
            bench.disk.flip("/data/tables/\(name)", byte: 30)
            let error = await #expect(throws: LeibrixError.self) { try await DurableBench.open(bench.disk) }
            #expect(error?.code == .corruptSegment, "\(name)")
            bench.disk.flip("/data/tables/\(name)", byte: 30)
        }
        let again = try await DurableBench.open(bench.disk)
        let second = await #expect(throws: LeibrixError.self) { try await DurableBench.open(bench.disk) }
        #expect(second?.code == .directoryLocked)
        withExtendedLifetime(again) {}
    }
}
