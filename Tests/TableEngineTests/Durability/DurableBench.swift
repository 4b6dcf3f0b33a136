import Base
import Catalog
import Columnar
import Platform
import Testing

@testable import TableEngine

/// For calls that block, off the cooperative pool.
private enum Threads {
    static let pool = BlockingPool(name: "durability", threads: 4)
}

/// An engine on a simulated disk that can be crashed and opened again.
struct DurableBench {
    let disk: SimulatedDisk
    var engine: TableEngine
    /// From the next crash on: indexes are loaded behind the engine, or not before `loadIndexes`.
    var loadsBehind = false
    var holdsLoading = false

    static func configuration(_ disk: SimulatedDisk) -> TableEngineConfiguration {
        var configuration = TableEngineConfiguration()
        configuration.rowsPerGroup = 2_048
        configuration.directory = "/data"
        configuration.disk = disk
        configuration.logSegmentBytes = 64 << 10
        configuration.checkpointBytes = 1 << 40
        return configuration
    }

    init(seed: UInt64) async throws {
        disk = SimulatedDisk(seed: seed)
        engine = try await Self.open(disk)
    }

    static func open(_ disk: SimulatedDisk, behind: Bool = false, held: Bool = false) async throws(LeibrixError) -> TableEngine {
        var made = configuration(disk)
        made.loadsIndexesBehind = behind
        made.holdsIndexLoading = held
        let configuration = made
        return try await Threads.pool.run { () throws(LeibrixError) in try TableEngine(configuration) }
    }

    /// The power goes, or with `kill` the process.
    mutating func crash(kill: Bool = false) async throws {
        if kill { disk.kill() } else { disk.crash() }
        disk.setFaults(SimulatedFaults())
        let old = engine
        try await Threads.pool.run { () throws(LeibrixError) in old.close() }
        engine = try await Self.open(disk, behind: loadsBehind, held: holdsLoading)
    }

    func waitForIndexes() async throws {
        let engine = engine
        try await Threads.pool.run { () throws(LeibrixError) in engine.waitForIndexes() }
    }

    func checkpoint() async throws(LeibrixError) {
        let engine = engine
        try await Threads.pool.run { () throws(LeibrixError) in try engine.checkpoint() }
    }

    func maintain() async throws {
        let engine = engine
        try await Threads.pool.run { () throws(LeibrixError) in engine.maintain() }
    }

    func close() async throws {
        let engine = engine
        try await Threads.pool.run { () throws(LeibrixError) in engine.close() }
    }

    func begin() throws -> TableTransaction {
        let transaction = try engine.begin()
        transaction.beginStatement()
        return transaction
    }

    /// One transaction, committed.
    @discardableResult
    func run<T>(waits: Bool = true, _ body: (TableTransaction) throws -> T) async throws -> T {
        let transaction = try begin()
        let result = try body(transaction)
        try await transaction.commit(waits: waits)
        return result
    }

    func createTable(_ name: String, _ columns: [(String, DataType)] = [("id", .bigInt), ("n", .integer), ("s", .varchar)]) async throws -> TableID {
        let (table, key) = (engine.makeID(), engine.makeID())
        let definition = TableDefinition(
            id: table, schema: "public", name: name,
            columns: columns.enumerated().map { place, column in
                TableColumn(attributeNumber: Int16(place + 1), name: column.0, type: column.1, isNotNull: place == 0)
            },
            keys: [KeyConstraint(id: engine.makeID(), name: name + "_pkey", kind: .primary, columns: [1], index: key)],
            indexes: [IndexDefinition(id: key, name: name + "_pkey", keys: [.init(.column(1))], isUnique: true)], owner: "admin")
        try await run { transaction in
            let answer = try transaction.createTable(definition)
            #expect(answer == .done)
        }
        return table
    }

    static func find(_ table: TableID, _ id: Int64, _ transaction: TableTransaction) throws -> RowID? {
        guard let definition = transaction.catalog.table(table), let index = definition.indexes.first else { return nil }
        let handle = try transaction.index(index.id, of: table)
        guard let key = try handle.index.key([.integer(id)]) else { return nil }
        return transaction.lookup(handle, key)
    }

    /// Every row that a new transaction sees, by the key's first column: once through the rows, once through the index.
    func rows(_ table: TableID) throws -> [Int64: [Value]] {
        let transaction = try begin()
        defer { transaction.rollback() }
        guard let store = transaction.current.stores[table] else { return [:] }
        var found: [Int64: [Value]] = [:]
        for group in store.locked({ $0.groups }) {
            for slot in 0..<group.publishedRows where unsafe group.access.pointee.isVisible(slot, transaction.view) {
                let values = store.types.indices.map { unsafe group.access.pointee.columns[$0].value(slot, store.types[$0]) }
                guard case .integer(let id) = values[0] else { continue }
                #expect(found[id] == nil, "key \(id) twice")
                found[id] = values
                let indexed = try Self.find(table, id, transaction)
                #expect(indexed == RowID(group: group.number, slot: slot), "key \(id) is not in the index")
            }
        }
        return found
    }
}
