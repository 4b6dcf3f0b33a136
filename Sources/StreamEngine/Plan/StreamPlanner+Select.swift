// One SELECT: filter, then either a projection or an aggregation with what is computed from its results.
internal import Base
internal import Columnar
internal import SQLPlanning

extension StreamPlanner {
    func plan(_ select: Select, _ query: Query, _ tables: [String: PlannedRelation]) throws(LeibrixError) -> PlannedRelation {
        var filters = Self.conjuncts(select.filter)
        let reader = keepsRows(select) ? inner : self
        var relation = try reader.from(select.from, tables, &filters)
        if select.sample != nil { throw refusal("USING SAMPLE", nil) }
        if let filter = Self.all(filters) {
            let predicate = try Binder(relation.scope).boolean(filter)
            relation.node = PlanNode(kind: .filter(relation.node, predicate), types: relation.node.types)
        }
        if let qualify = select.qualify {
            guard select.grouping == .none, select.having == nil else {
                throw refusal("QUALIFY beside GROUP BY", "Put the aggregation into a subquery.", qualify.location)
            }
            let list = try expand(select.list, relation)
            if list.contains(where: Self.hasWindow) || !Self.isTop(qualify) { return try projectOver(list, relation, qualify: qualify) }
            relation = try qualified(relation, qualify)
        }
        let list = try expand(select.list, relation)
        var isAggregate = select.grouping != .none || select.having != nil
        for item in list where AggregateFinder.contains(item) { isAggregate = true }
        let isOver = list.contains(where: Self.hasWindow)
        if isAggregate && isOver { throw refusal("a window function beside an aggregation", "Put the aggregation into a subquery.") }
        if isAggregate { return try aggregate(select, list, relation) }
        if isOver { return try projectOver(list, relation) }
        return try project(list, relation)
    }

    /// The parts of a condition that must all be true.
    static func conjuncts(_ filter: Expression?) -> [Expression] {
        guard let filter else { return [] }
        guard case .and(let parts) = filter.kind else { return [filter] }
        return parts.flatMap { conjuncts($0) }
    }

    static func all(_ parts: [Expression]) -> Expression? { parts.count > 1 ? Expression(.and(parts), location: parts[0].location) : parts.first }

    private func expand(_ list: [Expression], _ relation: PlannedRelation) throws(LeibrixError) -> [Expression] {
        var result: [Expression] = []
        for item in list {
            guard case .star(let star) = item.kind else {
                result.append(item)
                continue
            }
            guard !star.isColumns, star.pattern == nil, star.replaced.isEmpty, star.renamed.isEmpty else {
                throw refusal("COLUMNS(…), REPLACE and RENAME", "Name the columns.", item.location)
            }
            for column in relation.columns where star.relation == nil || star.relation?.lowercased() == column.relation?.lowercased() {
                if column.isHidden && star.relation == nil { continue }
                if star.excluded.contains(where: { $0.lowercased() == column.name.lowercased() }) { continue }
                result.append(Expression(.column((column.relation.map { [$0] } ?? []) + [column.name])))
            }
        }
        return result
    }

    private func project(_ list: [Expression], _ relation: PlannedRelation) throws(LeibrixError) -> PlannedRelation {
        let binder = Binder(relation.scope)
        var scalars: [Scalar] = []
        for item in list { scalars.append(try binder.bind(item)) }
        return projected(scalars, list.map(Self.name), relation)
    }

    /// The relation of computed columns; event time stays what is passed on as it is.
    func projected(_ scalars: [Scalar], _ names: [String], _ relation: PlannedRelation) -> PlannedRelation {
        var result = relation
        result.node = PlanNode(kind: .project(relation.node, scalars), types: scalars.map(\.type))
        result.columns = zip(names, scalars).map { Scope.Column(relation: nil, name: $0, type: $1.type) }
        result.times = [:]
        for (index, scalar) in scalars.enumerated() {
            if case .column(let from, _) = scalar, let lag = relation.times[from] { result.times[index] = lag }
        }
        return result
    }

    static func name(_ expression: Expression) -> String {
        if let alias = expression.alias { return alias }
        switch expression.kind {
        case .column(let names): return names[names.count - 1]
        case .call(let call): return call.name
        case .cast(let inner, _, _): return name(inner)
        case .conditional: return "case"
        case .coalesce: return "coalesce"
        default: return "?column?"
        }
    }

    // MARK: GROUP BY

