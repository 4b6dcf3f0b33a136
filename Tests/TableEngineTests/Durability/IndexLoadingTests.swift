import Base
import Catalog
import Columnar
import Platform
import Synchronization
import Testing

@testable import TableEngine

/// A table of (id BIGINT PRIMARY KEY, n INTEGER, s VARCHAR) with an index over (s, n DESC), opened again with empty indexes.
private struct Loading {
    var bench: DurableBench
    let table: TableID
    var model: [Int64: [Value]] = [:]

    init(seed: UInt64, rows: Int = 3_500) async throws {
        bench = try await DurableBench(seed: seed)
        table = try await bench.createTable("t")
        let (made, index) = (table, bench.engine.makeID())
        try await bench.run { transaction in
            let definition = IndexDefinition(
                id: index, name: "t_s", keys: [.init(.column(3)), .init(.column(2), isDescending: true)], isUnique: false)
            let answer = try transaction.createIndex(definition, on: made)
            #expect(answer == .done)
        }
        var random = SeededGenerator(seed: seed)
        let ids = (0..<rows).map { Int64($0) * 3 - 5_000 }.shuffled(using: &random)
        for start in stride(from: 0, to: rows, by: 1_000) {
            let part = ids[start..<min(start + 1_000, rows)].map { [Value.integer($0), .integer($0 % 50), .string("text \($0 % 700)")] }
            try await bench.run { _ = try $0.insert(made, rows: part) }
            for row in part { if case .integer(let id) = row[0] { model[id] = row } }
            if start == 2_000 { try await bench.checkpoint() }
        }
        for (place, id) in ids.prefix(400).enumerated() {
            let changed: [Value] = [.integer(id), .integer(-1), .null]
            try await bench.run { transaction in
                let row = try #require(try DurableBench.find(made, id, transaction))
                if place % 2 == 0 {
                    #expect(try transaction.delete(made, [row]) == .done)
                } else {
                    #expect(try transaction.update(made, [row], columns: [1, 2], values: [Array(changed[1...])]) == .done)
                }
            }
            model[id] = place % 2 == 0 ? nil : changed
        }
        bench.loadsBehind = true
        bench.holdsLoading = true
        try await bench.crash()
    }

    /// Points, ranges both ways, with and without bounds, and a few rows from each end.
    func check(_ note: String) throws {
        let transaction = try bench.begin()
        defer { transaction.rollback() }
        let definition = try #require(transaction.catalog.table(table))
        let keys = model.keys.sorted()
        for id in stride(from: Int64(-5_003), to: 16_100, by: 13) {
            let row = try DurableBench.find(table, id, transaction)
            let values = try row.flatMap { try transaction.values(table, $0) }
            try #require(values == model[id], "\(note): key \(id)")
        }
        let words = try transaction.index(definition.indexes[0].id, of: table)
        func ids(_ lower: IndexBound, _ upper: IndexBound, reverse: Bool = false, most: Int = .max) throws -> [Int64] {
            var found: [Int64] = []
            transaction.range(words, from: lower, to: upper, reverse: reverse) { row in
                if case .integer(let id)?? = try? transaction.values(table, row)?[0] { found.append(id) }
                return found.count < most
            }
            return found
        }
        let (low, high) = (try #require(try words.index.key([.integer(-100)])), try #require(try words.index.key([.integer(9_998)])))
        #expect(try ids(.unbounded, .unbounded) == keys, "\(note)")
        #expect(try ids(.unbounded, .unbounded, reverse: true) == keys.reversed(), "\(note)")
        #expect(try ids(.inclusive(low), .exclusive(high)) == keys.filter { $0 >= -100 && $0 < 9_998 }, "\(note)")
        #expect(try ids(.exclusive(low), .inclusive(high), reverse: true, most: 5) == Array(keys.filter { $0 <= 9_998 }.suffix(5).reversed()), "\(note)")
        let texts = try transaction.index(definition.indexes[1].id, of: table)
        let key = try #require(try texts.index.key([.string("text 77")]))
        var found: [Int64] = []
        transaction.range(texts, from: .inclusive(key), to: .inclusive(key)) { row in
            if case .integer(let id)?? = try? transaction.values(table, row)?[0] { found.append(id) }
            return true
        }
        #expect(Set(found) == Set(model.values.compactMap { $0[2] == "text 77" ? $0[0].integer : nil }) && !found.isEmpty, "\(note)")
        var count = 0
        transaction.range(texts, from: .unbounded, to: .unbounded, reverse: true) { _ in (count += 1, true).1 }
        #expect(count == model.count, "\(note)")
    }
}

extension Value {
    fileprivate var integer: Int64? {
        if case .integer(let value) = self { return value }
        return nil
    }
}

@Suite struct IndexLoadingTests {
    @Test func readsAnswerFromTheColumnsUntilTheIndexesAreThere() async throws {
        let loading = try await Loading(seed: 71)
        try loading.check("before")
        loading.bench.engine.loadIndexes()
        try loading.check("beside the loading")
        try await loading.bench.waitForIndexes()
        try loading.check("behind it")
        let transaction = try loading.bench.begin()
        let handle = try transaction.index(transaction.catalog.table(loading.table)!.indexes[0].id, of: loading.table)
        #expect(handle.index.tree.count == loading.model.count)
        transaction.rollback()
        try await loading.bench.close()
    }

