// Binds expressions over an aggregation's results: aggregates, keys, the window's bounds, and what is computed from them.
internal import Base
internal import Columnar
internal import SQLPlanning

final class AggregateCollector {
    private(set) var builder: AggregateBinder
    private let input: Binder
    private let keys: [Scalar]
    private let window: WindowCallPlan?
    private let resultStart: Int
    private let planner: StreamPlanner
    private let relation: PlannedRelation

    init(_ input: Binder, keys: [Scalar], window: WindowCallPlan?, planner: StreamPlanner, relation: PlannedRelation) {
        self.input = input
        self.keys = keys
        self.window = window
        self.planner = planner
        self.relation = relation
        builder = AggregateBinder(input, keys: keys, retracts: relation.changes == .retract)
        resultStart = keys.count + (window == nil ? 0 : 2)
    }

    /// DuckDB's aggregates that keep all values of a group.
    private static let unbounded: Set<String> = [
        "list", "array_agg", "string_agg", "group_concat", "listagg", "mode",
        "histogram", "mad", "entropy", "approx_top_k", "reservoir_quantile", "bitstring_agg",
    ]

    private var binder: Binder {
        var binder = Binder(Scope([]))
        binder.special = { [self] (expression: Expression) throws(LeibrixError) in try self.special(expression) }
        return binder
    }

    func bind(_ expression: Expression) throws(LeibrixError) -> Scalar { try binder.bind(expression) }
    func boolean(_ expression: Expression) throws(LeibrixError) -> Scalar { try binder.boolean(expression) }

    private func special(_ expression: Expression) throws(LeibrixError) -> Scalar? {
        if case .call(let call) = expression.kind, AggregateBinder.names.contains(call.name) {
            let (index, type) = try builder.add(call, expression)
            return .column(resultStart + index, type)
        }
        if case .call(let call) = expression.kind, Self.unbounded.contains(call.name) {
            throw Binder.unsupported(
                "\(call.name)()", expression, hint: "approx_count_distinct, min, max, first, last, arg_max, median and quantile_cont are there.")
        }
        if let window, let bound = WindowFunctions.bound(expression) {
            if case .call(let call) = expression.kind, !call.arguments.isEmpty {
                var same = call
                if let cut = call.name.firstIndex(of: "_") { same.name = String(call.name[..<cut]) }
                let other = try planner.windowPlan(Expression(.call(same), location: expression.location), relation)
                guard other == nil || other?.spec == window.spec else {
                    throw LeibrixError(.streamWindow, "\(call.name)() is not the window of GROUP BY", position: expression.location.map { $0 + 1 })
                }
            }
            return .column(keys.count + (bound == .start ? 0 : 1), window.type)
        }
        // A key is whatever binds to the same scalar; what names input columns and is none, is not grouped.
        if AggregateFinder.contains(expression) { return nil }
        if let scalar = try? input.bind(expression), let index = keys.firstIndex(of: scalar) { return .column(index, keys[index].type) }
        if case .column(let names) = expression.kind {
            _ = try input.bind(expression)
            throw LeibrixError(
                .grouping, "column \"\(names.joined(separator: "."))\" must appear in the GROUP BY clause or must be part of an aggregate function",
                hint: "Add it to GROUP BY, or use any_value(…).", position: expression.location.map { $0 + 1 })
        }
        return nil
    }
}

enum AggregateFinder {
    /// Whether an aggregate is called anywhere in it.
    static func contains(_ expression: Expression) -> Bool {
        if case .call(let call) = expression.kind, AggregateBinder.names.contains(call.name) { return true }
        if case .window = expression.kind { return false }
        return expression.children.contains(where: contains)
    }
}
