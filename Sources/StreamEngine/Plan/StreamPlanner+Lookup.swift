// Joins whose right side is not a stream of events: rows by key as they are now (lookup), or a stream of versions as it was (temporal).
internal import Base
internal import Columnar
internal import SQLPlanning

extension StreamPlanner {
    /// The name and alias of a join's right side where it is a table.
    private func rightTable(_ join: Join) -> (table: TableName, reference: TableReference)? {
        guard case .table(let table) = join.right.kind else { return nil }
        return (table, join.right)
    }

    /// A join with a lookup; nil for others.
    func lookup(
        _ join: Join, _ tables: [String: PlannedRelation], _ filters: inout [Expression], _ position: Int?
    ) throws(LeibrixError) -> PlannedRelation? {
        guard let (table, reference) = rightTable(join), table.schema == nil, tables[table.name.lowercased()] == nil,
            let relation = lookUp(table.name.lowercased()), let definition = relation.lookup
        else { return nil }
        if let at = table.at, !Self.isNow(at.value) {
            throw LeibrixError(
                .streamJoin, "a lookup knows its rows as they are now", hint: "FOR SYSTEM_TIME AS OF PROCTIME(), or a stream of versions instead of a lookup.", position: position)
        }
        let kind = Self.kinds[join.kind]
        guard kind == .inner || kind == .left, !join.isASOF else {
            throw LeibrixError(.streamJoin, "a join with a lookup is inner or LEFT", hint: "FROM stream s LEFT JOIN \(reference.name ?? table.name) ON …", position: position)
        }
        var sides = self
        sides.isInJoin = true
        var none: [Expression] = []
        let left = kind == .inner ? try sides.from(join.left, tables, &filters) : try sides.from(join.left, tables, &none)
        guard left.changes == .append else {
            throw LeibrixError(
                .streamOverChanges, "a lookup may answer otherwise when a row is taken back", hint: "Join a stream over the table's changes instead of a lookup.", position: position)
        }
        var right = renamed(relation, reference.name, reference.columnAliases)
        var parts = JoinConditions(left, right, findsTimes: false)
        try add(join, &parts, left, &right, position)
        let plan = try lookupPlan(definition, parts, left, isLeft: kind == .left, position)
        var result = left
        result.columns = left.columns + right.columns
        result.node = PlanNode(kind: .lookup(left.node, plan), types: left.node.types + right.node.types)
        return result
    }

    private static func isNow(_ expression: Expression) -> Bool {
        guard case .call(let call) = expression.kind else { return false }
        return ["proctime", "now", "current_timestamp", "get_current_timestamp"].contains(call.name)
    }

    private func lookupPlan(
        _ definition: LookupDefinition, _ parts: JoinConditions, _ left: PlannedRelation, isLeft: Bool, _ position: Int?
    ) throws(LeibrixError) -> LookupPlan {
        var plan = LookupPlan(definition: definition, keys: [], columns: [], isLeft: isLeft, residual: parts.residual)
        for (ours, theirs) in zip(parts.leftKeys, parts.rightKeys) {
            var column = theirs
            if case .cast(let inner, _, _) = theirs { column = inner }
            guard case .column(let index, let type) = column, let key = Typing.cast(ours, to: type, isTry: true) else {
                throw LeibrixError(.streamJoin, "a lookup is asked by its columns", hint: "ON s.key = lookup.column AND …", position: position)
            }
            plan.keys.append(key)
            plan.columns.append(index)
        }
        guard !plan.keys.isEmpty else { throw LeibrixError(.streamJoin, "a join with a lookup needs an equality", hint: "ON s.key = lookup.column", position: position) }
        return plan
    }

    /// `JOIN versions AT (TIMESTAMP => s.ts)`: each row with the version of its key that held then; nil for other joins.
    func temporal(_ join: Join, _ tables: [String: PlannedRelation], _ position: Int?) throws(LeibrixError) -> PlannedRelation? {
        guard var (table, reference) = rightTable(join), let at = table.at else { return nil }
        table.at = nil
        reference.kind = .table(table)
        var sides = self
        sides.isInJoin = true
        var none: [Expression] = []
        let left = try sides.from(join.left, tables, &none)
        var right = try sides.from(reference, tables, &none)
        guard left.changes == .append, right.changes == .append else {
            throw LeibrixError(.streamOverChanges, "a join as of a time reads streams whose rows stay", hint: "Read streams that emit final rows.", position: position)
        }
        let kind = Self.kinds[join.kind]
        guard kind == .inner || kind == .left, let kind, !join.isASOF, left.microsPerUnit == right.microsPerUnit else {
            throw LeibrixError(.streamJoin, "a join as of a time is inner or LEFT, over event times of one unit", hint: "FROM s LEFT JOIN versions FOR SYSTEM_TIME AS OF s.ts ON s.k = versions.k", position: position)
        }
        guard case .column(let leftTime, _)? = try? Binder(left.scope).bind(at.value), left.times[leftTime] != nil, let rightTime = right.times.keys.min() else {
            throw LeibrixError(.streamNoEventTime, "a join as of a time needs the event times of both sides", hint: "FOR SYSTEM_TIME AS OF the left side's event time.", position: position)
        }
        var parts = JoinConditions(left, right, findsTimes: false)
        try add(join, &parts, left, &right, position)
        guard !parts.leftKeys.isEmpty else {
            throw LeibrixError(.streamJoin, "a join of streams needs an equality between both sides", hint: "ON a.key = b.key AND …", position: position)
        }
        let plan = JoinPlan(
            kind: kind, leftKeys: parts.leftKeys, rightKeys: parts.rightKeys, leftTime: leftTime, rightTime: rightTime, lower: .min, upper: 0, asof: .last,
            residual: parts.residual, leftLag: left.times[leftTime] ?? 0, rightLag: right.times[rightTime] ?? 0)
        return result(left, right, plan)
    }
}
