// Window functions in a SELECT: one PARTITION BY, ordered by event time.
internal import Base
internal import Columnar
internal import SQLPlanning

/// What a SELECT's window functions come to.
struct OverCollector {
    private let relation: PlannedRelation
    private let binder: Binder
    private(set) var plan: OverPlan
    private var partitions: [Expression]?
    private var aggregates: [AggregateBinder] = []
    private var known: [Expression: Int] = [:]

    init(_ relation: PlannedRelation) {
        self.relation = relation
        binder = Binder(relation.scope)
        plan = OverPlan(keys: [], time: 0, lag: 0, arguments: [], frames: [], aggregates: [], functions: [], functionTypes: [])
    }

    private func refusal(_ what: String, _ hint: String, _ location: Int?) -> LeibrixError {
        LeibrixError(.streamNotSupported, "\(what) is not supported in a stream", hint: hint, position: location.map { $0 + 1 })
    }

    /// The column of a window function's result, behind the relation's own.
    mutating func column(_ window: WindowCall, _ expression: Expression) throws(LeibrixError) -> Scalar {
        var bare = expression
        bare.alias = nil
        bare.location = nil
        if let index = known[bare] { return .column(relation.columns.count + index, plan.functionTypes[index]) }
        try order(window, expression.location)
        try partition(window, expression.location)
        let (function, type) = try make(window, expression)
        plan.functions.append(function)
        plan.functionTypes.append(type)
        known[bare] = plan.functions.count - 1
        return .column(relation.columns.count + plan.functions.count - 1, type)
    }

    private mutating func order(_ window: WindowCall, _ location: Int?) throws(LeibrixError) {
        guard window.order.count == 1, window.order[0].direction != .descending, case .column(let column, _)? = try? binder.bind(window.order[0].expression),
            let lag = relation.times[column]
        else {
            throw refusal("a window function that is not in the order of event time", "OVER (PARTITION BY k ORDER BY ts), ts being the event time.", location)
        }
        guard plan.functions.isEmpty || plan.time == column else { throw refusal("window functions in two orders", "Put one into a subquery.", location) }
        (plan.time, plan.lag) = (column, lag)
    }

    private mutating func partition(_ window: WindowCall, _ location: Int?) throws(LeibrixError) {
        var keys: [Scalar] = []
        for key in window.partitions { keys.append(try binder.bind(key)) }
        guard plan.functions.isEmpty || plan.keys == keys else { throw refusal("window functions over two partitionings", "Put one into a subquery.", location) }
        plan.keys = keys
    }

    private mutating func argument(_ scalar: Scalar) -> Int {
        if let index = plan.arguments.firstIndex(of: scalar) { return index }
        plan.arguments.append(scalar)
        return plan.arguments.count - 1
    }

    private mutating func frame(_ frame: OverPlan.Frame) -> Int {
        if let index = plan.frames.firstIndex(of: frame) { return index }
        plan.frames.append(frame)
        aggregates.append(AggregateBinder(binder, keys: plan.keys, retracts: frame.isBounded))
        return plan.frames.count - 1
    }

    /// The frame as written.
    private mutating func frame(_ window: WindowCall, _ location: Int?) throws(LeibrixError) -> Int {
        guard window.frame.exclusion == .nothing else { throw refusal("EXCLUDE", "Leave it out.", location) }
        guard window.frame.end != .unboundedFollowing else {
            throw refusal("a frame that ends with the partition", "ROWS or RANGE BETWEEN … AND … FOLLOWING: a stream has no end to wait for.", location)
        }
        let (unit, to) = try bound(window.frame.end, location)
        if window.frame.start == .unboundedPreceding { return frame(OverPlan.Frame(unit: unit, from: nil, to: to)) }
        let (startUnit, from) = try bound(window.frame.start, location)
        guard startUnit == unit, from <= to else { throw refusal("this frame", "Its beginning is not behind its end.", location) }
        return frame(OverPlan.Frame(unit: unit, from: from, to: to))
    }

    private func bound(_ bound: WindowCall.Frame.Bound, _ location: Int?) throws(LeibrixError) -> (OverPlan.Frame.Unit, Int64) {
        let hint = "ROWS BETWEEN n PRECEDING AND n FOLLOWING, n up to \(StreamLimits.topRowsMax), or RANGE BETWEEN INTERVAL … PRECEDING AND INTERVAL … FOLLOWING."
        switch bound {
        case .currentRow(.rows): return (.rows, 0)
        case .currentRow(.range): return (.range, 0)
        case .preceding(let distance, let unit), .following(let distance, let unit):
            let sign: Int64 = if case .preceding = bound { -1 } else { 1 }
            if unit == .rows, case .constant(.integer(let rows), _) = distance.kind, rows >= 0, rows <= StreamLimits.topRowsMax { return (.rows, sign * rows) }
            if unit == .range, let interval = IntervalConstant.read(distance), interval.months == 0, interval.micros % relation.microsPerUnit == 0, interval.micros >= 0 {
                return (.range, sign * (interval.micros / relation.microsPerUnit))
            }
            throw refusal("this frame", hint, location)
        default: throw refusal("this frame", hint, location)
        }
    }

    private func count(_ expression: Expression?, _ otherwise: Int, _ name: String, _ location: Int?) throws(LeibrixError) -> Int {
        guard let expression else { return otherwise }
        guard case .constant(.integer(let number), _)? = try? binder.bind(expression), abs(number) <= 1_000 else {
            throw refusal("\(name)() with a distance that is no number up to 1,000", "\(name)(value, 1)", location)
        }
        return Int(number)
    }

