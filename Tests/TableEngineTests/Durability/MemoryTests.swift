import Base
import Catalog
import Columnar
import Platform
import Synchronization
import Testing

@testable import TableEngine

private enum Threads {
    static let pool = BlockingPool(name: "memory", threads: 2)
}

@Suite struct MemoryTests {
    private func row(_ id: Int64) -> [Value] { [.integer(id), .integer(id % 100), .string(String(repeating: "text of row \(id), ", count: 6))] }

    private func bounded(_ disk: SimulatedDisk, _ bytes: Int) async throws -> TableEngine {
        var configuration = DurableBench.configuration(disk)
        configuration.memoryMax = bytes
        let made = configuration
        return try await Threads.pool.run { () throws(LeibrixError) in try TableEngine(made) }
    }

    @Test func aWriteBeyondTheBoundIsRefusedAndChangesNothing() async throws {
        let disk = SimulatedDisk(seed: 41)
        var bench = try await DurableBench(seed: 42)
        let spare = bench.engine
        bench.engine = try await bounded(disk, 1 << 20)
        let table = try await bench.createTable("t")
        try await bench.run { _ = try $0.insert(table, rows: (0..<1_000).map { row($0) }) }
        let large = try bench.begin()
        #expect { _ = try large.insert(table, rows: (10_000..<60_000).map { row($0) }) } throws: { error in
            (error as? LeibrixError)?.code == .memoryBudget && (error as? LeibrixError)?.code.sqlState == "53200"
        }
        large.rollback()
        let rows = try bench.rows(table)
        #expect(rows.count == 1_000)
        // Deletes go through: they are the way out.
        try await bench.run { transaction in
            for id in Int64(0)..<100 {
                if let at = try DurableBench.find(table, id, transaction) { _ = try transaction.delete(table, [at]) }
            }
        }
        try await bench.close()
        try await Threads.pool.run { () throws(LeibrixError) in spare.close() }
    }

    @Test func rowsBeyondTheBoundGoToFilesAndStayReadable() async throws {
        let disk = SimulatedDisk(seed: 43)
        var bench = try await DurableBench(seed: 44)
        let spare = bench.engine
        bench.engine = try await bounded(disk, 3 << 20)
        let table = try await bench.createTable("t")
        for part in Int64(0)..<30 {
            try await bench.run { _ = try $0.insert(table, rows: (part * 1_000..<part * 1_000 + 1_000).map { row($0) }) }
            try await bench.maintain()
        }
        let engine = bench.engine
        #expect(engine.countMemory() < 3 << 20)
        let inFiles = try #require(engine.published.withLock { $0 }.stores[table]).locked { state in
            state.groups.count { if case .file? = $0.frozen?.place { true } else { false } }
        }
        #expect(inFiles > 5)
        let rows = try bench.rows(table)
        #expect(rows.count == 30_000)
        #expect(rows[29_999] == row(29_999))
        try await bench.close()
        try await Threads.pool.run { () throws(LeibrixError) in spare.close() }
    }

    @Test func mappedGroupsTakeUpdatesAndDeletesAcrossRestarts() async throws {
        var bench = try await DurableBench(seed: 45)
        let table = try await bench.createTable("t")
        try await bench.run { _ = try $0.insert(table, rows: (0..<9_000).map { row($0) }) }
        var expected = Dictionary(uniqueKeysWithValues: (Int64(0)..<9_000).map { ($0, row($0)) })
        for round in Int64(0)..<6 {
            try await bench.maintain()
            try await bench.checkpoint()
            try await bench.run { transaction in
                for id in stride(from: round, to: 9_000, by: 97) {
                    guard let at = try DurableBench.find(table, id, transaction) else { continue }
                    if id % 2 == 0 {
                        _ = try transaction.update(table, [at], columns: [2], values: [[.string("changed in \(round)")]])
                        expected[id]![2] = .string("changed in \(round)")
                    } else {
                        _ = try transaction.delete(table, [at])
                        expected[id] = nil
                    }
                    transaction.beginStatement()
                }
            }
            try await bench.crash(kill: round % 2 == 0)
            let rows = try bench.rows(table)
            #expect(rows == expected)
        }
        try await bench.close()
    }
}
