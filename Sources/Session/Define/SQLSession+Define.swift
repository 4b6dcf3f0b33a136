// Statements that define tables and what belongs to them. Definitions are made first, with the engine's opinion of the
// expressions in them; then the tables' transaction takes them, as one atomic statement.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import TableEngine

/// What a definition says besides its tag.
struct Defined: Sendable {
    var notices: [LeibrixError] = []
    var tag: String?
}

extension SQLSession {
    func define(_ statement: TableStatement, _ parsed: ParsedQuery) async throws(LeibrixError) -> SQLExecution {
        _ = try requireTables()
        try refuseReadOnly(statement.tag)
        let defined = try await recorded(parsed, route: "control") { (control) async throws(LeibrixError) -> Defined in
            try await perform(statement, parsed, control)
        }
        if case .maintenance = statement {} else { definitions = server.nextTransaction() }
        return SQLExecution(tag: .fixed(defined.tag ?? statement.tag), notices: defined.notices)
    }

    private func perform(
        _ statement: TableStatement, _ parsed: ParsedQuery, _ control: StatementControl
    ) async throws(LeibrixError) -> Defined {
        switch statement {
        case .createTable(let create): return try await createTable(create, parsed, control)
        case .createTableAs(let create): return try await createTableAs(create, parsed, control)
        case .alter(let alter): return try await alterRelation(alter, parsed, control)
        case .drop(let drop): return try await dropRelations(drop, control)
        case .truncate(let truncate): return try await self.truncate(truncate, control)
        case .createIndex(let create): return try await createIndex(create, parsed, control)
        case .createSequence(let name, let ifNotExists, let isTemporary, let options):
            return try await createSequence(name, ifNotExists, isTemporary, options, control)
        case .alterSequence(let name, let ifExists, let options): return try await alterSequence(name, ifExists, options, control)
        case .createView(let create): return try await createView(create, parsed, control)
        case .createEnum(let name, let labels): return try await createEnum(name, labels, control)
        case .createSchema(let name, let ifNotExists): return try await createSchema(name, ifNotExists, control)
        case .comment(let comment): return try await self.comment(comment, control)
        case .maintenance(let maintenance): return try await maintain(maintenance, control)
        case .lock(let lock): return try await lockTables(lock, control)
        }
    }

    /// One step of a definition: again while others are in the way.
    func defining(
        _ control: StatementControl, _ body: (TableTransaction) async throws(LeibrixError) -> WriteOutcome
    ) async throws(LeibrixError) {
        _ = try await atomically(control) { (tables) async throws(LeibrixError) -> Attempt<Bool> in Attempt(try await body(tables), true) }
    }

    // MARK: Names

    /// Where a new relation goes, and its name. Throws for schemas that are not, or are the system's.
    func newName(_ name: SQLSyntax.ObjectName, isTemporary: Bool = false) throws(LeibrixError) -> (schema: String, name: String) {
        let (written, last) = try split(name)
        if isTemporary || written == temporarySchema { return try temporaryName(name) }
        let schema = written ?? searchSchemas.first { !["pg_catalog", "information_schema", "leibrix", temporarySchema].contains($0) }
        guard let schema else {
            throw LeibrixError(.undefinedSchema, "no schema has been selected to create in", hint: "SET search_path, or write schema.name.", position: name.position)
        }
        guard !["pg_catalog", "information_schema", "leibrix"].contains(schema) else {
            throw LeibrixError(.permissionDenied, "permission denied for schema \(schema)", hint: "Create it in public, or in a schema of yours.", position: name.position)
        }
        guard tableCatalog.hasSchema(schema) else {
            throw LeibrixError(.undefinedSchema, "schema \"\(schema)\" does not exist", hint: "CREATE SCHEMA makes one.", position: name.position)
        }
        try require(.create, onSchema: schema)
        if schema == "public", server.datasets?.datasetNames.contains(last.name) == true {
            throw LeibrixError(
                .duplicateRelation, "relation \"\(last.name)\" already exists", detail: "It is a dataset.", hint: "Choose another name.", position: name.position)
        }
        if let error = streamInTheWay(schema, last) { throw error }
        return (schema, last.name)
    }

