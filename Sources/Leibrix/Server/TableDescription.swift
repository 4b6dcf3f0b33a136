// Tables, their indexes, constraints and sequences as pg_catalog describes them. Columns are numbered by their place, from 1.
internal import Catalog
internal import Columnar
internal import PostgresCatalog

struct TableDescription {
    private let catalog: TableCatalog

    init(_ catalog: TableCatalog) { self.catalog = catalog }

    var relations: [CatalogSnapshot.Relation] { catalog.tables.map(relation) + catalog.sequences.map(relation) + catalog.views.map(relation) }

    var schemaAccess: [String: CatalogSnapshot.Access] {
        Dictionary(catalog.schemas.map { ($0.name, .init(owner: $0.owner, privileges: $0.shownPrivileges)) }) { $1 }
    }

    private func relation(_ table: TableDefinition) -> CatalogSnapshot.Relation {
        var relation = CatalogSnapshot.Relation(
            schema: table.schema, name: table.name, columns: table.columns.map { column($0, table) }, comment: table.comment)
        relation.oid = table.id.rawValue
        relation.owner = table.owner
        relation.privileges = table.privileges
        relation.isWritable = true
        relation.indexes = table.indexes.map { index($0, table) }
        relation.constraints = constraints(table)
        return relation
    }

    private func relation(_ view: ViewDefinition) -> CatalogSnapshot.Relation {
        var relation = CatalogSnapshot.Relation(
            schema: view.schema, name: view.name, kind: .view, columns: view.columns.map { .init($0.name, $0.type) }, comment: view.comment,
            definition: " \(view.definition);")
        relation.oid = view.id.rawValue
        relation.owner = view.owner
        relation.privileges = view.privileges
        return relation
    }

    private func relation(_ sequence: SequenceDefinition) -> CatalogSnapshot.Relation {
        var relation = CatalogSnapshot.Relation(
            schema: sequence.schema, name: sequence.name, kind: .sequence,
            columns: [
                .init("last_value", .bigInt, isNotNull: true), .init("log_cnt", .bigInt, isNotNull: true), .init("is_called", .boolean, isNotNull: true),
            ], comment: sequence.comment)
        relation.oid = sequence.id.rawValue
        relation.owner = sequence.owner
        relation.privileges = sequence.privileges
        var described = CatalogSnapshot.Sequence(
            type: sequence.type, start: sequence.start, increment: sequence.increment, minimum: sequence.minimum, maximum: sequence.maximum,
            cache: sequence.cache, cycles: sequence.cycles)
        if let owner = sequence.ownedBy, let table = catalog.table(owner.table), let place = table.position(ofAttribute: owner.attributeNumber) {
            described.ownerOID = owner.table.rawValue
            described.ownerColumn = place + 1
            described.isInternal = table.columns[place].identity != nil
        }
        relation.sequence = described
        return relation
    }

    private func column(_ column: TableColumn, _ table: TableDefinition) -> CatalogSnapshot.Column {
        var described = CatalogSnapshot.Column(column.name, column.type, isNotNull: column.isNotNull, comment: column.comment)
        switch (column.modifier, column.type.base) {
        case (.length(let length)?, .varchar): described.declared = (1_043, Int32(length + 4))
        case (.fixedLength(let length)?, .varchar): described.declared = (1_042, Int32(length + 4))
        case (.precision(let digits)?, .timestamp): described.declared = (1_114, Int32(digits))
        case (.precision(let digits)?, .timestampTZ): described.declared = (1_184, Int32(digits))
        default: break
        }
        if let type = column.userType { described.declared = (type.rawValue, -1) }
        described.defaultSQL = column.generatedSQL ?? column.defaultSQL
        described.isGenerated = column.generatedSQL != nil
        described.identity = column.identity.map { $0.kind == .always ? "a" : "d" } ?? ""
        return described
    }

    private func places(_ numbers: [Int16], _ table: TableDefinition) -> [Int] {
        numbers.compactMap { number in table.position(ofAttribute: number).map { $0 + 1 } }
    }

    private func list(_ numbers: [Int16], _ table: TableDefinition) -> String {
        table.columnNames(numbers).map(SQLIdentifier.shown).joined(separator: ", ")
    }

