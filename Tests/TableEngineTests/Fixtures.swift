import Base
import Catalog
import Columnar
import Testing

@testable import TableEngine

/// A table of (id BIGINT PRIMARY KEY, n INTEGER, s VARCHAR) in an engine of its own.
struct Fixture {
    let engine: TableEngine
    let table: TableID
    let key: TableID

    init(rowsPerGroup: Int = 2_048, extra: [IndexDefinition] = []) throws {
        var configuration = TableEngineConfiguration()
        configuration.rowsPerGroup = rowsPerGroup
        engine = try TableEngine(configuration)
        table = engine.makeID()
        key = engine.makeID()
        let transaction = try engine.begin()
        let definition = TableDefinition(
            id: table, schema: "public", name: "t",
            columns: [
                TableColumn(attributeNumber: 1, name: "id", type: .bigInt, isNotNull: true),
                TableColumn(attributeNumber: 2, name: "n", type: .integer),
                TableColumn(attributeNumber: 3, name: "s", type: .varchar),
            ],
            keys: [KeyConstraint(id: engine.makeID(), name: "t_pkey", kind: .primary, columns: [1], index: key)],
            indexes: [IndexDefinition(id: key, name: "t_pkey", keys: [.init(.column(1))], isUnique: true)] + extra, owner: "admin")
        #expect(try transaction.createTable(definition) == .done)
        try transaction.commitInMemory()
    }

    func begin(_ isolation: TransactionIsolation = .readCommitted) throws -> TableTransaction {
        let transaction = try engine.begin(isolation)
        transaction.beginStatement()
        return transaction
    }

    func handle(_ transaction: TableTransaction) throws -> IndexHandle { try transaction.index(key, of: table) }

    func find(_ id: Int64, _ transaction: TableTransaction) throws -> RowID? {
        let handle = try handle(transaction)
        guard let key = try handle.index.key([.integer(id)]) else { return nil }
        return transaction.lookup(handle, key)
    }

    func values(_ id: Int64, _ transaction: TableTransaction) throws -> [Value]? {
        try find(id, transaction).flatMap { try transaction.values(table, $0) }
    }

    func n(_ id: Int64, _ transaction: TableTransaction) throws -> Int64? {
        guard case .integer(let n)? = try values(id, transaction)?[1] else { return nil }
        return n
    }

    @discardableResult
    func insert(_ id: Int64, _ n: Int64, _ transaction: TableTransaction, _ s: String = "x") throws -> InsertOutcome {
        try transaction.insert(table, rows: [[.integer(id), .integer(n), .string(s)]])
    }

    @discardableResult
    func update(_ id: Int64, n: Int64, _ transaction: TableTransaction) throws -> WriteOutcome {
        guard let row = try find(id, transaction) else { return .changed }
        return try transaction.update(table, [row], columns: [1], values: [[.integer(n)]])
    }

    func delete(_ id: Int64, _ transaction: TableTransaction) throws -> WriteOutcome {
        guard let row = try find(id, transaction) else { return .changed }
        return try transaction.delete(table, [row])
    }

    /// One statement in a transaction of its own.
    @discardableResult
    func run<T>(_ body: (TableTransaction) throws -> T) throws -> T {
        let transaction = try begin()
        let result = try body(transaction)
        try transaction.commitInMemory()
        return result
    }
}

let one: InsertOutcome = .done(inserted: 1, skipped: [])
