internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    /// One action of ALTER TABLE on the definition.
    func apply(
        _ action: AlterTableAction, _ alteration: inout Alteration, _ alter: AlterTable, _ parsed: ParsedQuery
    ) async throws(LeibrixError) {
        switch action {
        case .addColumn(let column, let ifNotExists): try await addColumn(column, ifNotExists, &alteration, parsed)
        case .dropColumn(let name, let ifExists, let cascade): try dropColumn(name, ifExists, cascade, &alteration)
        case .setType(let name, let type, let using): try await setType(name, type, using, &alteration, parsed)
        case .setDefault(let name, let range):
            let place = try alteration.place(name)
            try refuseComputed(alteration.table.columns[place], name)
            try await checkDefault(range, alteration.table.columns[place], parsed)
            alteration.table.columns[place].defaultSQL = parsed.text.string(range)
        case .dropDefault(let name):
            let place = try alteration.place(name)
            try refuseComputed(alteration.table.columns[place], name)
            alteration.table.columns[place].defaultSQL = nil
        case .setNotNull(let name, let isNotNull): try setNotNull(name, isNotNull, &alteration)
        case .addIdentity, .setIdentity, .dropIdentity: try alterIdentity(action, &alteration)
        case .dropExpression(let name, let ifExists):
            let place = try alteration.place(name)
            guard alteration.table.columns[place].generatedSQL != nil || ifExists else {
                throw LeibrixError(
                    .notReady, "column \"\(name.name)\" of relation \"\(alteration.table.name)\" is not a stored generated column", hint: "Use IF EXISTS.",
                    position: name.position)
            }
            alteration.table.columns[place].generatedSQL = nil
        case .addConstraint(let constraint): try await addConstraint(constraint, &alteration, parsed)
        case .dropConstraint(let name, let ifExists, let cascade): try dropConstraint(name, ifExists, cascade, &alteration)
        case .validateConstraint(let name):
            let table = alteration.table
            guard (table.checks.map(\.name) + table.foreignKeys.map(\.name)).contains(name.name) else { throw noConstraint(name, table) }
        case .renameColumn(let old, let new): try renameColumn(old, new, &alteration)
        case .renameConstraint(let old, let new): try renameConstraint(old, new, &alteration)
        case .rename(let new): try renameTable(new, alteration.table.schema, &alteration)
        case .setSchema(let schema): try setSchema(schema, &alteration)
        case .owner(let owner): alteration.table.owner = try existingUser(owner)
        case .storage: break
        }
    }

    private func refuseComputed(_ column: TableColumn, _ name: Identifier) throws(LeibrixError) {
        guard column.generatedSQL != nil || column.identity != nil else { return }
        let what = column.identity != nil ? "an identity" : "a generated"
        throw LeibrixError(
            .syntax, "column \"\(column.name)\" of relation is \(what) column", hint: "Drop its identity or expression first.", position: name.position)
    }

    // MARK: Columns

    private func addColumn(
        _ syntax: ColumnSyntax, _ ifNotExists: Bool, _ alteration: inout Alteration, _ parsed: ParsedQuery
    ) async throws(LeibrixError) {
        if alteration.table.position(ofColumn: syntax.name.name) != nil {
            let message = "column \"\(syntax.name.name)\" of relation \"\(alteration.table.name)\" already exists"
            guard ifNotExists else {
                throw LeibrixError(.duplicateObject, message, hint: "Choose another name.", position: syntax.name.position, sqlState: "42701")
            }
            alteration.notices.append(LeibrixError(.duplicateObject, message + ", skipping", sqlState: "42701"))
            return
        }
        var plain = syntax
        plain.constraints = []
        try alteration.builder.add(plain)
        let column = alteration.table.columns[alteration.table.columns.count - 1]
        try await checkExpressions(of: alteration.table, [syntax], [], parsed)
        alteration.computed[column.attributeNumber] = try firstValue(of: column, syntax, alteration, parsed)
        for constraint in syntax.constraints { try await addConstraint(constraint, &alteration, parsed, column: column.name) }
    }

    /// What rows that are there get in a new column.
    private func firstValue(
        of column: TableColumn, _ syntax: ColumnSyntax, _ alteration: Alteration, _ parsed: ParsedQuery
    ) throws(LeibrixError) -> [TextPart] {
        if column.generatedSQL != nil { return [.text("CAST(NULL AS \(column.type))")] }
        if alteration.builder.sequences.contains(where: { $0.ownedBy?.attributeNumber == column.attributeNumber }) {
            // The sequence is made by this statement, before the rows are computed.
            return [.text(column.opensCast + (try Self.defaultSQL(column, describing())) + column.closesCast)]
        }
        let writer = changeText(
            alteration.table, ChangeTarget(name: SQLSyntax.ObjectName([Identifier(alteration.table.name, position: 1)]), range: 0..<0), parsed)
        return try writer.value(syntax.defaultValue.map { .expression($0) } ?? .defaultValue, column)
    }

    private func dropColumn(_ name: Identifier, _ ifExists: Bool, _ cascade: Bool, _ alteration: inout Alteration) throws(LeibrixError) {
        guard let place = alteration.table.position(ofColumn: name.name) else {
            guard ifExists else { _ = try alteration.place(name); return }
            alteration.notices.append(
                LeibrixError(.undefinedColumn, "column \"\(name.name)\" of relation \"\(alteration.table.name)\" does not exist, skipping", sqlState: "00000"))
            return
        }
        let table = alteration.table
        let number = table.columns[place].attributeNumber
        let what = "column \(name.name) of table \(table.name)"
        for (child, key) in tableCatalog.foreignKeys(referencing: table.id) where child.id != table.id && key.referencedColumns.contains(number) {
            throw Self.depended(what, "constraint \(key.name) on table \(child.name)")
        }
        if let view = tableCatalog.views.first(where: { $0.reads.contains(table.id) }) { throw Self.depended(what, "view \(view.name)") }
        for column in table.columns where column.attributeNumber != number && mentions(column.generatedSQL, table.columns[place].name) {
            throw Self.depended(what, "column \(column.name) of table \(table.name)")
        }
        let gone = Set(table.indexes.filter { $0.columns?.contains(number) ?? false }.map(\.id))
        alteration.table.indexes.removeAll { gone.contains($0.id) }
        alteration.table.keys.removeAll { gone.contains($0.index) }
        alteration.table.foreignKeys.removeAll { $0.columns.contains(number) || $0.referencedTable == table.id && $0.referencedColumns.contains(number) }
        alteration.table.checks.removeAll { mentions($0.sql, table.columns[place].name) }
        alteration.droppedSequences += tableCatalog.sequences.filter { $0.ownedBy == .init(table: table.id, attributeNumber: number) }.map(\.id)
        alteration.table.columns.remove(at: place)
        alteration.computed[number] = nil
        guard !alteration.table.columns.isEmpty else {
            throw LeibrixError(.notSupported, "a table needs at least one column", hint: "DROP TABLE instead.", position: name.position)
        }
    }

    /// Whether an expression names a column.
    private func mentions(_ sql: String?, _ column: String) -> Bool {
        guard let sql, let text = try? SQLText(sql) else { return false }
        return text.tokens.contains { text.name($0) == column }
    }

    private func setType(
        _ name: Identifier, _ type: TypeName, _ using: Range<Int>?, _ alteration: inout Alteration, _ parsed: ParsedQuery
    ) async throws(LeibrixError) {
        let place = try alteration.place(name)
        var column = alteration.table.columns[place]
        column.userType = nil
        if column.generatedSQL != nil, using != nil {
            throw LeibrixError(.syntax, "cannot specify USING when altering type of generated column", hint: "Leave USING out.", position: name.position)
        }
        if let view = tableCatalog.views.first(where: { $0.reads.contains(alteration.table.id) }) {
            throw LeibrixError(
                .notSupported, "cannot alter type of a column used by a view or rule", detail: "view \(view.name) reads the table", hint: "Drop the view first.",
                position: name.position)
        }
        let declared: ColumnType
        if let known = try ColumnType(type) {
            declared = known
        } else if let known = tableCatalog.types.first(where: { $0.name.lowercased() == type.name.lowercased() }), type.dimensions == 0 {
            declared = ColumnType(type: .enumeration(known.labels), modifier: nil)
            column.userType = known.id
        } else if let known = try await engineType(type, parsed) {
            declared = ColumnType(type: known, modifier: nil)
        } else {
            throw LeibrixError(.undefinedObject, "type \"\(type.name)\" does not exist", hint: "Use a type that there is.", position: type.position)
        }
        let oldName = sqlIdentifier(column.name)
        column.type = declared.type
        column.modifier = declared.modifier
        alteration.table.columns[place] = column
        alteration.computed[column.attributeNumber] =
            [.text(column.opensCast)] + (using.map { [.source($0)] } ?? [.text(oldName)]) + [.text(column.closesCast)]
    }

    private func setNotNull(_ name: Identifier, _ isNotNull: Bool, _ alteration: inout Alteration) throws(LeibrixError) {
        let place = try alteration.place(name)
        let column = alteration.table.columns[place]
        if !isNotNull, alteration.table.primaryKey?.columns.contains(column.attributeNumber) == true {
            throw LeibrixError(
                .syntax, "column \"\(name.name)\" is in a primary key", hint: "Drop the key first.", position: name.position, sqlState: "42P16")
        }
        if !isNotNull, column.identity != nil {
            throw LeibrixError(
                .syntax, "column \"\(name.name)\" of relation \"\(alteration.table.name)\" is an identity column", hint: "Drop its identity first.",
                position: name.position)
        }
        alteration.table.columns[place].isNotNull = isNotNull
        if isNotNull { requireNoNull(column, &alteration) }
    }

    /// Rows that are there must not have NULL in the column.
    private func requireNoNull(_ column: TableColumn, _ alteration: inout Alteration) {
        guard let place = alteration.original.position(ofAttribute: column.attributeNumber), !alteration.original.columns[place].isNotNull else { return }
        let table = alteration.original
        let error = LeibrixError(
            .constraint, "column \"\(column.name)\" of relation \"\(table.name)\" contains null values", hint: "UPDATE them first.", sqlState: "23502"
        ).about(.init(schema: table.schema, table: table.name, column: column.name))
        alteration.checks.append(
            ([.text("SELECT 1 FROM \(Self.relation(table)) WHERE \(sqlIdentifier(table.columns[place].name)) IS NULL LIMIT 1")], error))
    }

    static func relation(_ table: TableDefinition) -> String { "\(sqlIdentifier(table.schema)).\(sqlIdentifier(table.name))" }

    private func alterIdentity(_ action: AlterTableAction, _ alteration: inout Alteration) throws(LeibrixError) {
        switch action {
        case .addIdentity(let name, let kind, let options):
            let place = try alteration.place(name)
            var column = alteration.table.columns[place]
            guard column.identity == nil, column.defaultSQL == nil, column.isNotNull else {
                throw LeibrixError(
                    .notReady, "column \"\(name.name)\" of relation \"\(alteration.table.name)\" must be NOT NULL, without default and identity",
                    hint: "SET NOT NULL and DROP DEFAULT first.", position: name.position)
            }
            var sequence = SequenceDefinition(
                id: try requireTables().makeID(), schema: alteration.table.schema,
                name: alteration.builder.freeName("\(alteration.table.name)_\(column.name)_seq"), type: column.type,
                ownedBy: .init(table: alteration.table.id, attributeNumber: column.attributeNumber), owner: alteration.table.owner)
            try SequenceRules.apply(options, to: &sequence, isNew: true)
            column.identity = ColumnIdentity(kind == .always ? .always : .byDefault, sequence: sequence.id)
            alteration.table.columns[place] = column
            alteration.sequences.append(sequence)
        case .setIdentity(let name, let kind, let options):
            let place = try alteration.place(name)
            guard var identity = alteration.table.columns[place].identity else { throw noIdentity(name, alteration.table) }
            if let kind { identity.kind = kind == .always ? .always : .byDefault }
            alteration.table.columns[place].identity = identity
            if let restart = options.restart, let sequence = tableCatalog.sequence(identity.sequence) {
                alteration.restarts.append((identity.sequence, restart ?? sequence.start))
            }
        case .dropIdentity(let name, let ifExists):
            let place = try alteration.place(name)
            guard let identity = alteration.table.columns[place].identity else {
                if ifExists { return }
                throw noIdentity(name, alteration.table)
            }
            alteration.table.columns[place].identity = nil
            alteration.droppedSequences.append(identity.sequence)
        default: break
        }
    }

    private func noIdentity(_ name: Identifier, _ table: TableDefinition) -> LeibrixError {
        LeibrixError(
            .notReady, "column \"\(name.name)\" of relation \"\(table.name)\" is not an identity column", hint: "ADD GENERATED … AS IDENTITY first.",
            position: name.position)
    }

    // MARK: Constraints

    private func addConstraint(
        _ syntax: ConstraintSyntax, _ alteration: inout Alteration, _ parsed: ParsedQuery, column: String? = nil
    ) async throws(LeibrixError) {
        let before = alteration.table
        try alteration.builder.add(syntax, ofColumn: column)
        let table = alteration.table
        for (old, new) in zip(before.columns, table.columns) where !old.isNotNull && new.isNotNull { requireNoNull(new, &alteration) }
        if case .check(let range) = syntax.kind, let check = table.checks.last {
            try await checkExpression(range, "CAST((", ") AS BOOLEAN)", table, parsed)
            // A new column's sequence gives no numbers before it is made.
            guard alteration.builder.sequences.isEmpty else { return }
            let error = LeibrixError(
                .constraint, "check constraint \"\(check.name)\" of relation \"\(table.name)\" is violated by some row", hint: "Change those rows first.",
                sqlState: "23514"
            ).about(.init(schema: table.schema, table: table.name, constraint: check.name))
            alteration.checks.append(
                (
                    [.text("SELECT 1 FROM (")] + alteration.rowParts
                        + [.text(") AS \(sqlIdentifier(table.name)) WHERE NOT ("), .source(range), .text(") LIMIT 1")], error
                ))
        }
        if case .foreignKey = syntax.kind, let key = table.foreignKeys.last { try requireReferences(key, &alteration) }
    }

    /// Rows that are there must reference rows that are there.
    private func requireReferences(_ key: ForeignKey, _ alteration: inout Alteration) throws(LeibrixError) {
        let original = alteration.original
        guard key.columns.allSatisfy({ original.position(ofAttribute: $0) != nil }) else { return }
        let parent = key.referencedTable == original.id ? alteration.table : tableCatalog.table(key.referencedTable)
        guard let parent else { return }
        let own = original.columnNames(key.columns).map(sqlIdentifier)
        let others = parent.columnNames(key.referencedColumns).map(sqlIdentifier)
        let filled = own.map { "c.\($0) IS NOT NULL" }.joined(separator: " AND ")
        let equal = zip(own, others).map { "c.\($0) = p.\($1)" }.joined(separator: " AND ")
        let error = LeibrixError(
            .constraint, "insert or update on table \"\(original.name)\" violates foreign key constraint \"\(key.name)\"",
            detail: "A key of a row is not present in table \"\(parent.name)\".", hint: "Delete or change those rows first.", sqlState: "23503"
        ).about(.init(schema: original.schema, table: original.name, constraint: key.name))
        alteration.checks.append(
            (
                [.text("SELECT 1 FROM \(Self.relation(original)) AS c WHERE \(filled) AND NOT EXISTS (SELECT 1 FROM \(Self.relation(parent)) AS p WHERE \(equal)) LIMIT 1")],
                error
            ))
    }

    private func dropConstraint(_ name: Identifier, _ ifExists: Bool, _ cascade: Bool, _ alteration: inout Alteration) throws(LeibrixError) {
        let table = alteration.table
        if let key = table.keys.first(where: { $0.name == name.name }) {
            for (child, foreign) in tableCatalog.foreignKeys(referencing: table.id) where Set(foreign.referencedColumns) == Set(key.columns) {
                throw Self.depended("constraint \(key.name) on table \(table.name)", "constraint \(foreign.name) on table \(child.name)")
            }
            alteration.table.keys.removeAll { $0.id == key.id }
            alteration.table.indexes.removeAll { $0.id == key.index }
        } else if table.checks.contains(where: { $0.name == name.name }) {
            alteration.table.checks.removeAll { $0.name == name.name }
        } else if table.foreignKeys.contains(where: { $0.name == name.name }) {
            alteration.table.foreignKeys.removeAll { $0.name == name.name }
        } else if ifExists {
            alteration.notices.append(
                LeibrixError(.undefinedObject, "constraint \"\(name.name)\" of relation \"\(table.name)\" does not exist, skipping", sqlState: "00000"))
        } else {
            throw noConstraint(name, table)
        }
    }

    private func noConstraint(_ name: Identifier, _ table: TableDefinition) -> LeibrixError {
        let names = table.keys.map(\.name) + table.checks.map(\.name) + table.foreignKeys.map(\.name)
        return LeibrixError(
            .undefinedObject, "constraint \"\(name.name)\" of relation \"\(table.name)\" does not exist",
            hint: suggestion(for: name.name, among: names, what: "constraints") ?? "Name a constraint of the table.", position: name.position)
    }

    // MARK: Names

    private func renameColumn(_ old: Identifier, _ new: Identifier, _ alteration: inout Alteration) throws(LeibrixError) {
        let place = try alteration.place(old)
        let table = alteration.table
        guard table.position(ofColumn: new.name).map({ $0 == place }) ?? true else {
            throw LeibrixError(
                .duplicateObject, "column \"\(new.name)\" of relation \"\(table.name)\" already exists", hint: "Choose another name.", position: new.position,
                sqlState: "42701")
        }
        try refuseReadByView(table.id, new.position)
        let before = table.columns[place].name
        alteration.table.columns[place].name = new.name
        for index in table.checks.indices { alteration.table.checks[index].sql = renamed(table.checks[index].sql, before, new.name) }
        for index in table.columns.indices { alteration.table.columns[index].generatedSQL = table.columns[index].generatedSQL.map { renamed($0, before, new.name) } }
    }

    /// An expression of the definition with a column's name replaced.
    private func renamed(_ sql: String, _ old: String, _ new: String) -> String {
        guard let text = try? SQLText(sql) else { return sql }
        var result = ""
        var copied = 0
        for (index, token) in text.tokens.enumerated() where token.isName && text.name(token) == old {
            if index + 1 < text.tokens.count, text.tokens[index + 1].kind == .leftParen { continue }
            result += text.string(copied..<token.start) + sqlIdentifierIfNeeded("", new)
            copied = token.end
        }
        return result + text.string(copied..<text.bytes.count)
    }

    func refuseReadByView(_ relation: TableID, _ position: Int) throws(LeibrixError) {
        guard let view = tableCatalog.views.first(where: { $0.reads.contains(relation) }) else { return }
        throw LeibrixError(
            .notSupported, "cannot rename what view \"\(view.name)\" reads", hint: "Drop the view, rename, and create it again.", position: position)
    }

    private func renameConstraint(_ old: Identifier, _ new: Identifier, _ alteration: inout Alteration) throws(LeibrixError) {
        let table = alteration.table
        if let place = table.keys.firstIndex(where: { $0.name == old.name }) {
            alteration.table.keys[place].name = new.name
            for index in table.indexes.indices where table.indexes[index].id == table.keys[place].index { alteration.table.indexes[index].name = new.name }
        } else if let place = table.checks.firstIndex(where: { $0.name == old.name }) {
            alteration.table.checks[place].name = new.name
        } else if let place = table.foreignKeys.firstIndex(where: { $0.name == old.name }) {
            alteration.table.foreignKeys[place].name = new.name
        } else {
            throw noConstraint(old, table)
        }
    }

    private func renameTable(_ new: Identifier, _ schema: String, _ alteration: inout Alteration) throws(LeibrixError) {
        _ = try newName(SQLSyntax.ObjectName([Identifier(schema, position: new.position), new]))
        guard tableCatalog.lookup(schema: schema, name: new.name) == nil else {
            throw LeibrixError(.duplicateRelation, "relation \"\(new.name)\" already exists", hint: "Choose another name.", position: new.position)
        }
        try refuseReadByView(alteration.table.id, new.position)
        alteration.table.name = new.name
        alteration.table.schema = schema
    }

    /// The indexes and the sequences that columns own go along.
    private func setSchema(_ schema: Identifier, _ alteration: inout Alteration) throws(LeibrixError) {
        guard tableCatalog.hasSchema(schema.name) else {
            throw LeibrixError(.undefinedSchema, "schema \"\(schema.name)\" does not exist", hint: "CREATE SCHEMA makes one.", position: schema.position)
        }
        try renameTable(Identifier(alteration.table.name, position: schema.position), schema.name, &alteration)
        for var sequence in tableCatalog.sequences where sequence.ownedBy?.table == alteration.table.id {
            let old = "nextval('\(sqlIdentifierIfNeeded(sequence.schema == "public" ? "" : sequence.schema, sequence.name))'::regclass)"
            sequence.schema = schema.name
            let new = "nextval('\(sqlIdentifierIfNeeded(schema.name == "public" ? "" : schema.name, sequence.name))'::regclass)"
            for index in alteration.table.columns.indices where alteration.table.columns[index].defaultSQL == old {
                alteration.table.columns[index].defaultSQL = new
            }
            alteration.sequences.append(sequence)
        }
    }
}