    private func aggregate(_ select: Select, _ list: [Expression], _ relation: PlannedRelation) throws(LeibrixError) -> PlannedRelation {
        guard relation.changes != .upsert else { throw overUpdates("GROUP BY") }
        let keys = try groupKeys(select, list, relation)
        var windowCall: WindowCallPlan?
        var scalars: [Scalar] = []
        var keyExpressions: [Expression] = []
        let binder = Binder(relation.scope)
        for key in keys {
            if let window = try windowPlan(key, relation) {
                if let known = windowCall, known.spec != window.spec { throw refusal("GROUP BY two windows", nil, code: .streamWindow, key.location) }
                windowCall = window
            } else {
                keyExpressions.append(key)
                scalars.append(try binder.bind(key))
            }
        }
        let aggregates = AggregateCollector(binder, keys: scalars, window: windowCall, planner: self, relation: relation)
        var outputs: [Scalar] = []
        for item in list { outputs.append(try aggregates.bind(item)) }
        let having = try select.having.map { (expression) throws(LeibrixError) in try aggregates.boolean(expression) }
        let plan = AggregatePlan(keys: scalars, arguments: aggregates.builder.arguments, layout: aggregates.builder.layout, resultTypes: aggregates.builder.resultTypes,
            retracts: relation.changes == .retract)
        if relation.changes == .retract && !plan.layout.isInvertible {
            throw LeibrixError(
                .streamOverChanges, "an aggregate that cannot take rows back reads a stream that does",
                hint: "count, sum, avg, min, max, any_value, arg_min, arg_max, the quantiles, variances and regressions can.")
        }
        var grouped = try node(plan, windowCall, relation)
        if let having { grouped.node = PlanNode(kind: .filter(grouped.node, having), types: grouped.node.types) }
        return projected(outputs, list.map(Self.name), grouped)
    }

    private func node(_ plan: AggregatePlan, _ window: WindowCallPlan?, _ relation: PlannedRelation) throws(LeibrixError) -> PlannedRelation {
        var result = relation
        let keyTypes = plan.keys.map(\.type)
        let mode = mode(window: window != nil)
        if let window {
            let lateness = options.latenessMicros / relation.microsPerUnit
            if window.spec.kind == .session && mode != .onWindowClose && mode != .final {
                throw LeibrixError(.streamEmitMode, "sessions emit when they close", hint: "EMIT ON WINDOW CLOSE or EMIT FINAL.")
            }
            if window.spec.kind == .session && plan.layout.keepsValues {
                throw LeibrixError(
                    .streamWindow, "DISTINCT aggregates and quantiles cannot follow sessions that grow together", hint: "approx_count_distinct(…) can.")
            }
            if window.spec.kind == .session && relation.changes == .retract {
                throw LeibrixError(
                    .streamOverChanges, "a session cannot fall apart again when rows are taken back", hint: "Read a stream that emits final rows: ON WINDOW CLOSE or FINAL.")
            }
            let types = keyTypes + [window.type, window.type] + plan.resultTypes
            let windowPlan = WindowPlan(spec: window.spec, time: window.time, lag: window.lag, lateness: lateness)
            result.node = PlanNode(kind: .window(relation.node, plan, windowPlan, mode), types: types)
            result.times = window.spec.kind == .session
                ? [keyTypes.count + 1: 0] : [keyTypes.count: window.spec.size, keyTypes.count + 1: 0]
            result.changes = mode.retracts(lateness: lateness) ? .retract : mode == .onUpdate || isEvery(mode) ? .upsert : .append
        } else {
            if mode == .onWindowClose || mode == .onWatermark {
                throw LeibrixError(
                    .streamEmitMode, "EMIT ON WINDOW CLOSE and ON WATERMARK need a window",
                    hint: "GROUP BY tumble(ts, INTERVAL '…'), or EMIT ON UPDATE, CHANGES, EVERY or FINAL.")
            }
            if options.latenessMicros != 0 { throw LeibrixError(.streamWindow, "ALLOW LATENESS needs a window") }
            result.node = PlanNode(kind: .group(relation.node, plan, mode), types: keyTypes + plan.resultTypes)
            result.times = [:]
            result.changes = mode == .changes ? .retract : mode == .final ? .append : .upsert
        }
        result.columns = result.node.types.map { Scope.Column(relation: nil, name: "", type: $0) }
        return result
    }

    private func isEvery(_ mode: EmitMode) -> Bool { if case .every = mode { true } else { false } }

    /// GROUP BY's expressions, with positions, aliases and ALL put in.
    private func groupKeys(_ select: Select, _ list: [Expression], _ relation: PlannedRelation) throws(LeibrixError) -> [Expression] {
        switch select.grouping {
        case .none: return []
        case .all: return list.filter { !AggregateFinder.contains($0) && !WindowFunctions.isBoundary($0) }
        case .sets: throw refusal("GROUPING SETS", "Make a stream for each set and UNION ALL them.")
        case .keys(let keys):
            var result: [Expression] = []
            for key in keys {
                if case .constant(.integer(let number), _) = key.kind {
                    guard number >= 1, number <= list.count else { throw LeibrixError(.syntax, "GROUP BY position \(number) is not in select list") }
                    result.append(list[Int(number) - 1])
                } else if case .column(let names) = key.kind, names.count == 1, !relation.columns.contains(where: { $0.name.lowercased() == names[0].lowercased() }),
                    let item = list.first(where: { $0.alias?.lowercased() == names[0].lowercased() })
                {
                    result.append(item)
                } else {
                    result.append(key)
                }
            }
            return result
        }
    }
}
