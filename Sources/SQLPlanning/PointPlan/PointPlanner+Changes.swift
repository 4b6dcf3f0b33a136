internal import Base
internal import Catalog
internal import Columnar

/// An INSERT … VALUES as the session took it apart.
public struct PointInsertion: Sendable {
    /// Names of the columns given; empty for all.
    public var columns: [String]
    /// A row each; `.defaultValue` for DEFAULT. Rows are of one length.
    public var rows: [[Expression]]
    /// What DEFAULT means, by attribute number; a column without one gets NULL.
    public var defaults: [Int16: Expression]
    public var conflict: Conflict?
    public var returning: [Expression]

    public struct Conflict: Sendable {
        public enum Arbiter: Sendable {
            case any
            case columns([String])
            case constraint(String)
        }
        public var arbiter: Arbiter
        /// Columns and their new values; nil is DO NOTHING.
        public var assignments: [(column: String, value: Expression)]?
        public var condition: Expression?

        public init(arbiter: Arbiter, assignments: [(column: String, value: Expression)]? = nil, condition: Expression? = nil) {
            self.arbiter = arbiter
            self.assignments = assignments
            self.condition = condition
        }
    }

    public init(
        columns: [String], rows: [[Expression]], defaults: [Int16: Expression] = [:], conflict: Conflict? = nil,
        returning: [Expression] = []
    ) {
        self.columns = columns
        self.rows = rows
        self.defaults = defaults
        self.conflict = conflict
        self.returning = returning
    }
}

extension PointPlanner {
    /// Constraints that a row alone does not decide make a table's writes not ours: CHECK, FOREIGN KEY, generated columns.
    public func insert(_ insertion: PointInsertion, into name: TableName, alias: String?) -> PointPlan? {
        guard let table = table(name), table.checks.isEmpty, table.foreignKeys.isEmpty, insertion.rows.count <= Self.rowsMax,
            table.columns.allSatisfy({ $0.generatedSQL == nil }), let given = places(insertion.columns, table)
        else { return nil }
        var rows: [[PointValue]] = []
        for row in insertion.rows {
            guard let values = values(row, given, table, insertion.defaults) else { return nil }
            rows.append(values)
        }
        let scope = scope(table, name, alias: alias)
        guard let returning = outputs(insertion.returning, scope) else { return nil }
        var plan = PointInsert(table: table, rows: rows, conflict: nil, returning: returning)
        if let conflict = insertion.conflict {
            guard let bound = self.conflict(conflict, table, scope) else { return nil }
            plan.conflict = bound
        }
        return .insert(plan)
    }

    /// The columns' places; all of them for no names.
    private func places(_ columns: [String], _ table: TableDefinition) -> [Int]? {
        if columns.isEmpty { return Array(table.columns.indices) }
        let places = columns.compactMap { table.position(ofColumn: $0) }
        return places.count == columns.count && Set(places).count == places.count ? places : nil
    }

    private func values(
        _ row: [Expression], _ given: [Int], _ table: TableDefinition, _ defaults: [Int16: Expression]
    ) -> [PointValue]? {
        guard row.count <= given.count else { return nil }
        var expressions: [Expression?] = Array(repeating: nil, count: table.columns.count)
        for (place, expression) in zip(given, row) where expression.kind != .defaultValue { expressions[place] = expression }
        var values: [PointValue] = []
        for (column, expression) in zip(table.columns, expressions) {
            guard let value = expression.map({ self.value($0, column) }) ?? defaultValue(column, defaults) else { return nil }
            values.append(value)
        }
        return values
    }

    private func value(_ expression: Expression, _ column: TableColumn) -> PointValue? {
        guard column.identity?.kind != .always else { return nil }
        return assigned(expression, column, ScalarScope(parameterTypes: parameterTypes)).map { .program($0) }
    }

    private func defaultValue(_ column: TableColumn, _ defaults: [Int16: Expression]) -> PointValue? {
        if let identity = column.identity { return .next(of: identity.sequence) }
        guard column.defaultSQL != nil else { return assigned(Expression(.constant(.null, .null)), column, ScalarScope()).map { .program($0) } }
        guard let expression = defaults[column.attributeNumber] else { return nil }
        if let sequence = sequence(expression) { return .next(of: sequence) }
        return assigned(expression, column, ScalarScope()).map { .program($0) }
    }

