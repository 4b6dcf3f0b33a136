// ALTER TABLE. The actions change a copy of the definition one after the other; what that asks of the rows is done once, at
// the end: nothing where only names and rules change, a copy where indexes change or columns go, and where values must be
// computed a query over the table whose rows replace its own.
internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import ControlStore
internal import SQLSyntax
internal import TableEngine

/// An ALTER TABLE on its way.
struct Alteration {
    var builder: TableBuilder
    let original: TableDefinition
    /// Where the engine must compute a column: by attribute number, SQL over the old table.
    var computed: [Int16: [TextPart]] = [:]
    /// Queries that must give no row, with the error if one does.
    var checks: [(parts: [TextPart], error: LeibrixError)] = []
    /// Foreign keys whose rows must be looked at.
    var newForeignKeys: [ForeignKey] = []
    var sequences: [SequenceDefinition] = []
    var droppedSequences: [TableID] = []
    var restarts: [(TableID, Int64)] = []
    var notices: [LeibrixError] = []

    var table: TableDefinition {
        get { builder.table }
        set { builder.table = newValue }
    }

    func place(_ name: Identifier) throws(LeibrixError) -> Int {
        if let place = table.position(ofColumn: name.name) { return place }
        throw LeibrixError(
            .undefinedColumn, "column \"\(name.name)\" of relation \"\(table.name)\" does not exist",
            hint: suggestion(for: name.name, among: table.columns.map(\.name), what: "columns") ?? "Name a column of the table.",
            position: name.position)
    }

    /// The rows as they will be: old columns, and those that the engine computes.
    var rowParts: [TextPart] {
        var parts: [TextPart] = [.text("SELECT ")]
        for (index, column) in table.columns.enumerated() {
            if index > 0 { parts.append(.text(", ")) }
            if let computed = computed[column.attributeNumber] {
                parts += computed
            } else if let place = original.position(ofAttribute: column.attributeNumber) {
                parts.append(.text(sqlIdentifier(original.columns[place].name)))
            }
            parts.append(.text(" AS \(sqlIdentifier(column.name))"))
        }
        return parts + [.text(" FROM \(sqlIdentifier(original.schema)).\(sqlIdentifier(original.name)) AS \(sqlIdentifier(original.name))")]
    }

    /// Whether rows must be copied: another shape or other indexes.
    var needsCopy: Bool {
        table.columns.map(\.attributeNumber) != original.columns.map(\.attributeNumber)
            || table.indexes.map(\.id) != original.indexes.map(\.id) || table.columns.map(\.isNotNull) != original.columns.map(\.isNotNull)
    }
}

extension SQLSession {
    func alterRelation(_ alter: AlterTable, _ parsed: ParsedQuery, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        if alter.kind == .schema { return try await alterSchema(alter, control) }
        guard let relation = try lookup(alter.name) else {
            guard alter.ifExists else { throw try missing(alter.name, wanted: alter.kind.rawValue.lowercased()) }
            return Defined(notices: [LeibrixError(.undefinedRelation, "relation \"\(alter.name.text)\" does not exist, skipping", sqlState: "00000")])
        }
        if case .table(let id) = relation, let table = tableCatalog.table(id) { return try await self.alterTable(table, alter, parsed, control) }
        try await defining(control) { (tables) async throws(LeibrixError) in try alterNamed(relation, alter, tables) }
        return Defined()
    }

    /// RENAME, SET SCHEMA and OWNER of what is no table.
    private func alterNamed(_ relation: NamedRelation, _ alter: AlterTable, _ tables: TableTransaction) throws(LeibrixError) -> WriteOutcome {
        let catalog = tables.catalog
        switch relation {
        case .table: return .done
        case .index(let id, let owner):
            guard var table = catalog.table(owner), let place = table.indexes.firstIndex(where: { $0.id == id }) else { return .done }
            try requireOwner(table.owner, "index", table.indexes[place].name)
            guard case .rename(let name)? = alter.actions.first else { return .done }
            try requireFree(name, table.schema)
            table.indexes[place].name = name.name
            for key in table.keys.indices where table.keys[key].index == id { table.keys[key].name = name.name }
            return try tables.alterTable(table)
        case .view(let id):
            guard var view = catalog.view(id) else { return .done }
            try requireOwner(view.owner, "view", view.name)
            if case .owner? = alter.actions.first {} else { try refuseReadByView(id, alter.name.position) }
            try change(&view.schema, &view.name, &view.owner, alter)
            return try tables.put(view)
        case .sequence(let id):
            guard var sequence = catalog.sequence(id) else { return .done }
            try requireOwner(sequence.owner, "sequence", sequence.name)
            if sequence.ownedBy != nil {
                throw LeibrixError(
                    .notSupported, "cannot rename or move a sequence that a column owns", hint: "ALTER SEQUENCE … OWNED BY NONE first.", position: alter.name.position)
            }
            try change(&sequence.schema, &sequence.name, &sequence.owner, alter)
            return try tables.put(sequence)
        }
    }

    private func change(_ schema: inout String, _ name: inout String, _ owner: inout String, _ alter: AlterTable) throws(LeibrixError) {
        switch alter.actions.first {
        case .rename(let new)?:
            try requireFree(new, schema)
            name = new.name
        case .setSchema(let new)?:
            try requireSchema(new)
            try requireFree(Identifier(name, position: new.position), new.name)
            schema = new.name
        case .owner(let new)?: owner = try existingUser(new)
        default: break
        }
    }

