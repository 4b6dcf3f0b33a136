// DEFERRABLE foreign keys: what a statement leaves to be checked is kept as values of the key. At the transaction's end, or when SET
// CONSTRAINTS … IMMEDIATE asks, rows that still have one of them must reference a row that is there. Keeping too many values (of a statement
// that was rolled back) costs a look and changes nothing.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import TableEngine

struct DeferredKeys {
    /// By foreign key: values of its columns.
    var values: [TableID: Set<[Value]>] = [:]
    /// What SET CONSTRAINTS has said in this transaction, of all and of single ones.
    var all: Bool?
    var single: [TableID: Bool] = [:]
}

extension SQLSession {
    /// Only inside a block: a statement of its own is told of a breach itself, not at the Sync behind it.
    func isDeferred(_ key: ForeignKey) -> Bool { key.isDeferrable && transaction.isBlock && (deferred.single[key.id] ?? deferred.all ?? key.isDeferred) }

    /// Checks what was deferred. As the last of a transaction, or in the middle of it.
    func checkDeferred(_ wanted: Set<TableID>? = nil) async throws(LeibrixError) {
        let open = deferred.values.filter { wanted?.contains($0.key) ?? true }
        guard !open.isEmpty else { return }
        let control = StatementControl()
        try await defining(control) { (tables) async throws(LeibrixError) in
            tables.beginStatement()
            for child in tables.catalog.tables {
                for key in child.foreignKeys {
                    guard let values = open[key.id], let parent = tables.catalog.table(key.referencedTable) else { continue }
                    let found = try await referencing(Array(values), key, child, parent, control)
                    let outcome = try requireReferenced(Set(found.map(\.key)), key, child, tables)
                    if outcome != .done { return outcome }
                }
            }
            return .done
        }
        for id in open.keys { deferred.values[id] = nil }
    }

    func setConstraints(_ names: [SQLSyntax.ObjectName], isDeferred: Bool) async throws(LeibrixError) -> SQLExecution {
        guard transaction.isBlock else {
            let warning = LeibrixError(.noActiveTransaction, "SET CONSTRAINTS can only be used in transaction blocks")
            return SQLExecution(tag: .fixed("SET CONSTRAINTS"), notices: [warning])
        }
        var chosen: Set<TableID> = []
        for name in names {
            let keys = tableCatalog.tables.flatMap(\.foreignKeys).filter { $0.name == name.last.name }
            let others = tableCatalog.tables.contains { table in
                table.keys.contains { $0.name == name.last.name } || table.checks.contains { $0.name == name.last.name }
            }
            guard !keys.isEmpty || others else {
                throw LeibrixError(
                    .undefinedObject, "constraint \"\(name.text)\" does not exist", hint: "Name a foreign key that is DEFERRABLE.", position: name.position)
            }
            guard !keys.isEmpty, keys.allSatisfy(\.isDeferrable) else {
                throw LeibrixError(
                    .readOnlyRelation, "constraint \"\(name.text)\" is not deferrable", hint: "Define it as DEFERRABLE.", position: name.position, sqlState: "42809")
            }
            for key in keys {
                deferred.single[key.id] = isDeferred
                chosen.insert(key.id)
            }
        }
        if names.isEmpty {
            deferred.all = isDeferred
            deferred.single = [:]
        }
        if !isDeferred { try await checkDeferred(names.isEmpty ? nil : chosen) }
        return SQLExecution(tag: .fixed("SET CONSTRAINTS"))
    }
}
