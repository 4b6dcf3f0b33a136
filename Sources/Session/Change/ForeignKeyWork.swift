// What a statement leaves to be asked of other tables. Keys are collected while rows are written, and looked at once, after
// the last of them: so a statement may insert a row and what it references, or move keys around.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import SQLSyntax
internal import TableEngine

struct ForeignKeyWork: Sendable {
    /// By foreign key: values of its columns that rows have now.
    var written: [TableID: Set<[Value]>] = [:]
    /// Rows as they were, and as they are if they were updated.
    var gone: [(old: [Value], new: [Value]?)] = []

    /// Notes the values of foreign keys that a step has written. `rows` nil is all.
    mutating func note(written batch: Batch, _ step: ChangeStep, rows: [Int]?, _ table: TableDefinition) {
        for key in table.foreignKeys {
            let places = key.columns.compactMap { table.position(ofAttribute: $0) }
            let columns = places.compactMap { place in step.columns.firstIndex(of: place).map { step.firstValue + $0 } }
            guard columns.count == key.columns.count else { continue }
            for row in rows ?? Array(0..<batch.rowCount) {
                let values = columns.map { batch.value(row: row, column: $0) }
                if !values.contains(.null) { written[key.id, default: []].insert(values) }
            }
        }
    }

    mutating func note(row: [Value], _ table: TableDefinition) {
        for key in table.foreignKeys {
            let values = key.columns.compactMap { table.position(ofAttribute: $0) }.map { row[$0] }
            if !values.contains(.null) { written[key.id, default: []].insert(values) }
        }
    }

    var isEmpty: Bool { written.isEmpty && gone.isEmpty }
}

extension SQLSession {
    /// Checks the keys of a statement that has been applied, and does what ON DELETE and ON UPDATE say.
    func settle(
        _ work: ForeignKeyWork, _ table: TableDefinition, _ tables: TableTransaction, _ control: StatementControl, depth: Int = 0
    ) async throws(LeibrixError) -> WriteOutcome {
        guard !work.isEmpty else { return .done }
        guard depth < SessionLimits.cascadesMax else {
            throw LeibrixError(.limitExceeded, "foreign keys cascade more than \(SessionLimits.cascadesMax) times", hint: "Delete the rows step by step.")
        }
        // What the statement has done is to be seen here.
        tables.beginStatement()
        for key in table.foreignKeys {
            guard let values = work.written[key.id], !values.isEmpty else { continue }
            if isDeferred(key) {
                deferred.values[key.id, default: []].formUnion(values)
                continue
            }
            let outcome = try requireReferenced(values, key, table, tables)
            if outcome != .done { return outcome }
        }
        guard !work.gone.isEmpty else { return .done }
        for (child, key) in tables.catalog.foreignKeys(referencing: table.id) {
            let outcome = try await settle(work.gone, key, child: child, parent: table, tables, control, depth)
            if outcome != .done { return outcome }
        }
        return .done
    }

    /// Every value must be a key of the referenced table; its row is kept from going until this transaction ends.
    func requireReferenced(
        _ values: Set<[Value]>, _ key: ForeignKey, _ table: TableDefinition, _ tables: TableTransaction
    ) throws(LeibrixError) -> WriteOutcome {
        guard let parent = tables.catalog.table(key.referencedTable), let index = parent.index(over: key.referencedColumns) else {
            throw LeibrixError(.internal, "foreign key \(key.name) references no key")
        }
        let handle = try tables.index(index.id, of: parent.id)
        for value in values {
            let ordered = parent.ordered(value, of: key.referencedColumns, by: index)
            guard let lookup = try handle.index.key(ordered), let row = tables.lookup(handle, lookup) else {
                throw .missingReference(key, table, to: parent, values: value)
            }
            let outcome = try tables.lock(parent.id, row, .keyShare)
            if outcome != .done { return outcome }
        }
        return .done
    }

    /// Keys of `parent` that are gone, seen from one table that references it.
    private func settle(
        _ gone: [(old: [Value], new: [Value]?)], _ key: ForeignKey, child: TableDefinition, parent: TableDefinition,
        _ tables: TableTransaction, _ control: StatementControl, _ depth: Int
    ) async throws(LeibrixError) -> WriteOutcome {
        let places = key.referencedColumns.compactMap { parent.position(ofAttribute: $0) }
        guard let index = parent.index(over: key.referencedColumns) else { return .done }
        let handle = try tables.index(index.id, of: parent.id)
        var changes: [[Value]: [Value]?] = [:]
        for (old, new) in gone {
            let oldKey = places.map { old[$0] }
            let newKey = new.map { row in places.map { row[$0] } }
            guard !oldKey.contains(.null), oldKey != newKey else { continue }
            // Another row may have the key now.
            if let lookup = try handle.index.key(parent.ordered(oldKey, of: key.referencedColumns, by: index)), tables.lookup(handle, lookup) != nil { continue }
            changes[oldKey] = .some(newKey)
        }
        guard !changes.isEmpty else { return .done }
        let found = try await referencing(Array(changes.keys), key, child, parent, control)
        guard !found.isEmpty else { return .done }
        let isDelete = gone[0].new == nil
        let action = isDelete ? key.onDelete : key.onUpdate
        return try await perform(action, found, changes, key, child: child, parent: parent, tables, control, depth)
    }

