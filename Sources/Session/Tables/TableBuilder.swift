// Makes a table's definition of what CREATE TABLE and ALTER TABLE say: ids, names of constraints as PostgreSQL chooses them,
// sequences of serial and identity columns.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

struct TableBuilder {
    var table: TableDefinition
    /// To be made with the table: serial's and identity's.
    var sequences: [SequenceDefinition] = []
    let catalog: TableCatalog
    let text: SQLText
    let makeID: () -> TableID
    /// Columns that the engine knows the types of and PostgreSQL does not, by their names.
    let engineTypes: [String: DataType]
    /// Columns of types that CREATE TYPE made.
    let userTypes: [String: TableID]
    /// Finds the table that a foreign key names; nil for the table itself.
    let referenced: (SQLSyntax.ObjectName) throws(LeibrixError) -> TableDefinition?

    // MARK: Columns

    mutating func add(_ syntax: ColumnSyntax) throws(LeibrixError) {
        let name = syntax.name.name
        guard table.position(ofColumn: name) == nil else {
            throw LeibrixError(
                .duplicateObject, "column \"\(name)\" specified more than once", hint: "Names are compared without regard to case: choose another.",
                position: syntax.name.position, sqlState: "42701")
        }
        guard !["rowid", ChangeText.rowID].contains(name.lowercased()) else {
            throw LeibrixError(
                .invalidName, "column name \"\(name)\" conflicts with a system column name", hint: "Choose another name.",
                position: syntax.name.position, sqlState: "42701")
        }
        let declared = try type(syntax)
        var column = TableColumn(attributeNumber: table.nextAttributeNumber, name: name, type: declared.type, modifier: declared.modifier)
        table.nextAttributeNumber += 1
        column.userType = userTypes[name]
        column.isNotNull = syntax.isNotNull ?? false
        column.defaultSQL = syntax.defaultValue.map { text.string($0) }
        column.generatedSQL = syntax.generated.map { text.string($0) }
        if column.generatedSQL != nil, column.defaultSQL != nil || syntax.identity != nil || declared.isSerial {
            throw LeibrixError(
                .syntax, "both default and generation expression specified for column \"\(name)\" of table \"\(table.name)\"",
                hint: "Keep one of them.", position: syntax.name.position)
        }
        try addSequence(&column, syntax, declared)
        table.columns.append(column)
        for constraint in syntax.constraints { try add(constraint, ofColumn: name) }
    }

    private func type(_ syntax: ColumnSyntax) throws(LeibrixError) -> ColumnType {
        if let type = try ColumnType(syntax.type) { return type }
        if let type = engineTypes[syntax.name.name] { return ColumnType(type: type, modifier: nil) }
        throw LeibrixError(
            .undefinedObject, "type \"\(text.string(syntax.type.range))\" does not exist", hint: "Use a type of PostgreSQL's or DuckDB's.",
            position: syntax.type.position)
    }

    private mutating func addSequence(_ column: inout TableColumn, _ syntax: ColumnSyntax, _ declared: ColumnType) throws(LeibrixError) {
        guard declared.isSerial || syntax.identity != nil else { return }
        guard column.defaultSQL == nil else {
            throw LeibrixError(
                .syntax, "multiple default values specified for column \"\(column.name)\" of table \"\(table.name)\"", hint: "Keep one of them.",
                position: syntax.name.position)
        }
        guard [DataType.smallInt, .integer, .bigInt].contains(column.type) else {
            throw LeibrixError(
                .typeMismatch, "identity column type must be smallint, integer, or bigint", hint: "Change the column's type.",
                position: syntax.type.position, sqlState: "22023")
        }
        if syntax.isNotNull == false {
            throw LeibrixError(
                .syntax, "conflicting NULL/NOT NULL declarations for column \"\(column.name)\" of table \"\(table.name)\"", hint: "Leave NULL out.",
                position: syntax.name.position)
        }
        column.isNotNull = true
        var sequence = SequenceDefinition(
            id: makeID(), schema: table.schema, name: freeName("\(table.name)_\(column.name)_seq"), type: column.type,
            ownedBy: .init(table: table.id, attributeNumber: column.attributeNumber), owner: table.owner)
        try SequenceRules.apply(syntax.identityOptions, to: &sequence, isNew: true)
        sequences.append(sequence)
        if let identity = syntax.identity {
            column.identity = ColumnIdentity(identity == .always ? .always : .byDefault, sequence: sequence.id)
        } else {
            let name = sqlIdentifierIfNeeded(sequence.schema == "public" ? "" : sequence.schema, sequence.name)
            column.defaultSQL = "nextval('\(name)'::regclass)"
        }
    }

