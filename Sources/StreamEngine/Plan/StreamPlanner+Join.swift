// Joins of streams: equal keys, and a bound between the event times of both sides, without which every row would be kept.
internal import Base
internal import Columnar
internal import SQLPlanning

extension StreamPlanner {
    func join(
        _ join: Join, _ reference: TableReference, _ tables: [String: PlannedRelation], _ filters: inout [Expression]
    ) throws(LeibrixError) -> PlannedRelation {
        let position = reference.location.map { $0 + 1 }
        if let made = try lookup(join, tables, &filters, position) { return made }
        if let made = try temporal(join, tables, position) { return made }
        var none: [Expression] = []
        let takes = join.kind == .inner && !join.isASOF
        var sides = self
        sides.isInJoin = true
        var left = takes ? try sides.from(join.left, tables, &filters) : try sides.from(join.left, tables, &none)
        var right = takes ? try sides.from(join.right, tables, &filters) : try sides.from(join.right, tables, &none)
        for side in [left, right] where side.changes == .upsert { throw overUpdates("a join", side.columns.first?.relation) }
        let isOfChanges = left.changes == .retract || right.changes == .retract
        guard isOfChanges || left.microsPerUnit == right.microsPerUnit else {
            throw LeibrixError(.streamJoin, "the event times of both sides have different units", hint: "Make both TIMESTAMP, or both BIGINT milliseconds.", position: position)
        }
        var parts = JoinConditions(left, right, findsTimes: !isOfChanges)
        try add(join, &parts, left, &right, position)
        if takes { try place(&filters, &parts, &left, &right) }
        return isOfChanges ? try joinedChanges(left, right, join, parts, position) : try joined(left, right, join, parts, position)
    }

    /// Conditions of WHERE where they belong: about one side, below the join; about both, the join's; the rest is another join's, or
    /// WHERE's. A name without its relation's may be another join's too, unless this is the outermost.
    private func place(
        _ filters: inout [Expression], _ parts: inout JoinConditions, _ left: inout PlannedRelation, _ right: inout PlannedRelation
    ) throws(LeibrixError) {
        var rest: [Expression] = []
        for filter in filters {
            guard !isInJoin || Self.isQualified(filter), let (scalar, side) = parts.placed(filter) else {
                rest.append(filter)
                continue
            }
            switch side {
            case .left: left.node = PlanNode(kind: .filter(left.node, scalar), types: left.node.types)
            case .right:
                let boundary = left.columns.count
                right.node = PlanNode(kind: .filter(right.node, scalar.moved { $0 - boundary }), types: right.node.types)
            case .both: try parts.add(filter)
            case .none: rest.append(filter)
            }
        }
        filters = rest
    }

    private static func isQualified(_ expression: Expression) -> Bool {
        if case .column(let names) = expression.kind { return names.count > 1 }
        return expression.children.allSatisfy(isQualified)
    }

    /// The conditions that stand in FROM.
    func add(
        _ join: Join, _ parts: inout JoinConditions, _ left: PlannedRelation, _ right: inout PlannedRelation, _ position: Int?
    ) throws(LeibrixError) {
        switch join.condition {
        case .on(let condition): try parts.add(condition)
        case .none where join.kind == .inner: break
        case .using(let names) where join.kind != .right && join.kind != .full:
            for name in names {
                try parts.addKey(try left.scope.find([name], nil), try right.scope.find([name], nil))
                for index in right.columns.indices where right.columns[index].name.lowercased() == name.lowercased() { right.columns[index].isHidden = true }
            }
        default:
            throw LeibrixError(.streamJoin, "a join of streams needs ON", hint: "ON a.key = b.key AND b.ts BETWEEN a.ts - INTERVAL … AND a.ts + INTERVAL …", position: position)
        }
    }

    /// A join of rows that may be taken back: what is there now, joined.
    private func joinedChanges(
        _ left: PlannedRelation, _ right: PlannedRelation, _ join: Join, _ conditions: JoinConditions, _ position: Int?
    ) throws(LeibrixError) -> PlannedRelation {
        guard let kind = Self.kinds[join.kind], !join.isASOF else {
            throw LeibrixError(
                .streamOverChanges, "this join cannot follow rows that are taken back", hint: "ASOF joins read streams that emit final rows.", position: position)
        }
        let plan = JoinPlan(
            kind: kind, leftKeys: conditions.leftKeys, rightKeys: conditions.rightKeys, leftTime: 0, rightTime: 0, lower: 0, upper: 0, asof: nil,
            residual: conditions.residual, leftLag: 0, rightLag: 0, isOfChanges: true)
        var result = left
        let isHalf = kind == .semi || kind == .anti
        result.columns = left.columns + (isHalf ? [] : right.columns)
        result.node = PlanNode(kind: .join(left.node, right.node, plan), types: left.node.types + (isHalf ? [] : right.node.types))
        result.times = [:]
        result.changes = .retract
        return result
    }

