import Base
import Catalog
import Columnar
import DuckDBKit
import Platform
import Testing

@testable import TableEngine

/// A fixture whose table DuckDB scans.
struct ScannedFixture {
    let fixture: Fixture
    let connection: Connection

    init(rowsPerGroup: Int = 2_048) throws {
        fixture = try Fixture(rowsPerGroup: rowsPerGroup)
        let database = try Database(DatabaseConfiguration(threads: 2))
        connection = try database.connect()
        try fixture.engine.attach(try RelationCatalog(attachingTo: try database.connect(), name: "lbx"))
        try connection.execute("USE lbx.public")
    }

    func rows(_ sql: String, _ transaction: TableTransaction? = nil) throws -> [[Value]] {
        connection.setScanToken(transaction?.scanToken ?? 0)
        for _ in 0..<20 {
            let result = Result { () throws(LeibrixError) in try connection.rows(sql) }
            if case .failure(let error) = result, error.message.hasPrefix("lbx:replan") { continue }
            return try result.get()
        }
        throw LeibrixError(.internal, "planned again and again")
    }
}

@Suite struct ScanTests {
    @Test func `DuckDB sees what the transaction sees, row ids included`() throws {
        let f = try ScannedFixture()
        let t = f.fixture
        try t.run { for id in 1...5 { try t.insert(Int64(id), Int64(id * 10), $0) } }
        let mine = try t.begin()
        #expect(try t.delete(2, mine) == .done)
        #expect(try t.update(3, n: 31, mine) == .done)
        #expect(try t.insert(6, 60, mine) == one)
        let sql = "SELECT id, n FROM t ORDER BY id"
        #expect(try f.rows(sql).map { $0[1] } == [10, 20, 30, 40, 50])
        #expect(try f.rows(sql, mine).map { $0[1] } == [10, 20, 30, 40, 50], "a statement does not see what it does itself")
        mine.beginStatement()
        #expect(try f.rows(sql, mine).map { $0[1] } == [10, 31, 40, 50, 60])
        for row in try f.rows("SELECT id, rowid FROM t", mine) {
            guard case .integer(let rowID) = row[1] else { 
                Issue.record("no row id")
                return
            }
            #expect(try mine.values(t.table, RowID(rawValue: UInt64(rowID)))?[0] == row[0])
        }
        #expect(try f.rows("SELECT count(*), sum(n) FROM t WHERE n > 30", mine) == [[4, .hugeInt(181)]])
        try mine.commitInMemory()
        #expect(try f.rows(sql).map { $0[1] } == [10, 31, 40, 50, 60])
    }