    // MARK: Constraints

    mutating func add(_ syntax: ConstraintSyntax, ofColumn column: String? = nil) throws(LeibrixError) {
        switch syntax.kind {
        case .primaryKey(let names):
            guard table.primaryKey == nil else {
                throw LeibrixError(
                    .syntax, "multiple primary keys for table \"\(table.name)\" are not allowed", hint: "Keep one of them.", position: syntax.position,
                    sqlState: "42P16")
            }
            try addKey(.primary, names, syntax, nullsNotDistinct: false)
        case .unique(let names, let nullsNotDistinct): try addKey(.unique, names, syntax, nullsNotDistinct: nullsNotDistinct)
        case .check(let range):
            let name = try constraintName(syntax, fallback: checkName(column, range))
            table.checks.append(CheckConstraint(id: makeID(), name: name, sql: text.string(range)))
        case .foreignKey(let names, let key): try addForeignKey(names, key, syntax)
        case .usingIndex(let name, let isPrimary): try addKey(using: name, isPrimary: isPrimary, syntax)
        }
    }

    private mutating func addKey(
        _ kind: KeyConstraint.Kind, _ names: [Identifier], _ syntax: ConstraintSyntax, nullsNotDistinct: Bool
    ) throws(LeibrixError) {
        let numbers = try attributes(names)
        guard Set(numbers).count == numbers.count else {
            throw LeibrixError(
                .syntax, "column appears twice in \(kind == .primary ? "primary key" : "unique") constraint", hint: "Name it once.",
                position: syntax.position, sqlState: "42701")
        }
        let columns = names.map(\.name).joined(separator: "_")
        let name = try constraintName(syntax, fallback: kind == .primary ? "\(table.name)_pkey" : "\(table.name)_\(columns)_key")
        if kind == .primary {
            for number in numbers { if let place = table.position(ofAttribute: number) { table.columns[place].isNotNull = true } }
        }
        let index = IndexDefinition(
            id: makeID(), name: name, keys: numbers.map { .init(.column($0)) }, isUnique: true, nullsNotDistinct: nullsNotDistinct)
        table.indexes.append(index)
        table.keys.append(
            KeyConstraint(id: makeID(), name: name, kind: kind, columns: numbers, index: index.id, nullsNotDistinct: nullsNotDistinct))
    }

    private mutating func addKey(using name: Identifier, isPrimary: Bool, _ syntax: ConstraintSyntax) throws(LeibrixError) {
        guard let place = table.indexes.firstIndex(where: { $0.name == name.name }), table.indexes[place].isUnique, let columns = table.indexes[place].columns
        else {
            throw LeibrixError(
                .undefinedObject, "index \"\(name.name)\" is not a unique index over columns of table \"\(table.name)\"",
                hint: "CREATE UNIQUE INDEX first.", position: name.position)
        }
        let constraint = syntax.name?.name ?? name.name
        table.indexes[place].name = constraint
        if isPrimary { for number in columns { if let place = table.position(ofAttribute: number) { table.columns[place].isNotNull = true } } }
        table.keys.append(
            KeyConstraint(
                id: makeID(), name: constraint, kind: isPrimary ? .primary : .unique, columns: columns, index: table.indexes[place].id,
                nullsNotDistinct: table.indexes[place].nullsNotDistinct))
    }

    private mutating func addForeignKey(_ names: [Identifier], _ key: ForeignKeySyntax, _ syntax: ConstraintSyntax) throws(LeibrixError) {
        let numbers = try attributes(names)
        let parent = try referenced(key.table) ?? table
        let columns = try referencedColumns(key, parent, syntax)
        guard columns.count == numbers.count else {
            throw LeibrixError(
                .syntax, "number of referencing and referenced columns for foreign key disagree", hint: "Name as many on both sides.",
                position: syntax.position, sqlState: "42830")
        }
        guard parent.index(over: columns) != nil else {
            throw LeibrixError(
                .syntax, "there is no unique constraint matching given keys for referenced table \"\(parent.name)\"",
                hint: "Reference a PRIMARY KEY or UNIQUE constraint.", position: key.table.position, sqlState: "42830")
        }
        if key.isMatchFull, numbers.count > 1 {
            throw LeibrixError(.notSupported, "MATCH FULL is not supported", hint: "Use MATCH SIMPLE with NOT NULL columns.", position: syntax.position)
        }
        for (own, other) in zip(numbers, columns) {
            guard let place = table.position(ofAttribute: own), let otherPlace = parent.position(ofAttribute: other) else { continue }
            let (a, b) = (table.columns[place], parent.columns[otherPlace])
            guard a.type.isComparable(to: b.type) else {
                throw LeibrixError(
                    .typeMismatch, "foreign key constraint cannot be implemented",
                    detail: "Key columns \"\(a.name)\" and \"\(b.name)\" are of incompatible types: \(a.type.postgresName) and \(b.type.postgresName).",
                    hint: "Give both the same type.", position: syntax.position)
            }
        }
        let name = try constraintName(syntax, fallback: "\(table.name)_\(names.map(\.name).joined(separator: "_"))_fkey")
        var made = ForeignKey(
            id: makeID(), name: name, columns: numbers, referencedTable: parent.id, referencedColumns: columns,
            onDelete: .init(rawValue: key.onDelete.rawValue) ?? .noAction, onUpdate: .init(rawValue: key.onUpdate.rawValue) ?? .noAction)
        made.isDeferrable = key.isDeferrable
        made.isDeferred = key.isDeferred
        table.foreignKeys.append(made)
    }

