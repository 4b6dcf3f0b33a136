// Durable commits of one row, alone and 32 at a time, and reads by primary key: the table engine beside SQLite, both in this process,
// on the same disk. SQLite runs prepared statements, journal_mode WAL and synchronous FULL.
internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import Dispatch
internal import Foundation
internal import Platform
internal import Synchronization
internal import TableEngine

enum CommitBench {
    static func run(_ context: BenchContext) throws -> BenchReport {
        let commits = max(100, Int(5_000 * context.scale))
        let rows = max(1_000, Int(1_000_000 * context.scale))
        var report = BenchReport(name: "wal", settings: context.settings + [("commits", "\(commits)"), ("rows read from", "\(rows)")])
        let folder = try context.temporaryFolder("wal")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let table = try BenchTable(folder + "/ours", rows: rows)
        defer { table.engine.close() }
        let peer = try SQLitePeer(folder + "/sqlite.db", rows: rows)
        var (alone, theirs, grouped) = (0.0, 0.0, 0.0)
        for round in 0..<max(context.rounds, 1) {
            let first = Int64(rows + round * commits * 2)
            alone = max(alone, try rate(commits) { try table.commit(first..<first + Int64(commits), writers: 1) })
            grouped = max(grouped, try rate(commits) { try table.commit(first + Int64(commits)..<first + Int64(2 * commits), writers: 32) })
            theirs = max(theirs, try rate(commits) { try peer.commit(first..<first + Int64(commits)) })
        }
        report.figures.append(BenchFigure("commits, one committer", unit: "/s", ours: alone, peer: theirs, peerName: "SQLite FULL", atLeast: 1))
        report.figures.append(BenchFigure("commits, 32 committers", unit: "/s", ours: grouped, peer: theirs, peerName: "SQLite FULL, one", atLeast: 2))
        let keys = keys(rows)
        let ours = try Timing.best(of: context.rounds) { try table.read(keys) } / Double(keys.count)
        let lookups = try Timing.best(of: context.rounds) { try peer.read(keys) } / Double(keys.count)
        report.figures.append(
            BenchFigure("reads by key, each in a transaction of its own", unit: "/s", ours: 1 / ours, peer: 1 / lookups, peerName: "SQLite", atLeast: 4))
        return report
    }

    private static func rate(_ count: Int, _ body: () throws -> Void) rethrows -> Double { Double(count) / (try Timing.seconds(body).seconds) }

    private static func keys(_ rows: Int) -> [Int64] {
        var generator = SeededGenerator(seed: 7)
        return (0..<min(rows, 500_000)).map { _ in Int64(generator.next() % UInt64(rows)) }
    }
}

/// (id BIGINT PRIMARY KEY, n BIGINT) in an engine of its own; n is 3 times the id.
private final class BenchTable: Sendable {
    let engine: TableEngine
    private let table: TableID
    private let key: TableID

    init(_ directory: String, rows: Int) throws {
        try Files.createDirectory(directory)
        var configuration = TableEngineConfiguration()
        configuration.directory = directory
        engine = try TableEngine(configuration)
        table = engine.makeID()
        key = engine.makeID()
        let definition = TableDefinition(
            id: table, schema: "public", name: "t",
            columns: [
                TableColumn(attributeNumber: 1, name: "id", type: .bigInt, isNotNull: true), TableColumn(attributeNumber: 2, name: "n", type: .bigInt),
            ],
            keys: [KeyConstraint(id: engine.makeID(), name: "t_pkey", kind: .primary, columns: [1], index: key)],
            indexes: [IndexDefinition(id: key, name: "t_pkey", keys: [.init(.column(1))], isUnique: true)], owner: "admin")
        try write { _ = try $0.createTable(definition) }
        for first in stride(from: 0, to: Int64(rows), by: 10_000) {
            try write { [table] in _ = try $0.insert(table, rows: (first..<min(Int64(rows), first + 10_000)).map { [.integer($0), .integer($0 * 3)] }) }
        }
    }

    private func write(_ body: @escaping @Sendable (TableTransaction) throws -> Void) throws {
        try Self.wait { [engine] in
            let transaction = try engine.begin()
            transaction.beginStatement()
            try body(transaction)
            try await transaction.commit()
        }
    }

    /// Runs a task to its end, from a thread that may block.
    private static func wait(_ body: @escaping @Sendable () async throws -> Void) throws {
        let done = DispatchSemaphore(value: 0)
        let box = Outcome()
        Task.detached {
            do { try await body() } catch { box.set(error) }
            done.signal()
        }
        done.wait()
        if let error = box.error { throw error }
    }

    private final class Outcome: Sendable {
        private let failure = Mutex<(any Error)?>(nil)
        func set(_ error: any Error) { failure.withLock { $0 = error } }
        var error: (any Error)? { failure.withLock { $0 } }
    }

    func commit(_ ids: Range<Int64>, writers: Int64) throws {
        let (engine, table) = (engine, table)
        try Self.wait {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        for id in stride(from: ids.lowerBound + writer, to: ids.upperBound, by: Int(writers)) {
                            let transaction = try engine.begin()
                            transaction.beginStatement()
                            _ = try transaction.insert(table, rows: [[.integer(id), .integer(id * 3)]])
                            try await transaction.commit()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    func read(_ keys: [Int64]) throws {
        for id in keys {
            let transaction = try engine.begin(.readCommitted, readOnly: true)
            transaction.beginStatement()
            let handle = try transaction.index(key, of: table)
            let row = transaction.lookup(handle, handle.index.key(bits: UInt64(bitPattern: id)))
            let value = row.flatMap { transaction.withRow(handle, $0) { $0.integer(1) } }
            transaction.rollback()
            guard value == id * 3 else { throw LeibrixError(.internal, "key \(id) has \(value as Any)") }
        }
    }
}

private struct SQLitePeer {
    private let database: SQLiteDatabase
    private let insert: SQLiteStatement
    private let select: SQLiteStatement

    init(_ path: String, rows: Int) throws {
        database = try SQLiteDatabase(path, .create)
        try database.run("PRAGMA journal_mode = WAL")
        try database.run("PRAGMA synchronous = FULL")
        try database.run("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")
        insert = try database.prepare("INSERT INTO t VALUES (?1, ?2)")
        select = try database.prepare("SELECT n FROM t WHERE id = ?1")
        try database.run("BEGIN")
        for id in 0..<Int64(rows) { _ = try insert.run(id, id * 3) }
        try database.run("COMMIT")
    }

    func commit(_ ids: Range<Int64>) throws {
        for id in ids { _ = try insert.run(id, id * 3) }
    }

    func read(_ keys: [Int64]) throws {
        for id in keys {
            guard try select.run(id) == id * 3 else { throw LeibrixError(.internal, "key \(id) has another value") }
        }
    }
}