    private func joined(
        _ left: PlannedRelation, _ right: PlannedRelation, _ join: Join, _ conditions: JoinConditions, _ position: Int?
    ) throws(LeibrixError) -> PlannedRelation {
        guard !conditions.leftKeys.isEmpty else {
            throw LeibrixError(.streamJoin, "a join of streams needs an equality between both sides", hint: "ON a.key = b.key AND …", position: position)
        }
        guard let kind = Self.kinds[join.kind], let leftTime = conditions.leftTime, let rightTime = conditions.rightTime else {
            throw unbounded(join, position)
        }
        var plan = JoinPlan(
            kind: kind, leftKeys: conditions.leftKeys, rightKeys: conditions.rightKeys, leftTime: leftTime, rightTime: rightTime, lower: conditions.lower ?? .min,
            upper: conditions.upper ?? .max, asof: nil, residual: conditions.residual, leftLag: left.times[leftTime] ?? 0,
            rightLag: right.times[rightTime] ?? 0)
        if join.isASOF {
            plan.asof = try direction(conditions, kind, position)
        } else if conditions.lower == nil || conditions.upper == nil {
            throw unbounded(join, position)
        }
        guard plan.lower <= plan.upper else { throw LeibrixError(.streamJoin, "the join's bounds exclude each other", hint: "Exchange them.", position: position) }
        return result(left, right, plan)
    }

    func result(_ left: PlannedRelation, _ right: PlannedRelation, _ plan: JoinPlan) -> PlannedRelation {
        var result = left
        let isHalf = plan.kind == .semi || plan.kind == .anti
        result.columns = left.columns + (isHalf ? [] : right.columns)
        result.node = PlanNode(kind: .join(left.node, right.node, plan), types: left.node.types + (isHalf ? [] : right.node.types))
        result.times = [plan.leftTime: max(plan.upper, 0)]
        if !isHalf && plan.asof == nil { result.times[left.columns.count + plan.rightTime] = max(-plan.lower, 0) }
        return result
    }

    /// Which row an ASOF join takes: bounds before and behind ask for the nearest, a bound behind for the first, else the last.
    private func direction(_ conditions: JoinConditions, _ kind: JoinPlan.Kind, _ position: Int?) throws(LeibrixError) -> JoinPlan.Direction {
        let hint = "a.ts >= b.ts for the last before; b.ts BETWEEN a.ts AND a.ts + INTERVAL '…' for the first behind; b.ts BETWEEN a.ts - … AND a.ts + … for the nearest."
        guard kind == .inner || kind == .left else { throw LeibrixError(.streamJoin, "an ASOF join is inner or LEFT", hint: hint, position: position) }
        guard let upper = conditions.upper else {
            throw LeibrixError(.streamUnboundedJoin, "an ASOF join without a bound behind would wait for ever", hint: hint, position: position)
        }
        guard let lower = conditions.lower else { return .last }
        return lower >= 0 && upper > 0 ? .first : upper > 0 ? .nearest : .last
    }

    static let kinds: [Join.Kind: JoinPlan.Kind] = [
        .inner: .inner, .left: .left, .right: .right, .full: .full, .semi: .semi, .anti: .anti,
    ]

    private func unbounded(_ join: Join, _ position: Int?) -> LeibrixError {
        LeibrixError(
            .streamUnboundedJoin, "a join of streams without a bound in time would keep every row for ever",
            hint: "Add b.ts BETWEEN a.ts - INTERVAL '…' AND a.ts + INTERVAL '…' to ON; both columns must be their sides' event time.", position: position)
    }
}

/// The parts of a join's condition.
struct JoinConditions {
    private let left: PlannedRelation
    private let right: PlannedRelation
    private let binder: Binder
    private(set) var leftKeys: [Scalar] = []
    private(set) var rightKeys: [Scalar] = []
    private(set) var leftTime: Int?
    private(set) var rightTime: Int?
    /// Bounds of right time - left time.
    private(set) var lower: Int64?
    private(set) var upper: Int64?
    private(set) var residual: Scalar?
    private let findsTimes: Bool

