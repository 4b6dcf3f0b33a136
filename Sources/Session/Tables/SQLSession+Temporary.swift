// Temporary tables, views and sequences: relations in a schema of the session's own, which comes first in its search_path and
// goes with it. They are ordinary relations otherwise, so a server that was killed finds them again: who makes the next temporary
// relation drops the schemas of sessions that are no more.
internal import Base
internal import Catalog
internal import SQLSyntax
internal import TableEngine

/// ON COMMIT of a temporary table, where it is not PRESERVE ROWS.
enum OnCommit: Sendable { case drop, deleteRows }

extension SQLSession {
    static let temporaryPrefix = "pg_temp_"

    var temporarySchema: String { Self.temporaryPrefix + String(cancelKey.processID) }

    var temporaryIfAny: String? { hasTemporary && tableCatalog.hasSchema(temporarySchema) ? temporarySchema : nil }

    /// The name of a new temporary relation.
    func temporaryName(_ name: SQLSyntax.ObjectName) throws(LeibrixError) -> (schema: String, name: String) {
        let (written, last) = try split(name)
        guard written == nil || written == temporarySchema else {
            throw LeibrixError(
                .syntax, "cannot create temporary relation in non-temporary schema", hint: "Leave the schema out.", position: name.position, sqlState: "42P16")
        }
        return (temporarySchema, last.name)
    }

    /// The session's schema, made with its first temporary relation. What sessions before this server's start left goes.
    func makeTemporarySchema(_ tables: TableTransaction) throws(LeibrixError) -> WriteOutcome {
        if !hasTemporary {
            for schema in tables.catalog.schemas where schema.name.hasPrefix(Self.temporaryPrefix) {
                guard let number = Int32(schema.name.dropFirst(Self.temporaryPrefix.count)), number == cancelKey.processID || server.registry.session(number: number) == nil
                else { continue }
                let outcome = try dropAll(in: schema.name, tables)
                if outcome != .done { return outcome }
            }
        }
        hasTemporary = true
        guard !tables.catalog.hasSchema(temporarySchema) else { return .done }
        return try tables.put(SchemaDefinition(id: try requireTables().makeID(), name: temporarySchema, owner: user.name))
    }

    private func dropAll(in schema: String, _ tables: TableTransaction) throws(LeibrixError) -> WriteOutcome {
        let dropped = try drop(Self.relations(in: schema, tables.catalog).map(\.relation), cascade: true, tables)
        return dropped == .done ? try tables.dropSchema(schema) : dropped
    }

    /// What ON COMMIT says, as the last of a transaction.
    func applyOnCommit() async throws(LeibrixError) {
        guard !isReadOnly else { return }
        for (id, action) in onCommit {
            guard tableCatalog.table(id) != nil else {
                onCommit[id] = nil
                continue
            }
            try await defining(StatementControl()) { (tables) async throws(LeibrixError) in
                switch action {
                case .drop: return try self.drop([.table(id)], cascade: true, tables)
                case .deleteRows:
                    var isEmpty = true
                    try tables.scan(id) { (_) throws(LeibrixError) in isEmpty = false }
                    return isEmpty ? .done : try tables.truncate(id)
                }
            }
            if action == .drop { onCommit[id] = nil }
        }
    }

    /// The session ends, or DISCARD TEMP.
    func dropTemporary() async {
        guard hasTemporary, tables == nil else { return }
        onCommit = [:]
        do throws(LeibrixError) {
            if tableCatalog.hasSchema(temporarySchema) {
                try await defining(StatementControl()) { (tables) async throws(LeibrixError) in try self.dropAll(in: self.temporarySchema, tables) }
                try await commitTables()
            }
            hasTemporary = false
        } catch {
            rollBackTables()
        }
    }

    /// A foreign key stays within temporary or within permanent tables, since they do not end together.
    func requireSameLife(_ table: TableDefinition, _ parent: TableDefinition, _ position: Int) throws(LeibrixError) {
        let isTemporary = table.schema.hasPrefix(Self.temporaryPrefix)
        guard isTemporary != parent.schema.hasPrefix(Self.temporaryPrefix) else { return }
        throw LeibrixError(
            .syntax, "constraints on \(isTemporary ? "temporary" : "permanent") tables may reference only \(isTemporary ? "temporary" : "permanent") tables",
            hint: "Leave the reference out.", position: position, sqlState: "42P16")
    }
}