    /// Rows of the child whose foreign key has one of the values.
    func referencing(
        _ values: [[Value]], _ key: ForeignKey, _ child: TableDefinition, _ parent: TableDefinition, _ control: StatementControl
    ) async throws(LeibrixError) -> [(id: RowID, key: [Value])] {
        let columns = key.columns.compactMap { number in child.columns.first { $0.attributeNumber == number } }
        let fields = columns.enumerated().map { DataType.Field("k\($0.offset)", $0.element.type) }
        let list = columns.map { "c.\(sqlIdentifier($0.name))" }.joined(separator: ", ")
        let condition = columns.enumerated().map { "c.\(sqlIdentifier($0.element.name)) = k.k\($0.offset)" }.joined(separator: " AND ")
        let type = DataType.list(.structure(fields))
        let sql = """
            SELECT c.rowid, \(list) FROM \(sqlIdentifier(child.schema)).\(sqlIdentifier(child.name)) AS c \
            JOIN (SELECT unnest(CAST($1 AS \(type)), max_depth := 2)) AS k ON \(condition)
            """
        let plan = try await enginePlan(try server.parsed.parse(sql), [type], tag: "SELECT")
        let parameter = Value.list(values.map { value in .structure(zip(fields, value).map { .init($0.name, $1) }) })
        var found: [(id: RowID, key: [Value])] = []
        for batch in try await rows(of: plan, [parameter], control) {
            for row in 0..<batch.rowCount {
                guard case .integer(let number) = batch.value(row: row, column: 0) else { continue }
                let values = columns.indices.map { batch.value(row: row, column: $0 + 1) }
                found.append((RowID(rawValue: UInt64(bitPattern: number)), values))
            }
        }
        return found
    }

    private func perform(
        _ action: ForeignKey.Action, _ found: [(id: RowID, key: [Value])], _ changes: [[Value]: [Value]?], _ key: ForeignKey,
        child: TableDefinition, parent: TableDefinition, _ tables: TableTransaction, _ control: StatementControl, _ depth: Int
    ) async throws(LeibrixError) -> WriteOutcome {
        let ids = found.map(\.id)
        let places = key.columns.compactMap { child.position(ofAttribute: $0) }.sorted()
        var work = ForeignKeyWork()
        let outcome: WriteOutcome
        let isUpdate = changes.values.contains { $0 != nil }
        switch action {
        case .noAction where isDeferred(key):
            deferred.values[key.id, default: []].formUnion(found.map(\.key))
            return .done
        case .noAction, .restrict: throw .stillReferenced(key, parent, from: child, values: found[0].key)
        case .cascade where !isUpdate:
            for id in ids { if let old = try tables.values(child.id, id) { work.gone.append((old, nil)) } }
            outcome = try tables.delete(child.id, ids)
        case .cascade, .setNull, .setDefault:
            let defaults = action == .setDefault ? try await defaultValues(of: child, control) : [:]
            var values: [[Value]] = []
            for (id, old) in found {
                guard let row = try tables.values(child.id, id) else { continue }
                var new = row
                for (index, number) in key.columns.enumerated() {
                    guard let place = child.position(ofAttribute: number) else { continue }
                    switch action {
                    case .cascade: new[place] = (changes[old] ?? nil)?[index] ?? .null
                    case .setDefault: new[place] = defaults[place] ?? .null
                    default: new[place] = .null
                    }
                    if new[place] == .null, child.columns[place].isNotNull { throw .nullValue(child.columns[place], child, row: new) }
                }
                work.gone.append((row, new))
                work.note(row: new, child)
                values.append(places.map { new[$0] })
            }
            outcome = try tables.update(child.id, ids, columns: places, values: values)
        }
        if outcome != .done { return outcome }
        return try await settle(work, child, tables, control, depth: depth + 1)
    }

    /// Defaults of all columns, computed now.
    private func defaultValues(of table: TableDefinition, _ control: StatementControl) async throws(LeibrixError) -> [Int: Value] {
        let facts = describing()
        var items: [String] = []
        for column in table.columns { items.append(column.opensCast + (try Self.defaultSQL(column, facts)) + column.closesCast) }
        let plan = try await enginePlan(try server.parsed.parse("SELECT " + items.joined(separator: ", ")), [], tag: "SELECT")
        guard let batch = try await rows(of: plan, [], control).first else { return [:] }
        return Dictionary(uniqueKeysWithValues: table.columns.indices.map { ($0, batch.value(row: 0, column: $0)) })
    }
}

extension TableDefinition {
    /// The unique index over exactly these columns, in any order.
    func index(over numbers: [Int16]) -> IndexDefinition? {
        indexes.first { $0.isUnique && $0.columns.map(Set.init) == Set(numbers) }
    }

    /// Values given in the order of `numbers`, in the order of an index's columns.
    func ordered(_ values: [Value], of numbers: [Int16], by index: IndexDefinition) -> [Value] {
        (index.columns ?? []).map { number in numbers.firstIndex(of: number).map { values[$0] } ?? .null }
    }
}
