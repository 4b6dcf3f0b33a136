// Random histories with crashes on a simulated disk, held to a model: after every crash the table is as the model was at the last
// acknowledged commit, or as the one commit whose answer never came would have left it.
import Base
import Catalog
import Columnar
import Glibc
import Platform
import Testing

@testable import TableEngine

private typealias Model = [Int64: [Value]]

private struct History {
    let seed: UInt64
    var random: SeededGenerator
    var bench: DurableBench
    let table: TableID
    var model: Model = [:]
    /// What the commit in doubt would make of it.
    var doubtful: Model?

    init(seed: UInt64) async throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        bench = try await DurableBench(seed: seed ^ 0x5A5A)
        table = try await bench.createTable("t")
        bench.loadsBehind = seed % 2 == 0
    }

    mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// One life of the server: transactions, checkpoints, faults, and then its end.
    mutating func life() async throws {
        var faults = SimulatedFaults()
        if pick(0...3) == 0 { faults.syncErrorChance = 0.02 }
        if pick(0...5) == 0 { faults.writeErrorChance = 0.02 }
        bench.disk.setFaults(faults)
        for _ in 0..<pick(3...25) where doubtful == nil {
            switch pick(0...11) {
            case 0: try? await bench.checkpoint()
            case 1: try await bench.maintain()
            default: try await step()
            }
        }
        let isKill = pick(0...3) == 0
        try await bench.crash(kill: isKill)
        let found = try bench.rows(table)
        try await bench.waitForIndexes()
        if let doubtful, found == doubtful { model = doubtful }
        doubtful = nil
        try #require(found == model, "seed \(seed)")
    }

    private mutating func step() async throws {
        var next = model
        guard let transaction = try? bench.begin() else { return }
        do {
            for _ in 0..<pick(1...5) {
                let mark = transaction.mark()
                let before = next
                transaction.beginStatement()
                try change(transaction, &next)
                if pick(0...5) == 0 {
                    transaction.rollBack(to: mark)
                    next = before
                }
            }
        } catch let error as LeibrixError where error.code == .logFailed {
            return transaction.rollback()
        }
        if pick(0...5) == 0 { return transaction.rollback() }
        do {
            try await transaction.commit()
            model = next
        } catch {
            doubtful = next
        }
    }

    private mutating func change(_ transaction: TableTransaction, _ next: inout Model) throws {
        let id = Int64(pick(0...60))
        let values: [Value] = [
            .integer(id), pick(0...3) == 0 ? .null : .integer(Int64(pick(0...1_000))), .string(String(repeating: "v", count: pick(0...40))),
        ]
        let row = try DurableBench.find(table, id, transaction)
        switch (pick(0...9), row) {
        case (0...4, nil):
            #expect(try transaction.insert(table, rows: [values]) == .done(inserted: 1, skipped: []))
            next[id] = values
        case (0...5, let row?):
            #expect(try transaction.update(table, [row], columns: [1, 2], values: [Array(values[1...])]) == .done)
            next[id] = values
        case (6...7, let row?):
            #expect(try transaction.delete(table, [row]) == .done)
            next[id] = nil
        case (8, _):
            let fresh = (0..<pick(1...900)).map { Int64(1_000 + $0) }.filter { next[$0] == nil }
            let rows: [[Value]] = fresh.map { [.integer($0), .integer(0), "bulk"] }
            #expect(try transaction.insert(table, rows: rows) == .done(inserted: rows.count, skipped: []))
            for row in rows { if case .integer(let id) = row[0] { next[id] = row } }
        case (9, _) where pick(0...4) == 0:
            #expect(try transaction.truncate(table) == .done)
            next = [:]
        default: break
        }
    }
}

@Suite struct CrashHistoryTests {
    static let isSoak = unsafe getenv("LEIBRIX_SOAK") != nil

    @Test(arguments: 0..<(isSoak ? 250 : 12)) func nothingAcknowledgedIsLost(_ number: Int) async throws {
        var history = try await History(seed: UInt64(number) &* 104_729 &+ 3)
        for _ in 0..<4 { try await history.life() }
        try await history.bench.close()
    }
}
