// From expressions as written to typed scalars over a scope. `special` is asked first at every node: aggregates, group keys
// and windows are resolved there.
internal import Base
internal import Columnar
internal import SQLPlanning

struct Binder {
    let scope: Scope
    var special: (Expression) throws(LeibrixError) -> Scalar? = { (_: Expression) throws(LeibrixError) -> Scalar? in nil }

    init(_ scope: Scope) { self.scope = scope }

    func bind(_ expression: Expression) throws(LeibrixError) -> Scalar {
        if let scalar = try special(expression) { return scalar }
        switch expression.kind {
        case .column(let names):
            let index = try scope.find(names, expression.location)
            return .column(index, scope.columns[index].type)
        case .constant(let value, let type): return try constant(value, type, expression)
        case .comparison(let comparison, let left, let right):
            return try bindComparison(comparison, left, right, expression)
        case .and(let parts): return try conjunction(.and, parts, expression)
        case .or(let parts): return try conjunction(.or, parts, expression)
        case .not(let inner): return .call(.not, [try boolean(inner)], .boolean)
        case .isNull(let inner): return .call(.isNull, [try bind(inner)], .boolean)
        case .isNotNull(let inner): return .call(.isNotNull, [try bind(inner)], .boolean)
        case .inList(let operand, let list, let isNegated): return try inList(operand, list, isNegated, expression)
        case .between(let operand, let lower, let upper):
            return .call(
                .and,
                [
                    try bindComparison(.greaterOrEqual, operand, lower, expression),
                    try bindComparison(.lessOrEqual, operand, upper, expression),
                ], .boolean)
        case .coalesce(let parts): return try coalesce(parts, expression)
        case .conditional(let branches, let otherwise): return try conditional(branches, otherwise, expression)
        case .cast(let inner, let type, let isTry): return try bindCast(inner, type, isTry, expression)
        case .call(let call): return try bindCall(call, expression)
        case .element(let base, let place):
            guard let scalar = Self.moreText("array_extract", [try bind(base), try bind(place)]) else { throw Self.unsupported("an element of a list", expression) }
            return scalar
        // The parser takes json -> path for a function without a name.
        case .lambda(let document, let path):
            guard let scalar = Self.json("->", [try bind(document), try bind(path)]) else { throw Self.unsupported("a lambda", expression) }
            return scalar
        default:
            throw Self.unsupported("this expression (\(Self.name(expression)))", expression)
        }
    }

    static func unsupported(_ what: String, _ expression: Expression, hint: String? = nil) -> LeibrixError {
        LeibrixError(
            .streamNotSupported, "\(what) is not supported in a stream",
            hint: hint ?? "Compute it in the query that reads the stream, or before rows are pushed.",
            position: expression.location.map { $0 + 1 })
    }

    static func name(_ expression: Expression) -> String {
        switch expression.kind {
        case .call(let call): "\(call.name)()"
        case .window(let window): "\(window.call.name)() OVER"
        case .subquery: "a subquery"
        case .parameter: "a parameter"
        case .lambda: "a lambda"
        case .array, .element, .slice: "a list"
        case .field: "a field of a structure"
        case .star: "*"
        case .other(let kind): kind
        default: "expression"
        }
    }

    func mismatch(_ what: String, _ types: [DataType], _ expression: Expression) -> LeibrixError {
        LeibrixError(
            .undefinedFunction, "no \(what) takes (\(types.map(\.description).joined(separator: ", "))) in a stream",
            hint: "Cast an argument.", position: expression.location.map { $0 + 1 })
    }

    private func constant(_ value: Value, _ type: DataType, _ expression: Expression) throws(LeibrixError) -> Scalar {
        guard type.laneKind != nil else { throw Self.unsupported("a value of type \(type)", expression) }
        return .constant(value, type)
    }

    func boolean(_ expression: Expression) throws(LeibrixError) -> Scalar {
        let scalar = try bind(expression)
        guard let cast = Typing.cast(scalar, to: .boolean) else { throw mismatch("condition", [scalar.type], expression) }
        return cast
    }

    private func conjunction(_ function: ScalarFunction, _ parts: [Expression], _ expression: Expression) throws(LeibrixError) -> Scalar {
        var result = try boolean(parts[0])
        for part in parts.dropFirst() { result = .call(function, [result, try boolean(part)], .boolean) }
        return result
    }

    private static let comparisons: [SQLPlanning.Comparison: ScalarFunction] = [
        .equal: .equal, .notEqual: .notEqual, .less: .less, .lessOrEqual: .lessOrEqual, .greater: .greater,
        .greaterOrEqual: .greaterOrEqual, .distinct: .isDistinct, .notDistinct: .isNotDistinct,
    ]

    private func bindComparison(
        _ comparison: SQLPlanning.Comparison, _ left: Expression, _ right: Expression, _ expression: Expression
    ) throws(LeibrixError) -> Scalar {
        let (a, b) = (try bind(left), try bind(right))
        guard let scalar = Typing.comparison(Self.comparisons[comparison]!, a, b) else {
            throw mismatch("comparison", [a.type, b.type], expression)
        }
        return scalar
    }

    private func inList(
        _ operand: Expression, _ list: [Expression], _ isNegated: Bool, _ expression: Expression
    ) throws(LeibrixError) -> Scalar {
        var result: Scalar?
        for item in list {
            let equal = try bindComparison(.equal, operand, item, expression)
            result = result.map { .call(.or, [$0, equal], .boolean) } ?? equal
        }
        guard let result else { throw Self.unsupported("an empty list", expression) }
        return isNegated ? .call(.not, [result], .boolean) : result
    }

    private func coalesce(_ parts: [Expression], _ expression: Expression) throws(LeibrixError) -> Scalar {
        var scalars: [Scalar] = []
        for part in parts { scalars.append(try bind(part)) }
        guard let unified = Typing.unifyAll(scalars), let last = unified.last else {
            throw mismatch("COALESCE", scalars.map(\.type), expression)
        }
        let branches = unified.dropLast().map { Scalar.Branch(.call(.isNotNull, [$0], .boolean), $0) }
        return branches.isEmpty ? last : .choose(branches, otherwise: last, last.type)
    }

    private func conditional(
        _ branches: [Expression.Branch], _ otherwise: Expression, _ expression: Expression
    ) throws(LeibrixError) -> Scalar {
        var values: [Scalar] = []
        var conditions: [Scalar] = []
        for branch in branches {
            conditions.append(try boolean(branch.condition))
            values.append(try bind(branch.result))
        }
        values.append(try bind(otherwise))
        guard let unified = Typing.unifyAll(values) else { throw mismatch("CASE", values.map(\.type), expression) }
        return .choose(
            zip(conditions, unified).map { Scalar.Branch($0, $1) }, otherwise: unified[unified.count - 1], unified[0].type)
    }

    private func bindCast(_ inner: Expression, _ type: DataType, _ isTry: Bool, _ expression: Expression) throws(LeibrixError) -> Scalar {
        let scalar = try bind(inner)
        guard let cast = Typing.cast(scalar, to: type, isTry: isTry) else {
            throw Self.unsupported("a cast from \(scalar.type) to \(type)", expression)
        }
        return cast
    }
}