    @Test func `Definitions show in DuckDB for their transaction, then for all`() throws {
        let f = try ScannedFixture()
        let t = try f.fixture.begin()
        let id = f.fixture.engine.makeID()
        let table = TableDefinition(
            id: id, schema: "public", name: "u", columns: [TableColumn(attributeNumber: 1, name: "a", type: .integer)], owner: "admin")
        #expect(try t.createTable(table) == .done)
        #expect(try t.insert(id, rows: [[1], [2]]) == .done(inserted: 2, skipped: []))
        t.beginStatement()
        #expect(try f.rows("SELECT sum(a) FROM u", t) == [[.hugeInt(3)]])
        #expect(throws: LeibrixError.self) { try f.rows("SELECT * FROM u") }
        let mark = t.mark()
        var wide = table
        wide.columns.append(TableColumn(attributeNumber: 2, name: "b", type: .varchar))
        #expect(try t.rewriteTable(wide, columns: [.column(0), .value("new")]) == .done)
        t.beginStatement()
        #expect(try f.rows("SELECT b FROM u", t) == [["new"], ["new"]])
        t.rollBack(to: mark)
        #expect(throws: LeibrixError.self) { try f.rows("SELECT b FROM u", t) }
        try t.commitInMemory()
        #expect(try f.rows("SELECT count(*) FROM u") == [[2]])
        try f.fixture.run { #expect((try? $0.drop(id)) == .done) }
        #expect(throws: LeibrixError.self) { try f.rows("SELECT * FROM u") }
    }

    @Test func `Every type comes back as it was`() throws {
        let f = try ScannedFixture()
        let engine = f.fixture.engine
        let rows: [(DataType, Value)] = [
            (.boolean, true), (.tinyInt, -5), (.smallInt, -500), (.integer, -70_000), (.bigInt, .integer(.min + 1)),
            (.hugeInt, .hugeInt(-(1 << 100))), (.unsignedBigInt, .unsigned(.max)), (.real, .real(1.5)), (.double, .double(-2.25)),
            (.decimal(width: 4, scale: 1), .decimal(-123, width: 4, scale: 1)), (.decimal(width: 38, scale: 2), .decimal(12_345, width: 38, scale: 2)),
            (.varchar, "a longer text than twelve bytes, ü"), (.blob, .blob([0, 255, 7])), (.date, .date(-3)), (.time, .time(5)),
            (.timestamp, .timestamp(-1)), (.timestampTZ, .timestampTZ(77)), (.interval, .interval(months: 1, days: -2, micros: 3)),
            (.uuid, .uuid(42)), (.json, "{\"a\": 1}"), (.list(.varchar), .list(["x", .null, "yy"])),
            (.list(.list(.integer)), .list([.list([1, 2]), .list([]), .null])),
            (.structure([.init("a", .integer), .init("b", .varchar)]), .structure([.init("a", 7), .init("b", "z")])),
            (.array(.integer, size: 2), .list([8, 9])), (.map(key: .varchar, value: .integer), .map([.init("k", 4)])),
            (.enumeration(["red", "blue"]), "blue"), (.bit, "10110"),
        ]
        let table = TableDefinition(
            id: engine.makeID(), schema: "public", name: "every",
            columns: rows.enumerated().map { TableColumn(attributeNumber: Int16($0 + 1), name: "c\($0)", type: $1.0) }, owner: "admin")
        try f.fixture.run { t in
            #expect((try? t.createTable(table)) == .done)
            _ = try t.insert(table.id, rows: [rows.map(\.1), rows.map { _ in .null }, rows.map(\.1)])
        }
        let scanned = try f.rows("SELECT * FROM every ORDER BY rowid")
        #expect(scanned[0] == rows.map(\.1))
        #expect(scanned[1] == rows.map { _ in .null })
        // And from DuckDB's own vectors into another table.
        var copy = table
        copy.id = engine.makeID()
        copy.name = "copy"
        var result = try f.connection.query("SELECT * FROM every ORDER BY rowid")
        let batch = try #require(try result.next())
        try f.fixture.run { t in
            #expect((try? t.createTable(copy)) == .done)
            #expect((try? t.insert(copy.id, batch)) == .done(inserted: 3, skipped: []))
        }
        #expect(try f.rows("SELECT * FROM copy ORDER BY rowid") == scanned)
        let t = try f.fixture.begin()
        #expect(try t.values(copy.id, RowID(group: 0, slot: 2)) == scanned[2])
        #expect(try t.values(copy.id, RowID(group: 0, slot: 1)) == scanned[1])
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `Random transactions agree with a model, by index and by scan`(seed: UInt64) throws {
        var history = try RandomHistory(seed: seed)
        for _ in 0..<400 { try history.step() }
        try history.finish()
    }
}

/// Interleaved transactions over forty keys, each beside a dictionary that says what it must see.
struct RandomHistory {
    struct Open {
        let transaction: TableTransaction
        var seen: [Int64: Int64]
        var own: [Int64: Int64?] = [:]
        var marks: [(TableTransaction.Mark, [Int64: Int64], [Int64: Int64?])] = []
    }

    let seed: UInt64
    var random: SeededGenerator
    let f: ScannedFixture
    var committed: [Int64: Int64] = [:]
    var open: [Open] = []

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        f = try ScannedFixture()
    }

    mutating func step() throws {
        if open.count < 4, open.isEmpty || Int.random(in: 0..<6, using: &random) == 0 { return try begin() }
        let place = Int.random(in: 0..<open.count, using: &random)
        beginStatement(place)
        switch Int.random(in: 0..<20, using: &random) {
        case 0: try commit(place)
        case 1: open.remove(at: place).transaction.rollback()
        case 2: open[place].marks.append((open[place].transaction.mark(), open[place].seen, open[place].own))
        case 3: rollBackToMark(place)
        case 4...5: try check(place)
        default: try write(place)
        }
    }

    mutating func begin() throws {
        let isolation: TransactionIsolation = Bool.random(using: &random) ? .readCommitted : .repeatableRead
        open.append(Open(transaction: try f.fixture.engine.begin(isolation), seen: committed))
    }

    mutating func beginStatement(_ place: Int) {
        let transaction = open[place].transaction
        transaction.beginStatement()
        guard transaction.isolation == .readCommitted else { return }
        open[place].seen = committed
        for (id, n) in open[place].own { open[place].seen[id] = n }
    }

    mutating func rollBackToMark(_ place: Int) {
        guard let (mark, seen, own) = open[place].marks.popLast() else { return }
        open[place].transaction.rollBack(to: mark)
        open[place].seen = seen
        open[place].own = own
    }

    mutating func commit(_ place: Int) throws {
        let ended = open.remove(at: place)
        try ended.transaction.commitInMemory()
        for (id, n) in ended.own { committed[id] = n }
    }

    mutating func write(_ place: Int) throws {
        let transaction = open[place].transaction
        let id = Int64.random(in: 0..<40, using: &random)
        let n = Int64.random(in: -1_000...1_000, using: &random)
        do {
            if open[place].seen[id] == nil {
                guard try f.fixture.insert(id, n, transaction, String(n)) == one else { return }
                note(place, id, n)
            } else if Int.random(in: 0..<3, using: &random) == 0 {
                guard try f.fixture.delete(id, transaction) == .done else { return }
                note(place, id, nil)
            } else {
                guard try f.fixture.update(id, n: n, transaction) == .done else { return }
                note(place, id, n)
            }
        } catch let error as LeibrixError where error.sqlState == "40001" || error.sqlState == "23505" {
            // A key that somebody has committed since, or a row: what it says must be so.
            if error.sqlState == "23505" { #expect(committed[id] != nil, "seed \(seed)") }
            open.remove(at: place).transaction.rollback()
        }
    }

    mutating func note(_ place: Int, _ id: Int64, _ n: Int64?) {
        open[place].seen[id] = n
        open[place].own[id] = .some(n)
    }

    func check(_ place: Int) throws {
        try check(open[place].transaction, open[place].seen)
    }

    func check(_ transaction: TableTransaction, _ seen: [Int64: Int64]) throws {
        let expected = seen.sorted { $0.key < $1.key }.map { [Value.integer($0.key), .integer($0.value)] }
        #expect(try f.rows("SELECT id, n FROM t ORDER BY id", transaction) == expected, "scan, seed \(seed)")
        let byIndex = try (0..<40).compactMap { id in try f.fixture.n(id, transaction).map { [Value.integer(id), .integer($0)] } }
        #expect(byIndex == expected, "index, seed \(seed)")
        var ranged: [[Value]] = []
        let handle = try f.fixture.handle(transaction)
        transaction.range(handle, from: .unbounded, to: .unbounded, reverse: true) { row in
            ranged.append(transaction.withRow(handle, row) { [$0.value(0), $0.value(1)] } ?? [])
            return true
        }
        #expect(ranged == expected.reversed(), "range, seed \(seed)")
    }

    mutating func finish() throws {
        for one in open { one.transaction.rollback() }
        try check(try f.fixture.begin(), committed)
    }
}
