internal import Base
internal import Catalog
internal import Platform
internal import SQLSyntax
internal import StreamHost

/// Where streams and tables meet: names that both have, tables that streams read or write.
extension SQLSession {
    /// The right to read the tables that a stream's query names.
    func requireReadableTables(_ query: String, _ host: StreamHost) async throws(LeibrixError) {
        let tables = try await host.pool.run { () throws(LeibrixError) in try host.tables(in: query) }
        for table in tables { try require(.select, on: table) }
    }

    /// The stream, source or view that a table's name would hide.
    func streamInTheWay(_ schema: String, _ name: Identifier) -> LeibrixError? {
        guard schema == "public", let object = server.streams?.object(name.name) else { return nil }
        return LeibrixError(
            .duplicateRelation, "relation \"\(name.name)\" already exists", detail: "It is a \(object.kind.rawValue.lowercased()).", hint: "Choose another name.",
            position: name.position)
    }

    /// What streams make of a table: those that read it, and sinks that write into it.
    private func streams(on table: TableDefinition) -> [StreamObject] { server.streams?.dependents(on: table) ?? [] }

    /// Before tables are dropped: streams on them stop it, or go first. What streams do cannot be rolled back, so CASCADE over them is
    /// not for transaction blocks.
    func dropStreams(on tables: [TableDefinition], cascade: Bool, _ position: Int?) async throws(LeibrixError) {
        guard let host = server.streams else { return }
        for table in tables {
            let dependents = streams(on: table)
            if dependents.isEmpty { continue }
            guard cascade else { throw Self.depended("table \(table.name)", dependents) }
            guard !transaction.isBlock else {
                throw LeibrixError(
                    .failedTransaction, "DROP of a table that streams read or write, with CASCADE, cannot run inside a transaction block",
                    detail: dependents.map { "\($0.kind.rawValue.lowercased()) \($0.name) depends on table \(table.name)" }.joined(separator: "\n"),
                    hint: "Streams cannot be rolled back: COMMIT first, or drop them before.", position: position, sqlState: "25001")
            }
            for object in dependents { try requireOwner(object.owner, object.kind.rawValue.lowercased(), object.name) }
            for object in dependents where host.object(object.name) != nil {
                try await host.pool.run { () throws(LeibrixError) in try host.drop(object.name, object.kind, cascade: true) }
            }
        }
    }

    /// While a definition is carried out: a stream that came in between.
    func refuseStreams(on table: TableDefinition) throws(LeibrixError) {
        let dependents = streams(on: table)
        if !dependents.isEmpty { throw Self.depended("table \(table.name)", dependents) }
    }

    private static func depended(_ what: String, _ by: [StreamObject]) -> LeibrixError {
        LeibrixError(
            .objectInUse, "cannot drop \(what) because other objects depend on it",
            detail: by.map { "\($0.kind.rawValue.lowercased()) \($0.name) depends on \(what)" }.joined(separator: "\n"),
            hint: "Use DROP ... CASCADE to drop the dependent objects too.", sqlState: "2BP01")
    }

    /// Before a table is altered: what streams know of it stays as it is.
    func refuseStreams(on table: TableDefinition, _ alter: AlterTable) throws(LeibrixError) {
        let dependents = streams(on: table)
        if dependents.isEmpty { return }
        for action in alter.actions {
            let isRefused =
                switch action {
                case .addColumn: dependents.contains { $0.table == nil }
                case .dropColumn, .setType, .renameColumn, .rename, .setSchema: true
                default: false
                }
            guard isRefused else { continue }
            throw LeibrixError(
                .objectInUse, "cannot alter table \"\(table.name)\" because streams depend on its columns",
                detail: dependents.map { "\($0.kind.rawValue.lowercased()) \($0.name) depends on table \(table.name)" }.joined(separator: "\n"),
                hint: "Drop them, alter the table, and create them again.", position: alter.name.position, sqlState: "2BP01")
        }
    }
}