    private mutating func make(_ window: WindowCall, _ expression: Expression) throws(LeibrixError) -> (OverPlan.Function, DataType) {
        let call = window.call
        let location = expression.location
        guard !window.ignoresNulls else { throw refusal("IGNORE NULLS", "Leave rows with NULLs out in a subquery.", location) }
        switch call.name {
        case "row_number": return (.rowNumber, .bigInt)
        case "rank": return (.rank, .bigInt)
        case "dense_rank": return (.denseRank, .bigInt)
        case "lag", "lead": return try shifted(window, location)
        case "first_value", "first", "last_value", "last", "nth_value":
            guard let first = call.arguments.first, call.isPlain else { throw refusal("\(call.name)() so", "\(call.name)(value)", location) }
            let value = try binder.bind(first)
            let index = argument(value)
            let frame = try frame(window, location)
            if call.name == "nth_value" {
                let place = try count(call.arguments.count > 1 ? call.arguments[1] : nil, 0, "nth_value", location)
                guard place >= 1 else { throw refusal("nth_value() without a place from 1 on", "nth_value(value, 2)", location) }
                return (.nth(frame: frame, place: place, argument: index), value.type)
            }
            return (call.name.hasPrefix("first") ? .first(frame: frame, argument: index) : .last(frame: frame, argument: index), value.type)
        default:
            guard AggregateBinder.names.contains(call.name) else {
                throw refusal("\(call.name)() OVER", "row_number, rank, dense_rank, lag, lead, first_value, last_value, nth_value and aggregates are.", location)
            }
            let frame = try frame(window, location)
            let (result, type) = try aggregates[frame].add(call, Expression(.call(call), location: location))
            return (.aggregate(frame: frame, result: result), type)
        }
    }

    private mutating func shifted(_ window: WindowCall, _ location: Int?) throws(LeibrixError) -> (OverPlan.Function, DataType) {
        let call = window.call
        guard let first = call.arguments.first else { throw refusal("\(call.name)() without a value", "\(call.name)(value, 1)", location) }
        let value = try binder.bind(first)
        let distance = try count(window.offset ?? (call.arguments.count > 1 ? call.arguments[1] : nil), 1, call.name, location)
        var otherwise: Int?
        if let given = window.defaultValue ?? (call.arguments.count > 2 ? call.arguments[2] : nil) {
            guard let cast = Typing.cast(try binder.bind(given), to: value.type) else { throw refusal("this default", "A value of the column's type.", location) }
            if case .constant(.null, _) = cast { otherwise = nil } else { otherwise = argument(cast) }
        }
        let index = argument(value)
        let rows = Int64(call.name == "lead" ? distance : -distance)
        let frame = frame(OverPlan.Frame(unit: .rows, from: rows, to: rows))
        return (.shifted(frame: frame, argument: index, otherwise: otherwise), value.type)
    }

    /// The plan with what the aggregates need.
    func finished() -> OverPlan {
        var plan = plan
        for frame in aggregates {
            var arguments: [Int] = []
            for scalar in frame.arguments {
                if let index = plan.arguments.firstIndex(of: scalar) {
                    arguments.append(index)
                } else {
                    plan.arguments.append(scalar)
                    arguments.append(plan.arguments.count - 1)
                }
            }
            plan.aggregates.append(OverPlan.FrameAggregates(arguments: arguments, layout: frame.layout, resultTypes: frame.resultTypes))
        }
        return plan
    }
}

extension StreamPlanner {
    static func hasWindow(_ expression: Expression) -> Bool {
        if case .window = expression.kind { return true }
        return expression.children.contains(where: hasWindow)
    }

    /// A projection whose list has window functions.
    /// `qualify` is true of the rows that stay.
    func projectOver(_ list: [Expression], _ relation: PlannedRelation, qualify: Expression? = nil) throws(LeibrixError) -> PlannedRelation {
        guard relation.changes == .append else {
            throw LeibrixError(
                .streamOverChanges, "window functions read a stream whose rows may be taken back or replaced",
                hint: "Read a stream that emits final rows: ON WINDOW CLOSE or FINAL.")
        }
        let collector = CollectorBox(OverCollector(relation))
        var binder = Binder(relation.scope)
        binder.special = { (expression: Expression) throws(LeibrixError) -> Scalar? in
            guard case .window(let window) = expression.kind else { return nil }
            return try collector.value.column(window, expression)
        }
        var scalars: [Scalar] = []
        for item in list { scalars.append(try binder.bind(item)) }
        let condition = try qualify.map { (expression) throws(LeibrixError) in try Self.aliased(binder, list, relation).boolean(expression) }
        let plan = collector.value.finished()
        var over = relation
        over.node = PlanNode(kind: .over(relation.node, plan), types: relation.node.types + plan.functionTypes)
        over.columns += plan.functionTypes.map { Scope.Column(relation: nil, name: "", type: $0) }
        // A row that waits for one behind it leaves at no time that is known.
        over.times = plan.rowsAhead > 0 ? [:] : [plan.time: plan.timeAhead]
        if let condition { over.node = PlanNode(kind: .filter(over.node, condition), types: over.node.types) }
        return projected(scalars, list.map(Self.name), over)
    }

    /// A binder that knows the names the list gives.
    private static func aliased(_ binder: Binder, _ list: [Expression], _ relation: PlannedRelation) -> Binder {
        var copy = binder
        copy.special = { (expression: Expression) throws(LeibrixError) -> Scalar? in
            if let scalar = try binder.special(expression) { return scalar }
            guard case .column(let names) = expression.kind, names.count == 1, !relation.columns.contains(where: { $0.name.lowercased() == names[0].lowercased() }),
                let item = list.first(where: { $0.alias?.lowercased() == names[0].lowercased() })
            else { return nil }
            return try binder.bind(item)
        }
        return copy
    }

    private final class CollectorBox {
        var value: OverCollector
        init(_ value: OverCollector) { self.value = value }
    }
}
