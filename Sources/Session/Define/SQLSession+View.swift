// CREATE VIEW. A view is kept as the client wrote it, for who asks what it is, and as the engine reads it: rewritten, relations
// with their schemas, columns by the names that they had when it was made.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    func createView(_ create: CreateView, _ parsed: ParsedQuery, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        let (schema, name) = try newName(create.name, isTemporary: create.isTemporary)
        let old = try replaced(create, schema, name)
        let made = try await viewDefinition(create, schema, name, old, parsed)
        try requirePermanentReads(made, create)
        try await defining(control) { (tables) async throws(LeibrixError) in
            let outcome = made.schema == temporarySchema ? try makeTemporarySchema(tables) : .done
            return outcome == .done ? try tables.put(made) : outcome
        }
        return Defined()
    }

    /// The view of that name, if OR REPLACE may replace it.
    private func replaced(_ create: CreateView, _ schema: String, _ name: String) throws(LeibrixError) -> ViewDefinition? {
        guard let relation = tableCatalog.lookup(schema: schema, name: name) else { return nil }
        guard create.orReplace else {
            throw LeibrixError(
                .duplicateRelation, "relation \"\(name)\" already exists", hint: "Choose another name, or write CREATE OR REPLACE VIEW.",
                position: create.name.position)
        }
        guard case .view(let id) = relation, let view = tableCatalog.view(id) else {
            throw LeibrixError(.readOnlyRelation, "\"\(name)\" is not a view", hint: "Choose another name.", position: create.name.position)
        }
        try requireOwner(view.owner, "view", view.name)
        return view
    }

    private func viewDefinition(
        _ create: CreateView, _ schema: String, _ name: String, _ old: ViewDefinition?, _ parsed: ParsedQuery
    ) async throws(LeibrixError) -> ViewDefinition {
        try refuseChange(in: create.query, parsed)
        let plan = try await enginePlan(parsed, [], range: create.query, tag: "SELECT")
        try refuseState(plan, create)
        try requireReadable(plan)
        let columns = try viewColumns(create, plan)
        let (sql, reads) = try await viewText(plan, columns, create)
        let id = try requireTables().makeID()
        var view = ViewDefinition(
            id: old?.id ?? id, schema: schema, name: name, sql: sql, columns: columns, reads: reads, owner: old?.owner ?? user.name,
            privileges: old?.privileges ?? [], comment: old?.comment)
        view.definition = parsed.text.string(create.query)
        if let old {
            guard !reads.contains(old.id) else {
                throw LeibrixError(
                    .syntax, "infinite recursion detected in rules for relation \"\(name)\"", hint: "A view cannot read itself.", position: create.name.position,
                    sqlState: "42P17")
            }
            try requireSameColumns(old, view, create)
        }
        return view
    }

    private func requirePermanentReads(_ view: ViewDefinition, _ create: CreateView) throws(LeibrixError) {
        let catalog = tableCatalog
        func isTemporary(_ id: TableID) -> Bool { (catalog.table(id)?.schema ?? catalog.view(id)?.schema ?? "").hasPrefix(Self.temporaryPrefix) }
        guard view.schema != temporarySchema, view.reads.contains(where: isTemporary) else { return }
        throw LeibrixError(
            .notSupported, "view \"\(view.name)\" reads a temporary relation", hint: "Write CREATE TEMPORARY VIEW.", position: create.name.position)
    }

    private func refuseChange(in range: Range<Int>, _ parsed: ParsedQuery) throws(LeibrixError) {
        switch try server.parsed.parse(parsed.text.string(range)).statement {
        case .query: return
        default:
            throw LeibrixError(
                .syntax, "views are made of queries", hint: "CREATE VIEW name AS SELECT …",
                position: parsed.text.characters(before: range.lowerBound) + 1)
        }
    }

    /// A view answers everybody alike: neither parameters nor what only a session knows.
    private func refuseState(_ plan: EnginePlan, _ create: CreateView) throws(LeibrixError) {
        if let number = plan.rewritten.parameters.first {
            throw LeibrixError(
                .syntax, "there is no parameter $\(number)", hint: "Views have no parameters.", position: create.name.position, sqlState: "42P02")
        }
        for reference in plan.rewritten.references {
            switch reference {
            case .currentDatabase, .version, .postmasterStart: continue
            default:
                throw LeibrixError(
                    .notSupported, "a view cannot ask for the state of a session", hint: "Leave current_user, current_setting(), nextval() and their kind to the query that reads the view.",
                    position: create.name.position)
            }
        }
    }

    private func viewColumns(_ create: CreateView, _ plan: EnginePlan) throws(LeibrixError) -> [ColumnDefinition] {
        guard create.columns.count <= plan.columns.count else {
            throw LeibrixError(
                .syntax, "CREATE VIEW specifies more column names than columns", hint: "The query has \(plan.columns.count) columns.", position: create.name.position)
        }
        var columns: [ColumnDefinition] = []
        for (index, column) in plan.columns.enumerated() {
            let name = index < create.columns.count ? create.columns[index].name : column.name
            guard !columns.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
                throw LeibrixError(
                    .duplicateObject, "column \"\(name)\" specified more than once", hint: "Give each column a name of its own.", position: create.name.position,
                    sqlState: "42701")
            }
            columns.append(ColumnDefinition(name, column.type == .null ? .varchar : column.type))
        }
        return columns
    }

    /// The engine's text, and the tables and views that it reads.
    private func viewText(
        _ plan: EnginePlan, _ columns: [ColumnDefinition], _ create: CreateView
    ) async throws(LeibrixError) -> (sql: String, reads: [TableID]) {
        let text = plan.text(session: describing()).sql
        let token = definitions == 0 ? 0 : try tableTransaction().scanToken
        let profile = profile
        let references = try await tracked { (control) async throws(LeibrixError) in
            try await server.engine.withExecutor(profile, scanToken: token, control) { (executor) throws(LeibrixError) in
                OutputQuestion.tree(text, executor.connection).flatMap(ViewText.references)
            }
        }
        guard let references else {
            throw LeibrixError(
                .notSupported, "this query cannot be made a view", hint: "Leave PIVOT, BETWEEN SYMMETRIC and DESCRIBE out.", position: create.name.position)
        }
        var reads: Set<TableID> = []
        let known = Set(server.datasets?.datasetNames ?? [])
        let whole = try ViewText.qualified(text, references) { (reference) throws(LeibrixError) in
            for schema in searchSchemas {
                if tableCatalog.lookup(schema: schema, name: reference.name) != nil { return schema }
                if schema == "public", known.contains(reference.name.lowercased()) { return schema }
            }
            return nil
        }
        for reference in references {
            let schemas = reference.schema.map { [$0 == "main" ? "public" : $0] } ?? searchSchemas
            if let relation = schemas.lazy.compactMap({ self.tableCatalog.lookup(schema: $0, name: reference.name) }).first { reads.insert(relation.id) }
        }
        return (Self.named(whole, plan.description.columns.map(\.name), columns.map(\.name)), reads.sorted())
    }

    /// The query with the view's names of its columns. By name where they tell the columns apart, so that a column that a table gets
    /// later changes nothing; by place otherwise.
    private static func named(_ sql: String, _ given: [String], _ wanted: [String]) -> String {
        if Set(given.map { $0.lowercased() }).count == given.count {
            let list = zip(given, wanted).map { "lbx_view.\(sqlIdentifier($0)) AS \(sqlIdentifier($1))" }
            return "SELECT \(list.joined(separator: ", ")) FROM (\(sql)\n) AS lbx_view"
        }
        return "SELECT * FROM (\(sql)\n) AS lbx_view (\(wanted.map(sqlIdentifier).joined(separator: ", ")))"
    }

    /// OR REPLACE may add columns behind those that there are, and change nothing of them.
    private func requireSameColumns(_ old: ViewDefinition, _ new: ViewDefinition, _ create: CreateView) throws(LeibrixError) {
        func refuse(_ message: String) -> LeibrixError {
            LeibrixError(.syntax, message, hint: "Drop the view, and create it again.", position: create.name.position, sqlState: "42P16")
        }
        guard new.columns.count >= old.columns.count else { throw refuse("cannot drop columns from view") }
        for (before, after) in zip(old.columns, new.columns) {
            guard before.name == after.name else { throw refuse("cannot change name of view column \"\(before.name)\" to \"\(after.name)\"") }
            guard before.type == after.type else {
                throw refuse("cannot change data type of view column \"\(before.name)\" from \(before.type.postgresName) to \(after.type.postgresName)")
            }
        }
    }
}