    private func requireFree(_ name: Identifier, _ schema: String) throws(LeibrixError) {
        if let error = streamInTheWay(schema, name) { throw error }
        let isDataset = schema == "public" && server.datasets?.datasetNames.contains(name.name) == true
        guard isDataset || tableCatalog.lookup(schema: schema, name: name.name) != nil else { return }
        throw LeibrixError(.duplicateRelation, "relation \"\(name.name)\" already exists", hint: "Choose another name.", position: name.position)
    }

    private func requireSchema(_ name: Identifier) throws(LeibrixError) {
        guard !tableCatalog.hasSchema(name.name) else { return }
        throw LeibrixError(.undefinedSchema, "schema \"\(name.name)\" does not exist", hint: "CREATE SCHEMA makes one.", position: name.position)
    }

    func existingUser(_ name: Identifier) throws(LeibrixError) -> String {
        if ["current_user", "session_user", "current_role"].contains(name.name) { return user.name }
        guard server.principals.user(name.name) != nil else {
            throw LeibrixError(.undefinedObject, "role \"\(name.name)\" does not exist", hint: "SHOW USERS lists them.", position: name.position)
        }
        return name.name
    }

    private func alterSchema(_ alter: AlterTable, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        guard var schema = tableCatalog.schema(alter.name.last.name) else { throw try missing(alter.name, wanted: "schema") }
        try requireOwner(schema.owner, "schema", schema.name)
        guard case .owner(let owner)? = alter.actions.first else {
            throw LeibrixError(.notSupported, "a schema cannot be renamed", hint: "Make another, and SET SCHEMA of what is in this one.", position: alter.name.position)
        }
        schema.owner = try existingUser(owner)
        let changed = schema
        try await defining(control) { (tables) async throws(LeibrixError) in try tables.put(changed) }
        return Defined()
    }

    // MARK: Tables

    private func alterTable(
        _ table: TableDefinition, _ alter: AlterTable, _ parsed: ParsedQuery, _ control: StatementControl
    ) async throws(LeibrixError) -> Defined {
        try requireOwner(table.owner, "table", table.name)
        try refuseStreams(on: table, alter)
        let added = alter.actions.compactMap { action -> ColumnSyntax? in if case .addColumn(let column, _) = action { column } else { nil } }
        var alteration = Alteration(builder: try await builder(of: table, added, parsed), original: table)
        for action in alter.actions { try await apply(action, &alteration, alter, parsed) }
        let ready = alteration
        try await defining(control) { (tables) async throws(LeibrixError) in try await carryOut(ready, parsed, tables, control) }
        return Defined(notices: ready.notices)
    }

    private func carryOut(
        _ alteration: Alteration, _ parsed: ParsedQuery, _ tables: TableTransaction, _ control: StatementControl
    ) async throws(LeibrixError) -> WriteOutcome {
        let table = alteration.table
        let original = alteration.original
        let locked = try tables.lockTable(original.id)
        if locked != .done { return locked }
        for check in alteration.checks {
            let plan = try await enginePlan(parsed, [], composed: try parsed.text.composed(check.parts), tag: "SELECT")
            if try await rows(of: plan, [], control).contains(where: { $0.rowCount > 0 }) { throw check.error }
        }
        for sequence in alteration.sequences + alteration.builder.sequences {
            let outcome = try tables.put(sequence)
            if outcome != .done { return outcome }
        }
        let outcome: WriteOutcome
        if !alteration.computed.isEmpty {
            do throws(LeibrixError) {
                outcome = try await recompute(alteration, parsed, tables, control)
            } catch where error.sqlState == "23502" && error.subject?.column != nil {
                var failed = error
                failed.message = "column \"\(error.subject?.column ?? "")\" of relation \"\(table.name)\" contains null values"
                failed.hint = "Give the column a default."
                throw failed
            }
        } else if alteration.needsCopy {
            let sources = table.columns.map { column in
                TableTransaction.ColumnSource.column(original.position(ofAttribute: column.attributeNumber) ?? 0)
            }
            outcome = try await rewriting { () throws(LeibrixError) in try tables.rewriteTable(table, columns: sources) }
        } else {
            outcome = try tables.alterTable(table)
        }
        if outcome != .done { return outcome }
        for id in alteration.droppedSequences {
            let outcome = try tables.drop(id)
            if outcome != .done { return outcome }
        }
        for (id, value) in alteration.restarts { try tables.setValue(id, value, isCalled: false) }
        return .done
    }

    /// The rows as the engine computes them from the old ones take their place.
    private func recompute(
        _ alteration: Alteration, _ parsed: ParsedQuery, _ tables: TableTransaction, _ control: StatementControl
    ) async throws(LeibrixError) -> WriteOutcome {
        let table = alteration.table
        let original = alteration.original
        let writer = changeText(table, ChangeTarget(name: SQLSyntax.ObjectName([Identifier(table.name, position: 1)]), range: 0..<0), parsed)
        let composed = try parsed.text.composed(try writer.withGenerated(alteration.rowParts, hasRowID: false))
        let batches: [Batch]
        do throws(LeibrixError) {
            batches = try await rows(of: try await enginePlan(parsed, [], composed: composed, tag: "SELECT"), [], control)
        } catch {
            throw error.inAssignment()
        }
        return try await rewriting { () throws(LeibrixError) in
            var outcome = try tables.truncate(original.id)
            guard outcome == .done else { return outcome }
            // Over no rows: the shape alone.
            outcome = try tables.rewriteTable(table, columns: table.columns.map { _ in .value(.null) })
            guard outcome == .done else { return outcome }
            for batch in batches where batch.rowCount > 0 {
                switch try tables.insert(table.id, batch) {
                case .done: continue
                case .blocked(let other): return .blocked(by: other)
                case .changed: return .changed
                case .duplicate: throw LeibrixError(.internal, "a duplicate was reported that nobody asked for")
                }
            }
            return .done
        }
    }
}
