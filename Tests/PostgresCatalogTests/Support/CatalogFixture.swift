import Base
import Columnar
import DuckDBKit
import Platform
import PostgresCatalog
import SQLSyntax
import Testing

/// A DuckDB instance with the catalog installed over a few relations, and statements as clients send them.
final class CatalogFixture: Sendable {
    static let shared = Result { () throws(LeibrixError) in try CatalogFixture() }

    static let relations: [CatalogSnapshot.Relation] = [
        .init(
            schema: "app", name: "t",
            columns: [
                .init("id", .integer, isNotNull: true, comment: "the key"), .init("name", .varchar),
                .init("price", .decimal(width: 10, scale: 2)), .init("at", .timestampTZ), .init("tags", .list(.varchar)),
                .init("doc", .json),
            ], comment: "things", rows: 1_000, bytes: 81_920),
        .init(schema: "app", name: "v", kind: .view, columns: [.init("id", .integer)], definition: " SELECT t.id FROM app.t;"),
        .init(
            schema: "public", name: "lineitem",
            columns: [.init("l_orderkey", .bigInt, isNotNull: true), .init("l_shipdate", .date), .init("Mixed Case", .double)]),
    ]

    let database: Database
    let relations: RelationCatalog
    let catalog: PostgresCatalog

    init() throws(LeibrixError) {
        database = try Database(DatabaseConfiguration(threads: 1))
        let connection = try database.connect()
        relations = try RelationCatalog(attachingTo: connection, name: "lbx")
        relations.addSchema("app")
        let snapshot = CatalogSnapshot(
            database: "leibrix", owner: "admin", schemas: ["app", "leibrix"], relations: Self.relations,
            roles: [.init(name: "ana", isSuperuser: false)])
        let setting = LiveState.Setting(
            name: "max_index_keys", value: "32", category: "Preset Options", summary: "Keys of an index.", isSessionSetting: false,
            type: "integer")
        catalog = PostgresCatalog(version: { 1 }, snapshot: { snapshot }, live: LiveState(settings: { [setting] }, activity: { [] }))
        try catalog.install(into: connection, relations: relations)
    }

    func connect() throws(LeibrixError) -> Connection {
        let connection = try database.connect()
        try connection.execute("USE lbx.public")
        return connection
    }

    /// The answer to a statement of a client's.
    func rows(_ sql: String, _ parameters: [Value] = [], on connection: Connection) throws(LeibrixError) -> [[Value]] {
        let query = try prepare(sql, on: connection)
        for (index, name) in query.parameterNames.enumerated() {
            guard let number = Int(name), parameters.indices.contains(number - 1) else { continue }
            try query.bind(index, parameters[number - 1])
        }
        var result = try query.execute()
        var rows: [[Value]] = []
        while let batch = try result.next() { for row in 0..<batch.rowCount { rows.append(batch.row(row)) } }
        return rows
    }

    func prepare(_ sql: String, on connection: Connection) throws(LeibrixError) -> PreparedQuery {
        try connection.prepare(try rewritten(sql))
    }

    /// As the session has it rewritten, with its own values for what only a session knows.
    func rewritten(_ sql: String) throws(LeibrixError) -> String {
        let text = try SQLText(sql)
        return try text.rewritten().assemble { reference in
            switch reference {
            case .currentUser, .sessionUser: "'admin'"
            case .currentDatabase: "'leibrix'"
            case .currentSchema: "'public'"
            case .currentSchemas(let implicit): implicit ? "['pg_catalog', 'public']" : "['public']"
            case .version: "'PostgreSQL 15.0'"
            case .backendPID, .transactionID: "1"
            case .postmasterStart: "now()"
            case .currentSetting(.text("server_version_num"), _): "'150000'"
            case .currentSetting: "'on'"
            case .setConfig: "'off'"
            case .sequence: "error("
            case .preparedStatements, .cursors: "(SELECT NULL AS name WHERE false)"
            }
        }.sql
    }
}