    private func index(_ index: IndexDefinition, _ table: TableDefinition) -> CatalogSnapshot.Index {
        let numbers = index.columns ?? []
        let keys = zip(table.columnNames(numbers), index.keys).map { SQLIdentifier.shown($0) + ($1.isDescending ? " DESC" : "") }.joined(separator: ", ")
        let definition =
            "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(SQLIdentifier.shown(index.name)) ON \(SQLIdentifier.shown(table.schema))."
            + "\(SQLIdentifier.shown(table.name)) USING \(index.method) (\(keys))" + (index.nullsNotDistinct ? " NULLS NOT DISTINCT" : "")
        return CatalogSnapshot.Index(
            oid: index.id.rawValue, name: index.name, columns: places(numbers, table), descending: index.keys.map(\.isDescending),
            isUnique: index.isUnique, isPrimary: table.primaryKey?.index == index.id, nullsNotDistinct: index.nullsNotDistinct, definition: definition,
            comment: index.comment)
    }

    private func constraints(_ table: TableDefinition) -> [CatalogSnapshot.Constraint] {
        var constraints = table.keys.map { key in
            let words = key.kind == .primary ? "PRIMARY KEY" : key.nullsNotDistinct ? "UNIQUE NULLS NOT DISTINCT" : "UNIQUE"
            var constraint = CatalogSnapshot.Constraint(
                oid: key.id.rawValue, name: key.name, kind: key.kind == .primary ? .primary : .unique, columns: places(key.columns, table),
                definition: "\(words) (\(list(key.columns, table)))")
            constraint.indexOID = key.index.rawValue
            return constraint
        }
        constraints += table.checks.map { check in
            var constraint = CatalogSnapshot.Constraint(
                oid: check.id.rawValue, name: check.name, kind: .check, columns: [], definition: "CHECK ((\(check.sql)))")
            constraint.expression = check.sql
            return constraint
        }
        return constraints + table.foreignKeys.compactMap { foreignKey($0, table) }
    }

    private func foreignKey(_ key: ForeignKey, _ table: TableDefinition) -> CatalogSnapshot.Constraint? {
        guard let parent = catalog.table(key.referencedTable) else { return nil }
        let actions: [ForeignKey.Action: (letter: String, words: String)] = [
            .noAction: ("a", ""), .restrict: ("r", "RESTRICT"), .cascade: ("c", "CASCADE"), .setNull: ("n", "SET NULL"), .setDefault: ("d", "SET DEFAULT"),
        ]
        let (onUpdate, onDelete) = (actions[key.onUpdate]!, actions[key.onDelete]!)
        let parentName = parent.schema == "public" ? SQLIdentifier.shown(parent.name) : SQLIdentifier.shown(parent.schema) + "." + SQLIdentifier.shown(parent.name)
        let definition =
            "FOREIGN KEY (\(list(key.columns, table))) REFERENCES \(parentName)(\(list(key.referencedColumns, parent)))"
            + (onUpdate.words.isEmpty ? "" : " ON UPDATE " + onUpdate.words) + (onDelete.words.isEmpty ? "" : " ON DELETE " + onDelete.words)
            + (key.isDeferrable ? " DEFERRABLE" : "") + (key.isDeferred ? " INITIALLY DEFERRED" : "")
        var constraint = CatalogSnapshot.Constraint(
            oid: key.id.rawValue, name: key.name, kind: .foreign, columns: places(key.columns, table), definition: definition)
        constraint.referencedOID = key.referencedTable.rawValue
        constraint.referencedColumns = places(key.referencedColumns, parent)
        constraint.isDeferrable = key.isDeferrable
        constraint.isDeferred = key.isDeferred
        constraint.onUpdate = onUpdate.letter
        constraint.onDelete = onDelete.letter
        constraint.indexOID = parent.indexes.first { $0.isUnique && $0.columns.map(Set.init) == Set(key.referencedColumns) }?.id.rawValue ?? 0
        return constraint
    }
}

/// Names as SQL shows them.
enum SQLIdentifier {
    static func shown(_ name: String) -> String {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F || (0x30...0x39).contains($0) }
        if isPlain, !(0x30...0x39).contains(name.utf8.first!) { return name }
        return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
