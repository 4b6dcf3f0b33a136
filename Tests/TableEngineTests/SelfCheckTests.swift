import Base
import Catalog
import Columnar
import LearnedIndex
import Testing

@testable import TableEngine

@Suite struct SelfCheckTests {
    static func checks(_ f: Fixture) throws -> [Bool?] {
        let t = try f.begin()
        defer { t.rollback() }
        let store = try t.store(f.table)
        return store.indexes.map { f.engine.check(store, $0) }
    }

    @Test func `Both sides agree whatever transactions do, and a lost entry is found`() throws {
        var history = try RandomHistory(seed: 31)
        for step in 0..<300 {
            try history.step()
            if step % 20 == 0 { #expect(try Self.checks(history.f.fixture) == [true]) }
        }
        let f = history.f.fixture
        for one in history.open { one.transaction.rollback() }
        try f.run { try f.insert(1_000, 1, $0) }
        #expect(try Self.checks(f) == [true])
        let t = try f.begin()
        guard case .words(let tree) = try t.store(f.table).indexes[0].tree, case .word(let key)? = try f.handle(t).index.key([1_000]) else {
            Issue.record("the key is a word")
            return
        }
        let row = try #require(tree.erase(key))
        #expect(try Self.checks(f) == [false])
        #expect(try f.engine.systemTables[0].rows()[0].last == "DIFFERENT")
        _ = tree.insert(key, row)
        #expect(try Self.checks(f) == [true])
    }

    @Test func `System tables count rows, versions and keys`() throws {
        let f = try Fixture()
        try f.run { t in for id in 1...10 { try f.insert(Int64(id), 0, t) } }
        try f.run { try f.update(1, n: 1, $0) }
        try f.run { #expect((try? f.delete(2, $0)) == .done) }
        let tables = f.engine.systemTables[0]
        let row = try #require(try tables.rows().first)
        let named = Dictionary(uniqueKeysWithValues: zip(tables.columns.map(\.name), row))
        #expect(row.count == tables.columns.count)
        #expect([named["rows"], named["versions"], named["ended_versions"], named["row_groups"]] == [9, 11, 2, 1])
        let indexes = f.engine.systemTables[1]
        let index = try #require(try indexes.rows().first)
        #expect(index.count == indexes.columns.count)
        #expect(index[2] == "t_pkey" && index[5] == 10)
    }

    @Test func `Other indexes find rows in order, NULLs last`() throws {
        let definition = IndexDefinition(
            id: TableID(99), name: "t_n_s", keys: [.init(.column(2)), .init(.column(3), isDescending: true)], isUnique: false)
        let f = try Fixture(extra: [definition])
        try f.run { t in
            _ = try t.insert(f.table, rows: [[1, 5, "a"], [2, .null, "b"], [3, 5, "b"], [4, -1, "c"], [5, 5, .null]])
        }
        try f.run { try f.update(4, n: 6, $0) }
        let t = try f.begin()
        let handle = try t.index(TableID(99), of: f.table)
        func ids(_ lower: IndexBound, _ upper: IndexBound, reverse: Bool = false) -> [Value] {
            var ids: [Value] = []
            t.range(handle, from: lower, to: upper, reverse: reverse) { row in
                ids.append(t.withRow(handle, row) { $0.value(0) } ?? .null)
                return true
            }
            return ids
        }
        #expect(ids(.unbounded, .unbounded) == [3, 1, 5, 4, 2])
        let five = try #require(try handle.index.key([5]))
        #expect(ids(.inclusive(five), .inclusive(five), reverse: true) == [5, 1, 3])
        #expect(ids(.exclusive(five), .unbounded) == [4, 2])
        #expect(ids(.unbounded, .exclusive(five)).isEmpty)
        let both = try #require(try handle.index.key([5, "a"]))
        #expect(ids(.inclusive(both), .inclusive(both)) == [1])
        #expect(try Self.checks(f) == [true, true])
    }
}

@Suite struct IndexDefinitionTests {
    @Test func `An index made later finds what is there, and goes with its transaction`() throws {
        let f = try Fixture()
        try f.run { t in for id in 1...5 { try f.insert(Int64(id), Int64(10 - id), t) } }
        try f.run { try f.update(2, n: 100, $0) }
        let definition = IndexDefinition(id: TableID(99), name: "t_n", keys: [.init(.column(2))], isUnique: true)
        func rows(_ t: TableTransaction) throws -> [Value] {
            var ids: [Value] = []
            let handle = try t.index(TableID(99), of: f.table)
            transactionRange(t, handle) { row in ids.append(t.withRow(handle, row) { $0.value(0) } ?? .null) }
            return ids
        }
        let t = try f.begin()
        let mark = t.mark()
        #expect(try t.createIndex(definition, on: f.table) == .done)
        try f.insert(6, 0, t)
        t.beginStatement()
        #expect(try rows(t) == [6, 5, 4, 3, 1, 2])
        t.rollBack(to: mark)
        #expect(throws: LeibrixError.self) { try rows(t) }
        #expect(try t.createIndex(definition, on: f.table) == .done)
        try t.commitInMemory()
        #expect(try rows(try f.begin()) == [5, 4, 3, 1, 2])
        #expect(performing: { try f.run { try f.insert(7, 100, $0) } }, throws: { ($0 as? LeibrixError)?.sqlState == "23505" })
        #expect(try SelfCheckTests.checks(f) == [true, true])
        #expect(try f.run { try $0.dropIndex(TableID(99), of: f.table) } == .done)
        #expect(try f.run { try f.insert(7, 100, $0) } == one)
        #expect(performing: { try f.run { try $0.createIndex(definition, on: f.table) } }, throws: {
            ($0 as? LeibrixError)?.detail == "Key (n)=(100) is duplicated."
        })
    }
}
