internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Session
internal import TableEngine

/// A server over a real DuckDB with relations in the attached catalog `lbx`, and sessions of it.
struct Fixture {
    let server: SQLServer
    let relations: RelationCatalog
    let datasets: FakeDatasets
    let tables: TableEngine
    private let directory: TemporaryDirectory

    /// Relations `lbx.public.numbers` (n BIGINT, 1 to `rows`) and `lbx.public.words` (w VARCHAR).
    init(rows: Int = 5_000, _ configure: (inout SQLServerConfiguration) -> Void = { _ in }) throws {
        let database = try Database(DatabaseConfiguration(threads: 2))
        relations = try RelationCatalog(attachingTo: try database.connect(), name: "lbx")
        for schema in ["pg_catalog", "information_schema", "leibrix"] { relations.addSchema(schema) }
        datasets = FakeDatasets()
        try Self.publish(rows, relations, datasets)
        var configuration = SQLServerConfiguration()
        configure(&configuration)
        directory = try TemporaryDirectory("session")
        let principals = try PrincipalDirectory(store: SQLiteControlStore(directory: directory.path))
        tables = try TableEngine()
        server = try SQLServer(
            configuration, engine: database, principals: principals, datasets: datasets, tables: tables,
            relationNumbers: { schema, name in
                switch (schema, name) {
                case ("public", "numbers"): RelationNumbers(oid: 5_001, columns: ["n"])
                case ("public", "words"): RelationNumbers(oid: 5_002, columns: ["w"])
                default: nil
                }
            })
        try relations.publish(server.systemTables.map { table in
            .virtual(schema: table.schema, name: table.name, columns: table.columns.map { RelationColumn($0.name, $0.type) }, rows: table.rows)
        })
        try tables.attach(relations)
    }

    func publish(_ rows: Int) throws { try Self.publish(rows, relations, datasets) }

    private static func publish(_ rows: Int, _ relations: RelationCatalog, _ datasets: FakeDatasets) throws {
        let numbers = try RowGroup.groups(of: (1...rows).map { [.integer(Int64($0))] }, types: [.bigInt])
        let words = try RowGroup.groups(of: ["ab", "bc", "äöü"].map { [.string($0)] }, types: [.varchar])
        let version = try relations.publish([
            .put(schema: "public", name: "numbers", RelationSnapshot(columns: [RelationColumn("n", .bigInt)], rowGroups: numbers)),
            .put(schema: "public", name: "words", RelationSnapshot(columns: [RelationColumn("w", .varchar)], rowGroups: words)),
        ])
        datasets.publish(version)
    }

    func session(_ settings: [(name: String, value: String)] = []) throws -> SQLSession {
        try server.openSession(
            SessionOpening(user: "admin", database: "leibrix", settings: settings, peer: "127.0.0.1", door: "test"))
    }
}

/// A directory of a test's, removed with its last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init(_ name: String) throws {
        path = "/tmp/leibrix-\(name)-\(Random.integer(UInt64.self))"
        try Files.createDirectory(path)
    }

    deinit { try? Files.removeTree(path) }
}

extension SQLSession {
    /// Runs one statement and gives its rows as values.
    @discardableResult
    func run(_ sql: String, _ parameters: [Value] = [], types: [DataType?] = []) async throws(LeibrixError) -> [[Value]] {
        try await tagged(sql, parameters, types: types).rows
    }

    func tagged(
        _ sql: String, _ parameters: [Value] = [], types: [DataType?] = []
    ) async throws(LeibrixError) -> (rows: [[Value]], tag: String, notices: [LeibrixError]) {
        var last: (rows: [[Value]], tag: String, notices: [LeibrixError]) = ([], "", [])
        do throws(LeibrixError) {
            for text in try split(sql) {
                let statement = try await prepare(text, parameterTypes: types)
                // As doors do: at once where that can be.
                let execution: SQLExecution
                if let answer = try executeNow(statement, parameters: parameters) {
                    execution = answer
                } else {
                    execution = try await execute(statement, parameters: parameters)
                }
                var rows: [[Value]] = []
                while let batch = try await execution.next() {
                    for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
                }
                last = (rows, execution.commandTag(rows: rows.count), execution.takeNotices())
            }
        } catch {
            try await endImplicitTransaction(failed: true)
            throw error
        }
        if !endImplicitTransactionNow(failed: false) { try await endImplicitTransaction(failed: false) }
        return last
    }

    /// The error a statement ends with.
    func failure(_ sql: String, _ parameters: [Value] = []) async -> LeibrixError? {
        do throws(LeibrixError) {
            try await run(sql, parameters)
            return nil
        } catch { return error }
    }
}