    /// nextval('name'), as serial's default is written.
    private func sequence(_ expression: Expression) -> TableID? {
        guard case .call(let call) = expression.kind, call.name == "nextval", call.arguments.count == 1 else { return nil }
        var argument = call.arguments[0]
        if case .cast(let inner, _, _) = argument.kind { argument = inner }
        guard case .constant(.string(let text), _) = argument.kind, !text.contains("\"") else { return nil }
        let parts = text.split(separator: ".").map(String.init)
        guard let name = parts.last, parts.count <= 2 else { return nil }
        for schema in parts.count == 2 ? [parts[0]] : searchPath {
            if case .sequence(let id)? = catalog.lookup(schema: schema, name: name) { return id }
        }
        return nil
    }

    // MARK: Assignments

    func assignments(_ values: [Expression], _ columns: [String], _ table: TableDefinition, _ scope: ScalarScope) -> [PointAssignment]? {
        var assignments: [PointAssignment] = []
        for (name, value) in zip(columns, values) {
            guard let place = table.position(ofColumn: name), !assignments.contains(where: { $0.column == place }),
                value.kind != .defaultValue, table.columns[place].identity?.kind != .always,
                let program = assigned(value, table.columns[place], scope)
            else { return nil }
            assignments.append(PointAssignment(column: place, value: .program(program)))
        }
        return assignments
    }

    /// The value as the column stores it, but for a length or precision of text or timestamps, which who runs the plan sees to. Other modifiers
    /// are the general way's, unless nothing is stored.
    private func assigned(_ expression: Expression, _ column: TableColumn, _ scope: ScalarScope) -> ScalarProgram? {
        guard let program = ScalarProgram.bind(expression, in: scope, assignedTo: column.type) else { return nil }
        if column.modifier == nil || column.isFittedAsStored { return program }
        if case .constant(.null, _) = expression.kind { return program }
        return nil
    }

    /// Whether an update of these columns leaves every CHECK, FOREIGN KEY and generated column alone.
    func isFree(_ table: TableDefinition, _ assignments: [PointAssignment]) -> Bool {
        guard table.checks.isEmpty, table.columns.allSatisfy({ $0.generatedSQL == nil }) else { return false }
        let changed = Set(assignments.map { table.columns[$0.column].attributeNumber })
        let referencing = catalog.foreignKeys(referencing: table.id)
        return table.foreignKeys.allSatisfy { changed.isDisjoint(with: $0.columns) }
            && referencing.allSatisfy { changed.isDisjoint(with: $0.key.referencedColumns) }
    }

    // MARK: ON CONFLICT

    private func conflict(_ conflict: PointInsertion.Conflict, _ table: TableDefinition, _ scope: ScalarScope) -> PointInsert.Conflict? {
        let index: TableID?
        switch conflict.arbiter {
        case .any: index = nil
        case .constraint(let name): 
            guard let key = table.keys.first(where: { ScalarScope.isSame($0.name, name) }) else { return nil }
            index = key.index
        case .columns(let names):
            let wanted = Set(names.compactMap { table.position(ofColumn: $0) })
            guard let found = table.indexes.first(where: { $0.isUnique && places($0, table).map { Set($0) } == wanted }) else { return nil }
            index = found.id
        }
        guard let assignments = conflict.assignments else { return PointInsert.Conflict(index: index, assignments: nil, filter: nil) }
        guard index != nil else { return nil }
        guard let (bound, filter) = update(assignments, conflict.condition, table, scope), isFree(table, bound) else { return nil }
        return PointInsert.Conflict(index: index, assignments: bound, filter: filter)
    }

    /// DO UPDATE: the row there is under the table's names, the one refused under `excluded`, its columns behind the others.
    private func update(
        _ assignments: [(column: String, value: Expression)], _ condition: Expression?, _ table: TableDefinition, _ scope: ScalarScope
    ) -> ([PointAssignment], ScalarProgram?)? {
        let both = scope.withExcluded
        guard let bound = self.assignments(assignments.map(\.value), assignments.map(\.column), table, both),
            let filter = filter(condition.map { [$0] } ?? [], both)
        else { return nil }
        return (bound, filter)
    }
}

extension TableColumn {
    /// Whether its modifier can be kept on a value that has the column's type.
    var isFittedAsStored: Bool {
        switch (modifier, type) {
        case (.length, .varchar), (.fixedLength, .varchar), (.precision, .timestamp), (.precision, .timestampTZ): true
        default: false
        }
    }
}