    /// The notice of IF NOT EXISTS when there is such a relation; nil when the name is free; throws otherwise.
    func taken(_ name: SQLSyntax.ObjectName, _ ifNotExists: Bool, isTemporary: Bool = false) throws(LeibrixError) -> Defined? {
        let (schema, last) = try newName(name, isTemporary: isTemporary)
        guard tableCatalog.lookup(schema: schema, name: last) != nil else { return nil }
        let error = LeibrixError(.duplicateRelation, "relation \"\(last)\" already exists", hint: "Choose another name.", position: name.position)
        guard ifNotExists else { throw error }
        return Defined(notices: [LeibrixError(.duplicateRelation, "relation \"\(last)\" already exists, skipping")])
    }

    // MARK: CREATE TABLE

    private func createTable(
        _ create: CreateTable, _ parsed: ParsedQuery, _ control: StatementControl
    ) async throws(LeibrixError) -> Defined {
        if let skipped = try taken(create.name, create.ifNotExists, isTemporary: create.isTemporary) { return skipped }
        let builder = try await build(create, parsed)
        try await checkExpressions(of: builder.table, create.columns, create.constraints, parsed)
        if create.onCommitDrop { onCommit[builder.table.id] = .drop }
        if create.onCommitDelete { onCommit[builder.table.id] = .deleteRows }
        try await defining(control) { (tables) async throws(LeibrixError) in
            if builder.table.isTemporary {
                let outcome = try makeTemporarySchema(tables)
                if outcome != .done { return outcome }
            }
            for sequence in builder.sequences {
                let outcome = try tables.put(sequence)
                if outcome != .done { return outcome }
            }
            return try tables.createTable(builder.table)
        }
        return Defined()
    }

    private func build(_ create: CreateTable, _ parsed: ParsedQuery) async throws(LeibrixError) -> TableBuilder {
        let (schema, name) = try newName(create.name, isTemporary: create.isTemporary)
        let engine = try requireTables()
        let empty = TableDefinition(
            id: engine.makeID(), schema: schema, name: name, columns: [], owner: user.name, isTemporary: schema == temporarySchema)
        var builder = try await self.builder(of: empty, create.columns, parsed)
        for (index, column) in create.columns.enumerated() {
            for like in create.likes where like.columnsBefore == index { try add(like, to: &builder) }
            try builder.add(column)
        }
        for like in create.likes where like.columnsBefore == create.columns.count { try add(like, to: &builder) }
        for constraint in create.constraints { try builder.add(constraint) }
        return builder
    }

    /// A builder over a definition, with the engine's word on types that only it knows.
    func builder(of table: TableDefinition, _ columns: [ColumnSyntax], _ parsed: ParsedQuery) async throws(LeibrixError) -> TableBuilder {
        var types: [String: DataType] = [:]
        var userTypes: [String: TableID] = [:]
        for column in columns where try ColumnType(column.type) == nil {
            if let type = tableCatalog.types.first(where: { $0.name.lowercased() == column.type.name.lowercased() }) {
                types[column.name.name] = (0..<column.type.dimensions).reduce(DataType.enumeration(type.labels)) { type, _ in .list(type) }
                if column.type.dimensions == 0 { userTypes[column.name.name] = type.id }
            } else {
                types[column.name.name] = try await engineType(column.type, parsed)
            }
        }
        let engine = try requireTables()
        return TableBuilder(
            table: table, catalog: tableCatalog, text: parsed.text, makeID: { engine.makeID() }, engineTypes: types, userTypes: userTypes,
            referenced: { [self] (name) throws(LeibrixError) in
                let (schema, last) = try split(name)
                if last.name == table.name, schema ?? table.schema == table.schema { return nil }
                let parent = try self.table(name)
                try requireSameLife(table, parent, name.position)
                try require(.references, on: parent)
                return parent
            })
    }

