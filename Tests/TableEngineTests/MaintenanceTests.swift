import Base
import Catalog
import Columnar
import Platform
import Testing

@testable import TableEngine

@Suite struct MaintenanceTests {
    @Test func `Ended versions leave the indexes when nobody sees them any more`() throws {
        let f = try Fixture()
        try f.run { t in for id in 1...10 { try f.insert(Int64(id), 0, t) } }
        let old = try f.begin(.repeatableRead)
        try f.run { t in for id in 1...5 { #expect((try? f.delete(Int64(id), t)) == .done) } }
        let store = try old.store(f.table)
        f.engine.maintain()
        #expect(store.indexes[0].tree.count == 10, "an old snapshot still finds them")
        #expect(try f.n(3, old) == 0)
        old.rollback()
        f.engine.maintain()
        #expect(store.indexes[0].tree.count == 5)
        #expect(try f.run { try f.insert(3, 7, $0) } == one)
        #expect(try f.n(3, try f.begin()) == 7)
    }

    @Test func `Full groups are encoded, and read as before`() throws {
        let f = try ScannedFixture()
        try f.fixture.run { t in
            for start in stride(from: 0, to: 5_000, by: 500) {
                let rows: [[Value]] = (start..<start + 500).map {
                    [.integer(Int64($0)), $0 % 7 == 0 ? .null : .integer(Int64($0 % 10)), .string("text number \($0 % 3)")]
                }
                #expect((try? t.insert(f.fixture.table, rows: rows)) == .done(inserted: 500, skipped: []))
            }
        }
        let sql = "SELECT count(*), sum(id), sum(n), count(DISTINCT s), min(s) FROM t WHERE id >= 100"
        let before = try f.rows(sql)
        let t = try f.fixture.begin()
        let values = try (0..<5_000).map { try f.fixture.values(Int64($0), t) }
        t.rollback()
        try f.fixture.run { #expect((try? f.fixture.update(4_999, n: 9, $0)) == .done) }
        f.fixture.engine.maintain()
        let later = try f.fixture.begin()
        let store = try later.store(f.fixture.table)
        #expect(store.locked { $0.groups.map { $0.frozen != nil } } == [true, true, false])
        #expect(try f.rows(sql) == before)
        #expect(try (0..<4_999).map { try f.fixture.values(Int64($0), later) } == Array(values.dropLast()))
        // Rows of encoded groups change like others.
        #expect(try f.fixture.update(5, n: 1_000_000, later) == .done)
        #expect(try f.fixture.delete(6, later) == .done)
        try later.commitInMemory()
        let last = try f.fixture.begin()
        #expect(try f.fixture.n(5, last) == 1_000_000)
        #expect(try f.fixture.n(6, last) == nil)
        #expect(try f.rows("SELECT count(*) FROM t WHERE n = 1000000") == [[1]])
    }

    @Test func `Worn groups are emptied and go`() throws {
        let f = try ScannedFixture()
        try f.fixture.run { t in
            let rows: [[Value]] = (0..<6_000).map { [.integer(Int64($0)), .integer(1), "x"] }
            #expect((try? t.insert(f.fixture.table, rows: rows)) == .done(inserted: 6_000, skipped: []))
        }
        try f.fixture.run { t in
            let handle = try f.fixture.handle(t)
            var rows: [RowID] = []
            transactionRange(t, handle) { rows.append($0) }
            #expect((try? t.delete(f.fixture.table, rows.filter { $0.slot % 10 != 0 || $0.group == 0 })) == .done)
        }
        let expected = try f.rows("SELECT id FROM t ORDER BY id")
        for _ in 0..<6 {
            f.fixture.engine.maintain()
            try f.fixture.run { try f.fixture.insert(Int64.random(in: 10_000..<1 << 40), 1, $0) }
        }
        let t = try f.fixture.begin()
        let store = try t.store(f.fixture.table)
        #expect(store.locked { $0.groups.count } == 1)
        #expect(try f.rows("SELECT id FROM t WHERE id < 10000 ORDER BY id") == expected)
        for row in expected {
            guard case .integer(let id) = row[0] else { continue }
            #expect(try f.fixture.n(id, t) == 1)
        }
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func `Random transactions agree with a model while maintenance runs`(seed: UInt64) throws {
        var history = try RandomHistory(seed: seed)
        for step in 0..<600 {
            try history.step()
            if step % 5 == 0 { history.f.fixture.engine.maintain() }
        }
        try history.finish()
    }
}

func transactionRange(_ transaction: TableTransaction, _ handle: IndexHandle, _ body: (RowID) -> Void) {
    transaction.range(handle, from: .unbounded, to: .unbounded) { row in
        body(row)
        return true
    }
}
