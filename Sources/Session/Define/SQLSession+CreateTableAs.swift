internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    /// The query's columns become the table's, and its rows too, at one snapshot.
    func createTableAs(
        _ create: CreateTableAs, _ parsed: ParsedQuery, _ control: StatementControl
    ) async throws(LeibrixError) -> Defined {
        if let skipped = try taken(create.name, create.ifNotExists, isTemporary: create.isTemporary) {
            return Defined(notices: skipped.notices, tag: "CREATE TABLE AS")
        }
        let plan = try await enginePlan(parsed, [], range: create.query, tag: "SELECT")
        try requireReadable(plan)
        let (schema, name) = try newName(create.name, isTemporary: create.isTemporary)
        var table = TableDefinition(id: try requireTables().makeID(), schema: schema, name: name, columns: [], owner: user.name, isTemporary: schema == temporarySchema)
        guard create.columns.count <= plan.description.columns.count else {
            throw LeibrixError(.syntax, "too many column names were specified", hint: "The query has \(plan.description.columns.count) columns.", position: create.name.position)
        }
        for (index, field) in plan.description.columns.enumerated() {
            let column = index < create.columns.count ? create.columns[index].name : field.name
            guard table.position(ofColumn: column) == nil else {
                throw LeibrixError(.duplicateObject, "column \"\(column)\" specified more than once", hint: "Name the columns.", position: create.name.position, sqlState: "42701")
            }
            table.columns.append(TableColumn(attributeNumber: Int16(index + 1), name: column, type: field.type.stored))
        }
        table.nextAttributeNumber = Int16(table.columns.count + 1)
        let made = table
        if create.onCommitDrop { onCommit[made.id] = .drop }
        if create.onCommitDelete { onCommit[made.id] = .deleteRows }
        let count = try await atomically(control) { (tables) async throws(LeibrixError) -> Attempt<Int> in
            let batches = create.withData ? try await rows(of: plan, [], control) : []
            if made.isTemporary {
                let outcome = try makeTemporarySchema(tables)
                guard outcome == .done else { return Attempt(outcome, 0) }
            }
            let outcome = try tables.createTable(made)
            guard outcome == .done else { return Attempt(outcome, 0) }
            var count = 0
            for batch in batches where batch.rowCount > 0 {
                switch try tables.insert(made.id, batch) {
                case .done(let inserted, _): count += inserted
                case .blocked(let other): return .blocked(by: other)
                case .changed: return .changed
                case .duplicate: throw LeibrixError(.internal, "a duplicate was reported that nobody asked for")
                }
            }
            return .done(count)
        }
        return Defined(tag: create.withData ? "SELECT \(count)" : "CREATE TABLE AS")
    }
}

extension DataType {
    /// As a column holds it: NULL alone is a text, and the name of an enumeration is no part of it.
    var stored: DataType {
        if self == .null { return .varchar }
        if case .enumeration = base { return base }
        return self
    }
}
