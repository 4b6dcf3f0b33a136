internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Foundation
internal import Platform
internal import StreamEngine
@testable internal import StreamHost
internal import TableEngine
internal import Testing

/// Where tests wait for disks: never on the cooperative pool.
enum Threads {
    static let pool = BlockingPool(name: "streams over tables", threads: 8)
}

/// Tables on a disk, hosts over them one after another, and DuckDB to look at both: accounts (id, branch, balance, note), with a key,
/// and branches (bid, name), without one.
final class TableFixture: Sendable {
    let directory: String
    let database: Database
    let engine: TableEngine
    let relations: RelationCatalog
    let store: SQLiteControlStore
    let accounts: TableDefinition
    let branches: TableDefinition

    init(changesBytesMax: Int = 1 << 30, inMemory: Bool = false) throws {
        directory = FileManager.default.temporaryDirectory.path + "/lbx-host-\(UUID().uuidString)"
        database = try Database(DatabaseConfiguration(threads: 2))
        var configuration = TableEngineConfiguration()
        configuration.directory = inMemory ? nil : directory + "/tables"
        configuration.changesBytesMax = changesBytesMax
        try Files.createDirectory(directory + "/tables")
        engine = try TableEngine(configuration)
        relations = try RelationCatalog(attachingTo: try database.connect(), name: "lbx")
        store = try SQLiteControlStore(directory: directory)
        let key = engine.makeID()
        accounts = TableDefinition(
            id: engine.makeID(), schema: "public", name: "accounts",
            columns: [
                TableColumn(attributeNumber: 1, name: "id", type: .bigInt, isNotNull: true),
                TableColumn(attributeNumber: 2, name: "branch", type: .integer),
                TableColumn(attributeNumber: 3, name: "balance", type: .bigInt),
                TableColumn(attributeNumber: 4, name: "note", type: .varchar),
            ],
            keys: [KeyConstraint(id: engine.makeID(), name: "accounts_pkey", kind: .primary, columns: [1], index: key)],
            indexes: [IndexDefinition(id: key, name: "accounts_pkey", keys: [.init(.column(1))], isUnique: true)], owner: "admin")
        branches = TableDefinition(
            id: engine.makeID(), schema: "public", name: "branches",
            columns: [
                TableColumn(attributeNumber: 1, name: "bid", type: .integer), TableColumn(attributeNumber: 2, name: "name", type: .varchar),
            ], owner: "admin")
        try engine.attach(relations)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func makeTables() async throws {
        try await change { transaction in
            _ = try transaction.createTable(self.accounts)
            _ = try transaction.createTable(self.branches)
        }
    }

    func open(fault: @escaping @Sendable (String) -> Void = { _ in }) async throws -> StreamHost {
        try await Threads.pool.run { () throws(LeibrixError) in
            var configuration = StreamHostConfiguration(directory: self.directory + "/streams")
            configuration.fault = fault
            let host = try StreamHost(configuration, store: self.store, database: self.database, tables: self.engine)
            try host.attach(self.relations)
            return host
        }
    }

    /// One transaction.
    func change(_ body: (TableTransaction) throws -> Void) async throws {
        let transaction = try engine.begin()
        transaction.beginStatement()
        try body(transaction)
        try await transaction.commit()
    }

    /// The rows of a query as a transaction sees them, sorted as texts.
    func rows(_ query: String, _ transaction: TableTransaction? = nil) async throws -> [String] {
        let token = transaction?.scanToken ?? 0
        let database = database
        return try await Threads.pool.run { () throws(LeibrixError) in
            let connection = try database.connect()
            _ = try connection.rows("USE lbx.public")
            connection.setScanToken(token)
            return try connection.rows(query).map { "\($0)" }.sorted()
        }
    }

    /// A few random changes of a transaction: rows that come, go, and change, their keys too.
    func churn(_ random: inout SeededGenerator, _ transaction: TableTransaction) throws {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            var ids: [(Int64, RowID)] = []
            let handle = try transaction.index(accounts.indexes[0].id, of: accounts.id)
            for id in Int64(0)..<40 {
                if let key = try handle.index.key([.integer(id)]), let row = transaction.lookup(handle, key) { ids.append((id, row)) }
            }
            let branch = Value.integer(Int64.random(in: 0..<4, using: &random))
            let row: (Int64) -> [Value] = { id in [.integer(id), branch, .integer(id * 7 % 100), id % 3 == 0 ? .null : .string("note \(id)")] }
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let free = Int64.random(in: 0..<40, using: &random)
                if !ids.contains(where: { $0.0 == free }) { _ = try transaction.insert(accounts.id, rows: [row(free)]) }
            case 4..<7:
                guard let (id, place) = ids.randomElement(using: &random) else { break }
                _ = try transaction.update(accounts.id, [place], columns: [1, 2], values: [[branch, .integer(Int64.random(in: 0..<1_000, using: &random) + id)]])
            case 7:
                guard let (_, place) = ids.randomElement(using: &random) else { break }
                _ = try transaction.delete(accounts.id, [place])
            case 8: _ = try transaction.insert(branches.id, rows: [[branch, .string("branch \(branch)")]])
            default: if Int.random(in: 0..<4, using: &random) == 0 { _ = try transaction.truncate(branches.id) }
            }
            transaction.beginStatement()
        }
    }
}

extension StreamHost {
    func make(_ kind: StreamObject.Kind, _ name: String, _ query: String) async throws {
        let made = StreamHostTests.object(kind, name, query)
        try await Threads.pool.run { () throws(LeibrixError) in try self.create(made) }
    }

    func stop() async throws { try await Threads.pool.run { () throws(LeibrixError) in self.close() } }

    /// Leaves everything as a crash would, the follower's thread too.
    func abandonFollowing() async throws {
        try await Threads.pool.run { () throws(LeibrixError) in
            self.closeFollower()
            self.abandon()
        }
    }
}
