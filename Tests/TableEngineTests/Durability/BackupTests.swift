import Base
import Catalog
import Columnar
import Platform
import Testing
import WriteAheadLog

@testable import TableEngine

@Suite struct BackupTests {
    private let pool = BlockingPool(name: "backup", threads: 2)

    private func row(_ id: Int64, _ s: String = "v") -> [Value] { [.integer(id), .integer(id), .string(s)] }

    private func make(_ bench: DurableBench, _ target: String, base: String? = nil) async throws -> TableBackup.Summary {
        let disk = bench.disk
        return try await pool.run { () throws(LeibrixError) in
            try TableBackup.make(data: "/data", to: target, base: base, disk: disk)
        }
    }

    /// Restores into a directory of its own and reads the keys there.
    private func keys(_ bench: DurableBench, _ backup: String, _ goal: TableBackup.Goal, _ table: TableID, _ data: String) async throws -> Set<Int64> {
        let disk = bench.disk
        _ = try await pool.run { () throws(LeibrixError) in try TableBackup.restore(backup, to: goal, data: data, disk: disk) }
        var configuration = DurableBench.configuration(disk)
        configuration.directory = data
        let restored = configuration
        let engine = try await pool.run { () throws(LeibrixError) in try TableEngine(restored) }
        var copy = bench
        copy.engine = engine
        let keys = Set(try copy.rows(table).keys)
        try await copy.close()
        return keys
    }

    @Test func fullAndIncrementalBackupsOfARunningServer() async throws {
        let bench = try await DurableBench(seed: 31)
        let table = try await bench.createTable("t")
        try await bench.run { _ = try $0.insert(table, rows: (0..<3_000).map { row($0) }) }
        try await bench.checkpoint()
        try await bench.run { _ = try $0.insert(table, rows: [row(10_000)]) }
        let full = try await make(bench, "/full")
        #expect(full.inherited == 0)
        try await bench.run { _ = try $0.insert(table, rows: [row(10_001)]) }
        try await bench.checkpoint()
        try await bench.run { _ = try $0.insert(table, rows: [row(10_002)]) }
        let second = try await make(bench, "/second", base: "/full")
        #expect(second.inherited == 1)
        #expect(second.to > full.to)
        let expected = Set((0..<3_000).map { Int64($0) })
        let fromFull = try await keys(bench, "/full", .everything, table, "/r1")
        #expect(fromFull == expected.union([10_000]))
        let fromSecond = try await keys(bench, "/second", .everything, table, "/r2")
        #expect(fromSecond == expected.union([10_000, 10_001, 10_002]))
        await #expect(throws: LeibrixError.self) { try await make(bench, "/full") }
        await #expect(throws: LeibrixError.self) { try await make(bench, "/third", base: "/nowhere") }
        try await bench.close()
    }

    @Test func restoresStopWhereTheyAreTold() async throws {
        let bench = try await DurableBench(seed: 32)
        let table = try await bench.createTable("t")
        try await bench.checkpoint()
        var positions: [LSN] = []
        for id in Int64(0)..<5 {
            try await bench.run { _ = try $0.insert(table, rows: [row(id)]) }
            positions.append(try #require(bench.engine.durability).log.log.durable)
        }
        let summary = try await make(bench, "/b")
        #expect(summary.to == positions[4])
        for (place, position) in positions.enumerated() {
            let found = try await keys(bench, "/b", .position(position), table, "/p\(place)")
            #expect(found == Set(0...Int64(place)))
        }
        let none = try await keys(bench, "/b", .time(0), table, "/t0")
        #expect(none.isEmpty)
        let all = try await keys(bench, "/b", .time(.max), table, "/t1")
        #expect(all.count == 5)
        let disk = bench.disk
        #expect(throws: LeibrixError.self) { try TableBackup.restore("/b", to: .position(LSN(rawValue: 1 << 50)), data: "/x", disk: disk) }
        #expect(throws: LeibrixError.self) { try TableBackup.restore("/b", to: .everything, data: "/t1", disk: disk) }
        try await bench.close()
    }

    @Test func damageIsFoundInEveryFile() async throws {
        let bench = try await DurableBench(seed: 33)
        let table = try await bench.createTable("t")
        try await bench.run { _ = try $0.insert(table, rows: (0..<100).map { row($0) }) }
        try await bench.checkpoint()
        try await bench.run { _ = try $0.insert(table, rows: [row(500)]) }
        _ = try await make(bench, "/b")
        let disk = bench.disk
        _ = try TableBackup.verify("/b", disk: disk)
        let paths = try disk.files(in: "/b/tables").map { "/b/tables/" + $0 } + disk.files(in: "/b/wal").filter { $0 != "lock" }.map { "/b/wal/" + $0 }
        #expect(paths.count >= 3)
        for path in paths {
            disk.flip(path, byte: 20)
            #expect(throws: LeibrixError.self, "\(path)") { _ = try TableBackup.verify("/b", disk: disk) }
            disk.flip(path, byte: 20)
        }
        _ = try TableBackup.verify("/b", disk: disk)
        try await bench.close()
    }

    @Test func commitsGoOnWhileABackupIsMade() async throws {
        let bench = try await DurableBench(seed: 34)
        let table = try await bench.createTable("t")
        try await bench.run { _ = try $0.insert(table, rows: [row(0)]) }
        let writer = Task {
            for id in Int64(1)..<200 {
                try await bench.run { _ = try $0.insert(table, rows: [row(id)]) }
                if id % 50 == 0 { try await bench.checkpoint() }
            }
        }
        for number in 0..<4 {
            _ = try await make(bench, "/b\(number)", base: number == 0 ? nil : "/b\(number - 1)")
            let found = try await keys(bench, "/b\(number)", .everything, table, "/d\(number)")
            // A first part of what the writer did, in its order.
            #expect(found == Set(0..<Int64(found.count)))
        }
        try await writer.value
        try await bench.close()
    }
}