    func engineType(_ type: TypeName, _ parsed: ParsedQuery) async throws(LeibrixError) -> DataType? {
        let composed = try parsed.text.composed([.text("SELECT CAST(NULL AS "), .source(type.range), .text(")")])
        return try await enginePlan(parsed, [], composed: composed, tag: "SELECT").description.columns.first?.type
    }

    private func add(_ like: LikeSyntax, to builder: inout TableBuilder) throws(LeibrixError) {
        let other = try table(like.table)
        let includesAll = like.including.contains("all")
        if includesAll || !like.including.isDisjoint(with: ["indexes", "identity", "generated", "constraints", "comments"]) {
            throw LeibrixError(
                .notSupported, "LIKE … INCLUDING is supported for DEFAULTS only", hint: "Add constraints and indexes with ALTER TABLE.", position: like.table.position)
        }
        for column in other.columns {
            var copy = TableColumn(
                attributeNumber: builder.table.nextAttributeNumber, name: column.name, type: column.type, modifier: column.modifier, isNotNull: column.isNotNull)
            if like.including.contains("defaults") { copy.defaultSQL = column.defaultSQL }
            guard builder.table.position(ofColumn: copy.name) == nil else {
                throw LeibrixError(.duplicateObject, "column \"\(copy.name)\" specified more than once", hint: "Leave one out.", position: like.table.position, sqlState: "42701")
            }
            builder.table.nextAttributeNumber += 1
            builder.table.columns.append(copy)
        }
    }

    // MARK: Expressions

    /// Lets the engine plan every expression of a definition: its errors have positions in the client's text.
    func checkExpressions(
        of table: TableDefinition, _ columns: [ColumnSyntax], _ constraints: [ConstraintSyntax], _ parsed: ParsedQuery
    ) async throws(LeibrixError) {
        for syntax in columns {
            guard let place = table.position(ofColumn: syntax.name.name) else { continue }
            let column = table.columns[place]
            if let range = syntax.defaultValue { try await checkDefault(range, column, parsed) }
            if let range = syntax.generated { try await checkExpression(range, column.opensCast, column.closesCast, table, parsed) }
        }
        for constraint in columns.flatMap(\.constraints) + constraints {
            if case .check(let range) = constraint.kind { try await checkExpression(range, "CAST((", ") AS BOOLEAN)", table, parsed) }
        }
    }

    func checkDefault(_ range: Range<Int>, _ column: TableColumn, _ parsed: ParsedQuery) async throws(LeibrixError) {
        let writer = ChangeText(
            table: TableDefinition(id: TableID(0), schema: "", name: "", columns: [], owner: ""),
            target: ChangeTarget(name: SQLSyntax.ObjectName([Identifier("t", position: 1)]), range: 0..<0), text: parsed.text, defaultSQL: { _ in "NULL" })
        let composed = try parsed.text.composed([.text("SELECT ")] + (try writer.value(.expression(range), column)))
        do throws(LeibrixError) {
            _ = try await enginePlan(parsed, [], composed: composed, tag: "SELECT")
        } catch {
            throw error.inAssignment()
        }
    }

    func checkExpression(
        _ range: Range<Int>, _ opens: String, _ closes: String, _ table: TableDefinition, _ parsed: ParsedQuery
    ) async throws(LeibrixError) {
        if let word = parsed.text.tokens(in: range).first(where: { parsed.text.isWord($0, "select") }) {
            throw LeibrixError(
                .notSupported, "cannot use subquery in check constraint or generated column", hint: "Use a FOREIGN KEY, or compute it in the statement.",
                position: parsed.text.position(word))
        }
        let columns = table.columns.map { "CAST(NULL AS \($0.type)) AS \(sqlIdentifier($0.name))" }.joined(separator: ", ")
        let from = " FROM (SELECT \(columns)) AS \(sqlIdentifier(table.name))"
        let composed = try parsed.text.composed([.text("SELECT " + opens), .source(range), .text(closes + from)])
        _ = try await enginePlan(parsed, [], composed: composed, tag: "SELECT")
    }
}