    @Test func writersWaitForTheirTable() async throws {
        let loading = try await Loading(seed: 72, rows: 3_000)
        let (engine, table) = (loading.bench.engine, loading.table)
        let transaction = try loading.bench.begin()
        let row: [Value] = [.integer(100_000), .null, .null]
        guard case .blocked(let holder) = try transaction.insert(table, rows: [row]) else {
            Issue.record("a row was written into a table without indexes")
            return
        }
        await #expect { try await engine.wait(for: holder, by: transaction, timeoutMS: 1) } throws: { ($0 as? LeibrixError)?.code == .lockNotAvailable }
        engine.loadIndexes()
        try await engine.wait(for: holder, by: transaction)
        #expect(try transaction.insert(table, rows: [row]) == .done(inserted: 1, skipped: []))
        let taken = try #require(loading.model.keys.first)
        #expect { try transaction.insert(table, rows: [[.integer(taken), .null, .null]]) } throws: { ($0 as? LeibrixError)?.sqlState == "23505" }
        try await transaction.commit()
        try await loading.bench.maintain()
        try await loading.bench.close()
    }

    @Test func keysThatComeTwiceRefuseWritesAndAreRead() async throws {
        let bench = try await DurableBench(seed: 73)
        let table = try await bench.createTable("t")
        let index = bench.engine.makeID()
        try await bench.run { transaction in
            let answer = try transaction.createIndex(
                IndexDefinition(id: index, name: "t_n", keys: [.init(.column(2))], isUnique: false), on: table)
            #expect(answer == .done)
            _ = try transaction.insert(table, rows: (0..<500).map { [.integer($0), .integer($0 / 2), .null] })
        }
        try await bench.checkpoint()
        try await bench.close()
        try Self.edit(bench.disk) { manifest in
            let parts = manifest.catalog.split(separator: "t_n", maxSplits: 1, omittingEmptySubsequences: false)
            #expect(parts.count == 2)
            let text = parts.joined(separator: "t_n")
            manifest.catalog = text.replacing("\"unique\":false", with: "\"unique\":true")
            #expect(manifest.catalog != text, "\(text)")
        }
        let error = await #expect(throws: LeibrixError.self) { try await DurableBench.open(bench.disk) }
        #expect(error?.code == .corruptSegment)
        var again = bench
        again.engine = try await DurableBench.open(bench.disk, behind: true)
        try await again.waitForIndexes()
        #expect(try again.rows(table).count == 500)
        let transaction = try again.begin()
        #expect { try transaction.insert(table, rows: [[.integer(1_000), .null, .null]]) } throws: { ($0 as? LeibrixError)?.code == .corruptSegment }
        transaction.rollback()
        try await again.close()
    }

    private static func edit(_ disk: SimulatedDisk, _ change: (inout CheckpointManifest) throws -> Void) throws {
        let path = "/data/tables/" + CheckpointManifest.name
        var manifest = try CheckpointManifest(decoding: DiskFiles.read(path, disk), path: path)
        try change(&manifest)
        try disk.removeFile(path)
        try DiskFiles.write(manifest.encoded, path, disk)
    }
}
