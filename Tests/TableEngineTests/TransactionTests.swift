import Base
import Catalog
import Columnar
import Testing

@testable import TableEngine

@Suite struct TransactionTests {
    @Test func `What is committed is seen by who begins later, and by nobody before`() throws {
        let f = try Fixture()
        let early = try f.begin(.repeatableRead)
        #expect(try f.run { try f.insert(1, 10, $0) } == one)
        let late = try f.begin()
        #expect(try f.n(1, early) == nil)
        #expect(try f.n(1, late) == 10)
        #expect(try f.values(1, late) == [.integer(1), .integer(10), .string("x")])
    }

    @Test func `A statement does not see what it does itself, the next one does`() throws {
        let f = try Fixture()
        let t = try f.begin()
        try f.insert(1, 10, t)
        #expect(try f.n(1, t) == nil)
        t.beginStatement()
        #expect(try f.n(1, t) == 10)
        #expect(try f.update(1, n: 11, t) == .done)
        #expect(try f.n(1, t) == 10, "the version that the statement began with")
        t.beginStatement()
        #expect(try f.n(1, t) == 11)
        t.rollback()
        #expect(try f.n(1, try f.begin()) == nil)
    }

    @Test func `A key that is there is refused with its name and value`() throws {
        let f = try Fixture()
        try f.run { try f.insert(1, 10, $0) }
        let t = try f.begin()
        #expect(throws: LeibrixError(
            .constraint, "duplicate key value violates unique constraint \"t_pkey\"", detail: "Key (id)=(1) already exists.",
            hint: "Use another key, or ON CONFLICT.", sqlState: "23505"
        ).about(.init(schema: "public", table: "t", constraint: "t_pkey"))
        ) { try f.insert(1, 11, t) }
        let skipped = try t.insert(
            f.table, rows: [[2, 1, "a"], [1, 1, "b"], [3, 1, "c"], [3, 1, "d"]], conflicts: .skip(nil))
        #expect(skipped == .done(inserted: 2, skipped: [1, 3]))
    }

    @Test func `A key may be deleted and inserted again in one transaction`() throws {
        let f = try Fixture()
        try f.run { try f.insert(1, 10, $0) }
        let old = try f.begin(.repeatableRead)
        let t = try f.begin()
        #expect(try f.delete(1, t) == .done)
        #expect(try f.insert(1, 20, t) == one)
        t.beginStatement()
        #expect(try f.delete(1, t) == .done)
        #expect(try f.insert(1, 30, t) == one)
        try t.commitInMemory()
        #expect(try f.n(1, try f.begin()) == 30)
        #expect(try f.n(1, old) == 10)
    }

    @Test func `The keys of one statement may change places`() throws {
        let f = try Fixture()
        try f.run { t in for id in 1...5 { try f.insert(Int64(id), Int64(id * 10), t) } }
        try f.run { t in
            let rows = try (1...5).map { try #require(try f.find($0, t)) }
            let outcome = try t.update(f.table, rows, columns: [0], values: (1...5).map { [.integer($0 + 1)] })
            #expect(outcome == .done)
        }
        let t = try f.begin()
        #expect(try (1...6).map { try f.n($0, t) } == [nil, 10, 20, 30, 40, 50])
    }

    @Test func `The first who updates wins`() throws {
        let f = try Fixture()
        try f.run { try f.insert(1, 10, $0) }
        let a = try f.begin()
        let b = try f.begin()
        let c = try f.begin(.repeatableRead)
        #expect(try f.update(1, n: 11, a) == .done)
        #expect(try f.update(1, n: 12, b) == .blocked(by: a.id))
        let row = try #require(try f.find(1, b))
        try a.commitInMemory()
        #expect(try b.update(f.table, [row], columns: [1], values: [[.integer(12)]]) == .changed)
        b.beginStatement()
        #expect(try f.n(1, b) == 11)
        #expect(try f.update(1, n: 12, b) == .done)
        #expect(performing: { try f.update(1, n: 13, c) }, throws: { ($0 as? LeibrixError)?.sqlState == "40001" })
        try b.commitInMemory()
        #expect(try f.n(1, c) == 10)
    }

    @Test func `Savepoints undo what came after them, and nothing else`() throws {
        let f = try Fixture()
        try f.run { try f.insert(1, 10, $0) }
        let t = try f.begin()
        try f.update(1, n: 11, t)
        t.beginStatement()
        let mark = t.mark()
        try f.update(1, n: 12, t)
        t.beginStatement()
        #expect(try f.delete(1, t) == .done)
        try f.insert(1, 13, t)
        try f.insert(2, 20, t)
        t.rollBack(to: mark)
        t.beginStatement()
        #expect(try f.n(1, t) == 11)
        #expect(try f.n(2, t) == nil)
        #expect(try f.insert(2, 21, t) == one)
        try t.commitInMemory()
        let after = try f.begin()
        #expect(try [f.n(1, after), f.n(2, after)] == [11, 21])
    }

    @Test func `A circle of waits ends with 40P01 for who closes it`() async throws {
        let f = try Fixture()
        try f.run { t in for id in 1...2 { try f.insert(Int64(id), 0, t) } }
        let a = try f.begin()
        let b = try f.begin()
        try f.update(1, n: 1, a)
        try f.update(2, n: 2, b)
        #expect(try f.update(2, n: 1, a) == .blocked(by: b.id))
        #expect(try f.update(1, n: 2, b) == .blocked(by: a.id))
        let aID = a.id
        let bID = b.id
        async let first: Void = f.engine.wait(for: bID, by: a)
        while f.engine.waits.waiting == 0 { await Task.yield() }
        await #expect(performing: { try await f.engine.wait(for: aID, by: b) }, throws: { ($0 as? LeibrixError)?.sqlState == "40P01" })
        b.rollback()
        try await first
        #expect(try f.update(2, n: 1, a) == .done)
        try await a.commit()
    }

    @Test func `A wait ends with 55P03 at its timeout`() async throws {
        let f = try Fixture()
        try f.run { try f.insert(1, 0, $0) }
        let a = try f.begin()
        let b = try f.begin()
        try f.update(1, n: 1, a)
        await #expect(
            performing: { try await f.engine.wait(for: a.id, by: b, timeoutMS: 10) }, throws: { ($0 as? LeibrixError)?.sqlState == "55P03" })
    }

    @Test func `Locks are shared and exclusive as PostgreSQL's`() throws {
        let f = try Fixture()
        try f.run { try f.insert(1, 0, $0) }
        let a = try f.begin()
        let b = try f.begin()
        let row = try #require(try f.find(1, a))
        #expect(try a.lock(f.table, row, .keyShare) == .done)
        #expect(try b.lock(f.table, row, .share) == .done)
        #expect(try a.lock(f.table, row, .update) == .blocked(by: b.id))
        #expect(try f.update(1, n: 1, a) == .blocked(by: b.id))
        b.rollback()
        let c = try f.begin()
        #expect(try f.update(1, n: 1, c) == .done, "a key share lock lets other columns change")
        try c.commitInMemory()
        let d = try f.begin()
        #expect(try f.delete(1, d) == .blocked(by: a.id), "and holds on the new version")
        a.rollback()
        #expect(try f.delete(1, d) == .done)
    }

    @Test func `Definitions are transactional`() throws {
        let f = try Fixture()
        let t = try f.begin()
        let id = f.engine.makeID()
        let table = TableDefinition(
            id: id, schema: "public", name: "u", columns: [TableColumn(attributeNumber: 1, name: "a", type: .varchar)], owner: "admin")
        #expect(try t.createTable(table) == .done)
        #expect(try t.insert(id, rows: [["one"]]) == one)
        #expect(f.engine.catalog.table(id) == nil)
        let other = try f.begin()
        #expect(try other.drop(f.table) == .blocked(by: t.id))
        let mark = t.mark()
        #expect(try t.drop(f.table) == .done)
        #expect(t.catalog.table(f.table) == nil)
        t.rollBack(to: mark)
        #expect(t.catalog.table(f.table) != nil)
        try t.commitInMemory()
        #expect(f.engine.catalog.table(schema: "public", name: "U")?.id == id)
        other.beginStatement()
        #expect(other.catalog.table(id) != nil)
    }

    @Test func `A rewritten table keeps its rows, and old snapshots keep the old one`() throws {
        let f = try Fixture()
        try f.run { t in for id in 1...3 { try f.insert(Int64(id), Int64(id), t) } }
        let old = try f.begin(.repeatableRead)
        try f.run { t in
            var table = try #require(t.catalog.table(f.table))
            table.columns.append(TableColumn(attributeNumber: 4, name: "d", type: .integer))
            #expect(try t.rewriteTable(table, columns: [.column(0), .column(1), .column(2), .value(7)]) == .done)
            t.beginStatement()
            #expect(try f.values(2, t) == [2, 2, "x", 7])
        }
        #expect(try f.values(2, old) == [2, 2, "x"])
        #expect(try f.values(3, try f.begin()) == [3, 3, "x", 7])
        #expect(performing: { try f.update(2, n: 9, old) }, throws: { ($0 as? LeibrixError)?.sqlState == "40001" })
        #expect(try f.run { try $0.truncate(f.table) } == .done)
        #expect(try f.values(3, try f.begin()) == nil)
    }

    @Test func `Sequences go on whatever becomes of the transaction`() throws {
        let f = try Fixture()
        let id = f.engine.makeID()
        let sequence = SequenceDefinition(id: id, schema: "public", name: "q", maximum: 3, owner: "admin")
        #expect(try f.run { try $0.put(sequence) } == .done)
        let a = try f.begin()
        #expect(try a.nextValue(id) == 1)
        a.rollback()
        let b = try f.begin()
        #expect(try b.nextValue(id) == 2)
        #expect(try b.nextValue(id) == 3)
        #expect(performing: { try b.nextValue(id) }, throws: { ($0 as? LeibrixError)?.sqlState == "2200H" })
    }
}
