// From an expression to a program. Whatever DuckDB might understand otherwise gives nil: the statement is then DuckDB's.
// Types follow DuckDB's rules; a whole-number literal takes the type of what it meets when it fits, a text literal that of
// what it is compared with.

internal import Base
public import Columnar

extension ScalarProgram {
    /// nil: not an expression of ours. O(nodes of the expression).
    public static func bind(_ expression: Expression, in scope: ScalarScope) -> ScalarProgram? {
        var binder = ScalarBinder(scope: scope)
        guard let operand = binder.bind(expression) else { return nil }
        return binder.program(operand)
    }

    /// As `bind`, then cast as an assignment to a column of the type: numbers are rounded, what does not fit raises. nil
    /// where the cast is not ours.
    public static func bind(_ expression: Expression, in scope: ScalarScope, assignedTo type: DataType) -> ScalarProgram? {
        var binder = ScalarBinder(scope: scope)
        guard let operand = binder.bind(expression), let target = ScalarType(type.base) else {
            return moved(expression, in: scope, to: type)
        }
        guard let cast = binder.assign(operand, to: target) else { return nil }
        return binder.program(cast, as: type)
    }

    /// A column, parameter or NULL of a type that is not computed with, moved as it is.
    private static func moved(_ expression: Expression, in scope: ScalarScope, to type: DataType) -> ScalarProgram? {
        guard let program = bind(expression, in: scope), program.type == type || program.type == .null else { return nil }
        return program
    }
}

struct ScalarBinder {
    let scope: ScalarScope
    var code: [ScalarProgram.Instruction] = []
    var constants: [Scalar] = []
    var columns: Set<Int> = []
    /// Trials inside trials: each level binds once more.
    var trials = 0
    static let trialsMax = 5

    /// A register and what is known of it.
    struct Operand {
        var register: Int
        /// nil: a type that is only moved about.
        var type: ScalarType?
        var dataType: DataType
        /// The value, where the expression is a literal.
        var literal: Scalar?
        var moment: ScalarProgram.Moment?
    }

    init(scope: ScalarScope) { self.scope = scope }

    func program(_ operand: Operand, as type: DataType? = nil) -> ScalarProgram {
        ScalarProgram(
            code: code, constants: constants, result: operand.register, resultType: operand.type, type: type ?? operand.dataType,
            columns: columns.sorted())
    }

    mutating func emit(_ instruction: ScalarProgram.Instruction, _ type: ScalarType) -> Operand {
        code.append(instruction)
        return Operand(register: code.count - 1, type: type, dataType: type.dataType)
    }

    mutating func constant(_ value: Scalar, _ type: ScalarType) -> Operand {
        constants.append(value)
        var operand = emit(.constant(constants.count - 1), type)
        operand.literal = value
        return operand
    }

    mutating func bind(_ expression: Expression) -> Operand? {
        switch expression.kind {
        case .column(let path): return column(path)
        case .constant(let value, let type): return ScalarType(type).map { constant(Scalar(value), $0) }
        case .parameter(let name): return parameter(name)
        case .call(let call): return self.call(call)
        case .comparison(let comparison, let left, let right): return compare(comparison, left, right)
        case .and(let items): return logic(items, isAnd: true)
        case .or(let items): return logic(items, isAnd: false)
        case .not(let operand):
            guard let operand = boolean(operand) else { return nil }
            return emit(.not(operand.register), ScalarType(kind: .boolean))
        case .isNull(let operand): return bind(operand).map { emit(.isNull($0.register), ScalarType(kind: .boolean)) }
        case .isNotNull(let operand):
            guard let operand = bind(operand) else { return nil }
            let isNull = emit(.isNull(operand.register), ScalarType(kind: .boolean))
            return emit(.not(isNull.register), ScalarType(kind: .boolean))
        case .inList(let operand, let items, let isNegated): return inList(operand, items, isNegated)
        case .between(let operand, let lower, let upper):
            return logic(
                [
                    Expression(.comparison(.greaterOrEqual, operand, lower)), Expression(.comparison(.lessOrEqual, operand, upper)),
                ], isAnd: true)
        case .coalesce(let items): return coalesce(items)
        case .conditional(let branches, let otherwise): return conditional(branches, otherwise)
        case .cast(let operand, let type, isTry: false): return cast(operand, type)
        default: return nil
        }
    }

    private mutating func column(_ path: [String]) -> Operand? {
        guard let place = scope.column(path) else { return path.count == 1 ? moment(path[0]) : nil }
        columns.insert(place)
        code.append(.column(place))
        let type = scope.columns[place].type
        return Operand(register: code.count - 1, type: ScalarType(type), dataType: type)
    }