    private func referencedColumns(_ key: ForeignKeySyntax, _ parent: TableDefinition, _ syntax: ConstraintSyntax) throws(LeibrixError) -> [Int16] {
        if key.columns.isEmpty {
            guard let primary = parent.primaryKey else {
                throw LeibrixError(
                    .undefinedObject, "there is no primary key for referenced table \"\(parent.name)\"", hint: "Name the columns of a key.",
                    position: key.table.position)
            }
            return primary.columns
        }
        return try Self.attributes(key.columns, of: parent)
    }

    func attributes(_ names: [Identifier]) throws(LeibrixError) -> [Int16] { try Self.attributes(names, of: table) }

    static func attributes(_ names: [Identifier], of table: TableDefinition) throws(LeibrixError) -> [Int16] {
        var numbers: [Int16] = []
        for name in names {
            guard let place = table.position(ofColumn: name.name) else {
                throw LeibrixError(
                    .undefinedColumn, "column \"\(name.name)\" named in key does not exist",
                    hint: suggestion(for: name.name, among: table.columns.map(\.name), what: "columns") ?? "Name a column of \"\(table.name)\".",
                    position: name.position)
            }
            numbers.append(table.columns[place].attributeNumber)
        }
        return numbers
    }

    // MARK: Names

    /// The name that is written, which must be free among the table's constraints, or one that is.
    private func constraintName(_ syntax: ConstraintSyntax, fallback: String) throws(LeibrixError) -> String {
        guard let name = syntax.name else { return freeName(fallback) }
        guard !constraintNames.contains(name.name) else {
            throw LeibrixError(
                .duplicateObject, "constraint \"\(name.name)\" for relation \"\(table.name)\" already exists", hint: "Choose another name.",
                position: name.position)
        }
        return name.name
    }

    private var constraintNames: Set<String> {
        Set(table.keys.map(\.name) + table.checks.map(\.name) + table.foreignKeys.map(\.name))
    }

    /// A name that neither the schema nor the table has: with a number behind it if need be.
    func freeName(_ wanted: String) -> String {
        let taken = constraintNames.union(table.indexes.map(\.name)).union(sequences.map(\.name)).union([table.name])
        var name = wanted
        var number = 0
        while taken.contains(name) || catalog.lookup(schema: table.schema, name: name) != nil {
            number += 1
            name = wanted + String(number)
        }
        return name
    }

    /// After the column that it stands with, or the only one that it names.
    private func checkName(_ column: String?, _ range: Range<Int>) -> String {
        if let column { return "\(table.name)_\(column)_check" }
        let named = Set(text.tokens(in: range).compactMap { text.name($0) }.filter { table.position(ofColumn: $0) != nil })
        return named.count == 1 ? "\(table.name)_\(named.first!)_check" : "\(table.name)_check"
    }
}

/// schema.name with quotes where SQL needs them.
func sqlIdentifierIfNeeded(_ schema: String, _ name: String) -> String {
    func shown(_ name: String) -> String {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F || (0x30...0x39).contains($0) }
        return isPlain && !(0x30...0x39).contains(name.utf8.first!) ? name : sqlIdentifier(name)
    }
    return schema.isEmpty ? shown(name) : shown(schema) + "." + shown(name)
}

extension DataType {
    /// Whether keys of both types can be compared as they are stored.
    fileprivate func isComparable(to other: DataType) -> Bool {
        func isInteger(_ type: DataType) -> Bool {
            [.tinyInt, .smallInt, .integer, .bigInt].contains(type)
        }
        return base == other.base || isInteger(base) && isInteger(other.base)
    }
}
