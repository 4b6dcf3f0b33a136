// The first rows of groups: QUALIFY row_number() OVER (…) <= n, and ORDER BY … LIMIT n.
internal import Base
internal import Columnar
internal import SQLPlanning

extension StreamPlanner {
    /// ORDER BY and LIMIT of a whole query.
    func limited(_ relation: PlannedRelation, _ query: Query) throws(LeibrixError) -> PlannedRelation {
        guard let limit = query.limit else {
            if query.order.isEmpty { return relation }
            throw refusal("ORDER BY without LIMIT", "A stream has no end: add LIMIT, or order what reads it.")
        }
        guard limit.offset == nil, !limit.isPercentage, let expression = limit.count, case .constant(.integer(let count), _) = expression.kind else {
            throw refusal("OFFSET, and a LIMIT that is no number,", "LIMIT 10")
        }
        var order: [TopPlan.Order] = []
        for key in query.order { order.append(try self.order(key, relation)) }
        return try top(relation, [], order, count, nil)
    }

    private func order(_ key: OrderKey, _ relation: PlannedRelation) throws(LeibrixError) -> TopPlan.Order {
        let scalar: Scalar
        if case .constant(.integer(let number), _) = key.expression.kind {
            guard number >= 1, number <= relation.columns.count else { throw LeibrixError(.syntax, "ORDER BY position \(number) is not in select list") }
            scalar = .column(Int(number) - 1, relation.columns[Int(number) - 1].type)
        } else {
            scalar = try Binder(relation.scope).bind(key.expression)
        }
        // DuckDB's default: NULLs last, whichever the direction.
        return TopPlan.Order(scalar: scalar, isDescending: key.direction == .descending, nullsFirst: key.nulls == .first)
    }

    private func top(
        _ relation: PlannedRelation, _ keys: [Scalar], _ order: [TopPlan.Order], _ count: Int64, _ location: Int?
    ) throws(LeibrixError) -> PlannedRelation {
        guard relation.changes != .upsert else { throw overUpdates("ORDER BY, LIMIT or QUALIFY") }
        guard count >= 1, count <= StreamLimits.topRowsMax else {
            throw LeibrixError(.streamUnbounded, "the number of first rows is 1 to \(StreamLimits.topRowsMax)", position: location.map { $0 + 1 })
        }
        var plan = TopPlan(keys: keys, order: order, count: Int(count), isFinal: options.emit == .final, timeKey: nil, timeLag: 0, retracts: relation.changes == .retract)
        for (index, key) in keys.enumerated() {
            if case .column(let column, _) = key, let lag = relation.times[column] { (plan.timeKey, plan.timeLag) = (index, lag) }
        }
        var result = relation
        result.node = PlanNode(kind: .top(relation.node, plan), types: relation.node.types)
        result.times = [:]
        result.changes = plan.isFinal || order.isEmpty && !plan.retracts ? .append : .retract
        return result
    }

    /// Whether QUALIFY asks for the first rows of groups in an order of their own: every other is a condition on window functions.
    static func isTop(_ qualify: Expression) -> Bool {
        guard case .comparison(_, let left, let right) = qualify.kind, case .window(let window) = left.kind, case .constant = right.kind else { return !hasWindow(qualify) }
        return window.call.name == "row_number" || !["lag", "lead", "first_value", "last_value", "nth_value", "dense_rank"].contains(window.call.name) && !AggregateBinder.names.contains(window.call.name)
    }

    /// QUALIFY over the rows of FROM and WHERE.
    func qualified(_ relation: PlannedRelation, _ qualify: Expression) throws(LeibrixError) -> PlannedRelation {
        guard case .comparison(let comparison, let left, let right) = qualify.kind, case .window(let window) = left.kind,
            window.call.name == "row_number", case .constant(.integer(let number), _) = right.kind,
            comparison == .lessOrEqual || comparison == .less || comparison == .equal && number == 1
        else { throw refusal("this QUALIFY", "QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC) <= 10", qualify.location) }
        let binder = Binder(relation.scope)
        var keys: [Scalar] = []
        for key in window.partitions { keys.append(try binder.bind(key)) }
        var order: [TopPlan.Order] = []
        for key in window.order { order.append(try self.order(key, relation)) }
        return try top(relation, keys, order, comparison == .less ? number - 1 : number, qualify.location)
    }
}