    init(_ left: PlannedRelation, _ right: PlannedRelation, findsTimes: Bool) {
        self.findsTimes = findsTimes
        self.left = left
        self.right = right
        binder = Binder(Scope(left.columns + right.columns))
    }

    /// A condition over both sides' columns, and which of them it is about; nil when it is not about these.
    func placed(_ expression: Expression) -> (scalar: Scalar, side: Side)? {
        guard let scalar = try? binder.boolean(expression) else { return nil }
        return (scalar, side(scalar))
    }

    mutating func add(_ expression: Expression) throws(LeibrixError) {
        switch expression.kind {
        case .and(let parts): for part in parts { try add(part) }
        case .between(let operand, let low, let high):
            try add(Expression(.comparison(.greaterOrEqual, operand, low), location: expression.location))
            try add(Expression(.comparison(.lessOrEqual, operand, high), location: expression.location))
        default: addPart(try binder.boolean(expression))
        }
    }

    private mutating func addPart(_ scalar: Scalar) {
        if case .call(let function, let sides, _) = scalar, sides.count == 2 {
            if findsTimes && addBound(function, sides[0], sides[1]) || function == .equal && addKey(sides[0], sides[1]) { return }
        }
        residual = residual.map { .call(.and, [$0, scalar], .boolean) } ?? scalar
    }

    enum Side { case left, right, both, none }

    private func side(_ scalar: Scalar) -> Side {
        var hasLeft = false
        var hasRight = false
        let boundary = left.columns.count
        scalar.eachColumn { if $0 < boundary { hasLeft = true } else { hasRight = true } }
        return hasLeft ? hasRight ? .both : .left : hasRight ? .right : .none
    }

    /// Columns of both sides that USING names.
    mutating func addKey(_ leftColumn: Int, _ rightColumn: Int) throws(LeibrixError) {
        let boundary = left.columns.count
        let sides = (Scalar.column(leftColumn, left.columns[leftColumn].type), Scalar.column(boundary + rightColumn, right.columns[rightColumn].type))
        guard let equal = Typing.comparison(.equal, sides.0, sides.1) else {
            throw LeibrixError(.typeMismatch, "USING columns of types \(sides.0.type) and \(sides.1.type)")
        }
        addPart(equal)
    }

    private mutating func addKey(_ a: Scalar, _ b: Scalar) -> Bool {
        let boundary = left.columns.count
        switch (side(a), side(b)) {
        case (.left, .right):
            leftKeys.append(a)
            rightKeys.append(b.moved { $0 - boundary })
        case (.right, .left):
            leftKeys.append(b)
            rightKeys.append(a.moved { $0 - boundary })
        default: return false
        }
        return true
    }

    /// An event time and what is added to it.
    private func time(_ scalar: Scalar) -> (column: Int, offset: Int64)? {
        let isTime = { (index: Int) in index < left.columns.count ? left.times[index] != nil : right.times[index - left.columns.count] != nil }
        switch scalar {
        case .column(let index, _): return isTime(index) ? (index, 0) : nil
        case .call(let function, let parts, _):
            guard function == .add || function == .subtract, parts.count == 2, case .column(let index, _) = parts[0], isTime(index),
                case .constant(let value, _) = parts[1], case .integer(let offset) = value
            else { return nil }
            return (index, function == .add ? offset : -offset)
        default: return nil
        }
    }

    /// `right + a <= left + b` and the like: a bound of right - left.
    private mutating func addBound(_ function: ScalarFunction, _ a: Scalar, _ b: Scalar) -> Bool {
        guard let first = time(a), let second = time(b) else { return false }
        let boundary = left.columns.count
        guard (first.column < boundary) != (second.column < boundary) else { return false }
        let isMirrored = first.column < boundary
        let (rightPart, leftPart) = isMirrored ? (second, first) : (first, second)
        let distance = leftPart.offset - rightPart.offset
        let known = leftTime == nil || leftTime == leftPart.column && rightTime == rightPart.column - boundary
        guard known else { return false }
        var low: Int64?
        var high: Int64?
        switch function {
        case .equal: (low, high) = (distance, distance)
        case .greaterOrEqual: if isMirrored { high = distance } else { low = distance }
        case .greater: if isMirrored { high = distance - 1 } else { low = distance + 1 }
        case .lessOrEqual: if isMirrored { low = distance } else { high = distance }
        case .less: if isMirrored { low = distance + 1 } else { high = distance - 1 }
        default: return false
        }
        leftTime = leftPart.column
        rightTime = rightPart.column - boundary
        if let low { lower = max(lower ?? low, low) }
        if let high { upper = min(upper ?? high, high) }
        return true
    }
}
