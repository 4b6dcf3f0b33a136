// The session's part in transactions over tables: one TableTransaction, begun when first wanted, ended with the block or
// with the implicit transaction around a statement.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import StreamHost
internal import TableEngine

extension SQLSession {
    func requireTables() throws(LeibrixError) -> TableEngine {
        if let tables = server.tables { return tables }
        throw LeibrixError(.notSupported, "this server has no tables", hint: "Start it with a data directory.")
    }

    /// Definitions as the session's transaction sees them.
    var tableCatalog: TableCatalog { tables?.catalog ?? server.tables?.catalog ?? TableCatalog() }

    var planVersion: PlanVersion {
        PlanVersion(catalog: tables?.catalogVersion ?? server.tables?.catalogVersion ?? 0, transaction: definitions)
    }

    /// The running transaction over tables, begun if there is none.
    func tableTransaction() throws(LeibrixError) -> TableTransaction {
        if let tables { return tables }
        let level: TransactionIsolation =
            switch transaction.isBlock ? transaction.isolation : derived.isolation {
            case .repeatableRead: .repeatableRead
            case .serializable: .serializable
            default: .readCommitted
            }
        let isReadOnly = isReadOnly
        if let spare = spareTables, try spare.beginAgain(level, readOnly: isReadOnly) {
            tables = spare
            return spare
        }
        let made = try requireTables().begin(level, readOnly: isReadOnly)
        tables = made
        return made
    }

    /// The running transaction at the beginning of a statement. One that is begun for it has the newest snapshot already.
    func tablesForStatement() throws(LeibrixError) -> TableTransaction {
        if let tables {
            tables.beginStatement()
            return tables
        }
        let begun = try tableTransaction()
        begun.beginFirstStatement()
        return begun
    }

    var isReadOnly: Bool { transaction.isBlock ? transaction.isReadOnly : derived.isReadOnly }

    func refuseReadOnly(_ command: String) throws(LeibrixError) {
        guard isReadOnly else { return }
        throw LeibrixError(
            .readOnlyTransaction, "cannot execute \(command) in a read-only transaction", hint: "SET TRANSACTION READ WRITE, or begin another.")
    }

    /// Makes what was written last, and visible.
    func commitTables() async throws(LeibrixError) {
        do throws(LeibrixError) {
            if !deferred.values.isEmpty, tables != nil { try await checkDeferred() }
            if !onCommit.isEmpty, tables != nil { try await applyOnCommit() }
        } catch {
            pendingRows = []
            rollBackTables()
            throw error
        }
        if let running = tables {
            let waits = derived.isSynchronous
            tables = nil
            definitions = 0
            deferred = DeferredKeys()
            do throws(LeibrixError) {
                try await running.commit(waits: waits)
            } catch {
                pendingRows = []
                throw error
            }
        }
        try await pushPending()
    }

    func rollBackTables() {
        pendingRows = []
        tables?.rollback()
        tables = nil
        definitions = 0
        deferred = DeferredKeys()
    }

    // MARK: Names

    /// Schemas in which names without one are looked up.
    var searchSchemas: [String] { derived.searchSchemas }

    /// What a name stands for among tables, views, sequences and indexes; nil for none.
    func lookup(_ name: SQLSyntax.ObjectName) throws(LeibrixError) -> NamedRelation? {
        let catalog = tableCatalog
        let (schema, last) = try split(name)
        if let schema { return catalog.lookup(schema: schema, name: last.name) }
        for schema in searchSchemas {
            if let found = catalog.lookup(schema: schema, name: last.name) { return found }
        }
        return nil
    }

    /// The schema that is written, if one is, and the name.
    func split(_ name: SQLSyntax.ObjectName) throws(LeibrixError) -> (schema: String?, name: Identifier) {
        var parts = name.parts
        if parts.count == 3 {
            guard parts[0].name == server.configuration.database else {
                throw LeibrixError(
                    .notSupported, "cross-database references are not implemented: \"\(name.text)\"", hint: "There is one database.",
                    position: name.position)
            }
            parts.removeFirst()
        }
        let written = parts.count == 2 ? parts[0].name : nil
        let schema = written == "main" ? "public" : written == "pg_temp" ? temporarySchema : written
        return (schema, parts[parts.count - 1])
    }

    /// A table by name; throws what is wrong with it where there is none.
    func table(_ name: SQLSyntax.ObjectName) throws(LeibrixError) -> TableDefinition {
        if case .table(let id)? = try lookup(name), let table = tableCatalog.table(id) { return table }
        throw try missing(name, wanted: "table")
    }

    /// The error for a name that is no `wanted`.
    func missing(_ name: SQLSyntax.ObjectName, wanted: String) throws(LeibrixError) -> LeibrixError {
        let (schema, last) = try split(name)
        if try lookup(name) != nil {
            return LeibrixError(.readOnlyRelation, "\"\(last.name)\" is not a \(wanted)", hint: "Name a \(wanted).", position: name.position)
        }
        if schema == nil || schema == "public", server.datasets?.datasetNames.contains(last.name) == true {
            return LeibrixError(
                .notSupported, "\"\(last.name)\" is a dataset, not a \(wanted)",
                hint: "Datasets are read-only: change the source table and REFRESH DATASET.", position: name.position)
        }
        if let schema, !tableCatalog.hasSchema(schema) {
            if ["pg_catalog", "information_schema", "leibrix"].contains(schema) {
                return LeibrixError(.permissionDenied, "permission denied: \"\(schema)\" is a system schema", hint: "Name a table of yours.", position: name.position)
            }
            return LeibrixError(.undefinedSchema, "schema \"\(schema)\" does not exist", hint: "CREATE SCHEMA makes one.", position: name.position)
        }
        let names = tableCatalog.tables.map(\.name)
        return LeibrixError(
            .undefinedRelation, "\(wanted == "table" || wanted == "view" ? "relation" : wanted) \"\(name.text)\" does not exist",
            hint: suggestion(for: last.name, among: names, what: "tables") ?? "CREATE TABLE makes one.", position: name.position)
    }

    /// The table that a change names.
    func changedTable(_ name: SQLSyntax.ObjectName, _ command: String) throws(LeibrixError) -> TableDefinition {
        if case .view(let id)? = try lookup(name), let view = tableCatalog.view(id) {
            let verb = ["INSERT": "insert into", "UPDATE": "update", "DELETE": "delete from"][command] ?? "change"
            throw LeibrixError(
                .notSupported, "cannot \(verb) view \"\(view.name)\"", hint: "Change the tables that it reads.", position: name.position, sqlState: "55000")
        }
        return try table(name)
    }

    /// Names of tables and views, in lower case: what a query that names one of them must be read with.
    var tableNames: Set<String> {
        guard server.tables != nil else { return [] }
        let catalog = tableCatalog
        guard !catalog.isEmpty else { return streamViewNames }
        return Set(catalog.tables.map { $0.name.lowercased() } + catalog.views.map { $0.name.lowercased() }).union(streamViewNames)
    }

    /// Views of streams change as tables do.
    private var streamViewNames: Set<String> {
        Set(server.streams?.objects.filter { $0.kind == .view }.map { $0.name.lowercased() } ?? [])
    }
}