    private mutating func parameter(_ name: String) -> Operand? {
        guard let number = Int(name), scope.parameterTypes.indices.contains(number - 1), let type = scope.parameterTypes[number - 1]
        else { return nil }
        code.append(.parameter(number - 1))
        return Operand(register: code.count - 1, type: ScalarType(type), dataType: type)
    }

    /// `current_timestamp` and its like come as columns without parentheses.
    mutating func moment(_ name: String) -> Operand? {
        let (moment, type): (ScalarProgram.Moment, ScalarType)
        switch name.lowercased() {
        case "current_timestamp", "now", "transaction_timestamp": (moment, type) = (.zoned, ScalarType(kind: .timestampTZ))
        case "localtimestamp": (moment, type) = (.local, ScalarType(kind: .timestamp))
        case "current_date": (moment, type) = (.day, ScalarType(kind: .date))
        default: return nil
        }
        var operand = emit(.moment(moment), type)
        operand.moment = moment
        return operand
    }

    mutating func boolean(_ expression: Expression) -> Operand? {
        guard let operand = bind(expression), let kind = operand.type?.kind, kind == .boolean || kind == .null else { return nil }
        return operand
    }

    // MARK: Casts

    private mutating func cast(_ expression: Expression, _ type: DataType) -> Operand? {
        guard let operand = bind(expression), let target = ScalarType(type) else { return nil }
        if let moment = operand.moment, moment == .zoned, target.kind == .timestamp || target.kind == .date {
            return emit(.moment(target.kind == .date ? .day : .local), target)
        }
        return cast(operand, to: target)
    }

    /// The operand as a value of the type; nil where the cast is not ours. Literals are cast now.
    mutating func cast(_ operand: Operand, to target: ScalarType) -> Operand? {
        guard let type = operand.type else { return nil }
        if type == target { return operand }
        if let literal = operand.literal {
            if type.kind == .varchar {
                guard case .string(let text) = literal, let value = LiteralText.value(text, target) else { return nil }
                return constant(value, target)
            }
            guard ScalarCast.isKnown(from: type, to: target), let value = try? ScalarCast.cast(literal, from: type, to: target)
            else { return nil }
            return constant(value, target)
        }
        guard ScalarCast.isKnown(from: type, to: target) else { return nil }
        return emit(.cast(operand.register, from: type, to: target), target)
    }

    /// Assignment: as a cast, but only where PostgreSQL assigns without being asked.
    mutating func assign(_ operand: Operand, to target: ScalarType) -> Operand? {
        if let moment = operand.moment, moment == .zoned, target.kind == .timestamp || target.kind == .date {
            return emit(.moment(target.kind == .date ? .day : .local), target)
        }
        guard let type = operand.type else { return nil }
        let isLiteral = operand.literal != nil && type.kind == .varchar
        guard type == target || type.kind == .null || isLiteral || type.isNumeric && target.isNumeric
            || type.kind == .date && target.kind == .timestamp || target.kind == .varchar
        else { return nil }
        if operand.literal != nil, type.isNumeric, target.isNumeric, type != target {
            return ScalarCast.isKnown(from: type, to: target) ? emit(.cast(operand.register, from: type, to: target), target) : nil
        }
        return cast(operand, to: target)
    }

    /// Both operands in their common type.
    mutating func unify(_ a: Operand, _ b: Operand) -> (Operand, Operand, ScalarType)? {
        guard let type = commonType([a, b]), let left = cast(a, to: type), let right = cast(b, to: type) else { return nil }
        return (left, right, type)
    }

    /// Literals give way: numbers to the others' type when they fit, texts always.
    func commonType(_ operands: [Operand]) -> ScalarType? {
        var firm: ScalarType?
        for operand in operands where !isYielding(operand) {
            guard let type = operand.type else { return nil }
            guard let known = firm else {
                firm = type
                continue
            }
            guard let common = ScalarType.common(known, type) else { return nil }
            firm = common
        }
        for operand in operands where isYielding(operand) {
            guard let type = operand.type else { return nil }
            if let known = firm, fits(operand, known) { continue }
            guard let known = firm else {
                firm = type
                continue
            }
            guard type.kind != .varchar || known.kind == .varchar, let common = ScalarType.common(known, type) else { return nil }
            firm = common
        }
        return firm
    }

    private func isYielding(_ operand: Operand) -> Bool {
        guard operand.literal != nil, let type = operand.type else { return false }
        return type.kind == .null || type.kind == .varchar || type.kind == .integer || type.kind == .bigInt
    }

    private func fits(_ operand: Operand, _ type: ScalarType) -> Bool {
        switch operand.literal {
        case .null?: true
        case .integer(let number)?: type.isInteger && type.range.contains(number) || type.isFloating
        case .string(let text)?: type.kind == .varchar || LiteralText.value(text, type) != nil
        default: false
        }
    }
}
