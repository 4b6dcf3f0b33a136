extension Expression {
    /// The expressions directly inside this one, those of subqueries left out.
    public var children: [Expression] {
        switch kind {
        case .column, .constant, .parameter, .position, .defaultValue, .other: []
        case .star(let star): star.replaced.map(\.expression) + [star.pattern].compactMap { $0 }
        case .call(let call): call.children
        case .comparison(_, let left, let right), .element(let left, let right), .lambda(let left, let right): [left, right]
        case .and(let items), .or(let items), .coalesce(let items), .array(let items), .slice(let items), .grouping(let items): items
        case .not(let operand), .isNull(let operand), .isNotNull(let operand), .cast(let operand, _, _),
            .collate(let operand, _), .field(let operand, _), .attempt(let operand):
            [operand]
        case .inList(let operand, let items, _): [operand] + items
        case .between(let operand, let lower, let upper): [operand, lower, upper]
        case .conditional(let branches, let otherwise): branches.flatMap { [$0.condition, $0.result] } + [otherwise]
        case .subquery(let subquery):
            if case .any(let operand, _) = subquery.kind { [operand] } else { [] }
        case .window(let window): window.children
        }
    }

    /// Whether this expression or one inside it satisfies the predicate; subqueries are not entered.
    public func contains(where predicate: (Expression) -> Bool) -> Bool {
        predicate(self) || children.contains { $0.contains(where: predicate) }
    }
}

extension FunctionCall {
    var children: [Expression] { arguments + [filter].compactMap { $0 } + order.map(\.expression) }
}

extension WindowCall {
    var children: [Expression] {
        call.children + partitions + order.map(\.expression) + [offset, defaultValue].compactMap { $0 }
            + [frame.start, frame.end].compactMap { bound in
                switch bound {
                case .preceding(let expression, _), .following(let expression, _): expression
                default: nil
                }
            }
    }
}
